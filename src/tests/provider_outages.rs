//! The provider over several requests: outages, key rotations, overload, and the number of requests per sign-in.
//! Single faults are tested in `provider_faults`.

mod identity;
mod issuer_down;
mod keys;
mod overload;
mod requests;

use std::time::{Duration, Instant};

use serde_json::json;

use super::harness::{Browser, Response, Site};

/// How long a recovery may take, with time to spare for a busy machine.
const RECOVERY: Duration = Duration::from_secs(15);

/// Repeats an attempt until it succeeds.
async fn until(what: &str, mut attempt: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !attempt().await {
        assert!(began.elapsed() < RECOVERY, "{what}: not within {RECOVERY:?}");
    }
}

/// This number of sign-ins of Ada that stop before the callback: browsers and the addresses of their callbacks.
async fn pending(site: &Site, count: usize) -> Vec<(Browser, String)> {
    site.tenant.settings(json!({ "auto_sign_in": "ada" })).await;
    let mut pending = Vec::with_capacity(count);
    let mut browser = Browser::new();
    for number in 0..count {
        // A browser keeps at most ten pending sign-ins.
        if number % 8 == 7 {
            browser = Browser::new();
        }
        let callback = browser.sign_in_up_to_callback(site, "ada", "/").await;
        pending.push((browser.clone(), callback));
    }
    site.tenant.settings(json!({ "auto_sign_in": null })).await;
    pending
}

/// The response to the callback of a sign-in in a browser of its own.
async fn callback_response(site: &Site, person: &str) -> Response {
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(site, person, "/").await;
    browser.get(&callback).await
}
