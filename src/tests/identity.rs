//! Tests that the session of a request is looked up once, and only when needed, for pages and for error pages.
//! Responses to requests without a session are tested in `route_protection`.

use crate::harness::{Browser, Site, files};
use kinde_leptos::auth::paths::SIGNED_OUT;
use kinde_leptos::paths::{DOCS, HEALTH, OPENAPI};

#[tokio::test]
async fn a_request_costs_one_lookup_and_a_file_none() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut browser = site.signed_in("ada").await;
    for (path, status, lookups) in [
        ("/", 200, 1),
        ("/items/1", 200, 1),
        ("/items/x", 422, 1),
        ("/nowhere", 404, 1),
        (SIGNED_OUT, 200, 1),
        ("/api/item?item_id=1", 200, 1),
        (HEALTH, 200, 0),
        (DOCS, 200, 1),
        (OPENAPI, 200, 0),
    ] {
        let before = store.loads();
        assert_eq!(browser.get(&site.at(path)).await.status, status, "{path}");
        assert_eq!(store.loads() - before, lookups, "{path}");
    }
    for path in files() {
        let before = store.loads();
        browser.get(&site.at(&path)).await;
        assert_eq!(store.loads() - before, 0, "{path}");
    }
}

#[tokio::test]
async fn a_failed_lookup_is_not_repeated_for_the_error_page() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut browser = site.signed_in("ada").await;
    store.fail();
    let before = store.loads();
    let page = browser.get(&site.at("/")).await;
    assert_eq!((page.status, store.loads() - before), (503, 1));
    assert!(!page.body.contains("id=\"account\""), "{}", page.body);
    assert!(browser.session().is_some(), "the cookie is kept");
    for (path, status) in [("/nowhere", 404), (SIGNED_OUT, 200)] {
        let page = browser.get(&site.at(path)).await;
        assert_eq!(page.status, status, "{path}: public and error pages render as for nobody");
        assert!(!page.body.contains("id=\"account\""), "{}", page.body);
    }
}

#[tokio::test]
async fn error_pages_show_a_signed_in_user_the_account_header() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    for (path, status) in [("/nowhere", 404), ("/items/x", 422), (SIGNED_OUT, 200)] {
        let page = ada.get(&site.at(path)).await;
        assert_eq!(page.status, status, "{path}");
        assert!(page.body.contains("id=\"account\"") && page.body.contains("Ada Lovelace"), "{path}: {}", page.body);
        assert!(!Browser::new().get(&site.at(path)).await.body.contains("id=\"account\""), "{path}");
    }
    let foreign = [("accept", "text/html"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    let page = ada.send(reqwest::Method::GET, &site.at(kinde_leptos::auth::paths::LOGOUT), &foreign, None).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("id=\"account\""), "{}", page.body);
}
