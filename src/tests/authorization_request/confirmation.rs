//! Links of other sites that choose or create an organization for a signed-in user (AR-18).
//! The users' own links are tested in `organizations`.

use kinde_leptos::auth::paths::{CREATE_ORG, LOGIN, REGISTER, SWITCH_ORG};
use reqwest::Method;

use super::parameters;
use crate::harness::{Browser, Records, Response, Site};

/// Links that choose or create an organization.
const CHOOSING: [(&str, &str); 5] = [
    (SWITCH_ORG, "org_code=org_1&post_login_redirect_url=%2Fitems%2F1%3Fq%3Da%2526b"),
    (CREATE_ORG, "org_name=Tea+%26+Cake"),
    (LOGIN, "org_code=org_1&login_hint=ada%40example.com"),
    (LOGIN, "is_create_org=true"),
    (REGISTER, "is_create_org=true"),
];

/// Opens a link as a page of another site, or of this one, would have it opened.
async fn followed_from(browser: &mut Browser, site: &str, url: &str, accept: &str) -> Response {
    let headers =
        [("sec-fetch-site", site), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"), ("accept", accept)];
    browser.send(Method::GET, url, &headers, None).await
}

// AR-18
#[tokio::test]
async fn another_site_chooses_no_organization_without_the_users_consent() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let before = Records::open(&site.store_file()).await.count().await;
    for (path, query) in CHOOSING {
        let url = site.at(&format!("{path}?{query}"));
        for from in ["cross-site", "same-site"] {
            let page = followed_from(&mut browser, from, &url, "text/html").await;
            assert_eq!((page.status, page.location()), (403, None), "{from} {url}");
            assert!(page.set_cookies().is_empty() && page.body.contains("another organization"), "{}", page.body);
            let json = followed_from(&mut browser, from, &url, "application/json").await;
            assert_eq!(json.status, 403, "{from} {url}");
            assert!(json.json()["detail"].as_str().unwrap().contains("another organization"), "{}", json.body);
        }
    }
    assert_eq!(Records::open(&site.store_file()).await.count().await, before, "a sign-in was begun");
    assert!(browser.is_signed_in(&site).await);
}

// AR-18
#[tokio::test]
async fn the_page_that_asks_leads_to_the_same_sign_in() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for (path, query) in CHOOSING {
        let url = site.at(&format!("{path}?{query}"));
        let page = followed_from(&mut browser, "cross-site", &url, "text/html").await;
        let link = link_of(&page, "Continue");
        assert!(link.starts_with(&format!("{path}?")), "{link}");
        let confirmed = followed_from(&mut browser, "same-origin", &site.at(&link), "text/html").await;
        let own = followed_from(&mut browser, "none", &url, "text/html").await;
        assert_eq!(options_of(&confirmed), options_of(&own), "{url}");
    }
}

/// The address of a page's link with this text.
fn link_of(page: &Response, text: &str) -> String {
    let (before, _) = page.body.split_once(&format!(">{text}</a>")).unwrap_or_else(|| panic!("{}", page.body));
    let href = before.rsplit("href=\"").next().unwrap().split('"').next().unwrap();
    href.replace("&amp;", "&")
}

/// The parameters of an authorization request that are the same in each.
fn options_of(response: &Response) -> Vec<(String, String)> {
    let sent = parameters(&response.location().unwrap_or_else(|| panic!("{}", response.body)));
    let is_random = |name: &str| ["state", "nonce", "code_challenge"].contains(&name);
    sent.into_iter().filter(|(name, _)| !is_random(name)).collect()
}

// AR-18
#[tokio::test]
async fn no_consent_is_needed_for_other_links_nor_by_anonymous_users_nor_within_the_site() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for path in [LOGIN, REGISTER, "/api/auth/login?login_hint=ada", "/api/auth/register?plan_interest=pro"] {
        assert_eq!(followed_from(&mut browser, "cross-site", &site.at(path), "text/html").await.status, 303, "{path}");
    }
    for (path, query) in CHOOSING {
        let url = site.at(&format!("{path}?{query}"));
        for from in ["same-origin", "none"] {
            assert_eq!(followed_from(&mut browser, from, &url, "text/html").await.status, 303, "{from} {url}");
        }
        assert_eq!(browser.send(Method::GET, &url, &[], None).await.status, 303, "{url} without Fetch Metadata");
        assert_eq!(followed_from(&mut Browser::new(), "cross-site", &url, "text/html").await.status, 303, "{url}");
    }
}

// AR-18
#[tokio::test]
async fn while_the_store_is_down_nobody_is_taken_for_anonymous() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut browser = site.signed_in("ada").await;
    store.fail();
    for (path, query) in CHOOSING {
        let (url, before) = (site.at(&format!("{path}?{query}")), store.operations());
        let response = followed_from(&mut browser, "cross-site", &url, "text/html").await;
        assert_eq!((response.status, response.location()), (503, None), "{url}");
        assert_eq!(
            store.operations() - before,
            1,
            "{url}: the session was looked up, and nothing was tried after that"
        );
    }
}
