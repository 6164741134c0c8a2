//! Which requests lead to the portal, and what of them reaches Kinde.

use std::time::Duration;

use kinde_leptos::auth::PortalPage;
use kinde_leptos::auth::paths::{LOGIN, LOGOUT, PORTAL};
use kinde_leptos::paths::OPENAPI;
use reqwest::Method;
use serde_json::json;

use super::{assert_private, links_requested, open, portal};
use crate::harness::{Browser, Site};

#[tokio::test]
async fn without_parameters_kinde_chooses_the_page_and_the_way_back_is_the_page_of_the_account() {
    for (site, back) in [
        (Site::start().await, "/account"),
        (Site::start_with(|config| config.paths.account = "/items/7".to_owned()).await, "/items/7"),
    ] {
        let mut browser = site.signed_in("ada").await;
        site.tenant.clear_log().await;
        for query in ["", "x=1", "subnav=plan_details&iss=https://evil.example&return_url=https://evil.example"] {
            assert_eq!(open(&mut browser, &portal(&site, query)).await.status, 303, "{query}");
        }
        let sent = json!({"return_url": site.at(back)});
        assert_eq!(links_requested(&site).await, [sent.clone(), sent.clone(), sent]);
    }
}

// RD-12
#[tokio::test]
async fn the_portal_leads_back_to_a_page_of_this_site_alone() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for value in [
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example",
        "%2F%09%2Fevil.example",
        "/./%2Fevil.example",
        "items/1",
        "",
        "%FF",
        LOGIN,
        LOGOUT,
        PORTAL,
        "/api/auth/portal?sub_nav=profile",
        "/items/1&post_login_redirect_url=https://evil.example/",
    ] {
        site.tenant.clear_log().await;
        let response = open(&mut browser, &portal(&site, &format!("post_login_redirect_url={value}"))).await;
        assert_eq!(response.status, 303, "{value}");
        assert_eq!(links_requested(&site).await, [json!({"return_url": site.at("/account")})], "{value}");
    }
}

#[tokio::test]
async fn a_link_that_names_no_page_of_the_portal_is_refused_and_nothing_is_requested() {
    let site = Site::start().await;
    for mut browser in [site.signed_in("ada").await, Browser::new()] {
        for query in [
            "sub_nav=",
            "sub_nav",
            "sub_nav=cellar",
            "sub_nav=Profile",
            "sub_nav=profile%20",
            "sub_nav=profile%0d%0aX:y",
            "sub_nav=%FF",
            "sub_nav=%3Cscript%3E",
            "sub_nav=profile&sub_nav=profile",
            "sub_nav=profile&x=1&sub%5Fnav=",
        ] {
            let page = open(&mut browser, &portal(&site, query)).await;
            assert_eq!((page.status, page.location()), (400, None), "{query}");
            assert!(page.body.contains("its parameter sub_nav is malformed"), "{query}: {}", page.body);
            assert!(!page.body.contains(">Sign in</a>"), "{query}: {}", page.body);
            let detail = browser.get_json(&portal(&site, query)).await.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains("sub_nav") && !detail.contains("script"), "{detail}");
        }
    }
    assert!(links_requested(&site).await.is_empty());
}

// RP-17
#[tokio::test]
async fn without_a_session_a_page_leads_through_sign_in_to_the_portal() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let address = portal(&site, "sub_nav=plan_details&post_login_redirect_url=%2Fitems%2F1%3Fq%3Da%2526b");
    let response = open(&mut browser, &address).await;
    let login = response.location().unwrap();
    assert_eq!((response.status, login.path()), (303, LOGIN));
    let arrived = browser.sign_in_from(&address, "ada").await;
    assert_eq!((arrived.status, arrived.url.path()), (200, "/portal_redirect"), "{}", arrived.body);
    assert!(arrived.body.contains("<strong>plan_details</strong> of Ada"), "{}", arrived.body);
    let back = site.at("/items/1?q=a%26b");
    assert_eq!(
        links_requested(&site).await,
        [json!({"return_url": back, "subnav": "plan_details", "sub_nav": "plan_details"})]
    );
    assert!(browser.is_signed_in(&site).await);
}

