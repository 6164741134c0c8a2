//! The program as a process of its own: how it starts, what it prints, and how it ends.
//! How it responds to requests is tested elsewhere, where the app runs in the test's own process.

mod check;
mod environment;
mod guide;
mod health;
mod issuer_at_start;
#[cfg(debug_assertions)]
mod new_project;
mod protection;
mod rate_limit;
mod re_seal;
mod refresh;
mod refusals;
mod session_commands;
mod sessions;
mod tenant;
mod tenants;

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use kinde_leptos::server::carried_files;

use crate::harness::Browser;
use crate::harness::{Ended, Program};

#[tokio::test]
async fn nothing_needs_to_be_set() {
    let folder = tempfile::tempdir().unwrap();
    let (program, site) = Program::start_site(folder.path(), &[]);
    let block = program.printed();
    for text in [&site.url, "Ada Lovelace", &site.at("/docs")] {
        assert!(block.contains(text), "{text} is missing: {block}");
    }
    for setting in ["KINDE_ISSUER_URL", "CLIENT_ID", "CLIENT_SECRET", ".env"] {
        assert!(block.contains(setting), "it does not say how to use Kinde ({setting}): {block}");
    }
    let page = Browser::new().sign_in_from(&site.at("/items/42?q=x"), "ada").await;
    assert_eq!((page.status, page.url.as_str()), (200, site.at("/items/42?q=x").as_str()));
    assert!(page.body.contains("Ada Lovelace"));
}

#[tokio::test]
async fn it_ends_on_a_signal() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let (program, site) = Program::start_site(folder.path(), &[]);
        assert_eq!(Browser::new().get(&site.at("/signed-out")).await.status, 200);
        let ended = program.stop(signal);
        assert_eq!(ended.code, Some(0), "{signal}: {}", ended.stderr);
        assert!(ended.took < Duration::from_secs(5), "{signal}: {:?}", ended.took);
        assert!(std::net::TcpListener::bind(("127.0.0.1", site.port)).is_ok(), "its port is still open");
    }
}

/// Every request sent before the signal gets a response, also without a notice period and on a connection that was only
/// just accepted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_responds_to_requests_sent_before_the_signal() {
    const CONNECTIONS: usize = 50;
    let folder = tempfile::tempdir().unwrap();
    let (program, site) = Program::start_site(folder.path(), &[]);
    let request = format!("GET /signed-out HTTP/1.1\r\nhost: localhost:{}\r\n\r\n", site.port);
    let mut streams = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut stream = TcpStream::connect(("127.0.0.1", site.port)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        streams.push(stream);
    }
    let ended = tokio::task::spawn_blocking(|| program.stop("TERM"));
    for mut stream in streams {
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response:?}");
    }
    assert_eq!(ended.await.unwrap().code, Some(0));
}

#[test]
fn help_and_version_need_no_settings() {
    let folder = tempfile::tempdir().unwrap();
    for (argument, expected) in [
        ("--help", "dev-issuer"),
        ("--help", "generate-key"),
        ("--help", "check"),
        ("--help", "sessions"),
        ("--help", "re-seal"),
        ("--help", "health"),
        ("--version", env!("CARGO_PKG_VERSION")),
    ] {
        let ended = Program::start(folder.path(), &[argument], &[("SITE_URL", "nonsense")]).end();
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{argument}");
        assert!(ended.stdout.contains(expected), "{}", ended.stdout);
    }
    assert!(folder.path().read_dir().unwrap().next().is_none(), "it left something behind");
}

#[test]
fn the_program_says_which_files_it_carries() {
    let folder = tempfile::tempdir().unwrap();
    let ended = Program::start(folder.path(), &["--version", "--verbose"], &[]).end();
    for file in carried_files() {
        let line =
            format!("\n{}: {} gzip, {} bytes\n", file.path(), file.forms().next().unwrap().1.len(), file.plain().len());
        assert!(ended.stdout.contains(&line), "{line}{}", ended.stdout);
    }
    assert_eq!(Program::start(folder.path(), &["--verbose"], &[]).end().code, Some(2));
}

#[test]
fn a_word_it_does_not_know_is_refused_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    let ended = Program::start(folder.path(), &["dev-isuer"], &[]).end();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.contains("dev-issuer"), "{}", ended.stderr);
}

#[tokio::test]
async fn both_loopback_addresses_lead_to_the_site() {
    let folder = tempfile::tempdir().unwrap();
    let (_program, site) = Program::start_site(folder.path(), &[]);
    let mut hosts = vec!["127.0.0.1"];
    // Not every machine has IPv6.
    hosts.extend(std::net::TcpListener::bind("[::1]:0").is_ok().then_some("[::1]"));
    for host in hosts {
        let response = Browser::new().get(&format!("http://{host}:{}/items/1?q=x", site.port)).await;
        assert_eq!((response.status, response.header("location")), (303, site.at("/items/1?q=x").as_str()), "{host}");
    }
}

/// Settings of a site with an issuer that need not exist.
fn elsewhere(secret: &str) -> [(&str, &str); 3] {
    [("KINDE_ISSUER_URL", "https://example.kinde.com"), ("CLIENT_ID", "an-id"), ("CLIENT_SECRET", secret)]
}

/// Asserts that a program refused to start, quickly, and printed nothing to standard output.
#[track_caller]
fn assert_refused(ended: &Ended) {
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{}", ended.stderr);
    assert!(ended.took < Duration::from_secs(2), "{:?}", ended.took);
}

/// Asserts that a program refused to start with one sentence that contains all these texts.
#[track_caller]
fn assert_refused_in_one_sentence(ended: &Ended, texts: &[&str]) {
    assert_refused(ended);
    assert_eq!(ended.stderr.trim().lines().count(), 1, "{}", ended.stderr);
    for text in texts {
        assert!(ended.stderr.contains(text), "{text} is missing: {}", ended.stderr);
    }
}
