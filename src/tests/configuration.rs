//! Tests of how the site responds under a setting that does not fit: section CF of the security catalogue.
//!
//! Reading the settings is tested in `config`, secrets in the log are tested in `logs`.

use kinde_leptos::auth::ReturnTo;
use kinde_leptos::auth::paths::LOGIN;
use reqwest::Method;

use super::harness::{Browser, GREETING_FUNCTION, Log, Records, Site};

// CF-5
#[tokio::test]
async fn a_visit_by_another_name_of_this_machine_is_sent_to_the_sites_own() {
    let site = Site::start().await;
    let port = site.url.rsplit(':').next().unwrap();
    for (method, path) in [("GET", "/items/42?q=a%26b"), ("HEAD", "/"), ("GET", LOGIN), ("GET", "/nothing")] {
        let request = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n");
        let response = site.raw_bytes(request.as_bytes()).await;
        assert_eq!((response.status, response.header("location")), (303, site.at(path).as_str()), "{method} {path}");
        assert_eq!(response.header("set-cookie"), "", "{path}");
    }
    let page = Browser::new().get(&format!("http://127.0.0.1:{port}/items/42")).await.location().unwrap();
    let mut browser = Browser::new();
    let page = browser.sign_in(&site, "ada", page.path()).await;
    assert_eq!((page.status, page.url.as_str()), (200, site.at("/items/42").as_str()));
}

