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

/// Set to run at full length.
const AT_LENGTH: &str = "SOAK_AT_LENGTH";

fn is_at_length() -> bool {
    std::env::var_os(AT_LENGTH).is_some()
}
