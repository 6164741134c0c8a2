//! W3C Trace Context: the trace of a trusted proxy's request is in the log and goes on to the issuer; nobody else's is.
//! The headers' grammar is tested beside the code, the export of traces in `otlp`.

use kinde_leptos::auth::paths::LOGOUT;
use serde_json::{Value, json};

use crate::harness::{Address, Browser, Program, TestTenant, settings_of, until_examined};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const STATE: &str = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE";

/// A sign-in and a sign-out with these headers in every request to the site, and what became of it: the issuer's log of
/// what the site requested, and the program's own.
async fn visit(headers: &[(&str, &str)], more: &[(&str, &str)]) -> (Vec<Value>, String) {
    let (site, folder) = (Address::on_a_free_port(), tempfile::tempdir().unwrap());
    let tenant = TestTenant::start(&site.url).await;
    let own = [("SESSION_STORE_URL", "sqlite:sessions.db")];
    let variables = [&settings_of(&tenant, &site.url)[..], &own, more].concat();
    let program = Program::start(folder.path(), &[], &variables).ready();
    // These requests belong to no visit.
    until_examined(&tenant).await;
    tenant.clear_log().await;
    tenant.settings(json!({"auto_sign_in": "ada"})).await;
    let mut browser = Browser::new();
    let mut url = site.at("/items/1");
    loop {
        let headers = if url.starts_with(&site.url) { headers } else { &[] };
        let response = browser.get_through(headers, &url).await;
        match response.location() {
            Some(next) => url = next.into(),
            None => break assert_eq!(response.status, 200, "{}", response.body),
        }
    }
    browser.get_through(headers, &site.at(LOGOUT)).await;
    // The program ends when the revocation has.
    let log = program.stop("TERM").stderr;
    let is_of_site = |entry: &Value| ["/oauth2/auth", "/logout"].iter().all(|path| entry["path"] != *path);
    (tenant.log().await.into_iter().filter(is_of_site).collect(), log)
}

/// The requests of the site that this visit must have caused: the last two run in tasks of their own.
fn check_whole(requests: &[Value]) {
    for path in ["/oauth2/token", "/.well-known/openid-configuration", "/.well-known/jwks", "/oauth2/revoke"] {
        assert!(requests.iter().any(|request| request["path"] == path), "{path}: {requests:?}");
    }
}

#[tokio::test]
async fn a_trusted_proxys_trace_is_in_the_log_and_goes_on_to_the_issuer_with_ids_of_ours() {
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let headers = [("traceparent", parent.as_str()), ("tracestate", STATE)];
    // Also where only warnings are logged.
    for level in ["info", "warn"] {
        let (requests, log) = visit(&headers, &[("TRUSTED_PROXIES", "127.0.0.1"), ("RUST_LOG", level)]).await;
        check_whole(&requests);
        let mut parents = vec![PARENT.to_owned()];
        for request in &requests {
            let sent: Vec<&str> = request["traceparent"].as_str().unwrap_or_default().split('-').collect();
            assert_eq!((sent.len(), sent[0], sent[1], sent[3]), (4, "00", TRACE, "01"), "{request}");
            assert_eq!(request["tracestate"], STATE, "{request}");
            assert!(!parents.iter().any(|parent| parent == sent[2]), "an id stands twice: {request}");
            parents.push(sent[2].to_owned());
        }
        let signed_in = log.lines().find(|line| line.contains("event=\"sign_in\""));
        let named = signed_in.is_some_and(|line| line.contains(&format!("trace_id={TRACE}")));
        assert_eq!(named, level == "info", "{log}");
    }
}

#[tokio::test]
async fn nobody_elses_trace_is_believed_and_without_one_no_header_goes_out() {
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let (sent, malformed) = ([("traceparent", parent.as_str())], [("traceparent", &parent[1..])]);
    let trusted = [("TRUSTED_PROXIES", "127.0.0.1"), ("ACCESS_LOG", "on")];
    for (headers, variables) in [
        (&sent[..], &[("ACCESS_LOG", "on")][..]),
        (&sent, &[("TRUSTED_PROXIES", "none"), ("ACCESS_LOG", "on")]),
        (&sent, &[("TRUSTED_PROXIES", "10.0.0.0/8"), ("ACCESS_LOG", "on")]),
        (&malformed, &trusted),
        (&[], &trusted),
    ] {
        let (requests, log) = visit(headers, variables).await;
        check_whole(&requests);
        for request in requests {
            assert!(request.get("traceparent").is_none() && request.get("tracestate").is_none(), "{request}");
        }
        assert!(log.contains(" access: ") && !log.contains("trace_id"), "{variables:?}: {log}");
    }
}
