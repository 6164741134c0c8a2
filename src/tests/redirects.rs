//! Tests of every redirect that leaves the site or could: section RD of the security catalogue.
//!
//! Some of the values are tested with a real browser in `end2end`; here the `url` crate parses them, by the same
//! standard as browsers.

use std::time::{Duration, Instant};

use kinde_leptos::auth::paths::{CALLBACK, LOGIN, LOGOUT, REGISTER, RETURN_TO_PARAMETER, SIGNED_OUT};
use kinde_leptos::auth::{Paths, ReturnTo};
use kinde_leptos::paths::HOME;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::Method;
use serde_json::json;
use url::Url;

use super::harness::{Browser, Response, Site, functions};

#[rustfmt::skip] // A list of short texts reads best in rows.
const PREFIXES: [&str; 58] = [
    "", "/", "//", "///", "////", "\\", "/\\", "\\/", "\\\\", "//\\", "/\\/", "/.", "/./", "/.//", "/./\\", "/../", "/..//",
    "/;", "/;@", "/;/", "/@", "@", ":", "/:", "?", "?//", "#//", "/?//", "/#//", "/%09/", "/%0a//", "/%0d/", "/%0b/", "/%00/",
    "/%5c", "/%2f", "/%2f%2f", "/%2e/", "/%2e%2e//", "/\t/", "/\n/", "/\r\n/", "/\u{b}/", "/ /", "\t//", " //", "\u{0}//",
    "https:", "https:/", "https://", "http:///", "HtTpS:\\\\", "javascript://", "data:text/html,", "/items/..//",
    "\u{3002}", "/\u{ff0f}", "/\u{2028}/",
];

#[rustfmt::skip] // As above.
const HOSTS: [&str; 10] = [
    "evil.example", "evil.example/items/1", "localhost@evil.example", "evil%E3%80%82example", "evil\u{3002}example",
    "2130706433", "[::1]", "evil.example:443/%2e%2e", "@evil.example", "localhost.evil.example?localhost",
];

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// A value as it is, percent-encoded, and percent-encoded twice.
fn in_every_encoding(value: &str) -> [String; 3] {
    [value.to_owned(), encoded(value), encoded(&encoded(value))]
}

fn login_url(site: &Site, value: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair(RETURN_TO_PARAMETER, value).finish();
    site.at(&format!("{LOGIN}?{query}"))
}

/// Opens a sign-in address at a tenant that signs in automatically. Returns the callback's response.
async fn signed_in_by(browser: &mut Browser, login: &str) -> Response {
    let authorize = browser.get(login).await.location().unwrap();
    let callback = browser.get(authorize.as_str()).await.location().unwrap();
    let response = browser.get(callback.as_str()).await;
    assert_eq!(response.status, 303, "{login}: {}", response.body);
    response
}

async fn site_that_signs_ada_in() -> Site {
    let site = Site::start().await;
    site.tenant.settings(json!({"auto_sign_in": "ada"})).await;
    site
}

// RD-1
#[tokio::test]
async fn no_return_parameter_leads_off_the_site() {
    let site = site_that_signs_ada_in().await;
    let origin = Url::parse(&site.url).unwrap().origin();
    let mut browser = Browser::new();
    let values = PREFIXES.iter().flat_map(|prefix| HOSTS[..3].iter().map(move |host| format!("{prefix}{host}")));
    for value in values.flat_map(|value| in_every_encoding(&value)) {
        let response = signed_in_by(&mut browser, &login_url(&site, &value)).await;
        assert_eq!(response.location().unwrap().origin(), origin, "{value:?}");
        assert!(!response.header("location").starts_with("//"), "{value:?}");
    }
}

// RD-1, over every pair of prefixes
#[test]
fn every_return_address_is_on_the_site() {
    let site = Url::parse("http://localhost:8000/api/auth/kinde_callback").unwrap();
    for (first, second) in PREFIXES.iter().flat_map(|first| PREFIXES.iter().map(move |second| (first, second))) {
        for value in HOSTS.iter().flat_map(|host| in_every_encoding(&format!("{first}{second}{host}"))) {
            check_return_to(&site, &value);
        }
    }
}

fn check_return_to(site: &Url, value: &str) {
    let result = ReturnTo::parse(value, &Paths::default());
    let result = result.as_str();
    assert!(result == HOME || result == value, "{value:?} was changed to {result:?}");
    assert!(result.bytes().all(|byte| byte.is_ascii_graphic()), "{value:?}");
    let path = result.split(['?', '#']).next().unwrap();
    let decoded_once_more = percent_decode_str(path).decode_utf8().unwrap();
    for read in [result, &decoded_once_more] {
        let target = site.join(read).unwrap();
        assert_eq!(target.origin(), site.origin(), "{value:?}");
        assert!(!target.path().starts_with("//"), "{value:?}");
        assert!(!target.path().starts_with("/api/auth"), "{value:?}");
    }
}

