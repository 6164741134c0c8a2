//! The console takes forms from its own pages alone, and its pages cannot be framed, kept or disturbed.

use kinde_leptos::dev_issuer::NOTICE;
use serde_json::json;

use super::harness::TenantClient;

const PAGES: [&str; 6] = ["/", "/people", "/people/ada", "/tokens", "/webhooks", "/conditions"];

/// The status of a form that adds a person, with these headers.
async fn status_with(tenant: &TenantClient, headers: &[(&str, &str)]) -> u16 {
    let mut request = tenant.post("/people").form(&[("person", "eve")]);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_page_of_another_origin_cannot_post() {
    let tenant = TenantClient::start().await;
    let own = tenant.server.origin().to_owned();
    for headers in [
        &[][..],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "http://127.0.0.1:1")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", own.as_str()), ("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
        &[("origin", own.as_str()), ("origin", "https://evil.example")],
    ] {
        assert_eq!(status_with(&tenant, headers).await, 403, "{headers:?}");
    }
    assert_eq!(tenant.get("/people/eve").send().await.unwrap().status(), 404, "nobody was added");
}

#[tokio::test]
async fn a_page_of_the_console_can_post_by_either_name_of_the_host() {
    for headers in [
        &[("origin", "http://127.0.0.1:PORT")][..],
        &[("sec-fetch-site", "same-origin")],
        &[("origin", "http://127.0.0.1:PORT"), ("sec-fetch-site", "same-origin")],
        &[("host", "localhost:PORT"), ("origin", "http://localhost:PORT")],
    ] {
        let tenant = TenantClient::start().await;
        let port = tenant.server.origin().rsplit(':').next().unwrap();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.replace("PORT", port))).collect();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(status_with(&tenant, &headers).await, 303, "{headers:?}");
    }
}

#[tokio::test]
async fn every_page_has_the_notice_and_cannot_be_framed_or_kept() {
    let tenant = TenantClient::start().await;
    for path in PAGES {
        let response = tenant.get(path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}: browsers then name the origin of a form");
        let page = response.text().await.unwrap();
        assert!(page.contains(NOTICE) && !page.contains("<script"), "{path}");
    }
}

#[tokio::test]
async fn a_plain_issuer_has_the_console_at_the_origin_too() {
    let tenant = TenantClient::start_plain().await;
    for path in PAGES {
        tenant.page(path).await;
    }
}

#[tokio::test]
async fn faults_and_the_log_do_not_concern_the_console() {
    let tenant = TenantClient::start().await;
    let lost = json!({"any": {"loss": 1}}).to_string();
    assert_eq!(tenant.write(tenant.request(axum::http::Method::PUT, "/dev/conditions"), lost).await.status(), 200);
    for path in PAGES {
        tenant.page(path).await;
    }
    assert!(tenant.logged_paths().await.is_empty());
}
