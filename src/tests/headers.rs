//! Tests of the headers of every response, whichever layer makes it: section HD of the security catalogue.
//!
//! Not tested are the responses of the HTTP parser (400, 431), which no layer sees and which have no body, and the
//! score of the Observatory (HD-10).

use std::collections::{BTreeMap, BTreeSet};

use kinde_leptos::auth::Config;
use kinde_leptos::auth::paths::{AUTH_PREFIX, CALLBACK, LOGIN, LOGOUT, SIGNED_OUT};
use kinde_leptos::paths::{DOCS, OPENAPI};
use reqwest::Method;
use url::Url;

use super::harness::{Browser, GREETING_FUNCTION, ITEM_FUNCTION, Response, Site, files, functions};
use super::other_issuers::issuer_with_document;

/// Statuses that the crawl must meet.
const STATUSES: [u16; 12] = [200, 303, 304, 400, 401, 403, 404, 405, 413, 414, 422, 503];

fn as_it_is(_: &mut Config) {}

/// An https site, as behind a proxy that ends TLS. Its callback stays on the http address, so that tests can sign in.
fn on_https(config: &mut Config) {
    config.site_url = Url::parse("https://app.example").unwrap();
}

/// Responses of every status and from every layer.
async fn crawl(adapt: fn(&mut Config)) -> (Site, Vec<Response>) {
    let (site, store) = Site::start_breakable(adapt).await;
    let mut browser = site.signed_in("ada").await;
    let mut responses = Vec::new();
    for path in ["/", "/items/1?q=x", "/items/abc", SIGNED_OUT, "/nothing", DOCS, OPENAPI] {
        responses.push(browser.get(&site.at(path)).await);
        responses.push(browser.get_json(&site.at(path)).await);
        responses.push(Browser::new().get(&site.at(path)).await);
        responses.push(Browser::new().get_json(&site.at(path)).await);
    }
    for path in files().into_iter().chain(functions().into_iter().map(str::to_owned)) {
        let response = browser.get(&site.at(&path)).await;
        let known = [("if-none-match", response.header("etag"))];
        responses.push(browser.send(Method::GET, &site.at(&path), &known, None).await);
        responses.push(response);
    }
    responses.extend(refusals(&site, &mut browser).await);
    store.fail();
    responses.push(browser.get(&site.at("/")).await);
    responses.push(browser.get_json(&site.at("/")).await);
    responses.push(browser.get(&site.at(LOGIN)).await);
    store.panic();
    responses.push(browser.get(&site.at("/")).await);
    responses.push(browser.get_json(&site.at(GREETING_FUNCTION)).await);
    assert_eq!(responses[responses.len() - 2].status, 500);
    let met: BTreeSet<u16> = responses.iter().map(|response| response.status).collect();
    assert!(STATUSES.iter().all(|status| met.contains(status)), "{met:?}");
    (site, responses)
}

async fn refusals(site: &Site, browser: &mut Browser) -> Vec<Response> {
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
        browser.send(Method::POST, &site.at(ITEM_FUNCTION), &page, None).await,
        browser.send(Method::OPTIONS, &site.at("/items/1"), &page, None).await,
        browser.send(Method::TRACE, &site.at(SIGNED_OUT), &page, None).await,
    ]
}

fn is_page(response: &Response) -> bool {
    response.header("content-type").starts_with("text/html")
}

fn directives(response: &Response) -> BTreeMap<&str, &str> {
    let policy = response.header("content-security-policy").split(';').map(str::trim);
    policy.filter_map(|directive| directive.split_once(' ')).collect()
}

