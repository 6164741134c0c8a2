//! The access log of the program: a line for each request, with the route's template and never the path.
//! Clients that hang up are tested beside the code.

use kinde_leptos::auth::paths::LOGIN;
use reqwest::Method;
use serde_json::Value;

use crate::harness::{Address, Browser, Program, Response};

/// Sends requests of every kind.
async fn requests(site: &Address) -> Vec<(&'static str, Option<&'static str>, Response)> {
    let mut browser = Browser::new();
    let mut responses = Vec::new();
    for (method, path, route) in [
        ("GET", "/items/314159?q=271828", Some("/items/{item_id}")),
        ("GET", "/healthz", Some("/healthz")),
        ("HEAD", "/signed-out", Some("/signed-out")),
        ("GET", "/signed-out", Some("/signed-out")),
        ("GET", LOGIN, Some(LOGIN)),
        ("GET", "/docs", Some("/docs")),
        ("GET", "/nothing-314159", None),
        ("POST", "/healthz", Some("/healthz")),
    ] {
        let request = method.parse::<Method>().unwrap();
        responses.push((method, route, browser.send(request, &site.at(path), &[], None).await));
    }
    responses
}

#[tokio::test]
async fn each_request_is_one_line_of_json_with_its_route_and_never_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let (program, site) = Program::start_site(folder.path(), &[("LOG_FORMAT", "json")]);
    let responses = requests(&site).await;
    let ended = program.stop("TERM");
    assert_eq!(ended.stdout, "", "the start block is for people");
    let lines: Vec<Value> = ended.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let lines: Vec<&Value> = lines.iter().filter(|line| line["target"] == "access").collect();
    assert_eq!(lines.len(), responses.len(), "{lines:?}");
    for (method, route, response) in responses {
        let line = lines.iter().find(|line| line["request.id"] == response.header("x-request-id")).unwrap();
        assert_eq!(line["request.method"], method, "{line}");
        assert_eq!(line.get("route").and_then(Value::as_str), route, "{line}");
        assert_eq!((&line["status"], &line["complete"]), (&response.status.into(), &true.into()), "{line}");
        if response.header("content-encoding").is_empty() {
            assert_eq!(line["bytes"], response.body.len(), "{line}");
        }
        assert!(line["duration_ms"].as_f64().unwrap() > 0.0, "{line}");
        assert!(line.get("trace_id").is_none() && line.get("request.path").is_none(), "{line}");
        let text = line.to_string();
        assert!(!text.contains("314159") && !text.contains("271828"), "{line}");
    }
}

#[tokio::test]
async fn the_access_log_is_off_in_text_and_on_in_json_unless_it_is_set() {
    for (variables, is_on) in [
        (&[("RUST_LOG", "trace")][..], false),
        (&[("ACCESS_LOG", "off"), ("LOG_FORMAT", "json")], false),
        // What is set is logged, whatever the level.
        (&[("ACCESS_LOG", "on"), ("RUST_LOG", "off")], true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (program, site) = Program::start_site(folder.path(), variables);
        let id = Browser::new().get(&site.at("/healthz")).await.header("x-request-id").to_owned();
        let log = program.stop("TERM").stderr;
        let line = log.lines().find(|line| line.contains(" access: ") || line.contains("\"access\""));
        assert_eq!(line.is_some(), is_on, "{variables:?}: {log}");
        if let Some(line) = line {
            for part in [&format!("request.id=\"{id}\""), "request.method=\"GET\" route=\"/healthz\" status=200 "] {
                assert!(line.contains(part), "{line}");
            }
            assert_eq!(log.lines().count(), 1, "only the access log is on: {log}");
        }
    }
}
