//! The listener of metrics in a running program.

use kinde_leptos::auth::paths::LOGIN;
use kinde_leptos::paths::METRICS;
use reqwest::Method;

use super::{REQUESTS, Scrape};
use crate::harness::{Address, Browser, Program, free_port};

/// A program with these settings and any free port for metrics, and their address.
fn start(folder: &std::path::Path, more: &[(&str, &str)]) -> (Program, Address, String) {
    let (program, site) = Program::start_site(folder, &[&[("METRICS_ADDR", "127.0.0.1:0")], more].concat());
    let printed = program.printed();
    let line = printed.lines().find_map(|line| line.trim().strip_prefix("Metrics")).expect("the block has metrics");
    let address = line.trim().to_owned();
    (program, site, address)
}

#[tokio::test]
async fn metrics_are_at_their_own_port_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let (_program, site, metrics) = start(folder.path(), &[]);
    let mut browser = Browser::new();
    let page = browser.sign_in_from(&site.at("/items/42"), "ada").await;
    assert_eq!(page.status, 200);
    let response = browser.get(&metrics).await;
    assert_eq!((response.status, response.header("content-type")), (200, "text/plain; version=0.0.4; charset=utf-8"));
    let scrape = Scrape::read(&response.body);
    assert_eq!(scrape.sum(REQUESTS, &[("route", "/items/{item_id}"), ("status", "200")]), 1.0);
    for name in [
        "process_cpu_seconds_total",
        "process_start_time_seconds",
        "process_resident_memory_bytes",
        "process_virtual_memory_bytes",
        "process_threads",
        "process_open_fds",
        "process_max_fds",
        "tokio_workers",
        "tokio_alive_tasks",
        "tokio_worker_busy_seconds_total",
    ] {
        if cfg!(target_os = "linux") || name.starts_with("tokio") {
            assert!(scrape.sum(name, &[]) > 0.0, "{name}");
        }
    }
    let labels = [("version", env!("CARGO_PKG_VERSION"))];
    assert_eq!(scrape.sum("kinde_leptos_build_info", &labels), 1.0);
    assert_eq!(browser.send(Method::HEAD, &metrics, &[], None).await.status, 200);
    assert_eq!(browser.send(Method::POST, &metrics, &[], None).await.status, 405);
    for path in ["/", "/metrics/", "/healthz", "/api/auth/login"] {
        assert_eq!(browser.get(&metrics.replace(METRICS, path)).await.status, 404, "{path}");
    }
    assert_eq!(browser.get(&site.at(METRICS)).await.status, 404);
    assert_eq!(Scrape::read(&browser.get(&metrics).await.body).sum(REQUESTS, &[("route", "unmatched")]), 1.0);
}

#[tokio::test]
async fn requests_beyond_the_rate_limit_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let (_program, site, metrics) = start(folder.path(), &[("AUTH_RATE_LIMIT", "1/1")]);
    let mut refused = 0.0;
    while refused < 3.0 {
        refused += f64::from(u8::from(Browser::new().get(&site.at(LOGIN)).await.status == 429));
    }
    let scrape = Scrape::read(&Browser::new().get(&metrics).await.body);
    assert_eq!(scrape.sum("kinde_leptos_rate_limited_requests_total", &[("requests", "sign_in")]), refused);
    assert_eq!(scrape.sum("kinde_leptos_rate_limited_requests_total", &[]), refused);
    assert_eq!(scrape.sum(REQUESTS, &[("route", LOGIN), ("status", "429")]), refused);
}

#[test]
fn a_port_that_is_taken_or_no_port_at_all_is_said_by_the_name_of_the_setting() {
    let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
    let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    for address in [&format!("127.0.0.1:{port}"), "9464"] {
        let site = Address::on_a_free_port();
        let variables = [("SITE_URL", site.url.as_str()), ("METRICS_ADDR", address), ("DEV_ISSUER_PORT", "0")];
        let ended = Program::start(folder.path(), &[], &variables).end();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{}", ended.stderr);
        assert!(ended.stderr.contains("METRICS_ADDR"), "{}", ended.stderr);
        assert!(ended.stderr.contains(if address == "9464" { "127.0.0.1:9464" } else { "in use" }), "{}", ended.stderr);
    }
}
