//! What the provider does over several requests: outages, rotations, floods, and what a sign-in costs it.
//! It leaves out single faults, which `provider_faults` tests one by one.

mod identity;
mod issuer_down;
mod keys;
mod overload;
mod requests;

use std::time::{Duration, Instant};

use serde_json::json;

use super::harness::{Browser, Response, Site};

/// How long anything may take to recover by itself, with time to spare for a busy machine.
const RECOVERY: Duration = Duration::from_secs(15);

/// Repeats an attempt until it succeeds.
async fn until(what: &str, mut attempt: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !attempt().await {
        assert!(began.elapsed() < RECOVERY, "{what}: not within {RECOVERY:?}");
    }
}

/// So many sign-ins of Ada that stop before the callback: the browser and the callback's address.
async fn pending(site: &Site, count: usize) -> Vec<(Browser, String)> {
    site.tenant.settings(json!({ "auto_sign_in": "ada" })).await;
    let mut pending = Vec::with_capacity(count);
    let mut browser = Browser::new();
    for number in 0..count {
        // A browser remembers ten attempts at most.
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
