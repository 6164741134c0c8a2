//! The console takes forms from its own pages alone, and its pages cannot be framed, kept or disturbed.

use kinde_leptos::dev_issuer::{NOTICE, Options};
use serde_json::json;

use super::harness::{JWKS, TenantClient, location};

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
async fn an_address_without_a_page_gets_one_that_says_so() {
    let tenant = TenantClient::start().await;
    for (path, status) in [
        ("/nothing", 404),
        ("/webhooks/abc", 404),
        ("/sign-ins/abc", 404),
        ("/people/nobody", 404),
        ("/tokens/issue", 405),
        ("/webhooks/1/again", 405),
        ("/conditions/clock", 405),
    ] {
        let response = tenant.get(path).header("accept", "text/html").send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(response.headers().get("allow").map(|allowed| allowed == "POST"), (status == 405).then_some(true));
        let page = response.text().await.unwrap();
        assert!(page.contains(NOTICE) && page.contains("<h1>") && page.contains("href=\"/\""), "{path}: {page}");
    }
    assert_eq!(tenant.submit("/webhooks/abc/again", &[]).await.status(), 404);
    let for_a_program = tenant.get("/nothing").send().await.unwrap();
    assert_eq!((for_a_program.status().as_u16(), for_a_program.text().await.unwrap()), (404, String::new()));
}

#[tokio::test]
async fn every_page_of_the_console_leads_to_the_app() {
    let tenant = TenantClient::start().await;
    for path in PAGES {
        assert!(tenant.page(path).await.contains("<a href=\"/app\">Back to the app</a>"), "{path}");
    }
    assert!(tenant.page("/").await.contains("href=\"http://localhost:8000/\">Sign in at the app</a>"));
    let response = tenant.get("/app").send().await.unwrap();
    assert_eq!((response.status().as_u16(), location(&response)), (303, "http://localhost:8000/"));
    let without_app = TenantClient::start_with(Options::new_client(0, Vec::new(), Vec::new())).await;
    assert_eq!(without_app.get("/app").send().await.unwrap().status(), 404);
    assert!(!without_app.page("/").await.contains("Sign in at the app"));
}

#[tokio::test]
async fn the_list_of_faults_leads_to_each_of_its_sections() {
    let page = TenantClient::start().await.page("/sign-ins/faults").await;
    let anchors: Vec<_> = page.split("href=\"#").skip(1).map(|part| part.split('"').next().unwrap()).collect();
    assert_eq!(anchors.len(), page.matches("<h2 id=").count());
    for anchor in anchors {
        assert!(page.contains(&format!("<h2 id=\"{anchor}\">")), "{anchor}");
    }
}

#[tokio::test]
async fn of_what_is_outside_of_a_sign_in_the_newest_is_open_and_the_rest_folded_up() {
    let tenant = TenantClient::start().await;
    for _ in 0..11 {
        tenant.get("/.well-known/openid-configuration").send().await.unwrap();
    }
    tenant.get(JWKS).send().await.unwrap();
    let page = tenant.page("/sign-ins/outside").await;
    let (open, folded) = page.split_once("<summary>Older ones (2)</summary>").unwrap_or_else(|| panic!("{page}"));
    let names = |part: &str| part.matches("<h2>Discovery</h2>").count();
    assert_eq!((names(open), names(folded)), (9, 2));
    assert!(open.split("<h2>").nth(1).unwrap().starts_with("Keys"), "{open}");
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