// HD-1, HD-8: without islands, the one script of a page runs by its nonce, and that of the API docs by its origin.
#[tokio::test]
async fn every_response_has_a_strict_content_security_policy() {
    let (site, responses) = crawl(as_it_is).await;
    for response in responses {
        let (is_docs, csp) = (response.url.path().starts_with(DOCS), directives(&response));
        let has_no_forms = is_part_of_pages(&response);
        let forms = if has_no_forms { "'none'".to_owned() } else { format!("'self' {}", site.tenant.issuer()) };
        assert_eq!(csp.get("default-src"), Some(&"'none'"), "{} {}", response.status, response.url);
        assert_eq!(csp.get("base-uri"), Some(&"'none'"), "{}", response.url);
        assert_eq!(csp.get("form-action"), Some(&forms.as_str()), "{}", response.url);
        match csp.get("script-src") {
            Some(&"'self'") => assert!(is_docs && !response.body.contains("<script nonce"), "{}", response.url),
            Some(sources) => {
                let nonce = sources.strip_prefix("'nonce-").and_then(|rest| rest.strip_suffix('\''));
                let script = format!("<script nonce=\"{}\">", nonce.unwrap_or_default());
                let has_script = response.body.is_empty() || response.body.contains(&script);
                assert!(nonce.is_some() && has_script, "{}: {sources}", response.url);
            }
            None if is_page(&response) => assert!(!response.body.contains("<script"), "{}", response.url),
            None => assert!(!is_docs, "{}", response.url),
        }
        assert!(csp.get("object-src").is_none_or(|source| *source == "'none'"), "{}", response.url);
        assert!(!response.header("content-security-policy").contains("unsafe"), "{}", response.url);
    }
}

// HD-1: Chromium applies `form-action` to the redirects after a form, so sign-out by a form leads to the issuer.
#[tokio::test]
async fn forms_may_lead_to_the_origins_of_sign_in_and_sign_out_as_soon_as_they_are_known() {
    let elsewhere = serde_json::json!({
        "authorization_endpoint": "https://login.example/authorize",
        "end_session_endpoint": "https://logout.example:8443/end",
    });
    let issuer = issuer_with_document(|_| elsewhere).await;
    let site = Site::start_with(|config| config.issuer_url = issuer.clone()).await;
    let before = Browser::new().get(&site.at(SIGNED_OUT)).await;
    assert_eq!(directives(&before)["form-action"], format!("'self' {issuer}"));
    let sign_in = Browser::new().get(&site.at(LOGIN)).await;
    assert_eq!(sign_in.location().unwrap().host_str(), Some("login.example"));
    for response in [sign_in, Browser::new().get(&site.at(SIGNED_OUT)).await] {
        let forms = "'self' https://login.example https://logout.example:8443";
        assert_eq!(directives(&response)["form-action"], forms, "{}", response.url);
    }
}

/// Whether it is a style sheet, a script or an image.
fn is_part_of_pages(response: &Response) -> bool {
    let kind = response.header("content-type");
    ["text/css", "text/javascript", "image/svg+xml"].iter().any(|part| kind.starts_with(part))
}

#[tokio::test]
async fn every_response_that_may_be_a_page_switches_off_the_browser_features_that_no_page_uses() {
    for response in crawl(as_it_is).await.1 {
        let policy = response.header("permissions-policy");
        if is_part_of_pages(&response) {
            assert_eq!(policy, "", "{}", response.url);
            continue;
        }
        for feature in ["camera", "microphone", "geolocation", "payment", "usb"] {
            assert!(policy.contains(&format!("{feature}=()")), "{} {}: {policy}", response.status, response.url);
        }
    }
}

// HD-2: pages contain nothing that their policy blocks.
#[tokio::test]
async fn no_page_has_a_style_of_its_own_or_more_than_one_script() {
    let (_site, responses) = crawl(as_it_is).await;
    for response in responses.iter().filter(|response| is_page(response) && !response.url.path().starts_with(DOCS)) {
        assert!(response.body.matches("<script").count() <= 1, "{}", response.url);
        for forbidden in ["<style", " style=", " onclick=", " onload=", " onerror=", "javascript:"] {
            assert!(!response.body.contains(forbidden), "{}: {forbidden}", response.url);
        }
    }
}

