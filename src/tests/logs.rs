//! Tests of what the log of a visit must contain and what it must not: CF-10 and CF-11 of the security catalogue.
//!
//! Causes that a log line must name, such as a wrong clock, are tested in `configuration`.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use kinde_leptos::auth::paths::{CALLBACK, LOGIN, LOGOUT, PORTAL};
use kinde_leptos::paths::THEME;
use serde_json::json;

use super::harness::{Address, Browser, GREETING_FUNCTION, Log, Program, Records, Response, Site, TestTenant};

/// The values of a visit that no log may contain.
#[derive(Default)]
struct Secrets(Vec<(String, String)>);

impl Secrets {
    fn add(&mut self, name: &str, value: &str) {
        assert!(value.len() > 15, "{name} is {value:?}");
        self.0.push((name.to_owned(), value.to_owned()));
    }

    fn add_query(&mut self, response: &Response, names: &[&str]) {
        let query: Vec<_> = response.url.query_pairs().into_owned().collect();
        for (name, value) in query.iter().filter(|(name, _)| names.contains(&name.as_str())) {
            self.add(name, value);
        }
    }

    fn add_cookies(&mut self, response: &Response) {
        for cookie in response.set_cookies() {
            let value = cookie.split(';').next().unwrap().split_once('=').unwrap().1;
            // The cookie of a pending sign-in holds a time and a random value. Neither its name nor the time is secret.
            let value = value.rsplit('.').next().unwrap();
            if !value.is_empty() {
                self.add("cookie", value);
            }
        }
    }

    /// Opens a page, follows every redirect, and remembers the values on the way that must not be logged.
    async fn follow(&mut self, browser: &mut Browser, url: &str) -> Response {
        let mut response = browser.get(url).await;
        loop {
            self.add_cookies(&response);
            self.add_query(&response, &["code", "state", "nonce", "code_challenge", "key"]);
            match response.location() {
                Some(next) => response = browser.get(next.as_str()).await,
                None => return response,
            }
        }
    }

    fn check_absent_from(&self, text: &str) {
        let kinds = [
            "code",
            "state",
            "nonce",
            "cookie",
            "code_verifier",
            "access_token",
            "refresh_token",
            "client_secret",
            "key",
        ];
        for kind in kinds {
            assert!(self.0.iter().any(|(name, _)| name == kind), "the visit brought no {kind}");
        }
        for (name, value) in &self.0 {
            let line = text.lines().find(|line| line.contains(value));
            assert_eq!(line, None, "{name} is in the log");
        }
        // The beginnings of `{"alg":` and `{"typ":`, long enough not to turn up in a request's random id.
        for jwt in ["eyJhbGciOi", "eyJ0eXAiOi"] {
            assert!(!text.contains(jwt), "a JWT is in the log");
        }
    }
}

