//! The protection of stored sessions: encryption keys, and TLS between the program and the store's server.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use super::{assert_refused, elsewhere};
use crate::harness::{Address, Ended, Program, free_port};

/// A program with the settings of an https site and these, and its folder.
fn https_site(more: &[(&str, &str)]) -> (TempDir, Program) {
    let (folder, listen) = (tempfile::tempdir().unwrap(), format!("127.0.0.1:{}", free_port()));
    let site =
        [("SITE_URL", "https://app.example.com"), ("LISTEN_ADDR", &listen), ("SESSION_STORE_URL", "sqlite:s.db")];
    let program = Program::start(folder.path(), &[], &[&elsewhere("secret")[..], &site, more].concat());
    (folder, program)
}

/// How an http site ended whose store does not exist.
fn ended_with_store(more: &[(&str, &str)]) -> Ended {
    let (folder, site) = (tempfile::tempdir().unwrap(), Address::on_a_free_port());
    let site_url = [("SITE_URL", site.url.as_str())];
    Program::start(folder.path(), &[], &[&elsewhere("secret")[..], &site_url, more].concat()).end()
}

fn generated_key() -> String {
    let folder = tempfile::tempdir().unwrap();
    let ended = Program::start(folder.path(), &["generate-key"], &[("SITE_URL", "nonsense")]).end();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert!(folder.path().read_dir().unwrap().next().is_none(), "it left something behind");
    ended.stdout
}

#[test]
fn a_generated_key_is_32_random_bytes_in_base64_and_nothing_else() {
    let [first, second] = [generated_key(), generated_key()];
    assert_ne!(first, second);
    for printed in [first, second] {
        let key = printed.strip_suffix('\n').unwrap();
        assert_eq!(STANDARD.decode(key).map(|bytes| bytes.len()), Ok(32), "{} characters", key.len());
    }
}

// CF-4
#[test]
fn an_https_site_needs_encryption_keys_or_the_word_none() {
    let (_folder, program) = https_site(&[]);
    let ended = program.end();
    assert_refused(&ended);
    assert_eq!(ended.stderr.matches("  - ").count(), 1, "{}", ended.stderr);
    for text in ["SESSION_ENCRYPTION_KEYS is not set", "kinde-leptos generate-key", "none"] {
        assert!(ended.stderr.contains(text), "{text} is missing: {}", ended.stderr);
    }
    let (key, file) = (generated_key(), tempfile::NamedTempFile::new().unwrap());
    std::fs::write(&file, &key).unwrap();
    for setting in [
        ("SESSION_ENCRYPTION_KEYS", "none"),
        ("SESSION_ENCRYPTION_KEYS", key.trim()),
        ("SESSION_ENCRYPTION_KEYS_FILE", file.path().to_str().unwrap()),
    ] {
        let (_folder, program) = https_site(&[setting]);
        let ended = program.ready().stop("TERM");
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let said = ended.stdout + &ended.stderr;
        assert!(!said.contains("SESSION_ENCRYPTION_KEYS") && !said.contains(key.trim()), "{said}");
    }
}

// CF-13
#[test]
fn a_store_at_a_public_address_needs_verified_tls() {
    // Addresses for documentation (RFC 5737, RFC 3849), which are public and belong to nobody.
    for (url, remedy) in [
        ("redis://me:sesame@203.0.113.5:6379/0", "rediss://"),
        ("rediss://me:sesame@203.0.113.5:6379/0#insecure", "#insecure"),
        ("redis://me:sesame@[2001:db8::5]:6379/0", "rediss://"),
        ("postgres://me:sesame@203.0.113.5/app", "sslmode=verify-full"),
        ("postgres://me:sesame@203.0.113.5/app?sslmode=require", "sslmode=verify-full"),
        ("postgres://me:sesame@localhost/app?hostaddr=203.0.113.5", "sslmode=verify-full"),
    ] {
        let ended = ended_with_store(&[("SESSION_STORE_URL", url)]);
        assert_refused(&ended);
        for text in ["SESSION_STORE_URL leads to a public address", remedy, "SESSION_STORE_UNVERIFIED=allow"] {
            assert!(ended.stderr.contains(text), "{url}: {text} is missing: {}", ended.stderr);
        }
        assert!(!ended.stderr.contains("sesame"), "{}", ended.stderr);
    }
}

#[test]
fn keys_and_tls_that_are_missing_are_reported_at_once() {
    let (_folder, program) = https_site(&[("SESSION_STORE_URL", "redis://203.0.113.5:6379/0")]);
    let ended = program.end();
    assert_refused(&ended);
    for text in ["SESSION_STORE_URL leads to a public address", "SESSION_ENCRYPTION_KEYS is not set"] {
        assert!(ended.stderr.contains(text), "{text} is missing: {}", ended.stderr);
    }
    assert_eq!(ended.stderr.lines().filter(|line| line.starts_with("  - ")).count(), 2, "{}", ended.stderr);
}

// CF-13
#[test]
fn a_store_without_verified_tls_that_is_allowed_is_warned_of_before_it_is_opened() {
    // Nothing listens at these ports: the program tries to connect and ends.
    let nobody = free_port();
    let warning = "is used without verified TLS";
    let allowed = ("SESSION_STORE_UNVERIFIED", "allow");
    for (url, more, warns) in [
        ("redis://10.255.255.254:1/0".to_owned(), None, true),
        ("redis://203.0.113.5:1/0".to_owned(), Some(allowed), true),
        (format!("redis://127.0.0.1:{nobody}/0"), None, false),
        (format!("redis://localhost:{nobody}/0"), Some(allowed), false),
        ("postgres:///app?host=/no/such/folder".to_owned(), None, false),
        (format!("rediss://127.0.0.1:{nobody}/0"), None, false),
    ] {
        let variables: Vec<_> = [("SESSION_STORE_URL", url.as_str())].into_iter().chain(more).collect();
        let ended = ended_with_store(&variables);
        assert_eq!(ended.code, Some(1), "{url}: {}", ended.stderr);
        assert!(ended.stderr.contains("cannot be used"), "{url}: {}", ended.stderr);
        assert!(!ended.stderr.contains("The settings cannot be used"), "{url}: {}", ended.stderr);
        assert_eq!(ended.stderr.contains(warning), warns, "{url}: {}", ended.stderr);
    }
}

#[test]
fn the_stores_url_may_come_from_a_file() {
    let (folder, file) = (tempfile::tempdir().unwrap(), tempfile::NamedTempFile::new().unwrap());
    std::fs::write(&file, "sqlite:from-a-file.db\n").unwrap();
    let (_program, _) =
        Program::start_site(folder.path(), &[("SESSION_STORE_URL_FILE", file.path().to_str().unwrap())]);
    assert!(folder.path().join("from-a-file.db").exists());
}
