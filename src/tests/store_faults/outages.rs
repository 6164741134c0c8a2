//! Outages: the store cannot be read for a while, and then it can again (SF-1 to SF-4, SF-13).
//! Stores that can still be read are tested in `writes`.

use std::time::Instant;

use kinde_leptos::auth::paths::{LOGIN, LOGOUT};
use kinde_leptos::paths::{HEALTH, HOME, READINESS};
use serde_json::json;

use super::case::Case;
use super::stage::Stage;
use super::store::{Fault, Store};
use crate::harness::{Browser, GREETING_FUNCTION};

const EXPECTED: &str =
    "503 with Retry-After within 2 s, cookies kept, alive, not ready; the same cookie 200 within 1 s of its end";

pub async fn run(store: &mut Store, fault: Fault) -> Case {
    let mut case = Case::new(store.kind, format!("{fault:?}"), EXPECTED);
    let mut stage = Stage::start(store).await;
    let mut browser = stage.signed_in().await;
    let mut other = Browser::new();
    let callback = other.callback_from(&stage.at("/items/7"), "grace").await;

    stage.begin(fault).await;
    stage.wait_for(&mut browser, HOME, 503).await;
    during(&mut case, &stage, &mut browser, &mut other, callback.as_str()).await;
    stage.end(fault).await;

    let ended = Instant::now();
    let page = stage.wait_for(&mut browser, HOME, 200).await;
    case.milliseconds("back after", ended.elapsed());
    case.expect_status("same cookie", &page, 200);
    case.expect_status("readyz", &stage.wait_for(&mut Browser::new(), READINESS, 200).await, 200);
    let page = other.visit(callback.as_str()).await;
    case.expect_status("sign-in under way ends with", &page, 200);
    let page = Browser::new().sign_in_from(&stage.at(HOME), "grace").await;
    case.expect_status("new sign-in", &page, 200);
    let logged = stage.logged().to_owned();
    let logged_times =
        ["the session store fails", "the session store works again"].map(|text| logged.matches(text).count());
    case.expect(
        logged_times.iter().all(|times| *times >= 1),
        format!("logged {} + {} times", logged_times[0], logged_times[1]),
    );
    case
}

async fn during(case: &mut Case, stage: &Stage<'_>, browser: &mut Browser, other: &mut Browser, callback: &str) {
    let begun = Instant::now();
    let page = browser.get(&stage.at("/items/7")).await;
    case.milliseconds("page", begun.elapsed());
    case.expect_unavailable("page", &page);
    case.expect_unavailable("function", &browser.get_json(&stage.at(GREETING_FUNCTION)).await);
    case.expect_unavailable("sign-out", &browser.post(&stage.at(LOGOUT), &[]).await);
    case.expect_unavailable("callback", &other.get(callback).await);
    let begun = Instant::now();
    let login = Browser::new().get(&stage.at(LOGIN)).await;
    case.milliseconds("login", begun.elapsed());
    case.expect_unavailable("login", &login);
    let begun = Instant::now();
    let health = Browser::new().get(&stage.at(HEALTH)).await;
    case.milliseconds("healthz", begun.elapsed());
    case.expect_status("healthz", &health, 200);
    let (status, readiness) = stage.readiness().await;
    case.expect(status == 503 && readiness["session_store"] == "unreachable", format!("readyz {status}"));
    case.expect(readiness["issuer"] == json!("reachable"), "issuer reachable");
}
