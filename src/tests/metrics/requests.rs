//! Requests by their route, and requests that nobody answers.

use std::time::{Duration, Instant};

use kinde_leptos::paths::{DOCS, ITEM, METRICS, OPENAPI};
use reqwest::Method;
use tokio::io::AsyncWriteExt;

use super::{IN_FLIGHT, REQUEST_DURATIONS, REQUESTS};
use crate::harness::{Browser, Site, files, functions, random_cookie, routes};

#[tokio::test]
async fn every_route_has_its_own_template_and_every_other_path_none() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    for path in [&routes(&site).await[..], &[OPENAPI.to_owned(), DOCS.to_owned()]].concat() {
        browser.get(&site.at(&path)).await;
        let template = path.replace("/items/420", ITEM);
        assert!(site.scrape().sum(REQUESTS, &[("route", &template), ("method", "GET")]) > 0.0, "{path}");
    }
    assert!(functions().iter().all(|path| site.scrape().values("route").contains(path)));
    for path in files() {
        browser.get(&site.at(&path)).await;
    }
    let now = site.scrape();
    assert!(now.sum(REQUESTS, &[("route", "/assets/{file}"), ("status", "200")]) > 0.0);
    assert!(!now.values("route").iter().any(|route| route.starts_with("/assets/") && *route != "/assets/{file}"));
    assert!(!now.values("route").contains("unmatched"), "{:?}", now.values("route"));
    for path in ["/nothing", "/items/1/2", METRICS] {
        assert_eq!(browser.get(&site.at(path)).await.status, 404);
    }
    assert_eq!(site.scrape().sum(REQUESTS, &[("route", "unmatched"), ("status", "404")]), 3.0);
}

#[tokio::test]
async fn a_request_is_counted_once_by_method_and_status_whichever_layer_answers() {
    let site = Site::start().await;
    let other_site = [("sec-fetch-site", "cross-site")];
    let long = format!("/items/{}", "x".repeat(9_000));
    for (method, target, headers, route, label, status) in [
        ("HEAD", "/healthz", &[][..], "/healthz", "HEAD", "200"),
        ("GET", "/items/420", &[], ITEM, "GET", "303"),
        ("DELETE", "/items/420", &[], ITEM, "other", "405"),
        ("POST", "/theme", &other_site, "/theme", "POST", "403"),
        ("GET", &long, &[], ITEM, "GET", "414"),
        ("BREW", "/pot", &[], "unmatched", "other", "404"),
    ] {
        assert_eq!(site.raw(method, target, headers).await.status.to_string(), status, "{method} {target:.20}");
        let labels = [("route", route), ("method", label), ("status", status)];
        assert_eq!(site.scrape().sum(REQUESTS, &labels), 1.0, "{method} {target:.20}");
    }
    let now = site.scrape();
    assert_eq!(now.sum(REQUESTS, &[]), 6.0);
    assert_eq!(now.sum(REQUEST_DURATIONS, &[]), 6.0);
    assert_eq!(now.sum(IN_FLIGHT, &[]), 0.0);
}

#[tokio::test]
async fn a_client_that_hangs_up_is_counted_without_a_status() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    store.slow(Duration::from_secs(60));
    let mut stream = site.connect().await;
    let head = format!("GET / HTTP/1.1\r\nhost: localhost\r\ncookie: kinde_session={}\r\n\r\n", random_cookie());
    stream.write_all(head.as_bytes()).await.unwrap();
    let began = Instant::now();
    let until = async |what: &str, reached: &dyn Fn() -> bool| {
        while !reached() {
            assert!(began.elapsed() < Duration::from_secs(15), "{what}");
            tokio::task::yield_now().await;
        }
    };
    until("it is in flight", &|| site.scrape().sum(IN_FLIGHT, &[]) == 1.0).await;
    drop(stream);
    until("it is over", &|| site.scrape().sum(IN_FLIGHT, &[]) == 0.0).await;
    assert_eq!(site.scrape().sum(REQUESTS, &[("route", "/"), ("status", "none")]), 1.0);
}

/// A visitor makes up whatever a request can hold. After the first of each kind there is no further series.
#[tokio::test]
async fn nothing_that_a_visitor_makes_up_becomes_a_series() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let made_up = async |browser: &mut Browser, number: usize| {
        let word = format!("w{number}x");
        let headers = [("x-made-up", word.as_str()), ("user-agent", &word), ("x-forwarded-for", "203.0.113.9")];
        for path in [
            format!("/{word}"),
            format!("/{word}/{word}?{word}={word}"),
            format!("/items/{word}"),
            format!("/assets/{word}.css"),
            format!("/api/{word}"),
            format!("/api/auth/{word}"),
            format!("/api/auth/login?prompt={word}&login_hint={word}&org_code={word}"),
            format!("/api/auth/kinde_callback?code={word}&state={word}"),
            format!("/api/auth/kinde_callback?error={word}&state={word}"),
        ] {
            browser.send(Method::GET, &site.at(&path), &headers, None).await;
        }
        let method = Method::from_bytes(word.to_uppercase().as_bytes()).unwrap();
        browser.send(method, &site.at("/items/420"), &headers, None).await;
        Browser::with_session(&random_cookie()).get(&site.at("/")).await;
        site.raw("GET", "/", &[("host", &format!("{word}.example"))]).await;
        site.raw("GET", &format!("http://{word}.example/"), &[]).await;
        site.raw("GET", "/items/1", &[("authorization", &format!("Bearer {word}")), ("accept", "application/json")])
            .await;
    };
    made_up(&mut browser, 0).await;
    let before = site.scrape();
    for number in 1..=30 {
        made_up(&mut browser, number).await;
    }
    let now = site.scrape();
    assert!(now.sum(REQUESTS, &[]) > before.sum(REQUESTS, &[]) + 400.0);
    let new: Vec<_> = now.series().difference(&before.series()).cloned().collect();
    assert_eq!(new, [""; 0]);
}