// HD-3
#[tokio::test]
async fn an_https_site_insists_on_https_in_every_response() {
    for response in crawl(on_https).await.1 {
        let value = response.header("strict-transport-security");
        let age: u64 = value.split(';').next().unwrap().trim_start_matches("max-age=").parse().unwrap_or_default();
        assert!(
            age >= 31_536_000 && value.contains("includeSubDomains"),
            "{} {}: {value}",
            response.status,
            response.url
        );
    }
}

// HD-3, the other half
#[tokio::test]
async fn a_site_on_http_loopback_does_not_insist_on_https() {
    for response in crawl(as_it_is).await.1 {
        assert_eq!(response.header("strict-transport-security"), "", "{}", response.url);
    }
}

// HD-4, HD-5, HD-6, HD-7, HD-8
#[tokio::test]
async fn every_response_has_every_other_header() {
    for response in [crawl(as_it_is).await.1, crawl(on_https).await.1].concat() {
        let which = format!("{} {}", response.status, response.url);
        assert_eq!(response.header("x-content-type-options"), "nosniff", "{which}");
        assert_eq!(directives(&response).get("frame-ancestors"), Some(&"'none'"), "{which}");
        assert_eq!(response.header("x-frame-options"), "DENY", "{which}");
        assert_eq!(response.header("cross-origin-opener-policy"), "same-origin", "{which}");
        assert_eq!(response.header("cross-origin-resource-policy"), "same-origin", "{which}");
        let referrer = response.header("referrer-policy");
        assert!(["no-referrer", "strict-origin-when-cross-origin"].contains(&referrer), "{which}: {referrer}");
        for name in ["x-content-type-options", "x-frame-options", "referrer-policy", "content-security-policy"] {
            assert_eq!(response.headers.get_all(name).iter().count(), 1, "{which}: {name} twice");
        }
    }
}

// HD-6: an address there may hold an authorization code. Responses of the layers before the route count too.
#[tokio::test]
async fn auth_routes_send_no_referrer_and_are_never_stored() {
    let (_site, responses) = crawl(as_it_is).await;
    for response in responses.iter().filter(|response| response.url.path().starts_with(AUTH_PREFIX)) {
        assert_eq!(response.header("referrer-policy"), "no-referrer", "{} {}", response.status, response.url);
        assert!(response.header("cache-control").contains("no-store"), "{} {}", response.status, response.url);
    }
}

// HD-4: browsers may not guess the type, so every body has one.
#[tokio::test]
async fn every_body_has_a_type_and_errors_are_json_or_a_page() {
    let (_site, responses) = crawl(as_it_is).await;
    for response in responses.iter().filter(|response| !response.body.is_empty()) {
        let kind = response.header("content-type");
        assert_ne!(kind, "", "{}", response.url);
        let is_page_or_json = kind.starts_with("text/html") || kind == "application/json";
        assert!(response.status < 400 || is_page_or_json, "{} {}: {kind}", response.status, response.url);
    }
}

// HD-9
#[tokio::test]
async fn no_response_reveals_what_the_site_is_made_of() {
    let (_site, responses) = crawl(as_it_is).await;
    for response in responses {
        assert_eq!((response.header("server"), response.header("x-powered-by")), ("", ""), "{}", response.url);
        if response.status >= 400 {
            for detail in
                ["axum", "hyper", "tower", "sqlx", "panicked", "broken by a test", ".rs", "src/", "/root", "line "]
            {
                assert!(
                    !response.body.contains(detail),
                    "{} {}: {detail} in {}",
                    response.status,
                    response.url,
                    response.body
                );
            }
        }
    }
}

// HD-8: search engines index no page that needs a session.
#[tokio::test]
async fn signed_in_pages_are_not_indexed() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for path in ["/", "/items/1", "/items/abc"] {
        assert_eq!(browser.get(&site.at(path)).await.header("x-robots-tag"), "noindex", "{path}");
    }
}
