//! `.env`: read from the working folder, for settings that the environment leaves unset.
//! The settings themselves are tested in `config`.

use std::path::Path;

use super::{assert_refused, elsewhere};
use crate::harness::{Address, Program};

fn write(folder: &Path, lines: &[&str]) {
    std::fs::write(folder.join(".env"), lines.join("\n")).unwrap();
}

/// The start block of a program with this `.env` and these variables.
fn started(folder: &Path, lines: &[&str], variables: &[(&str, &str)]) -> String {
    write(folder, lines);
    Program::start(folder, &[], variables).ready().printed().to_owned()
}

#[test]
fn settings_come_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let site = Address::on_a_free_port();
    let site_url = format!("export KINDE_SITE_URL='{}' # quoted", site.url);
    let lines = ["# A comment", "", &site_url, "DEV_ISSUER_PORT=0", "SESSION_STORE_URL=\"sqlite:my.db\""];
    assert!(started(folder.path(), &lines, &[]).contains(&site.url));
    assert!(folder.path().join("my.db").exists() && !folder.path().join("data").exists());
}

#[test]
fn the_environment_wins_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let site = Address::on_a_free_port();
    let lines = ["SITE_URL=http://localhost:1", "DEV_ISSUER_PORT=nonsense"];
    let variables = [("SITE_URL", site.url.as_str()), ("DEV_ISSUER_PORT", "0")];
    assert!(started(folder.path(), &lines, &variables).contains(&site.url));
}

#[test]
fn an_empty_variable_counts_as_unset_so_the_file_applies() {
    let folder = tempfile::tempdir().unwrap();
    let site = Address::on_a_free_port();
    let site_url = format!("SITE_URL={}", site.url);
    let variables = [("SITE_URL", ""), ("DEV_ISSUER_PORT", "0"), ("CLIENT_ID", ""), ("CLIENT_SECRET", " ")];
    assert!(started(folder.path(), &[&site_url, "CLIENT_ID="], &variables).contains(&site.url));
}

#[test]
fn a_misspelt_setting_is_named_with_the_one_that_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    let site = Address::on_a_free_port();
    let variables = [("SITE_URL", site.url.as_str()), ("DEV_ISSUER_PORT", "0"), ("SESSIONS_PER_USR", "5")];
    write(folder.path(), &["SESSION_IDEL_SECONDS=5"]);
    let logged = Program::start(folder.path(), &[], &variables).ready().stop("TERM").stderr;
    for (name, meant) in [("SESSION_IDEL_SECONDS", "SESSION_IDLE_SECONDS"), ("SESSIONS_PER_USR", "SESSIONS_PER_USER")] {
        let warning = format!("{name} is no setting, so it has no effect: correct it if {meant} is meant");
        assert!(logged.contains(&warning), "{logged}");
    }
}

#[test]
fn the_file_of_another_folder_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &["LISTEN_ADDR=nonsense"]);
    let below = folder.path().join("below");
    std::fs::create_dir(&below).unwrap();
    let (program, site) = Program::start_site(&below, &[]);
    assert!(program.printed().contains(&site.url));
}

#[test]
fn a_file_that_cannot_be_read_is_a_problem_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    for line in ["SITE_URL http://localhost:8000", "=value", "SITE_URL=\"http://localhost:8000"] {
        write(folder.path(), &["DEV_ISSUER_PORT=0", line]);
        let ended = Program::start(folder.path(), &[], &[("LISTEN_ADDR", "everywhere")]).end();
        assert_refused(&ended);
        assert!(ended.stderr.contains(".env cannot be read"), "{line}: {}", ended.stderr);
        assert!(ended.stderr.contains("LISTEN_ADDR"), "not all problems at once: {}", ended.stderr);
    }
}

#[test]
fn a_secret_on_a_malformed_line_is_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    for line in ["CLIENT_SECRET=\"correct-horse", "CLIENT_SECRET correct-horse", "CLIENT_SECRET=correct horse"] {
        write(folder.path(), &[line]);
        let ended = Program::start(folder.path(), &[], &[]).end();
        assert_refused(&ended);
        assert!(!ended.stderr.contains("correct") && !ended.stderr.contains("horse"), "{}", ended.stderr);
    }
}

#[test]
fn a_file_that_is_no_text_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), b"SITE_URL=\xff\n").unwrap();
    let ended = Program::start(folder.path(), &[], &elsewhere("correct-horse")).end();
    assert_refused(&ended);
    assert!(ended.stderr.contains(".env"), "{}", ended.stderr);
}
