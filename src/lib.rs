//! Sign-in with Kinde for Leptos and axum: a server-rendered app and, in `auth`, the part other projects reuse.
//! This file only says which layer is built for which target.

pub mod paths;

#[cfg(feature = "auth")]
pub mod auth;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod config;
#[cfg(feature = "ssr")]
pub mod sessions;
