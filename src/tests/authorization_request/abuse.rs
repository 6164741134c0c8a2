//! Requests that must not begin a sign-in, or must not decide where it leads (AR-9, AR-10, AR-14, AR-16).
//! The parameters of an ordinary request are tested in `parameters`.

use reqwest::Method;

use super::{BEGINNINGS, parameters};
use crate::harness::{Browser, Records, Site};

// AR-9
#[tokio::test]
async fn the_response_is_never_stored() {
    let site = Site::start().await;
    for path in BEGINNINGS {
        let response = Browser::new().get(&site.at(path)).await;
        assert!(matches!(response.status, 302 | 303));
        assert!(response.header("cache-control").contains("no-store"));
        assert_eq!(response.header("referrer-policy"), "no-referrer");
        let state = parameters(&response.location().unwrap())["state"].clone();
        assert!(!response.body.contains(&state));
    }
}

// AR-10
#[tokio::test]
async fn prefetches_and_other_methods_begin_no_sign_in() {
    let site = Site::start().await;
    let mut records = Records::open(&site.store_file()).await;
    let requests = [
        (Method::HEAD, ("accept", "text/html")),
        (Method::OPTIONS, ("accept", "text/html")),
        (Method::POST, ("accept", "text/html")),
        (Method::GET, ("sec-purpose", "prefetch")),
        (Method::GET, ("sec-purpose", "prefetch;prerender")),
        (Method::GET, ("purpose", "prefetch")),
        (Method::GET, ("x-moz", "prefetch")),
    ];
    for path in BEGINNINGS {
        for (method, header) in requests.clone() {
            let response = Browser::new().send(method.clone(), &site.at(path), &[header], None).await;
            assert!(response.set_cookies().is_empty() && response.location().is_none(), "{method} {header:?}");
            assert!(matches!(response.status, 403 | 405), "{method} {header:?}: {}", response.status);
            assert!(response.header("cache-control").contains("no-store"), "{method} {header:?}");
        }
    }
    assert_eq!(records.count().await, 0);
}

// AR-14
#[tokio::test]
async fn a_sign_in_begun_by_another_party_returns_to_this_site() {
    let site = Site::start().await;
    let abuse = "iss=https://evil.example&target_link_uri=https://evil.example&login_hint=x\
        &post_login_redirect_url=https://evil.example/";
    let mut browser = Browser::new();
    let response = browser.get(&site.at(&format!("/api/auth/login?{abuse}"))).await;
    let location = response.location().unwrap();
    assert!(location.as_str().starts_with(site.tenant.issuer()), "{location}");
    assert!(!location.as_str().contains("evil"), "{location}");
    let page = browser.visit(location.as_str()).await;
    let callback = browser.choose(&site, &page, &[("person", "ada")]).await;
    assert_eq!(browser.visit(&callback).await.url.as_str(), site.at("/"));
}

// AR-16
#[tokio::test]
async fn a_frame_begins_nothing_and_no_response_may_be_framed() {
    let site = Site::start().await;
    let mut records = Records::open(&site.store_file()).await;
    for path in BEGINNINGS {
        for frame in ["iframe", "frame", "embed", "object"] {
            let headers = [("sec-fetch-dest", frame), ("sec-fetch-site", "cross-site"), ("accept", "text/html")];
            let response = Browser::new().send(Method::GET, &site.at(path), &headers, None).await;
            assert_eq!(response.status, 403, "{frame}");
            assert!(response.set_cookies().is_empty() && response.location().is_none(), "{frame}");
        }
        let response = Browser::new().get(&site.at(path)).await;
        assert!(response.header("content-security-policy").contains("frame-ancestors 'none'"));
    }
    assert_eq!(records.count().await, BEGINNINGS.len() as i64, "only those that were in no frame");
}
