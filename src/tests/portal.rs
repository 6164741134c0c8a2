//! Tests of the route to Kinde's self-serve portal: from a link of this site to a page of the portal, and back.
//! The tenant's own portal is tested in `dev_issuer::portal`.

mod requests;
mod responses;

use kinde_leptos::auth::PortalPage;
use kinde_leptos::auth::paths::PORTAL;
use serde_json::Value;

use crate::harness::{Browser, Response, Site};

/// The path of the request for a link, as the tenant's log shows it.
const PORTAL_LINK: &str = "/account_api/v1/portal_link";

/// The address of the route with this query.
fn portal(site: &Site, query: &str) -> String {
    site.at(&format!("{PORTAL}?{query}"))
}

/// Opens an address of the route. No response of the route may be stored, or say where it was.
async fn open(browser: &mut Browser, url: &str) -> Response {
    let response = browser.get(url).await;
    assert_private(&response);
    response
}

fn assert_private(response: &Response) {
    let which = format!("{} {}", response.status, response.url);
    assert!(response.header("cache-control").contains("no-store"), "{which}");
    assert_eq!(response.header("referrer-policy"), "no-referrer", "{which}");
}

/// The queries of the requests for a link that the tenant has received.
async fn links_requested(site: &Site) -> Vec<Value> {
    let log = site.tenant.log().await;
    log.into_iter().filter(|entry| entry["path"] == PORTAL_LINK).map(|mut entry| entry["query"].take()).collect()
}

/// The address of the tenant's link back to the site.
fn way_back(page: &Response) -> String {
    let (before, _) = page.body.split_once("\">Back to the application").unwrap_or_else(|| panic!("{}", page.body));
    before.rsplit_once("href=\"").unwrap().1.replace("&amp;", "&")
}

#[tokio::test]
async fn a_user_goes_to_each_page_of_the_portal_and_comes_back() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for page in PortalPage::ALL.map(PortalPage::as_str) {
        site.tenant.clear_log().await;
        let query = format!("sub_nav={page}&post_login_redirect_url=%2Fitems%2F1%3Fq%3Da%2526b");
        let response = open(&mut browser, &portal(&site, &query)).await;
        let location = response.location().unwrap_or_else(|| panic!("{page}: {}", response.body));
        assert_eq!((response.status, location.path()), (303, "/portal_redirect"), "{page}");
        assert!(location.as_str().starts_with(site.tenant.issuer()) && response.set_cookies().is_empty(), "{page}");
        let back = site.at("/items/1?q=a%26b");
        let sent = serde_json::json!({"return_url": back, "subnav": page, "sub_nav": page});
        assert_eq!(links_requested(&site).await, [sent]);
        let at_tenant = browser.get(location.as_str()).await;
        assert!(at_tenant.body.contains(&format!("<strong>{page}</strong> of Ada Lovelace")), "{}", at_tenant.body);
        assert_eq!(way_back(&at_tenant), back, "{page}");
        assert_eq!(browser.get(&back).await.status, 200, "{page}");
    }
}

#[tokio::test]
async fn each_visit_has_a_link_of_its_own_for_the_user_of_the_session() {
    let site = Site::start().await;
    let mut addresses = Vec::new();
    for person in ["ada", "grace", "ada"] {
        let mut browser = site.signed_in(person).await;
        let address = open(&mut browser, &portal(&site, "")).await.location().unwrap();
        assert!(!addresses.contains(&address), "{address}");
        let page = Browser::new().get(address.as_str()).await;
        assert!(page.body.contains(&format!("{person}@example.com")), "{}", page.body);
        addresses.push(address);
    }
}
