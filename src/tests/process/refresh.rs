//! A process that is killed while it refreshes: another one takes over (RF-13).
//! The single steps of a refresh are tested in `refresh::holders`.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Address, Browser, Program, TestTenant, settings_of};

/// The turn of a silent holder is taken over after 15 seconds.
const PATIENCE: Duration = Duration::from_secs(40);

async fn refreshes(tenant: &TestTenant) -> usize {
    tenant.log().await.iter().filter(|entry| entry["form"]["grant_type"] == "refresh_token").count()
}

// RF-13
#[tokio::test]
async fn a_killed_process_that_held_the_turn_signs_nobody_out_and_is_followed() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Address::on_a_free_port());
    let tenant = TestTenant::start(&site.url).await;
    tenant.settings(json!({"access_token_lifetime": 1, "refresh_overlap": 3600})).await;
    let variables = settings_of(&tenant, &site.url);
    let program = Program::start(folder.path(), &[], &variables).ready();
    let mut browser = Browser::new();
    assert_eq!(browser.sign_in_from(&site.at("/"), "ada").await.status, 200);
    tenant.fault("refresh_held").await;
    until(&mut browser, &site, async || tenant.held().await == 1).await;
    program.stop("KILL");
    tenant.clear_faults().await;
    tenant.release().await;
    let _program = Program::start(folder.path(), &[], &variables).ready();
    let mut browser = Browser::with_session(&browser.session().unwrap());
    until(&mut browser, &site, async || refreshes(&tenant).await == 2).await;
    assert_eq!(browser.get(&site.at("/")).await.status, 200);
}

/// Reads the greeting again and again until something has happened. Each response must be the page.
async fn until(browser: &mut Browser, site: &Address, happened: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !happened().await {
        assert!(begun.elapsed() < PATIENCE, "it did not happen");
        assert_eq!(browser.get(&site.at("/")).await.status, 200);
    }
}
