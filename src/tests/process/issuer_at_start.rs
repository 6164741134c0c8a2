//! What the log says at the start of an issuer at which nobody can sign in.
//! What counts as a problem is tested in `setup`.

use crate::harness::{Address, Browser, Program, TestTenant, free_port, settings_of, until, until_examined};

#[tokio::test]
async fn an_issuer_that_refuses_the_client_is_named_before_anybody_signs_in() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Address::on_a_free_port());
    let tenant = TestTenant::start(&site.url).await;
    let variables = [&settings_of(&tenant, &site.url)[..3], &[("CLIENT_SECRET", "not-this-one")]].concat();
    let mut app = Program::start(folder.path(), &[], &variables).ready();
    until(async || app.logged().contains("refuses the client")).await;
    let log = app.logged();
    assert!(log.contains("CLIENT_SECRET") && log.contains("page \\\"Details\\\""), "{log}");
    assert!(!log.contains("not-this-one"), "{log}");
}

#[tokio::test]
async fn an_issuer_that_does_not_respond_is_named_and_the_site_runs() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Address::on_a_free_port());
    let nowhere = format!("http://127.0.0.1:{}", free_port());
    let variables = [
        ("SITE_URL", site.url.as_str()),
        ("KINDE_ISSUER_URL", &nowhere),
        ("CLIENT_ID", "a-client"),
        ("CLIENT_SECRET", "its-secret"),
    ];
    let mut app = Program::start(folder.path(), &[], &variables).ready();
    until(async || app.logged().contains("does not respond")).await;
    assert!(app.logged().contains(&nowhere), "{}", app.logged());
    assert_eq!(Browser::new().get(&site.at("/signed-out")).await.status, 200);
}

#[tokio::test]
async fn an_issuer_that_knows_the_client_is_no_reason_for_a_warning() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Address::on_a_free_port());
    let tenant = TestTenant::start(&site.url).await;
    let app = Program::start(folder.path(), &[], &settings_of(&tenant, &site.url)).ready();
    until_examined(&tenant).await;
    let ended = app.stop("TERM");
    // The islands on disk may be of another build.
    let mut warnings = ended.stderr.lines().filter(|line| line.contains(" WARN ") && !line.contains("island_files"));
    assert_eq!(warnings.next(), None, "{}", ended.stderr);
}
