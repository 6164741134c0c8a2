//! Unknown addresses and wrong methods: a page for browsers, JSON for programs, with and without a session.
//! Requests that a layer refuses, such as too large ones, are tested in `limits`.

use super::{JSON, assert_json, assert_page, request};
use crate::harness::{Browser, Site};
use kinde_leptos::auth::paths::{CALLBACK, CREATE_ORG, LOGIN, LOGOUT, PORTAL, REGISTER, SIGNED_OUT, SWITCH_ORG};
use kinde_leptos::paths::{ITEMS, OPENAPI, ROBOTS};

const NOT_FOUND: &str = r#"{"detail":"Not Found"}"#;
const METHOD_NOT_ALLOWED: &str = r#"{"detail":"Method Not Allowed"}"#;

#[tokio::test]
async fn an_unknown_path_is_404_for_everybody() {
    let site = Site::start().await;
    for mut browser in [Browser::new(), site.signed_in("ada").await] {
        for path in ["/nothing-here", "/items/1/2", "/signed-out/", "/api/auth/nothing-here", "/index.html", "//"] {
            let page = browser.get(&site.at(path)).await;
            assert_page(&page, 404);
            assert!(page.body.contains("There is nothing at this address."));
            assert_json(&browser.get_json(&site.at(path)).await, 404, NOT_FOUND);
            assert_json(&request(&mut browser, "POST", &site.at(path), JSON).await, 404, NOT_FOUND);
        }
    }
}

#[tokio::test]
async fn below_the_server_functions_even_a_browser_gets_json() {
    let site = Site::start().await;
    for path in ["/api/nothing-here", "/api/item/1", "/api/"] {
        assert_json(&Browser::new().get(&site.at(path)).await, 404, NOT_FOUND);
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_and_says_which_are_right() {
    let site = Site::start().await;
    assert_wrong_methods(&site, site.signed_in("ada").await).await;
}

#[tokio::test]
async fn a_wrong_method_is_405_without_a_session_too() {
    let site = Site::start().await;
    assert_wrong_methods(&site, Browser::new()).await;
}

async fn assert_wrong_methods(site: &Site, mut browser: Browser) {
    for (method, path, allowed) in [
        ("POST", SIGNED_OUT, "GET,HEAD"),
        ("POST", OPENAPI, "GET,HEAD"),
        ("POST", ROBOTS, "GET,HEAD"),
        ("POST", "/", "GET,HEAD"),
        ("PUT", "/items/1", "GET,HEAD"),
        ("DELETE", "/items/abc", "GET,HEAD"),
        ("PATCH", ITEMS, "GET,HEAD"),
    ] {
        let json = request(&mut browser, method, &site.at(path), JSON).await;
        assert_json(&json, 405, METHOD_NOT_ALLOWED);
        assert_page(&request(&mut browser, method, &site.at(path), "text/html").await, 405);
        assert_eq!(json.header("allow"), allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn sign_in_routes_take_no_head_and_say_so() {
    let site = Site::start().await;
    for (path, allowed) in [
        (LOGIN, vec!["GET"]),
        (REGISTER, vec!["GET"]),
        (CREATE_ORG, vec!["GET"]),
        (SWITCH_ORG, vec!["GET"]),
        (PORTAL, vec!["GET"]),
        (CALLBACK, vec!["GET"]),
        (LOGOUT, vec!["GET", "POST"]),
    ] {
        for method in ["HEAD", "PUT", "DELETE"] {
            let response = request(&mut Browser::new(), method, &site.at(path), JSON).await;
            let mut given: Vec<_> = response.header("allow").split(',').map(str::trim).collect();
            given.sort_unstable();
            assert_eq!((response.status, given), (405, allowed.clone()), "{method} {path}");
        }
    }
}
