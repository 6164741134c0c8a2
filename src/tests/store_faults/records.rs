//! Records that are removed, spoiled, from another version, or expired (SF-5, SF-7, SF-12, SE-21).
//! Stores that fail are tested in `outages` and `writes`.

use std::time::Instant;

use kinde_leptos::auth::paths::LOGIN;
use kinde_leptos::paths::HOME;
use serde_json::{Value, json};

use super::case::Case;
use super::stage::{DEADLINE, Stage};
use super::store::{Kind, Store};
use crate::harness::Browser;

const EXPIRED: u32 = 20_000;

pub async fn wiped(store: &mut Store) -> Case {
    let mut case = Case::new(store.kind, "Wiped", "one redirect to sign-in without the cookie, which then works");
    let stage = Stage::start(store).await;
    let mut browser = stage.signed_in().await;
    match stage.store.kind {
        Kind::Sqlite => std::fs::remove_dir_all(stage.store.file().parent().unwrap()).unwrap(),
        Kind::Redis => stage.store.administer("FLUSHALL").await,
        Kind::Postgres => stage.store.administer("drop table kinde_sessions").await,
    }
    let wiped = Instant::now();
    let page = stage.wait_for(&mut browser, HOME, 303).await;
    case.milliseconds("noticed after", wiped.elapsed());
    case.expect_status("page", &page, 303);
    case.expect(page.location().is_some_and(|url| url.path() == LOGIN), "to sign-in");
    case.expect(browser.session().is_none(), "without the cookie");
    // Ada is still signed in at the tenant.
    let page = browser.visit(&stage.at("/items/7")).await;
    case.expect_status("new sign-in", &page, 200);
    case.expect_status("page", &browser.get(&stage.at(HOME)).await, 200);
    case
}

pub async fn corrupt(store: &mut Store) -> Case {
    let mut case = Case::new(store.kind, "CorruptRecord", "anonymous, removed, logged once");
    let mut stage = Stage::start(store).await;
    for spoiled in ["", "garbage", "session", "session 5", "session {\"user\":{}}"] {
        let mut browser = stage.signed_in().await;
        let cookie = browser.session().unwrap();
        let before = logged_removals(&mut stage);
        stage.store.write_record(&stage.id_of(&cookie), spoiled).await;
        let page = stage.wait_for(&mut browser, HOME, 303).await;
        case.expect_status("page", &page, 303);
        case.expect(browser.session().is_none(), "without the cookie");
        let again = Browser::with_session(&cookie).get(&stage.at(HOME)).await;
        case.expect_status("page", &again, 303);
        case.expect(stage.store.read_record(&stage.id_of(&cookie)).await.is_none(), "record removed");
        // The log arrives through a pipe, with a delay.
        let deadline = Instant::now() + DEADLINE;
        while logged_removals(&mut stage) == before && Instant::now() < deadline {
            tokio::task::yield_now().await;
        }
        case.expect(logged_removals(&mut stage) == before + 1, "logged once");
    }
    case
}

fn logged_removals(stage: &mut Stage<'_>) -> usize {
    stage.logged().matches("cannot be read and is removed").count()
}

/// Records as an earlier version wrote them, and as a later one might.
pub async fn of_another_version(store: &mut Store) -> Case {
    let mut case = Case::new(store.kind, "RecordOfAnotherVersion", "signed in all the same, and out again");
    let stage = Stage::start(store).await;
    for is_of_the_future in [false, true] {
        let mut browser = stage.signed_in().await;
        let cookie = browser.session().unwrap();
        if is_of_the_future {
            let content = stage.store.read_record(&stage.id_of(&cookie)).await.unwrap();
            let (kind, session) = content.split_once(' ').unwrap();
            let mut session: Value = serde_json::from_str(session).unwrap();
            session["of_the_future"] = json!([1, 2]);
            session["user"]["of_the_future"] = json!("x");
            stage.store.write_record(&stage.id_of(&cookie), &format!("{kind} {session}")).await;
        } else {
            stage.store.disown_record(&stage.id_of(&cookie)).await;
        }
        // After this, the program no longer has a copy of the former record.
        stage.until_noticed().await;
        case.expect_status("page", &browser.get(&stage.at(HOME)).await, 200);
        browser.post(&stage.at(kinde_leptos::auth::paths::LOGOUT), &[]).await;
        let mut signed_out = Browser::with_session(&cookie);
        case.expect_status("after sign-out", &signed_out.get(&stage.at(HOME)).await, 303);
    }
    case
}

pub async fn expired(store: &mut Store) -> Case {
    let mut case = Case::new(store.kind, format!("{EXPIRED} expired"), "swept, and pages 200 meanwhile");
    let mut stage = Stage::start(store).await;
    let mut browser = stage.signed_in().await;
    let before = stage.store.count().await;
    stage.stop("TERM");
    stage.store.add_expired(EXPIRED).await;
    stage.start_again();
    let begun = Instant::now();
    let mut slowest = std::time::Duration::ZERO;
    while stage.store.count().await > before && begun.elapsed() < DEADLINE {
        let requested = Instant::now();
        case.expect_status("page", &browser.get(&stage.at(HOME)).await, 200);
        slowest = slowest.max(requested.elapsed());
    }
    case.milliseconds("swept after", begun.elapsed());
    case.milliseconds("slowest page meanwhile", slowest);
    let left = stage.store.count().await;
    case.expect(left == before, format!("{left} records left of {before}"));
    case
}
