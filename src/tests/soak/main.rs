//! The `soak` test target: two processes on one Redis under everything that a night brings, compressed: many browsers,
//! slow and rude clients, a killed process and one that restarts (`night`), and the same processes behind nginx
//! (`proxy`). At full length, by `make soak`, it takes some minutes and needs the machine for itself.
//! Faults of the stores, one by one, are in the `store_faults` target.

// A panic is how a test reports.
#![allow(clippy::unwrap_used)]
// It reads `/proc`, which only Linux has.
#![cfg(target_os = "linux")]

#[path = "../endpoints.rs"]
#[allow(dead_code, reason = "the `http` target uses the rest")]
mod endpoints;
#[path = "../harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the `http` target uses the rest")]
mod harness;

mod findings;
mod nginx;
mod night;
mod processes;
mod proxy;
mod rude;
mod usage;
mod visitor;

use std::time::Duration;

/// How long the night is, in seconds.
const SECONDS: &str = "SOAK_SECONDS";
/// From this length on, what needs the machine for itself is demanded, too.
const FULL_LENGTH: Duration = Duration::from_secs(300);

fn length() -> Duration {
    let seconds = std::env::var(SECONDS).map_or(60, |seconds| seconds.parse().expect("SOAK_SECONDS is a number"));
    Duration::from_secs(seconds)
}

fn is_at_length() -> bool {
    length() >= FULL_LENGTH
}
