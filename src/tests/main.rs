//! The `http` test target: the whole app on a free port, the emulated Kinde tenant beside it, and an HTTP client that
//! behaves like a browser.
//! Single functions are tested beside their code, broken session stores in the `store_faults` target.

// A panic is how a test reports.
#![allow(clippy::unwrap_used)]

mod harness;

mod accessibility;
mod account;
mod authorization_request;
mod backchannel_logout;
mod browser_side;
mod caching;
mod callback;
mod configuration;
#[cfg(target_os = "linux")]
mod connections;
mod contract;
mod cross_site;
mod deployment;
mod dev_issuer;
mod docs;
mod documents;
mod endpoints;
mod files;
mod floors;
mod headers;
mod health;
mod identity;
mod limits;
#[cfg(unix)]
mod logs;
mod metrics;
mod other_issuers;
#[cfg(unix)]
mod otlp;
mod policies;
mod portal;
#[cfg(unix)]
mod process;
mod provider_faults;
mod provider_outages;
mod recipes;
mod redirects;
mod refresh;
mod route_protection;
mod security;
mod session;
mod setup;
mod sign_in;
mod sign_out;
mod speculation;
#[cfg(unix)]
mod stores;
mod test_kit;
mod theme;
#[cfg(unix)]
mod traces;
mod webhooks;
