//! What the program says when it starts, or does not, in the form of the log.

use kinde_leptos::otlp;
use serde_json::Value;

use crate::harness::Program;

#[test]
fn in_json_the_reason_of_a_failed_start_is_one_object() {
    for (variable, message) in [
        (("LISTEN_ADDR", "nonsense"), "LISTEN_ADDR is \"nonsense\""),
        (("LISTEN_ADDR", "192.0.2.1:80"), "cannot listen on 192.0.2.1:80"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let ended = Program::start(folder.path(), &[], &[("LOG_FORMAT", "json"), variable]).end();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        let line: Value = serde_json::from_str(&ended.stderr).unwrap();
        assert_eq!(line["level"], "ERROR");
        assert!(line["message"].as_str().unwrap().contains(message), "{line}");
    }
}

#[test]
fn settings_of_the_export_that_this_build_lacks_are_named_and_nothing_else_comes_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_SERVICE_NAME", "shop")];
    let (program, _) = Program::start_site(folder.path(), &variables);
    let log = program.stop("TERM").stderr;
    let named: Vec<&str> = log.lines().filter(|line| line.contains("OTEL_")).collect();
    if otlp::AVAILABLE {
        return assert_eq!(named, [""; 0], "such a build needs an endpoint");
    }
    assert_eq!(named.len(), 1, "{log}");
    for part in ["WARN", "OTEL_EXPORTER_OTLP_PROTOCOL, OTEL_SERVICE_NAME", "--features otlp"] {
        assert!(named[0].contains(part), "{log}");
    }
}
