//! The guide to the app, page by page: routes, policies, webhooks, tests, operations and what goes wrong.
//!
//! This module is documentation alone. Its pages are Markdown files in `src/guide`, so that they can also be read
//! beside the sources.
//!
//! How the program runs in production is in [`deployment`](crate::deployment), and how programs in other languages use
//! the emulated tenant in [`any_language`](crate::any_language). The [recipes](crate::recipes) say how to add to it.

/// The user's own page: where users stand and are signed in, and its JSON.
///
#[doc = include_str!("guide/account.md")]
pub mod account {}

/// The modules of the project, and which imports from which.
///
#[doc = include_str!("guide/code_map.md")]
pub mod code_map {}

/// Instructions, requests a second and memory, beside an empty Leptos page and raw axum.
///
#[doc = include_str!("guide/costs.md")]
pub mod costs {}

/// The emulated Kinde tenant: its console, its time and trouble, and how it runs alone.
///
#[doc = include_str!("guide/emulated_tenant.md")]
pub mod emulated_tenant {}

/// Accessibility, sessions that end soon, and the browsers in which all of it is tested.
///
#[doc = include_str!("guide/for_everyone.md")]
pub mod for_everyone {}

/// The fields of the log, and the export of traces by OpenTelemetry.
///
#[doc = include_str!("guide/logs_and_traces.md")]
pub mod logs_and_traces {}

/// Figures for Prometheus, a dashboard for Grafana, and alerts.
///
#[doc = include_str!("guide/metrics.md")]
pub mod metrics {}

/// Commands on a running site: sessions listed and ended, a new encryption key.
///
#[doc = include_str!("guide/operations.md")]
pub mod operations {}

/// Permissions, roles, feature flags, organizations and plans: who may what, and how old rights may be.
///
#[doc = include_str!("guide/policies.md")]
pub mod policies {}

/// Every route, with a session and without, and requests of programs.
///
/// [webhooks]: crate::guide::webhooks
/// [troubleshooting]: crate::guide::troubleshooting
///
#[doc = include_str!("guide/routes.md")]
pub mod routes {}

/// The emulated tenant inside your own tests, in Rust and in Playwright.
///
#[doc = include_str!("guide/testing.md")]
pub mod testing {}

/// Symptoms of a wrong set-up, their causes and their cures.
///
/// [webhooks]: crate::guide::webhooks
///
#[doc = include_str!("guide/troubleshooting.md")]
pub mod troubleshooting {}

/// What Kinde's events do: deleted and suspended users, changed rights.
///
#[doc = include_str!("guide/webhooks.md")]
pub mod webhooks {}
