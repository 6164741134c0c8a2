//! `/healthz` and `/readyz`, the responses for supervisors and load balancers (SF-13).
//! Stores that really fail are tested in the `store_faults` target.

use kinde_leptos::paths::{HEALTH, HOME, READINESS};
use reqwest::Method;
use serde_json::{Value, json};

#[cfg(unix)]
use crate::harness::Program;
use crate::harness::{Browser, Site};

async fn readiness(site: &Site) -> (u16, Value) {
    let response = Browser::new().get(&site.at(READINESS)).await;
    (response.status, response.json())
}

fn expected(status: &str, store: &str, issuer: &str) -> Value {
    json!({ "status": status, "session_store": store, "issuer": issuer })
}

#[tokio::test]
async fn they_need_no_session_and_set_no_cookie() {
    let site = Site::start().await;
    for path in [HEALTH, READINESS] {
        for method in [Method::GET, Method::HEAD] {
            let response = Browser::new().send(method.clone(), &site.at(path), &[], None).await;
            assert_eq!((response.status, response.set_cookies().len()), (200, 0), "{method} {path}");
            assert_eq!(response.header("content-type"), "application/json", "{method} {path}");
            assert_eq!(response.header("cache-control"), "no-store", "{method} {path}");
        }
        assert_eq!(Browser::new().post(&site.at(path), &[]).await.status, 405, "{path}");
    }
    assert_eq!(Browser::new().get(&site.at(HEALTH)).await.json(), json!({ "status": "alive" }));
}

/// Supervisors reach a process by its address, so their `Host` header is not the site's.
#[tokio::test]
async fn they_respond_under_every_name() {
    let site = Site::start().await;
    let port = site.url.rsplit(':').next().unwrap();
    for host in [format!("127.0.0.1:{port}"), "10.1.2.3:8000".to_owned(), "app.example".to_owned()] {
        for path in [HEALTH, READINESS] {
            let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
            assert_eq!(site.raw_bytes(request.as_bytes()).await.status, 200, "{host} {path}");
        }
    }
}

#[tokio::test]
async fn without_its_store_the_process_lives_and_is_not_ready() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    store.fail();
    assert_eq!(readiness(&site).await, (503, expected("unavailable", "unreachable", "unknown")));
    assert_eq!(Browser::new().get(&site.at(HEALTH)).await.status, 200);
    store.repair();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while readiness(&site).await.0 != 200 {
        assert!(std::time::Instant::now() < deadline, "it does not get ready again");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_issuers_state_is_reported_and_changes_nothing() {
    let site = Site::start().await;
    assert_eq!(readiness(&site).await, (200, expected("ready", "reachable", "unknown")));
    site.signed_in("ada").await;
    assert_eq!(readiness(&site).await, (200, expected("ready", "reachable", "reachable")));
    site.tenant.fault("token_drop").await;
    assert_eq!(Browser::new().sign_in(&site, "grace", HOME).await.status, 502);
    assert_eq!(readiness(&site).await, (200, expected("ready", "reachable", "unreachable")));
    site.tenant.clear_faults().await;
    site.signed_in("grace").await;
    assert_eq!(readiness(&site).await, (200, expected("ready", "reachable", "reachable")));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_to_end_says_so_while_it_still_responds() {
    let folder = tempfile::tempdir().unwrap();
    let (program, site) = Program::start_site(folder.path(), &[("SHUTDOWN_NOTICE_SECONDS", "3")]);
    let mut browser = Browser::new();
    assert_eq!(browser.sign_in_from(&site.at(HOME), "ada").await.status, 200);
    let ending = tokio::task::spawn_blocking(|| program.stop("TERM"));
    let draining = loop {
        let response = Browser::new().get(&site.at(READINESS)).await;
        if response.status != 200 {
            break response;
        }
    };
    assert_eq!((draining.status, &draining.json()["status"]), (503, &json!("draining")));
    let page = browser.get(&site.at(HOME)).await;
    assert_eq!((page.status, page.header("connection")), (200, "close"));
    assert_eq!(ending.await.unwrap().code, Some(0));
}
