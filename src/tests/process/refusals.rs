//! Settings that cannot be used: the program reports all problems at once, quickly, and does not start.
//! The rule of each single setting is tested beside its code.

use std::net::TcpListener;

use super::{assert_refused, assert_refused_in_one_sentence, elsewhere};
use crate::harness::{Address, Program, free_port};

#[test]
fn all_problems_are_reported_at_once_and_secrets_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let ended = Program::start(
        folder.path(),
        &[],
        &[
            ("SITE_URL", "http://app.example.com/path"),
            ("LISTEN_ADDR", "everywhere"),
            ("CLIENT_ID", "one-id"),
            ("KINDE_CLIENT_ID", "another-id"),
            ("CLIENT_SECRET", "correct-horse"),
            ("KINDE_CLIENT_SECRET", "battery-staple"),
            ("CLIENT_SECRET_FILE", "no-such-file"),
            ("KINDE_CALLBACK_URL", "https://elsewhere.example/callback"),
            ("LOGOUT_REDIRECT_URL", "signed-out"),
            ("SESSION_STORE_URL", "mysql://me:hunter2@host/db"),
            ("SESSION_STORE_URL_FILE", "no-such-file-either"),
            ("SESSION_STORE_UNVERIFIED", "yes"),
            ("SESSION_ENCRYPTION_KEYS", "trustno1"),
            ("SESSION_ENCRYPTION_KEYS_FILE", "nor-this-one"),
            ("SESSION_IDLE_SECONDS", "0"),
            ("SESSION_LIFETIME_SECONDS", "a week"),
            ("DEV_ISSUER_PORT", "65536"),
        ],
    )
    .end();
    assert_refused(&ended);
    for text in [
        "SITE_URL has more than",
        "SITE_URL is http on app.example.com",
        "LISTEN_ADDR",
        "CLIENT_ID and KINDE_CLIENT_ID",
        "CLIENT_SECRET and KINDE_CLIENT_SECRET",
        "CLIENT_SECRET_FILE",
        "KINDE_ISSUER_URL is not set",
        "KINDE_CALLBACK_URL",
        "LOGOUT_REDIRECT_URL",
        "SESSION_STORE_URL must begin with",
        "SESSION_STORE_URL_FILE",
        "SESSION_STORE_UNVERIFIED",
        "SESSION_ENCRYPTION_KEYS:",
        "SESSION_ENCRYPTION_KEYS_FILE",
        "SESSION_IDLE_SECONDS",
        "SESSION_LIFETIME_SECONDS",
        "DEV_ISSUER_PORT",
    ] {
        assert!(ended.stderr.contains(text), "{text} is missing: {}", ended.stderr);
    }
    assert_eq!(ended.stderr.lines().filter(|line| line.starts_with("  - ")).count(), 17, "{}", ended.stderr);
    for secret in ["correct-horse", "battery-staple", "hunter2", "trustno1"] {
        assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
    }
    assert!(folder.path().read_dir().unwrap().next().is_none(), "it left something behind");
}

#[test]
fn each_kind_of_mistake_is_refused_alone() {
    let secret_file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&secret_file, "from-the-file\n").unwrap();
    let path = secret_file.path().to_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (variables, text) in [
        (vec![("SITE_URL", "http://192.168.0.1:8000")], "SITE_URL"),
        (vec![("SITE_URL", "https://app.example.com")], "KINDE_ISSUER_URL"),
        (vec![("SITE_PORT", "80x")], "SITE_"),
        (vec![("SITE_URL", "http://localhost:1"), ("KINDE_SITE_URL", "http://localhost:2")], "KINDE_SITE_URL"),
        (vec![("KINDE_ISSUER_URL", "https://example.kinde.com")], "CLIENT_ID"),
        (vec![("CLIENT_SECRET", "correct-horse"), ("CLIENT_SECRET_FILE", path)], "CLIENT_SECRET_FILE"),
        (vec![("KINDE_ISSUER_URL", "http://example.kinde.com"), ("CLIENT_ID", "a"), ("CLIENT_SECRET", "b")], "https"),
    ] {
        let ended = Program::start(folder.path(), &[], &variables).end();
        assert_refused(&ended);
        assert!(ended.stderr.contains(text), "{variables:?}: {}", ended.stderr);
        assert!(!ended.stderr.contains("correct-horse") && !ended.stderr.contains("from-the-file"), "{}", ended.stderr);
    }
}

#[test]
fn the_sites_port_in_use_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let site_url = format!("http://localhost:{port}");
    let ended = Program::start(folder.path(), &[], &[("SITE_URL", &site_url), ("DEV_ISSUER_PORT", "0")]).end();
    assert_refused_in_one_sentence(&ended, &[&port, "in use", "SITE_URL"]);
    assert!(!folder.path().join("data").exists(), "it made a store for nothing");
    let listen = format!("127.0.0.1:{port}");
    let variables =
        [("SITE_URL", "https://app.example.com"), ("LISTEN_ADDR", &listen), ("SESSION_ENCRYPTION_KEYS", "none")];
    let ended = Program::start(folder.path(), &[], &[&elsewhere("secret")[..], &variables].concat()).end();
    assert_refused_in_one_sentence(&ended, &[&port, "in use", "LISTEN_ADDR"]);
}

#[test]
fn a_seed_that_cannot_be_used_is_named_with_all_its_problems() {
    let folder = tempfile::tempdir().unwrap();
    let site = Address::on_a_free_port();
    let variables = [("SITE_URL", site.url.as_str()), ("DEV_ISSUER_PORT", "0"), ("DEV_ISSUER_SEED", "people.json")];
    let ended = Program::start(folder.path(), &[], &variables).end();
    assert_refused_in_one_sentence(&ended, &["people.json", "cannot be read", "DEV_ISSUER_SEED"]);
    std::fs::write(folder.path().join("people.json"), r#"{"people":[{"person":"Ada"}],"setting":{}}"#).unwrap();
    for ended in [
        Program::start(folder.path(), &[], &variables).end(),
        Program::start(folder.path(), &["dev-issuer", "--port", "0", "--seed", "people.json"], &[]).end(),
    ] {
        assert_eq!(ended.code, Some(1));
        for problem in ["people.json cannot be used:", "  - people[0].person: ", "  - setting is not known here"] {
            assert!(ended.stderr.contains(problem), "{problem} is missing: {}", ended.stderr);
        }
    }
}

#[test]
fn the_tenants_port_in_use_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let site = Address::on_a_free_port();
    let ended = Program::start(folder.path(), &[], &[("SITE_URL", &site.url), ("DEV_ISSUER_PORT", &port)]).end();
    assert_refused_in_one_sentence(&ended, &[&port, "in use", "DEV_ISSUER_PORT"]);
    let ended = Program::start(folder.path(), &["dev-issuer", "--port", &port], &[]).end();
    assert_refused_in_one_sentence(&ended, &[&port, "in use", "--port"]);
}

#[test]
fn an_address_this_machine_does_not_have_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    // TEST-NET-1 (RFC 5737).
    let listen = format!("192.0.2.1:{}", free_port());
    let variables =
        [("SITE_URL", "https://app.example.com"), ("LISTEN_ADDR", &listen), ("SESSION_ENCRYPTION_KEYS", "none")];
    let ended = Program::start(folder.path(), &[], &[&elsewhere("secret")[..], &variables].concat()).end();
    assert_refused_in_one_sentence(&ended, &[&listen]);
}
