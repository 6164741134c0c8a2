//! Tests that no protected page or function responds without a session: section RP of the security catalogue, and DL-9.
//!
//! Permissions (RP-15) are not tested. Links in a browser whose session has ended (RP-16) are tested in `end2end`.

use kinde_leptos::paths::{ITEMS, ROBOTS};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use kinde_leptos::auth::CurrentUser;
use kinde_leptos::auth::paths::{LOGIN, LOGOUT, RETURN_TO_PARAMETER, SIGNED_OUT};
use reqwest::Method;
use tower::ServiceExt;
use url::Url;

use super::harness::{Browser, GREETING_FUNCTION, READING_FUNCTIONS, Response, Site, functions, routes};

/// Texts of the protected pages and functions; no other page contains them.
const PROTECTED_TEXTS: [&str; 5] = ["Route protected with Kinde", "Hello,", "item-result", "\"item_id\"", "Lovelace"];

fn has_protected_text(body: &str) -> bool {
    PROTECTED_TEXTS.iter().any(|text| body.contains(text))
}

fn check_refused_page(site: &Site, path: &str, response: &Response) {
    let target = response.location().unwrap_or_else(|| panic!("{path}: {}", response.status));
    let return_to = target.query_pairs().find(|(name, _)| name == RETURN_TO_PARAMETER).unwrap().1;
    assert_eq!((response.status, target.path()), (303, LOGIN), "{path}");
    assert_eq!(target.origin(), Url::parse(&site.url).unwrap().origin());
    assert_eq!(return_to, path);
    assert!(response.body.is_empty(), "{path}: {}", response.body);
}