// CF-5: only names of this machine are redirected, and only requests that may be repeated.
#[tokio::test]
async fn any_other_host_is_served_as_usual() {
    let site = Site::start().await;
    for host in ["evil.example", "app.example:8000", "localhost.evil.example", "127.0.0.1.evil.example"] {
        let request = format!("GET /signed-out HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let response = site.raw_bytes(request.as_bytes()).await;
        assert_eq!(response.status, 200, "{host}");
    }
    let post = "POST /api/auth/logout HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";
    assert_eq!(site.raw_bytes(post.as_bytes()).await.header("location"), "/signed-out");
}

#[tokio::test]
async fn a_sign_in_that_begins_under_another_name_than_the_sites_is_a_warning_with_both() {
    let site = Site::start().await;
    let log = Log::capture();
    site.signed_in("ada").await;
    assert_eq!(log.lines_with("under another name"), [""; 0]);
    for _ in 0..2 {
        let request = format!("GET {LOGIN} HTTP/1.1\r\nhost: www.example.com\r\nconnection: close\r\n\r\n");
        assert_eq!(site.raw_bytes(request.as_bytes()).await.status, 303);
    }
    let lines = log.lines_with("under another name");
    assert_eq!(lines.len(), 1, "{}", log.text());
    assert!(lines[0].contains("www.example.com") && lines[0].contains(&site.url), "{}", lines[0]);
}

// CF-6
#[tokio::test]
async fn a_wrong_client_secret_is_named_in_the_log_and_not_shown() {
    let secret = "a-secret-that-is-not-the-tenants";
    let site = Site::start_with(|config| config.client_secret = secret.to_owned().into()).await;
    let log = Log::capture();
    let response = Browser::new().sign_in(&site, "ada", "/").await;
    assert_eq!(response.status, 502);
    assert!(!response.body.contains("CLIENT_SECRET"), "{}", response.body);
    assert_eq!(log.lines_with("CLIENT_SECRET").len(), 1, "{}", log.text());
    assert!(!log.text().contains(secret));
}

// CF-6: what stands in the way may be a proxy or a firewall, so the status is logged, and nothing of the body
#[tokio::test]
async fn a_token_endpoint_that_responds_without_json_is_named_in_the_log_with_its_status() {
    for fault in ["token_html", "token_empty", "token_malformed"] {
        let site = Site::start().await;
        site.tenant.fault(fault).await;
        let log = Log::capture();
        assert_eq!(Browser::new().sign_in(&site, "ada", "/").await.status, 502, "{fault}");
        let lines = log.lines_with("the token endpoint");
        assert_eq!(lines.len(), 1, "{fault}: {}", log.text());
        assert!(lines[0].contains("status is 200 OK"), "{fault}: {}", lines[0]);
    }
}

// CF-7
#[tokio::test]
async fn a_wrong_clock_is_named_in_the_log_with_the_difference() {
    for (offset, difference) in [(7200_i64, "valid only in"), (-7200, "expired")] {
        let site = Site::start().await;
        site.tenant.settings(serde_json::json!({ "clock_offset": offset })).await;
        let log = Log::capture();
        assert_eq!(Browser::new().sign_in(&site, "ada", "/").await.status, 400, "{offset}");
        let lines = log.lines_with("check this machine's clock");
        assert_eq!(lines.len(), 1, "{offset}: {}", log.text());
        assert!(lines[0].contains(difference), "{}", lines[0]);
    }
}

/// The cause is one line, and what to do about it another one, which names the setting or the screen of Kinde.
#[tokio::test]
async fn the_log_says_once_what_to_do_about_a_wrong_set_up() {
    let site = Site::start_with(|config| config.audiences = vec!["https://unknown.example".to_owned()]).await;
    for (fault, words) in [
        ("token_invalid_client", "to CLIENT_ID and CLIENT_SECRET"),
        ("id_expired", "the clock of this machine is wrong"),
        ("cb_xss_error", "KINDE_AUDIENCE (https://unknown.example)"),
    ] {
        site.tenant.fault(fault).await;
        let log = Log::capture();
        assert!(Browser::new().sign_in(&site, "ada", "/").await.status >= 400, "{fault}");
        let lines = log.lines_with(words);
        assert_eq!(lines.len(), 1, "{fault}: {}", log.text());
        site.tenant.clear_faults().await;
    }
}

#[tokio::test]
async fn tokens_for_another_audience_are_named_in_the_log_once() {
    let site =
        Site::start_with(|config| *config = config.clone().with_api_audiences(["https://app.example/api"])).await;
    let token = format!("Bearer {}", site.tenant.token_for("ada", "https://other.example").await);
    let log = Log::capture();
    for _ in 0..2 {
        let headers = [("authorization", token.as_str())];
        let response = Browser::new().send(Method::GET, &site.at(GREETING_FUNCTION), &headers, None).await;
        assert_eq!(response.status, 401);
    }
    let lines = log.lines_with("for another audience");
    assert!(matches!(&lines[..], [line] if line.contains("https://app.example/api")), "{}", log.text());
}

#[tokio::test]
async fn a_sign_in_that_names_no_page_of_this_site_leads_to_the_configured_one() {
    let site = Site::start_with(|config| {
        config.default_return_to = ReturnTo::parse("/items/7?q=x", &config.paths);
    })
    .await;
    let foreign = format!("{LOGIN}?post_login_redirect_url=https%3A%2F%2Fevil.example%2F");
    for (path, expected) in [(LOGIN, "/items/7?q=x"), (foreign.as_str(), "/items/7?q=x"), ("/items/1", "/items/1")] {
        let page = Browser::new().sign_in(&site, "ada", path).await;
        assert_eq!((page.status, page.url.as_str()), (200, site.at(expected).as_str()), "{path}");
    }
}

// AR-6: Kinde ignores the standard's name
#[tokio::test]
async fn the_standards_name_of_the_scope_for_a_refresh_token_is_translated_with_one_warning() {
    let site = Site::start_with(|config| config.scope = "openid offline_access".to_owned()).await;
    let log = Log::capture();
    for _ in 0..2 {
        site.signed_in("ada").await;
        assert!(Records::open(&site.store_file()).await.tokens().await["refresh_token"].is_string());
    }
    let requests = site.tenant.log().await;
    let scopes: Vec<_> = requests.iter().filter_map(|request| request["query"]["scope"].as_str()).collect();
    assert_eq!(scopes, ["openid offline"; 2]);
    assert_eq!(log.lines_with("offline_access").len(), 1, "{}", log.text());
}

// CF-8: no proxy is trusted, so the headers that a proxy would set are ignored.
#[tokio::test]
async fn headers_about_the_scheme_from_an_untrusted_client_change_nothing() {
    let site = Site::start().await;
    let plain = Browser::new().get(&site.at(LOGIN)).await;
    let headers = [("x-forwarded-proto", "https"), ("x-forwarded-ssl", "on"), ("forwarded", "proto=https")];
    let response = Browser::new().send(Method::GET, &site.at(LOGIN), &headers, None).await;
    assert_eq!(response.status, plain.status);
    assert_eq!(response.header("strict-transport-security"), "");
    assert!(response.set_cookies().iter().all(|cookie| !cookie.contains("Secure")), "{:?}", response.set_cookies());
}