// RD-2, RD-3, RD-5
#[tokio::test]
async fn what_is_no_plain_path_of_a_page_leads_to_the_start_page() {
    let odd = [
        "/\\evil",
        "/%09/evil",
        "/%0a//evil",
        "/%5cevil",
        "//evil",
        "///evil",
        "/./\\evil",
        "/;@evil",
        "https:evil",
        "\u{3002}",
        "/\t/evil",
        "/\u{b}/evil",
        "/\t\t\t/evil", // RD-2
        LOGIN,
        LOGOUT,
        CALLBACK,
        REGISTER,
        "/api/auth/logout?x=1",
        "/API/auth/logout",
        "/api/%61uth/logout", // RD-3
        "/items/../api/auth/logout",
        "/api/auth/./logout",
        "/api//auth/logout", // RD-3
        "%",
        "http://[",
        "\u{fffd}",
        "", // RD-5
    ];
    let site = site_that_signs_ada_in().await;
    let mut browser = Browser::new();
    for value in odd {
        let response = signed_in_by(&mut browser, &login_url(&site, value)).await;
        assert_eq!(response.header("location"), HOME, "{value:?}");
    }
}

// RD-4
#[tokio::test]
async fn a_deep_link_survives_sign_in_exactly() {
    let site = site_that_signs_ada_in().await;
    for path in ["/items/42?q=a%26b%20c", "/items/42?q=", "/items/-1?q=%2F%2Fevil&x=1+2", "/items/%D9%A3?q=%0A"] {
        let page = Browser::new().visit(&site.at(path)).await;
        assert_eq!(page.url.as_str(), site.at(path));
        assert!(page.body.contains("Ada Lovelace"), "{path}: {}", page.body);
    }
}

// RD-5
#[tokio::test]
async fn a_malformed_return_parameter_breaks_nothing() {
    let site = site_that_signs_ada_in().await;
    let mut browser = Browser::new();
    for raw in ["%", "%zz", "http://[", "%ED%A0%80", "%FF%FE", "&post_login_redirect_url=%", ""] {
        let begun = Instant::now();
        let response = site.raw("GET", &format!("{LOGIN}?{RETURN_TO_PARAMETER}={raw}"), &[]).await;
        assert_eq!(response.status, 303, "{raw}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{raw}: {:?}", begun.elapsed());
        let login = site.at(&format!("{LOGIN}?{RETURN_TO_PARAMETER}={raw}"));
        assert_eq!(signed_in_by(&mut browser, &login).await.header("location"), HOME, "{raw}");
    }
    for (length, statuses) in [(100_000, [414, 431]), (9_000, [414, 414])] {
        let long = format!("{LOGIN}?{RETURN_TO_PARAMETER}=/{}", "a".repeat(length));
        let response = site.raw("GET", &long, &[]).await;
        assert!(statuses.contains(&response.status), "{length}: {}", response.status);
    }
}

// RD-6
#[tokio::test]
async fn a_return_parameter_adds_no_header() {
    let site = site_that_signs_ada_in().await;
    let mut browser = Browser::new();
    for raw in [
        "/%0d%0aSet-Cookie:%20x=1",
        "/%0aSet-Cookie:x=1",
        "/a%250d%250aSet-Cookie:x=1",
        "/%E5%98%8D%E5%98%8ASet-Cookie:x=1",
    ] {
        let login = site.at(&format!("{LOGIN}?{RETURN_TO_PARAMETER}={raw}"));
        let response = signed_in_by(&mut browser, &login).await;
        assert!(!response.set_cookies().iter().any(|cookie| cookie.trim().starts_with("x=")), "{raw}");
        assert_eq!(browser.cookie("localhost", "x"), None, "{raw}");
    }
}

// RD-7
#[tokio::test]
async fn sign_out_ends_on_a_page_after_at_most_three_redirects() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let mut response = browser.get(&site.at(LOGOUT)).await;
    let mut redirects = 0;
    while let Some(next) = response.location() {
        redirects += 1;
        response = browser.get(next.as_str()).await;
    }
    assert!(redirects <= 3, "{redirects}");
    assert_eq!((response.status, response.url.as_str()), (200, site.at(SIGNED_OUT).as_str()));
    assert!(response.body.contains("You are signed out"));
}

// RD-8
#[tokio::test]
async fn a_server_function_never_redirects_to_the_referer() {
    let site = Site::start().await;
    let headers =
        [("accept", "text/html"), ("referer", "https://evil.example/x"), ("content-type", "application/json")];
    for mut browser in [Browser::new(), site.signed_in("ada").await] {
        for path in functions() {
            for (method, query) in [(Method::GET, "?item_id=1"), (Method::GET, "?item_id=x"), (Method::POST, "")] {
                let url = site.at(&format!("{path}{query}"));
                let response = browser.send(method.clone(), &url, &headers, Some("{".to_owned())).await;
                assert_eq!(response.location(), None, "{method} {url}");
                assert!(response.header("content-type").starts_with("application/json"), "{method} {url}");
            }
        }
    }
}

// RD-9
#[tokio::test]
async fn a_redirect_after_a_post_forwards_no_body() {
    let site = Site::start().await;
    for mut browser in [Browser::new(), site.signed_in("ada").await] {
        let response = browser.post(&site.at(LOGOUT), &[("x", "1")]).await;
        assert_eq!(response.status, 303);
    }
}

// RD-10
#[tokio::test]
async fn a_document_of_another_issuer_leads_nowhere() {
    let site = Site::start().await;
    site.tenant.fault("discovery_wrong_issuer").await;
    let response = Browser::new().get(&site.at(LOGIN)).await;
    assert_eq!((response.status, response.location()), (503, None));
    assert!(!response.body.contains("evil.example"));
}
