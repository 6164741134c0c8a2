//! Stores that can be read but not written: full, locked, or a replica (SF-6).
//! Stores that cannot be read either are tested in `outages`.

use std::time::Instant;

use kinde_leptos::auth::paths::LOGIN;
use kinde_leptos::paths::{HEALTH, HOME};

use super::case::Case;
use super::stage::Stage;
use super::store::{Fault, Store};
use crate::harness::Browser;

const EXPECTED: &str = "pages 200, sign-in 503 with Retry-After, ready; sign-in works within 1 s of its end";

pub async fn run(store: &mut Store, fault: Fault) -> Case {
    let mut case = Case::new(store.kind, format!("{fault:?}"), EXPECTED);
    let mut stage = Stage::start(store).await;
    let mut browser = stage.signed_in().await;

    stage.begin(fault).await;
    let refused = stage.sign_in_until_refused().await;
    case.expect_unavailable("login", &refused);
    let begun = Instant::now();
    case.expect_unavailable("login", &Browser::new().get(&stage.at(LOGIN)).await);
    case.milliseconds("login", begun.elapsed());
    case.expect_status("page", &browser.get(&stage.at("/items/7")).await, 200);
    case.expect_status("healthz", &Browser::new().get(&stage.at(HEALTH)).await, 200);
    let (status, _) = stage.readiness().await;
    case.expect(status == 200, format!("readyz {status}"));
    stage.end(fault).await;

    let ended = Instant::now();
    let login = stage.wait_for(&mut Browser::new(), LOGIN, 303).await;
    case.milliseconds("back after", ended.elapsed());
    case.expect_status("login", &login, 303);
    let page = Browser::new().sign_in_from(&stage.at(HOME), "grace").await;
    case.expect_status("new sign-in", &page, 200);
    case.expect_status("same cookie", &browser.get(&stage.at(HOME)).await, 200);
    case
}
