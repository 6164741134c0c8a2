//! Tests of requests that a browser sends before its user asks for the page. That browsers then request the page again is
//! tested in `end2end/engines`.

use kinde_leptos::auth::paths::{LOGIN, SIGNED_OUT};
use reqwest::Method;

use super::harness::{Browser, GREETING_FUNCTION, Site};

const MARKS: [(&str, &str); 5] = [
    ("sec-purpose", "prefetch"),
    ("sec-purpose", "prefetch;prerender"),
    ("purpose", "prefetch"),
    ("x-purpose", "prefetch"),
    ("x-moz", "prefetch"),
];

// CA-8: a browser shows such a page later, when the session may have ended.
#[tokio::test]
async fn no_page_about_a_user_is_loaded_in_advance() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    for path in ["/", "/items/1", "/account", SIGNED_OUT] {
        for mark in MARKS {
            let response = ada.send(Method::GET, &site.at(path), &[mark, ("accept", "text/html")], None).await;
            assert_eq!((response.status, response.header("cache-control")), (403, "no-store"), "{path} {mark:?}");
            assert!(!response.body.contains("Ada") && response.set_cookies().is_empty(), "{path}: {}", response.body);
        }
        assert_eq!(ada.get(&site.at(path)).await.status, 200, "{path}");
    }
}

// CA-8: Chromium takes 204 for the page, so that a link to it leads nowhere.
#[tokio::test]
async fn a_link_to_sign_in_works_after_it_was_prefetched() {
    let site = Site::start().await;
    for path in ["/", LOGIN] {
        let mut browser = Browser::new();
        for mark in MARKS {
            let response = browser.send(Method::GET, &site.at(path), &[mark, ("accept", "text/html")], None).await;
            assert_eq!((response.status, response.location()), (403, None), "{path} {mark:?}");
        }
        assert_eq!(browser.get(&site.at(path)).await.status, 303, "{path}");
    }
}

// What a program asks for is not kept in a browser.
#[tokio::test]
async fn programs_may_say_that_they_prefetch() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    let response = ada.send(Method::GET, &site.at(GREETING_FUNCTION), &[MARKS[0]], None).await;
    assert_eq!(response.status, 200);
}