// RP-17
#[tokio::test]
async fn without_a_session_a_program_gets_401_and_a_useless_cookie_is_removed() {
    let site = Site::start().await;
    let refused = Browser::new().get_json(&site.at(PORTAL)).await;
    assert_private(&refused);
    assert_eq!((refused.status, refused.body.as_str()), (401, r#"{"detail":"Not authenticated"}"#));
    let signed_in = site.signed_in("ada").await.session().unwrap();
    Browser::with_session(&signed_in).post(&site.at(LOGOUT), &[]).await;
    for accept in ["text/html", "application/json"] {
        let mut ended = Browser::with_session(&signed_in);
        let response = ended.send(Method::GET, &site.at(PORTAL), &[("accept", accept)], None).await;
        assert!(matches!(response.status, 303 | 401), "{accept}: {}", response.status);
        assert_eq!(ended.session(), None, "{accept}");
    }
    assert!(links_requested(&site).await.is_empty());
}

// RP-17
#[tokio::test]
async fn no_frame_script_prefetch_or_other_method_uses_up_a_link() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let page = ("accept", "text/html");
    // A browser sends it with every request; alone it makes no difference.
    let from_here = ("sec-fetch-site", "same-origin");
    for (method, header, status) in [
        (Method::HEAD, page, 405),
        (Method::POST, page, 405),
        (Method::OPTIONS, page, 405),
        (Method::GET, ("sec-purpose", "prefetch;prerender"), 403),
        (Method::GET, ("purpose", "prefetch"), 403),
        (Method::GET, ("x-moz", "prefetch"), 403),
        (Method::GET, ("sec-fetch-dest", "iframe"), 403),
        (Method::GET, ("sec-fetch-dest", "object"), 403),
        (Method::GET, ("sec-fetch-mode", "cors"), 403),
        (Method::GET, ("sec-fetch-mode", "no-cors"), 403),
    ] {
        let response = browser.send(method.clone(), &site.at(PORTAL), &[from_here, header], None).await;
        assert_eq!((response.status, response.location()), (status, None), "{method} {header:?}");
        assert_private(&response);
    }
    assert!(links_requested(&site).await.is_empty());
    assert!(browser.is_signed_in(&site).await);
}

#[tokio::test]
async fn while_the_store_is_down_nobody_is_taken_for_anonymous() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut browser = site.signed_in("ada").await;
    store.fail();
    let page = open(&mut browser, &portal(&site, "sub_nav=profile")).await;
    assert_eq!((page.status, page.location()), (503, None));
    assert!(page.set_cookies().is_empty() && !page.header("retry-after").is_empty());
    assert!(page.body.contains("<a href=\"/api/auth/portal?sub_nav=profile\""), "{}", page.body);
    store.repair();
    assert_eq!(open(&mut browser, &portal(&site, "sub_nav=profile")).await.status, 303);
}

#[tokio::test]
async fn an_issuer_that_is_not_kinde_has_no_portal() {
    let site = Site::start_plain(|_| {}).await;
    for mut browser in [Browser::new(), site.signed_in("ada").await] {
        for path in [PORTAL.to_owned(), format!("{PORTAL}?sub_nav=profile"), format!("{PORTAL}?sub_nav=cellar")] {
            let page = open(&mut browser, &site.at(&path)).await;
            assert_eq!((page.status, page.location()), (404, None), "{path}");
            assert!(page.body.contains("has no account pages"), "{path}: {}", page.body);
            let detail = browser.get_json(&site.at(&path)).await.json()["detail"].as_str().unwrap().to_owned();
            assert_eq!(detail, "The sign-in service of this site has no account pages.", "{path}");
        }
    }
    assert!(site.tenant.log().await.iter().all(|entry| !entry["path"].as_str().unwrap().contains("portal")));
}

#[tokio::test]
async fn an_access_token_that_has_ended_is_refreshed_first() {
    let site = Site::start().await;
    site.tenant.settings(json!({"access_token_lifetime": 60})).await;
    let mut browser = site.signed_in("ada").await;
    let_tokens_end(&site).await;
    assert_eq!(open(&mut browser, &site.at(PORTAL)).await.status, 303);
    assert_eq!(links_requested(&site).await.len(), 1);
}

#[tokio::test]
async fn an_access_token_that_cannot_be_refreshed_costs_a_page_one_sign_in_and_the_session_stays() {
    let site = Site::start_with(|config| config.scope = "openid profile email".to_owned()).await;
    site.tenant.settings(json!({"access_token_lifetime": 60})).await;
    let mut browser = site.signed_in("ada").await;
    let_tokens_end(&site).await;
    let response = open(&mut browser, &portal(&site, "sub_nav=profile")).await;
    assert_eq!((response.status, response.set_cookies().len()), (303, 0));
    let portal_again = "%2Fapi%2Fauth%2Fportal%3Fsub_nav%3Dprofile";
    assert_eq!(response.header("location"), format!("{LOGIN}?post_login_redirect_url={portal_again}"));
    assert_eq!(browser.get_json(&site.at(PORTAL)).await.status, 401);
    assert!(browser.is_signed_in(&site).await, "the session stays");
    assert!(links_requested(&site).await.is_empty());
    let arrived = browser.visit(response.location().unwrap().as_str()).await;
    assert_eq!((arrived.status, arrived.url.path()), (200, "/portal_redirect"), "{}", arrived.body);
}

/// Moves the clocks of the app and of the tenant by the life of the access tokens.
async fn let_tokens_end(site: &Site) {
    site.advance(Duration::from_secs(60));
    site.tenant.settings(json!({"clock_offset": site.seconds_ahead()})).await;
}

#[tokio::test]
async fn the_openapi_document_lists_every_page() {
    let site = Site::start().await;
    let document = Browser::new().get(&site.at(OPENAPI)).await.json();
    let parameters = document["paths"][PORTAL]["get"]["parameters"].as_array().unwrap().clone();
    let sub_nav = parameters.iter().find(|parameter| parameter["name"] == "sub_nav").unwrap();
    let pages = PortalPage::ALL.map(PortalPage::as_str).join("|");
    assert_eq!(sub_nav["schema"]["pattern"], format!("^({pages})$"));
}
