//! Requests without a session: a browser is redirected to sign-in, a program gets 401.
//! Signing in is tested in `sign_in`.

use super::{JSON, assert_json, request};
use crate::harness::{Browser, GREETING_FUNCTION, ITEM_FUNCTION, Site};

const NOT_AUTHENTICATED: &str = r#"{"detail":"Not authenticated"}"#;

const PAGES: [(&str, &str); 9] = [
    ("/", "%2F"),
    ("/?utm=1", "%2F%3Futm%3D1"),
    ("/items/420?q=x", "%2Fitems%2F420%3Fq%3Dx"),
    ("/items/420?q=", "%2Fitems%2F420%3Fq%3D"),
    ("/items/1?q=a%26b%20c+d", "%2Fitems%2F1%3Fq%3Da%2526b%2520c%2Bd"),
    ("/items/abc", "%2Fitems%2Fabc"),
    ("/items/%D9%A3", "%2Fitems%2F%25D9%25A3"),
    ("/items?item_id=420&q=x", "%2Fitems%3Fitem_id%3D420%26q%3Dx"),
    ("/items", "%2Fitems"),
];

#[tokio::test]
async fn a_browser_is_sent_to_sign_in_and_back_to_the_requested_page() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    for (path, return_to) in PAGES {
        let location = format!("/api/auth/login?post_login_redirect_url={return_to}");
        for (method, accept) in [("GET", "text/html"), ("GET", "*/*"), ("HEAD", "text/html")] {
            let response = request(&mut browser, method, &site.at(path), accept).await;
            assert_eq!((response.status, response.header("location")), (303, location.as_str()), "{method} {path}");
            assert!(response.header("cache-control").contains("no-store"), "{path}");
            assert!(response.set_cookies().is_empty(), "{path}");
        }
    }
}

#[tokio::test]
async fn a_program_is_told_that_it_is_not_authenticated() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    for (path, _) in PAGES {
        let response = browser.get_json(&site.at(path)).await;
        assert_json(&response, 401, NOT_AUTHENTICATED);
        assert_eq!(response.header("location"), "");
    }
}

#[tokio::test]
async fn server_functions_respond_the_same_to_every_client() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    for path in [GREETING_FUNCTION, "/api/item?item_id=420&q=x", "/api/item?item_id=abc", ITEM_FUNCTION] {
        for accept in [JSON, "text/html", "*/*"] {
            let response = request(&mut browser, "GET", &site.at(path), accept).await;
            assert_json(&response, 401, NOT_AUTHENTICATED);
            assert_eq!(response.header("location"), "");
            let head = request(&mut browser, "HEAD", &site.at(path), accept).await;
            assert_eq!((head.status, head.header("content-type")), (401, JSON));
        }
    }
}

#[tokio::test]
async fn an_unknown_session_counts_as_no_session() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let name = browser.cookie_header(&site.url.parse().unwrap()).split('=').next().unwrap().to_owned();
    for value in ["AAAAAAAAAAAAAAAAAAAAAA", "", "not an id", "%00"] {
        browser.set_cookie("localhost", &name, value);
        assert_json(&browser.get_json(&site.at("/")).await, 401, NOT_AUTHENTICATED);
        browser.set_cookie("localhost", &name, value);
        assert_eq!(browser.get(&site.at("/items/1")).await.status, 303, "{value:?}");
    }
}
