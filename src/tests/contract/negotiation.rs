//! Page or JSON, by the q-values of the `Accept` header, over HTTP.
//! The parsing of single headers is tested beside its code.

use reqwest::Method;

use super::{HTML, JSON, request};
use crate::harness::{Browser, Site};

const CASES: [(&str, &str); 22] = [
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
    ("*/*", HTML),
    ("text/html", HTML),
    ("text/*", HTML),
    ("text/html, application/json;q=0.9", HTML),
    ("application/json;q=0.4, text/html;q=0.5", HTML),
    ("application/json;q=0, */*", HTML),
    ("application/json;q=0.1, */*", HTML),
    ("application/json;charset=utf-8;q=0.1, text/html;q=0.2", HTML),
    ("image/png", HTML),
    ("application/jsonp", HTML),
    ("no media type", HTML),
    ("application/json", JSON),
    ("APPLICATION/JSON", JSON),
    ("application/*", JSON),
    ("application/json; charset=utf-8", JSON),
    ("application/json;charset=UTF-8;q=0.9, text/html;q=0.8", JSON),
    ("application/json, text/plain, */*", JSON),
    ("text/html;q=0.1, application/json", JSON),
    ("text/html; q=0.499, application/json; q=0.5", JSON),
    ("text/html;q=0, */*", JSON),
    ("text/html;q=0.2, */*;q=0.8", JSON),
];

#[tokio::test]
async fn the_q_values_decide_between_page_and_json() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for (accept, expected) in CASES {
        for path in ["/", "/items/1", "/items/abc", "/nothing-here"] {
            let response = request(&mut browser, "GET", &site.at(path), accept).await;
            assert_eq!(response.header("content-type"), expected, "{path} for {accept:?}");
        }
    }
}

#[tokio::test]
async fn the_q_values_decide_between_sign_in_and_401() {
    let site = Site::start().await;
    for (accept, expected) in CASES {
        let response = request(&mut Browser::new(), "GET", &site.at("/"), accept).await;
        assert_eq!(response.status, if expected == HTML { 303 } else { 401 }, "{accept:?}");
    }
}

#[tokio::test]
async fn several_accept_headers_are_one_list_and_an_empty_one_gets_the_page() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let url = site.at("/");
    let several = [("accept", "text/html;q=0.3"), ("accept", JSON)];
    assert_eq!(browser.send(Method::GET, &url, &several, None).await.header("content-type"), JSON);
    let empty = browser.send(Method::GET, &url, &[("accept", "")], None).await;
    assert_eq!(empty.header("content-type"), HTML);
}

#[tokio::test]
async fn what_differs_by_accept_says_so_to_caches() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for path in ["/", "/items/1", "/items/abc"] {
        for accept in [HTML, JSON] {
            let response = request(&mut browser, "GET", &site.at(path), accept).await;
            assert!(response.header("vary").to_lowercase().contains("accept"), "{path}");
            assert!(response.header("cache-control").contains("no-store"), "{path}");
        }
    }
}
