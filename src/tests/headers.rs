//! Tests of the headers that every answer carries, whoever makes it: section HD of the security catalogue.
//!
//! It leaves out the answers that the HTTP parser gives before a request exists (400, 431), which have no body, and the
//! Observatory's score (HD-10).

use std::collections::{BTreeMap, BTreeSet};

use kinde_leptos::auth::Config;
use kinde_leptos::auth::paths::{AUTH_PREFIX, CALLBACK, LOGIN, LOGOUT};
use kinde_leptos::paths::{DOCS, OPENAPI};
use reqwest::Method;
use url::Url;

use super::harness::{Answer, Browser, FILES, Site, functions};

/// Statuses that the crawl must meet.
const STATUSES: [u16; 13] = [200, 204, 303, 304, 400, 401, 403, 404, 405, 413, 414, 422, 503];

fn as_it_is(_: &mut Config) {}

/// An https site, as behind a proxy that ends TLS. Its callback stays on the http address, so that tests can sign in.
fn on_https(config: &mut Config) {
    config.site_url = Url::parse("https://app.example").unwrap();
}

/// Answers of every status and from every layer, each with how it was asked for.
async fn crawl(adapt: fn(&mut Config)) -> (Site, Vec<Answer>) {
    let (site, store) = Site::start_breakable(adapt).await;
    let mut browser = site.signed_in("ada").await;
    let mut answers = Vec::new();
    for path in ["/", "/items/1?q=x", "/items/abc", "/signed-out", "/nothing", "/docs/", OPENAPI] {
        answers.push(browser.get(&site.at(path)).await);
        answers.push(browser.get_json(&site.at(path)).await);
        answers.push(Browser::new().get(&site.at(path)).await);
        answers.push(Browser::new().get_json(&site.at(path)).await);
    }
    for path in FILES.into_iter().chain(functions()) {
        let answer = browser.get(&site.at(path)).await;
        answers
            .push(browser.send(Method::GET, &site.at(path), &[("if-none-match", answer.header("etag"))], None).await);
        answers.push(answer);
    }
    answers.extend(refusals(&site, &mut browser).await);
    store.fail();
    answers.push(browser.get(&site.at("/")).await);
    answers.push(browser.get_json(&site.at("/")).await);
    answers.push(browser.get(&site.at(LOGIN)).await);
    store.panic();
    answers.push(browser.get(&site.at("/")).await);
    answers.push(browser.get_json(&site.at("/api/greeting")).await);
    assert_eq!(answers[answers.len() - 2].status, 500);
    let met: BTreeSet<u16> = answers.iter().map(|answer| answer.status).collect();
    assert!(STATUSES.iter().all(|status| met.contains(status)), "{met:?}");
    (site, answers)
}

async fn refusals(site: &Site, browser: &mut Browser) -> Vec<Answer> {
    let page = [("accept", "text/html")];
    let large = "x".repeat(100_000);
    vec![
        browser.get(&site.at(LOGIN)).await,
        browser.get(&site.at(CALLBACK)).await,
        browser.get(&site.at(&format!("{CALLBACK}?code=x&state=y"))).await,
        browser.get(&site.at(&format!("/?{}", &large[..10_000]))).await,
        browser.send(Method::HEAD, &site.at(LOGIN), &page, None).await,
        browser.send(Method::GET, &site.at(LOGIN), &[("sec-purpose", "prefetch")], None).await,
        browser.send(Method::GET, &site.at(LOGIN), &[("sec-fetch-dest", "iframe")], None).await,
        browser.send(Method::GET, &site.at(LOGOUT), &[("sec-fetch-site", "cross-site")], None).await,
        browser.send(Method::POST, &site.at(LOGOUT), &[("origin", "https://evil.example")], None).await,
        browser.send(Method::POST, &site.at(LOGOUT), &page, Some(large)).await,
        browser.send(Method::DELETE, &site.at("/"), &page, None).await,
        browser.send(Method::POST, &site.at("/api/item"), &page, None).await,
        browser.send(Method::OPTIONS, &site.at("/items/1"), &page, None).await,
        browser.send(Method::TRACE, &site.at("/signed-out"), &page, None).await,
    ]
}

fn is_page(answer: &Answer) -> bool {
    answer.header("content-type").starts_with("text/html")
}

fn directives(answer: &Answer) -> BTreeMap<&str, &str> {
    let policy = answer.header("content-security-policy").split(';').map(str::trim);
    policy.filter_map(|directive| directive.split_once(' ')).collect()
}

