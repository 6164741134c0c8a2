//! Metrics: each event moves the figures that are named after it and no others; nothing that a visitor sends makes a new
//! series; and the dashboard and the alerts ask for figures that exist.

mod dashboard;
mod documented;
#[cfg(unix)]
mod listener;
mod requests;
mod scrape;
mod sessions;
mod trouble;

use scrape::Scrape;

use crate::harness::Site;

const SIGN_INS_BEGUN: &str = "kinde_leptos_sign_ins_begun_total";
const SIGN_INS: &str = "kinde_leptos_sign_ins_total";
const REFRESHES: &str = "kinde_leptos_refreshes_total";
const SESSIONS_BEGUN: &str = "kinde_leptos_sessions_begun_total";
const SESSIONS_ENDED: &str = "kinde_leptos_sessions_ended_total";
const ISSUER_REQUESTS: &str = "kinde_leptos_issuer_requests_total";
const ISSUER_DURATIONS: &str = "kinde_leptos_issuer_request_duration_seconds_count";
const HELD_BACK: &str = "kinde_leptos_issuer_requests_held_back_total";
const BREAKER_OPEN: &str = "kinde_leptos_issuer_breaker_open";
const BREAKER_LIMITED: &str = "kinde_leptos_issuer_breaker_limited";
const OPERATIONS: &str = "kinde_leptos_store_operations_total";
const OPERATION_DURATIONS: &str = "kinde_leptos_store_operation_duration_seconds_count";
const REQUESTS: &str = "kinde_leptos_http_requests_total";
const REQUEST_DURATIONS: &str = "kinde_leptos_http_request_duration_seconds_count";
const IN_FLIGHT: &str = "kinde_leptos_http_requests_in_flight";

impl Site {
    /// The figures as they are now.
    fn scrape(&self) -> Scrape {
        Scrape::read(&self.metrics.scrape())
    }
}