/// A callback that is refused, then a sign-in, some pages and a sign-out.
async fn whole_visit(site: &Address, tenant: &TestTenant, store_file: &Path) -> Secrets {
    let (mut browser, mut secrets) = (Browser::new(), Secrets::default());
    tenant.fault_times("id_wrong_nonce", 1).await;
    assert_eq!(secrets.follow(&mut browser, &site.at("/items/1")).await.status, 400);
    let page = secrets.follow(&mut browser, &site.at("/items/1?q=x")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let tokens = Records::open(store_file).await.tokens().await;
    for name in ["access_token", "refresh_token"] {
        secrets.add(name, tokens[name].as_str().unwrap());
    }
    assert_eq!(secrets.follow(&mut browser, &site.at(PORTAL)).await.url.path(), "/portal_redirect");
    for path in ["/", GREETING_FUNCTION, "/items/abc", LOGOUT] {
        browser.get(&site.at(path)).await;
    }
    secrets
}

// CF-10
#[tokio::test]
async fn a_trace_log_of_a_whole_visit_holds_no_secret() {
    let (site, folder) = (Address::on_a_free_port(), tempfile::tempdir().unwrap());
    let tenant = TestTenant::start(&site.url).await;
    let variables = [
        ("SITE_URL", site.url.as_str()),
        ("KINDE_ISSUER_URL", tenant.issuer()),
        ("CLIENT_ID", tenant.client_id()),
        ("CLIENT_SECRET", tenant.client_secret()),
        ("SESSION_STORE_URL", "sqlite:sessions.db"),
        ("RUST_LOG", "trace"),
    ];
    let program = Program::start(folder.path(), &[], &variables).ready();
    tenant.settings(json!({"auto_sign_in": "ada"})).await;
    let mut secrets = whole_visit(&site, &tenant, &folder.path().join("sessions.db")).await;
    for entry in tenant.log().await.iter().filter(|entry| entry["path"] == "/oauth2/token") {
        secrets.add("code_verifier", entry["form"]["code_verifier"].as_str().unwrap());
    }
    secrets.add("client_secret", tenant.client_secret());
    let command_line = program.command_line();
    let ended = program.stop("TERM");
    let text = ended.stdout + &ended.stderr + &command_line;

    for part in ["kinde_leptos::auth", "hyper", "sqlx::query", "kinde_leptos::server", "event=\"sign_out\""] {
        assert!(text.contains(part), "the log has no {part}");
    }
    secrets.check_absent_from(&text);
}

fn request_id(response: &Response) -> String {
    assert_eq!(response.header("x-request-id").len(), 22);
    format!("id=\"{}\"", response.header("x-request-id"))
}

// CF-11
#[tokio::test]
async fn sign_in_and_sign_out_are_one_line_each_with_the_request() {
    let site = Site::start().await;
    let log = Log::capture();
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(&site, "ada", "/").await;
    let signed_in = browser.get(&callback).await;
    browser.get(&site.at("/")).await;
    let signed_out = browser.get(&site.at(LOGOUT)).await;
    let mut sessions = BTreeSet::new();
    for (event, response) in [("sign_in", signed_in), ("sign_out", signed_out)] {
        let lines = log.lines_with(&format!("event=\"{event}\""));
        assert_eq!(lines.len(), 1, "{event}: {}", log.text());
        assert!(lines[0].contains(" audit: event=") && lines[0].contains("outcome=\"success\""), "{}", lines[0]);
        assert!(lines[0].contains("subject=\"kp_"), "{}", lines[0]);
        let session = lines[0].split("session=").nth(1).and_then(|rest| rest.get(..16)).unwrap().to_owned();
        assert!(session.bytes().all(|byte| byte.is_ascii_hexdigit()), "{}", lines[0]);
        sessions.insert(session);
        assert!(lines[0].contains(&request_id(&response)), "{}", lines[0]);
    }
    assert_eq!(sessions.len(), 1, "sign-in and sign-out name the session differently");
    assert_eq!(log.lines_with("event=").len(), 2, "{}", log.text());
}

// CF-11
#[tokio::test]
async fn a_failed_sign_in_is_one_line_with_its_reason_and_the_reference_on_the_page() {
    for (fault, reason) in [
        ("cb_access_denied", "access_denied"),
        ("id_wrong_nonce", "nonce"),
        ("token_500", "500"),
        ("cb_wrong_state", "no pending authorization of this browser"),
    ] {
        let site = Site::start().await;
        site.tenant.fault(fault).await;
        let log = Log::capture();
        let page = Browser::new().sign_in(&site, "ada", "/").await;
        let lines = log.lines_with("event=");
        assert_eq!(lines.len(), 1, "{fault}: {}", log.text());
        assert!(lines[0].contains(" audit: event=\"sign_in\" outcome=\"failure\""), "{}", lines[0]);
        assert!(lines[0].contains(reason), "{}", lines[0]);
        assert!(lines[0].contains(&request_id(&page)), "{}", lines[0]);
        assert!(page.body.contains(page.header("x-request-id")), "{fault}: {}", page.body);
        assert!(lines[0].contains(CALLBACK) && !lines[0].contains("state="), "{}", lines[0]);
    }
}

// CF-11
#[tokio::test]
async fn a_sign_in_that_cannot_begin_is_one_line_with_its_reason() {
    let site = Site::start().await;
    site.tenant.fault("all_down").await;
    let log = Log::capture();
    let page = Browser::new().get(&site.at(LOGIN)).await;
    let lines = log.lines_with("event=");
    assert_eq!((page.status, lines.len()), (503, 1), "{}", log.text());
    assert!(lines[0].contains("event=\"sign_in_begin\" outcome=\"failure\""), "{}", lines[0]);
    assert!(lines[0].contains(&request_id(&page)), "{}", lines[0]);
}

#[tokio::test]
async fn refused_requests_are_one_line_for_each_client_address_with_their_number() {
    let site = Site::start().await;
    let log = Log::capture();
    for _ in 0..3 {
        let headers = [("sec-fetch-site", "cross-site"), ("x-forwarded-for", "203.0.113.7")];
        assert_eq!(site.raw("POST", THEME, &headers).await.status, 403);
    }
    assert_eq!(log.lines_with("event=\"refused\"").len(), 0, "{}", log.text());
    // The counts that are left are logged when the server ends.
    drop(site);
    let began = Instant::now();
    while log.lines_with("event=\"refused\"").is_empty() && began.elapsed() < Duration::from_secs(15) {
        tokio::task::yield_now().await;
    }
    let lines = log.lines_with("event=\"refused\"");
    assert_eq!(lines.len(), 1, "{}", log.text());
    for part in ["reason=\"cross_site\"", "client=203.0.113.7", "count=3"] {
        assert!(lines[0].contains(part), "{}", lines[0]);
    }
}

// Each page leads to sign-in, which needs the store too; a sign-out writes.
#[tokio::test]
async fn a_store_that_is_down_is_a_line_for_reading_and_one_for_writing_however_many_requests_fail() {
    let (site, store) = Site::start_breakable(|_| ()).await;
    let mut browser = site.signed_in("ada").await;
    let log = Log::capture();
    store.fail();
    for _ in 0..5 {
        assert_eq!(browser.get(&site.at("/")).await.status, 503);
        assert_eq!(Browser::new().get(&site.at(LOGIN)).await.status, 503);
        assert_eq!(browser.post(&site.at(LOGOUT), &[]).await.status, 503);
    }
    let failures = log.lines_with("the session store fails");
    assert_eq!(failures.len(), 2, "{}", log.text());
}