// HD-1, HD-8: no script runs anywhere but in Swagger UI, so no nonce is needed either.
#[tokio::test]
async fn every_answer_has_a_strict_content_security_policy() {
    let (site, answers) = crawl(as_it_is).await;
    for answer in answers {
        let (is_docs, csp) = (answer.url.path().starts_with(DOCS), directives(&answer));
        let forms = if is_docs { "'none'".to_owned() } else { format!("'self' {}", site.tenant.issuer()) };
        assert_eq!(csp.get("default-src"), Some(&"'none'"), "{} {}", answer.status, answer.url);
        assert_eq!(csp.get("base-uri"), Some(&"'none'"), "{}", answer.url);
        assert_eq!(csp.get("form-action"), Some(&forms.as_str()), "{}", answer.url);
        assert_eq!(csp.get("script-src"), is_docs.then_some(&"'self'"), "{}", answer.url);
        assert!(csp.get("object-src").is_none_or(|source| *source == "'none'"), "{}", answer.url);
        assert!(!answer.header("content-security-policy").contains("unsafe"), "{}", answer.url);
    }
}

// HD-2: what a policy without nonces would block is not there.
#[tokio::test]
async fn no_page_has_a_script_or_a_style_of_its_own() {
    let (_site, answers) = crawl(as_it_is).await;
    for answer in answers.iter().filter(|answer| is_page(answer) && !answer.url.path().starts_with(DOCS)) {
        for forbidden in ["<script", "<style", " style=", " onclick=", " onload=", " onerror=", "javascript:"] {
            assert!(!answer.body.contains(forbidden), "{}: {forbidden}", answer.url);
        }
    }
}

// HD-3
#[tokio::test]
async fn an_https_site_insists_on_https_in_every_answer() {
    for answer in crawl(on_https).await.1 {
        let value = answer.header("strict-transport-security");
        let age: u64 = value.split(';').next().unwrap().trim_start_matches("max-age=").parse().unwrap_or_default();
        assert!(age >= 31_536_000 && value.contains("includeSubDomains"), "{} {}: {value}", answer.status, answer.url);
    }
}

// HD-3, the other half
#[tokio::test]
async fn a_site_on_http_loopback_does_not_insist_on_https() {
    for answer in crawl(as_it_is).await.1 {
        assert_eq!(answer.header("strict-transport-security"), "", "{}", answer.url);
    }
}

// HD-4, HD-5, HD-6, HD-7, HD-8
#[tokio::test]
async fn every_answer_has_every_other_header() {
    for answer in [crawl(as_it_is).await.1, crawl(on_https).await.1].concat() {
        let place = format!("{} {}", answer.status, answer.url);
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{place}");
        assert_eq!(directives(&answer).get("frame-ancestors"), Some(&"'none'"), "{place}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{place}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{place}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{place}");
        let referrer = answer.header("referrer-policy");
        assert!(["no-referrer", "strict-origin-when-cross-origin"].contains(&referrer), "{place}: {referrer}");
        for name in ["x-content-type-options", "x-frame-options", "referrer-policy", "content-security-policy"] {
            assert_eq!(answer.headers.get_all(name).iter().count(), 1, "{place}: {name} twice");
        }
    }
}

// HD-6: an address there may hold an authorization code. What a layer answers before the route counts too.
#[tokio::test]
async fn auth_routes_tell_no_page_where_they_were() {
    let (_site, answers) = crawl(as_it_is).await;
    for answer in answers.iter().filter(|answer| answer.url.path().starts_with(AUTH_PREFIX)) {
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{} {}", answer.status, answer.url);
        assert!(answer.header("cache-control").contains("no-store"), "{} {}", answer.status, answer.url);
    }
}

// HD-4: a browser may not guess, so every body says what it is.
#[tokio::test]
async fn every_body_has_a_type_and_errors_are_json_or_a_page() {
    let (_site, answers) = crawl(as_it_is).await;
    for answer in answers.iter().filter(|answer| !answer.body.is_empty()) {
        let kind = answer.header("content-type");
        assert_ne!(kind, "", "{}", answer.url);
        let is_drawn = kind.starts_with("text/html") || kind == "application/json";
        assert!(answer.status < 400 || is_drawn, "{} {}: {kind}", answer.status, answer.url);
    }
}

// HD-9
#[tokio::test]
async fn no_answer_tells_what_the_site_is_made_of() {
    let (_site, answers) = crawl(as_it_is).await;
    for answer in answers {
        assert_eq!((answer.header("server"), answer.header("x-powered-by")), ("", ""), "{}", answer.url);
        if answer.status >= 400 {
            for told in
                ["axum", "hyper", "tower", "sqlx", "panicked", "broken by a test", ".rs", "src/", "/root", "line "]
            {
                assert!(!answer.body.contains(told), "{} {}: {told} in {}", answer.status, answer.url, answer.body);
            }
        }
    }
}

// HD-8: search engines keep nothing that a session opens.
#[tokio::test]
async fn signed_in_pages_are_not_indexed() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for path in ["/", "/items/1", "/items/abc"] {
        assert_eq!(browser.get(&site.at(path)).await.header("x-robots-tag"), "noindex", "{path}");
    }
}
