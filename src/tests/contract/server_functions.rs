//! Server functions: always JSON, for every client and every `Accept` header; and HEAD, which returns the headers of
//! GET, also for pages.
//! `item` and `greeting` compare the data of server functions with the data of pages.

use kinde_leptos::auth::paths::SIGNED_OUT;
use kinde_leptos::paths::ITEMS;
use reqwest::Method;

use super::{HTML, JSON, assert_json, request};
use crate::harness::{Browser, GREETING_FUNCTION, ITEM_FUNCTION, Site};

const GREETING: &str = r#"{"info":"Route protected with Kinde","user_info":"Ada Lovelace"}"#;

#[tokio::test]
async fn a_browser_gets_json_and_no_redirect() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let referer = site.at("/items/420?q=x");
    let headers = [("accept", accept), ("referer", referer.as_str()), ("sec-fetch-mode", "navigate")];
    for (path, status) in [(GREETING_FUNCTION, 200), ("/api/item?item_id=420", 200), ("/api/item?item_id=abc", 422)] {
        let response = browser.send(Method::GET, &site.at(path), &headers, None).await;
        assert_eq!((response.status, response.header("content-type")), (status, JSON), "{path}");
        for name in ["location", "serverfnerror", "serverfnredirect"] {
            assert!(response.headers.get(name).is_none(), "{path} has the header {name}");
        }
        response.json();
    }
}

#[tokio::test]
async fn every_accept_header_gets_the_same_greeting() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for accept in ["*/*", "text/html", "application/json;q=0", "image/png", ""] {
        assert_json(&request(&mut browser, "GET", &site.at(GREETING_FUNCTION), accept).await, 200, GREETING);
    }
}

#[tokio::test]
async fn head_responds_as_get_without_a_body() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for (path, status, content_type) in [
        ("/", 200, HTML),
        ("/items/1", 200, HTML),
        ("/items/abc", 422, HTML),
        (ITEMS, 404, HTML),
        (SIGNED_OUT, 200, HTML),
        ("/nothing-here", 404, HTML),
        (GREETING_FUNCTION, 200, JSON),
        ("/api/item?item_id=1", 200, JSON),
        ("/api/item?item_id=abc", 422, JSON),
        (ITEM_FUNCTION, 422, JSON),
    ] {
        let head = request(&mut browser, "HEAD", &site.at(path), "text/html").await;
        assert_eq!((head.status, head.header("content-type")), (status, content_type), "{path}");
        assert_eq!(head.body, "");
    }
}

#[tokio::test]
async fn a_server_function_that_reads_takes_no_post() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    assert_takes_no_post(&site, &mut browser).await;
}

#[tokio::test]
async fn a_server_function_that_reads_takes_no_post_without_a_session_either() {
    let site = Site::start().await;
    assert_takes_no_post(&site, &mut Browser::new()).await;
}

async fn assert_takes_no_post(site: &Site, browser: &mut Browser) {
    for path in [GREETING_FUNCTION, ITEM_FUNCTION, "/api/item?item_id=1"] {
        let response = browser.post(&site.at(path), &[("item_id", "1")]).await;
        assert_json(&response, 405, r#"{"detail":"Method Not Allowed"}"#);
        assert_eq!(response.header("allow"), "GET,HEAD");
    }
}
