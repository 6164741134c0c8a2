//! `kinde-leptos health`: what a container's health check learns, and that it needs neither secrets nor another program.

use serde_json::json;

use super::session_commands::{command, json_of};
use crate::harness::{Address, Kind, Program, StoreServer, free_port};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_site_is_well_and_a_stopped_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (program, site) = Program::start_site(folder.path(), &[]);
    let variables = [("SITE_URL", site.url.as_str())];
    let port = site.port;
    let ready = command(folder.path(), &["health"], &variables).await;
    let said = format!("http://127.0.0.1:{port}/readyz responds with 200: ready\n");
    assert_eq!((ready.code, ready.stdout, ready.stderr.as_str()), (Some(0), said, ""));
    let alive = command(folder.path(), &["health", "--live", "--json"], &variables).await;
    let url = format!("http://127.0.0.1:{port}/healthz");
    let said = json!({"healthy": true, "url": url, "status": 200, "response": {"status": "alive"}});
    assert_eq!((alive.code, json_of(&alive)), (Some(0), said));
    program.stop("TERM");
    for arguments in [&["health", "--json"][..], &["health", "--live", "--json"]] {
        let gone = command(folder.path(), arguments, &variables).await;
        assert_eq!(gone.code, Some(1), "{arguments:?}");
        assert!(gone.stderr.contains("nobody listens there"), "{}", gone.stderr);
        assert!(json_of(&gone)["error"].as_str().unwrap().contains(&port.to_string()), "{}", gone.stdout);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_on_all_addresses_is_asked_on_this_machine() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Address::on_a_free_port());
    let listens = format!("0.0.0.0:{}", site.port);
    let variables = [("SITE_URL", site.url.as_str()), ("LISTEN_ADDR", &listens), ("DEV_ISSUER_PORT", "0")];
    let _program = Program::start(folder.path(), &[], &variables).ready();
    // The environment of a health check may have a proxy, and need not have the secrets.
    let variables = [("LISTEN_ADDR", listens.as_str()), ("SITE_URL", &site.url), ("http_proxy", "http://127.0.0.1:1")];
    assert_eq!(command(folder.path(), &["health"], &variables).await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_whose_store_is_away_lives_and_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let mut redis = StoreServer::start(Kind::Redis);
    let store = redis.database().await;
    let (_program, site) = Program::start_site(folder.path(), &[("SESSION_STORE_URL", &store)]);
    redis.stop();
    let variables = [("SITE_URL", site.url.as_str())];
    let ready = command(folder.path(), &["health", "--json"], &variables).await;
    assert_eq!(ready.code, Some(1), "{}", ready.stderr);
    assert_eq!(json_of(&ready)["response"]["session_store"], "unreachable");
    assert_eq!(command(folder.path(), &["health", "--live"], &variables).await.code, Some(0));
}

/// A program that accepts connections and never responds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_gives_up_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let _silent = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let listens = format!("127.0.0.1:{port}");
    let silent = command(folder.path(), &["health"], &[("LISTEN_ADDR", &listens)]).await;
    assert_eq!(silent.code, Some(1));
    assert!(silent.stderr.contains("no response within two seconds"), "{}", silent.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_none_is_one_problem() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = command(folder.path(), &["health"], &[("LISTEN_ADDR", "everywhere"), ("CLIENT_ID", "alone")]).await;
    assert_eq!(wrong.code, Some(1));
    assert!(
        wrong.stderr.contains("LISTEN_ADDR is \"everywhere\"") && !wrong.stderr.contains("CLIENT"),
        "{}",
        wrong.stderr
    );
}
