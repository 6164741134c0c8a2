//! The emulated Kinde tenant, tested over HTTP as any client meets it.
//!
//! It leaves out how the app reacts to the tenant's faults. Document: `kinde_leptos::dev_issuer`.

mod faults;
mod harness;
mod sign_in;
mod switchboard;
mod tokens;