// RP-1, RP-2, RP-9: the guard responds before anything is rendered.
#[tokio::test]
async fn without_a_session_a_page_is_a_redirect_and_json_is_401() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    for path in ["/", "/items/420", "/items/420?q=x", "/items/abc", "/items?item_id=1"] {
        let page = browser.get(&site.at(path)).await;
        check_refused_page(&site, path, &page);
        let json = browser.get_json(&site.at(path)).await;
        assert_eq!((json.status, json.body.as_str()), (401, r#"{"detail":"Not authenticated"}"#), "{path}");
        assert_eq!(json.location(), None);
    }
}

// RP-3
#[tokio::test]
async fn no_spelling_of_a_path_gets_past_the_guard() {
    let site = Site::start().await;
    #[rustfmt::skip] // A list of short texts reads best in rows.
    let targets = [
        "//items/1", "/items//1", "/./items/1", "/x/../items/1", "/%69tems/1", "/items%2f1", "/items/1/", "/items/1;a",
        "/ITEMS/1", "/items/1%00", "/items/1%23", "/items/1%3f", "/%2e/items/1", "/items/%2e%2e/items/1", "\\items\\1",
        "/items/1?x=/assets/", "/assets/..%2fitems/1", "/assets/../items/1", "/docs/../items/1", "/docs/..%2f..%2fitems/1",
        "/signed-out/../items/1", "/signed-out/..%2fitems/1", "/items/1?/signed-out", "/items/1#/assets/", "http://localhost/items/1",
        "/api/auth/../item?item_id=1", "/api//greeting", "/api/greeting/", "/API/greeting", "/api/greeting;x", "/%2fapi/greeting",
        "*", "", "/?", "//", "/.", "/%2e", "/index.html",
    ];
    for (target, accept) in targets.iter().flat_map(|target| ["text/html", "application/json"].map(|a| (target, a))) {
        let response = site.raw("GET", target, &[("accept", accept)]).await;
        assert!(!has_protected_text(&response.body), "{target}: {}", response.body);
        assert!((300..500).contains(&response.status), "{target}: {}", response.status);
    }
}

// RP-4
#[tokio::test]
async fn no_method_gets_past_the_guard() {
    let site = Site::start().await;
    for path in ["/", "/items/1", GREETING_FUNCTION, "/api/item?item_id=1"] {
        let get = site.raw("GET", path, &[]).await.status;
        assert_eq!(site.raw("HEAD", path, &[]).await.status, get, "{path}");
        for method in ["OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "FOO", "get", "Get"] {
            let response = site.raw(method, path, &[]).await;
            assert!(!has_protected_text(&response.body), "{method} {path}: {}", response.body);
            assert!((400..500).contains(&response.status), "{method} {path}: {}", response.status);
        }
        assert_eq!(site.raw("TRACE", path, &[]).await.status, 405, "{path}");
    }
}

// RP-5, RP-6
#[tokio::test]
async fn no_header_gets_past_the_guard_or_names_a_user() {
    let site = Site::start().await;
    let person = kinde_leptos::dev_issuer::DevIssuer::people().into_iter().find(|p| p.key == "ada").unwrap();
    let subject = person.subject.as_str();
    let headers = [
        ("x-middleware-subrequest", "middleware:middleware:middleware"),
        ("x-forwarded-uri", "/assets/a.js"),
        ("x-original-url", ROBOTS),
        ("x-rewrite-url", ROBOTS),
        ("x-http-method-override", "OPTIONS"),
        ("user-agent", "kube-probe/1.0"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-real-ip", "127.0.0.1"),
        ("purpose", "prefetch"),
        ("x-forwarded-user", subject),
        ("x_forwarded_user", subject),
        ("remote-user", subject),
        ("x-auth-request-user", subject),
        ("authorization", "Bearer x"),
        ("authorization", "Basic YWRhOg=="),
        ("cookie", "kinde_session=; id=1; session=ada"),
    ];
    for (path, header) in ["/", "/items/1"].iter().flat_map(|path| headers.map(|header| (path, header))) {
        let response = site.raw("GET", path, &[header, ("accept", "application/json")]).await;
        assert_eq!(response.status, 401, "{path} {header:?}");
        assert!(!has_protected_text(&response.body), "{path} {header:?}");
        let refusal = if header.0 == "purpose" { 403 } else { 303 };
        assert_eq!(site.raw("GET", path, &[header]).await.status, refusal, "{path} {header:?}");
    }
}

// RP-7: a new server function fails this test until it is put on one of the lists.
#[tokio::test]
async fn every_server_function_is_on_the_list_of_those_that_need_a_session() {
    const WRITING: &[&str] = &[];
    const PUBLIC: &[&str] = &[];
    let site = Site::start().await;
    let mut browser = Browser::new();
    for path in functions() {
        let lists = [READING_FUNCTIONS, WRITING, PUBLIC].into_iter().filter(|list| list.contains(&path));
        assert_eq!(lists.count(), 1, "{path} must be on exactly one list");
        if PUBLIC.contains(&path) {
            continue;
        }
        let url = site.at(&format!("{path}?item_id=1&q=x"));
        for accept in ["application/json", "text/html", "*/*"] {
            let response = browser.send(Method::GET, &url, &[("accept", accept)], None).await;
            assert_eq!((response.status, response.body.as_str()), (401, r#"{"detail":"Not authenticated"}"#), "{path}");
        }
        let posted = browser.post(&site.at(path), &[("item_id", "1")]).await;
        assert!(matches!(posted.status, 401 | 405), "{path}: {}", posted.status);
        assert!(!has_protected_text(&posted.body));
    }
}

// RP-8
#[tokio::test]
async fn responses_without_a_session_hold_nothing_of_any_user() {
    let site = Site::start().await;
    let _ada = site.signed_in("ada").await;
    for path in routes(&site).await {
        let response = Browser::new().get(&site.at(&path)).await;
        assert!(!has_protected_text(&response.body), "{path}: {}", response.body);
        // That page tells other tabs of the sign-out.
        assert_eq!(response.body.contains("<script"), path == SIGNED_OUT, "{path}: {}", response.body);
    }
}

// RP-10
#[tokio::test]
async fn no_file_but_the_sites_own_is_served() {
    let site = Site::start().await;
    #[rustfmt::skip] // A list of short texts reads best in rows.
    let targets = [
        "/assets/../Cargo.toml", "/assets/%2e%2e/Cargo.toml", "/assets/..%2fCargo.toml", "/assets/..%5cCargo.toml", "/.env", "/.git/config",
        "/assets/", "/assets", "/Cargo.toml", "/data/sessions.db", "/docs/../Cargo.toml", "/docs/%2e%2e/Cargo.toml",
        "/docs/..%2f..%2fCargo.toml", "/style/main.css", "/public/robots.txt", "/etc/passwd", "/assets//etc/passwd",
    ];
    for target in targets {
        let response = site.raw("GET", target, &[]).await;
        assert_eq!(response.status, 404, "{target}");
        assert!(!response.body.contains("[package]") && !response.body.contains("root:"), "{target}");
    }
}

// RP-11
#[tokio::test]
async fn an_item_id_that_is_no_number_is_422() {
    let site = Site::start().await;
    let long = "1".repeat(10_000);
    let mut browser = site.signed_in("ada").await;
    for (id, status) in [
        ("abc", 422),
        ("1e9", 422),
        ("9223372036854775808", 422),
        ("%D9%A3", 422),
        ("%FF", 422),
        (&long, 414),
        ("-1", 200),
        ("1.0", 200),
    ] {
        let url = site.at(&format!("/items/{id}"));
        assert_eq!(browser.get(&url).await.status, status, "{id}");
        assert_eq!(browser.get_json(&url).await.status, status, "{id}");
        if status != 414 {
            assert_eq!(Browser::new().get(&url).await.status, 303, "{id}: the session is checked before the id");
            assert_eq!(Browser::new().get_json(&url).await.status, 401, "{id}");
        }
    }
}

// RP-12
#[tokio::test]
async fn a_users_input_is_text_and_not_markup() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for text in
        ["<script>alert(1)</script>", "</script><script>alert(1)", "\"><img src=x onerror=alert(1)>", "</title><b>"]
    {
        let written: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        for path in [format!("/items/1?q={written}"), format!("/items/{}", written.replace('+', "%20"))] {
            let page = browser.get(&site.at(&path)).await;
            assert!(!page.body.contains(text), "{path}: {}", page.body);
            assert!(page.body.contains("&lt;"), "{path}: {}", page.body);
        }
        let json = browser.get_json(&site.at(&format!("/items/1?q={written}"))).await;
        assert_eq!(json.json()["q"], text);
    }

    assert_eq!(browser.get_json(&site.at("/items/1")).await.json()["q"], serde_json::Value::Null);
    assert_eq!(browser.get_json(&site.at("/items/1?q=")).await.json()["q"], "");
    assert_eq!(browser.get_json(&site.at("/items/1?q=%E2%80%A8")).await.json()["q"], "\u{2028}");
}

// RP-13
#[tokio::test]
async fn an_unknown_path_is_404_and_reveals_nothing_of_the_known_ones() {
    let site = Site::start().await;
    for mut browser in [Browser::new(), site.signed_in("ada").await] {
        for path in ["/nothing", "/items/1/2", "/api/nothing", "/api/auth/nothing", "/api/auth/"] {
            let page = browser.get(&site.at(path)).await;
            assert_eq!(page.status, 404, "{path}");
            assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
            // Every page of a signed-in user has the sign-out button in its header.
            let others = page.body.replace(path, "").replace(LOGOUT, "");
            assert!(!others.contains(ITEMS) && !others.contains("/api/"), "{path}: {}", page.body);
        }
        let json = browser.get_json(&site.at("/nothing")).await;
        assert_eq!((json.status, json.body.as_str()), (404, r#"{"detail":"Not Found"}"#));
    }
}

// RP-14
#[tokio::test]
async fn a_failing_store_opens_nothing_and_keeps_the_cookie() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut browser = site.signed_in("ada").await;
    store.fail();
    for path in ["/", "/items/1", GREETING_FUNCTION, "/api/item?item_id=1"] {
        for response in [browser.get(&site.at(path)).await, browser.get_json(&site.at(path)).await] {
            assert_eq!(response.status, 503, "{path}");
            assert!(!has_protected_text(&response.body), "{path}: {}", response.body);
            assert!(response.set_cookies().is_empty() && response.location().is_none(), "{path}");
            assert_ne!(response.header("retry-after"), "", "{path}");
        }
    }
    store.repair();
    assert_eq!(browser.get(&site.at("/")).await.status, 200);
}

// RP-14: no request waits two seconds for a store that hangs
#[tokio::test]
async fn a_store_that_is_too_slow_opens_nothing_and_keeps_the_cookie() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut browser = site.signed_in("ada").await;
    store.slow(Duration::from_secs(30));
    let begun = Instant::now();
    let response = browser.get(&site.at("/")).await;
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    assert_eq!(response.status, 503);
    assert!(response.set_cookies().is_empty() && response.location().is_none());
    store.repair();
    assert_eq!(browser.get(&site.at("/")).await.status, 200);
}

// RP-14, DL-9
#[tokio::test]
async fn a_panic_in_the_guard_opens_nothing_and_ends_nothing() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut browser = site.signed_in("ada").await;
    store.panic();
    for path in ["/", "/items/1", GREETING_FUNCTION] {
        let response = browser.get(&site.at(path)).await;
        assert_eq!(response.status, 500, "{path}");
        assert!(!has_protected_text(&response.body), "{path}: {}", response.body);
        assert!(!response.body.contains("broken by a test"), "{path}: {}", response.body);
        assert_eq!(Browser::new().get(&site.at(SIGNED_OUT)).await.status, 200, "others go on");
    }
    store.repair();
    assert_eq!(browser.get(&site.at("/")).await.status, 200);
}

// RP-14: the guard was forgotten.
#[tokio::test]
async fn a_handler_that_needs_a_user_refuses_without_the_guard() {
    let unguarded: Router = Router::new().route("/", get(|_: CurrentUser| async { "secret" }));
    let response = unguarded.oneshot(Request::new(Body::empty())).await.unwrap();
    assert_eq!(response.status(), 401);
}
