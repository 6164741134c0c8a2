//! The guide to the app: who may what, webhooks, the account, accessibility, metrics, logs and traces, operations. This
//! module is documentation alone; its pages are Markdown files in `src/guide`, so that they can also be read beside the
//! sources.
//!
//! How the program runs in production is in [`deployment`](crate::deployment), and how programs in other languages use the
//! emulated tenant in [`any_language`](crate::any_language).

#[doc = include_str!("guide/account.md")]
pub mod account {}

#[doc = include_str!("guide/for_everyone.md")]
pub mod for_everyone {}

#[doc = include_str!("guide/logs_and_traces.md")]
pub mod logs_and_traces {}

#[doc = include_str!("guide/metrics.md")]
pub mod metrics {}

#[doc = include_str!("guide/operations.md")]
pub mod operations {}

#[doc = include_str!("guide/policies.md")]
pub mod policies {}

#[doc = include_str!("guide/webhooks.md")]
pub mod webhooks {}
