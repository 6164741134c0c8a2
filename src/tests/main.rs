//! Tests over HTTP: the whole app on a free port, the emulated Kinde tenant beside it, and a browser without pictures.
//! What one function decides is tested where it stands.

// A panic is how a test reports.
#![allow(clippy::unwrap_used)]

mod harness;

mod browser_side;
mod dev_issuer;
mod sign_in;
mod theme;
