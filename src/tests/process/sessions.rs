//! The session store as the program creates and finds it: its file, its folders, and sessions after a restart.
//! The records in it are tested in `session`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{assert_refused_in_one_sentence, elsewhere};
use crate::harness::Browser;
use crate::harness::{Program, free_port};

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
}

#[tokio::test]
async fn sessions_are_kept_below_the_working_folder_for_their_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (_program, site) = Program::start_site(folder.path(), &[]);
    assert_eq!(Browser::new().sign_in_from(&site.at("/"), "ada").await.status, 200);
    let files: Vec<_> = folder.path().join("data").read_dir().unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.contains(&folder.path().join("data/sessions.db")), "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 1, "it left more than its data folder");
}

#[tokio::test]
async fn a_restart_keeps_users_signed_in() {
    let folder = tempfile::tempdir().unwrap();
    let tenant_port = free_port().to_string();
    let (program, site) = Program::start_site(folder.path(), &[("DEV_ISSUER_PORT", &tenant_port)]);
    let mut before = Browser::new();
    before.sign_in_from(&site.at("/"), "ada").await;
    assert_eq!(program.stop("TERM").code, Some(0));
    let variables = [("SITE_URL", site.url.as_str()), ("DEV_ISSUER_PORT", &tenant_port)];
    let _program = Program::start(folder.path(), &[], &variables).ready();
    // A new browser, because the first one's connection has ended with the program.
    let mut after = Browser::new();
    after.set_cookie("localhost", "kinde_session", before.cookie("localhost", "kinde_session").unwrap());
    let page = after.get(&site.at("/items/7")).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Ada Lovelace"));
}

#[test]
fn an_absolute_store_is_made_with_its_folders() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = elsewhere.path().join("some/new folder/of-mine.db");
    let url = format!("sqlite://{}", file.display());
    let (_program, _) = Program::start_site(folder.path(), &[("SESSION_STORE_URL", &url)]);
    assert_eq!(mode(&file), 0o600);
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "it wrote into the working folder too");
}

#[test]
fn a_store_that_others_could_read_is_closed_to_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sessions.db");
    std::fs::write(&file, "").unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    let (_program, _) = Program::start_site(folder.path(), &[("SESSION_STORE_URL", "sqlite:sessions.db")]);
    assert_eq!(mode(&file), 0o600);
}

#[test]
fn a_store_that_cannot_be_used_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("a-file"),
        "This is no database, although it is long enough to look like one.\n".repeat(20),
    )
    .unwrap();
    std::fs::create_dir(folder.path().join("a-folder")).unwrap();
    for path in ["a-file/sessions.db", "a-folder", "a-file"] {
        let port = free_port();
        let (site_url, store_url) = (format!("http://localhost:{port}"), format!("sqlite:{path}"));
        let variables =
            [&elsewhere("secret")[..], &[("SITE_URL", &site_url), ("SESSION_STORE_URL", &store_url)]].concat();
        let ended = Program::start(folder.path(), &[], &variables).end();
        assert_refused_in_one_sentence(&ended, &["session store", path]);
    }
}

#[test]
fn a_stores_server_that_cannot_be_used_is_one_sentence_without_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = free_port();
    for (url, shown) in [
        (format!("redis://someone:sesame@127.0.0.1:{nobody}/0"), format!("redis://127.0.0.1:{nobody}/0")),
        (format!("postgres://someone:sesame@127.0.0.1:{nobody}/app"), format!("postgres://127.0.0.1:{nobody}/app")),
    ] {
        let site_url = format!("http://localhost:{}", free_port());
        let variables = [&elsewhere("secret")[..], &[("SITE_URL", &site_url), ("SESSION_STORE_URL", &url)]].concat();
        let ended = Program::start(folder.path(), &[], &variables).end();
        assert_refused_in_one_sentence(&ended, &["session store", &shown]);
        assert!(!ended.stderr.contains("sesame"), "{}", ended.stderr);
    }
}

#[test]
fn a_session_file_in_use_is_one_sentence_that_names_what_several_processes_can_share() {
    let folder = tempfile::tempdir().unwrap();
    let store = ("SESSION_STORE_URL", "sqlite:sessions.db");
    let (_first, _) = Program::start_site(folder.path(), &[store]);
    let site_url = format!("http://localhost:{}", free_port());
    let variables = [&elsewhere("secret")[..], &[("SITE_URL", site_url.as_str()), store]].concat();
    let ended = Program::start(folder.path(), &[], &variables).end();
    assert_refused_in_one_sentence(&ended, &["sessions.db", "another process", "redis://", "postgres://"]);
}
