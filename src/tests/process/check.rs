//! `kinde-leptos check`: its exit code, and what it prints.

use std::path::Path;

use kinde_leptos::paths::SETUP;
use serde_json::{Value, json};

use super::elsewhere;
use crate::harness::{Ended, Program, TestTenant};

const SITE: &str = "http://localhost:8000";

async fn check(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let arguments = [&["check"], arguments].concat();
    let program = Program::start(folder, &arguments, variables);
    tokio::task::spawn_blocking(|| program.end()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_succeeds_when_nothing_is_wrong_and_touches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = TestTenant::start(SITE).await;
    let kinde = [
        ("KINDE_ISSUER_URL", tenant.issuer()),
        ("CLIENT_ID", tenant.client_id()),
        ("CLIENT_SECRET", tenant.client_secret()),
    ];
    for variables in [&kinde[..], &[]] {
        let ended = check(folder.path(), &[], variables).await;
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
        assert!(ended.stdout.contains("No problem was found."), "{}", ended.stdout);
        assert!(ended.stdout.contains(&format!("{SITE}/api/auth/kinde_callback")), "{}", ended.stdout);
    }
    assert!(folder.path().read_dir().unwrap().next().is_none(), "it left something behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_fails_when_something_is_wrong_and_says_what_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = TestTenant::start(SITE).await;
    let variables = [
        ("KINDE_ISSUER_URL", tenant.issuer()),
        ("CLIENT_ID", tenant.client_id()),
        ("CLIENT_SECRET", "not-this-one"),
        ("KINDE_SCOPE", "openid"),
    ];
    let ended = check(folder.path(), &[], &variables).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), ""), "{}", ended.stdout);
    for text in ["CLIENT_SECRET", "Where: Kinde: the application", "add offline to KINDE_SCOPE"] {
        assert!(ended.stdout.contains(text), "{text}: {}", ended.stdout);
    }
    assert!(!ended.stdout.contains("not-this-one"), "{}", ended.stdout);
    let ended = check(folder.path(), &["--json"], &variables).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), ""), "{}", ended.stdout);
    let diagnosis: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&diagnosis["status"], diagnosis["problems"].as_array().unwrap().len()), (&json!("problems"), 2));
    let setting = |name: &str| {
        diagnosis["settings"].as_array().unwrap().iter().find(|setting| setting["name"] == name).cloned().unwrap()
    };
    assert_eq!(setting("CLIENT_SECRET"), json!({"name": "CLIENT_SECRET", "set": true, "value": "••••"}));
    assert_eq!(setting("KINDE_SCOPE"), json!({"name": "KINDE_SCOPE", "set": true, "value": "openid"}));
    assert_eq!(setting("KINDE_PROMPT"), json!({"name": "KINDE_PROMPT", "set": false, "value": null}));
    assert!(!ended.stdout.contains("not-this-one"), "{}", ended.stdout);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_a_warning_at_the_start_is_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = TestTenant::start(SITE).await;
    let variables = [
        ("KINDE_ISSUER_URL", tenant.issuer()),
        ("CLIENT_ID", tenant.client_id()),
        ("CLIENT_SECRET", tenant.client_secret()),
        ("SITE_URL", "https://app.example"),
        ("SESSION_ENCRYPTION_KEYS", "none"),
        ("SESSION_STORE_URL", "redis://user:sesame-of-the-store@10.1.2.3:6379"),
    ];
    let ended = check(folder.path(), &[], &variables).await;
    assert_eq!(ended.code, Some(1), "{} {}", ended.stdout, ended.stderr);
    for text in ["TRUSTED_PROXIES is not set", "without verified TLS"] {
        assert!(ended.stdout.contains(text), "{text}: {}", ended.stdout);
    }
    let as_json = check(folder.path(), &["--json"], &variables).await;
    for text in [&ended.stdout, &as_json.stdout] {
        assert!(!text.contains("sesame"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_that_cannot_be_used_are_refused_as_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&[][..], &["--json"]] {
        let ended = check(folder.path(), arguments, &elsewhere("correct-horse")[..2]).await;
        assert_eq!(ended.code, Some(1));
        assert!(ended.stderr.contains("CLIENT_SECRET is not set"), "{}", ended.stderr);
        assert_eq!(ended.stdout.contains("{\"error\":"), !arguments.is_empty(), "{}", ended.stdout);
    }
    assert_eq!(check(folder.path(), &["--yaml"], &[]).await.code, Some(2));
}

#[test]
fn the_start_block_leads_to_the_set_up_page() {
    let folder = tempfile::tempdir().unwrap();
    let (program, site) = Program::start_site(folder.path(), &[]);
    assert!(program.printed().contains(&site.at(SETUP)), "{}", program.printed());
}
