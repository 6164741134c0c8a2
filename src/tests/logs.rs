//! Tests of what the log of a visit must contain and what it must not: CF-10 and CF-11 of the security catalogue.
//!
//! Causes that a log line must name, such as a wrong clock, are tested in `configuration`.

mod access;
mod start;
pub mod visit;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use kinde_leptos::auth::paths::{CALLBACK, LOGIN, LOGOUT};
use kinde_leptos::paths::{METRICS, THEME};
use reqwest::Method;
use serde_json::{Value, json};

use self::visit::{Secrets, whole_visit};
use super::harness::{Address, Browser, Log, Program, Response, Site, TestTenant, free_port, settings_of};

// CF-10
#[tokio::test]
async fn neither_a_trace_log_of_a_whole_visit_nor_its_metrics_hold_a_secret() {
    let (text, metrics, secrets) = visited(&[]).await;
    for part in ["kinde_leptos::auth", "hyper", "sqlx::query", "kinde_leptos::server", "event=\"sign_out\""] {
        assert!(text.contains(part), "the log has no {part}");
    }
    for part in ["issuer_request{", "otel.name=\"POST /oauth2/token\"", "store{otel.name=\"store "] {
        assert!(text.contains(part), "the log has no span {part}");
    }
    assert!(!text.contains(" access: "), "an access log that nobody asked for");
    secrets.check_absent_from(&text);
    assert!(metrics.contains("kinde_leptos_sign_ins_total{"), "{metrics}");
    secrets.check_absent_from(&metrics);
}

// CF-10
#[tokio::test]
async fn a_trace_log_in_json_is_an_object_a_line_and_holds_no_secret() {
    let (text, _, secrets) = visited(&[("LOG_FORMAT", "json")]).await;
    secrets.check_absent_from(&text);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        assert!(["time", "level", "target"].iter().all(|name| line[name].is_string()), "{line}");
        assert!(line.as_object().unwrap().values().all(|value| !value.is_object() && !value.is_array()), "{line}");
    }
    for target in
        ["access", "audit", "kinde_leptos::start_message", "sqlx::query", "kinde_leptos::auth::oidc::outbound"]
    {
        assert!(lines.iter().any(|line| line["target"] == target), "the log has no {target}");
    }
    let signed_out = lines.iter().find(|line| line["event"] == "sign_out").unwrap();
    assert_eq!(signed_out["request.path"], LOGOUT);
    let id = &signed_out["request.id"];
    let of_request = |line: &&Value| line["target"] == "access" && line["request.id"] == *id;
    assert_eq!(lines.iter().filter(of_request).count(), 1, "{id}");
}

/// Everything that a program with these variables prints of a whole visit, and the metrics after it.
async fn visited(more: &[(&str, &str)]) -> (String, String, Secrets) {
    let (site, folder) = (Address::on_a_free_port(), tempfile::tempdir().unwrap());
    let metrics_address = format!("127.0.0.1:{}", free_port());
    let tenant = TestTenant::start(&site.url).await;
    let own = [
        ("SESSION_STORE_URL", "sqlite:sessions.db"),
        ("RUST_LOG", "trace"),
        ("METRICS_ADDR", metrics_address.as_str()),
    ];
    let variables = [&settings_of(&tenant, &site.url)[..], &own, more].concat();
    let program = Program::start(folder.path(), &[], &variables).ready();
    tenant.settings(json!({"auto_sign_in": "ada"})).await;
    let secrets = whole_visit(&site, &tenant, &folder.path().join("sessions.db")).await;
    let command_line = program.command_line();
    secrets.check_absent_from(&command_line);
    let metrics = Browser::new().get(&format!("http://{metrics_address}{METRICS}")).await.body;
    let ended = program.stop("TERM");
    (ended.stdout + &ended.stderr, metrics, secrets)
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
async fn a_sign_in_that_a_panic_ends_is_one_line_with_the_address_of_its_client() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(&site, "ada", "/").await;
    store.panic();
    let log = Log::capture();
    let page = browser.send(Method::GET, &callback, &[("x-forwarded-for", "203.0.113.7")], None).await;
    let lines = log.lines_with("event=");
    assert_eq!((page.status, lines.len()), (500, 1), "{}", log.text());
    assert!(lines[0].contains("event=\"sign_in\" outcome=\"failure\""), "{}", lines[0]);
    assert!(lines[0].contains("client=203.0.113.7"), "{}", lines[0]);
    assert!(lines[0].contains(&request_id(&page)), "{}", lines[0]);
}

// CF-11
#[tokio::test]
async fn a_failed_sign_in_has_the_address_of_its_client() {
    let site = Site::start().await;
    site.tenant.fault("id_wrong_nonce").await;
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(&site, "ada", "/").await;
    let log = Log::capture();
    browser.send(Method::GET, &callback, &[("x-forwarded-for", "203.0.113.7")], None).await;
    let lines = log.lines_with("event=\"sign_in\" outcome=\"failure\"");
    assert_eq!(lines.len(), 1, "{}", log.text());
    assert!(lines[0].contains("client=203.0.113.7"), "{}", lines[0]);
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
