//! The start of the emulated Kinde tenant, in builds without the tenant: the same names, and functions that fail.
//!
//! In such a build, `config` requires the three settings that choose Kinde.

use std::convert::Infallible;
use std::future::Future;
use std::path::PathBuf;

use crate::auth;
use crate::config::{Config, Credentials};

/// Whether this build has the emulated tenant.
pub const AVAILABLE: bool = false;
/// Empty, because no page needs a notice.
pub const NOTICE: &str = "";

/// The command line arguments of `kinde-leptos dev-issuer`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Ignored: this build has no emulated tenant
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    rest: Vec<String>,
}

impl Arguments {
    /// Whether the command prints JSON.
    pub fn want_json(&self) -> bool {
        self.rest.iter().any(|argument| argument == "--json")
    }
}

/// A tenant that runs beside the app. No value of this type exists.
pub struct RunningTenant(Infallible);

/// The reason for which no tenant can be started, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("this build has no emulated Kinde tenant: build it with --features dev-issuer")]
pub struct StartError;

impl RunningTenant {
    /// Never called: there is no value of this type.
    pub fn credentials(&self) -> Credentials {
        match self.0 {}
    }

    /// Never called: there is no value of this type.
    pub fn observing(&self, _: auth::Config) -> auth::Config {
        match self.0 {}
    }

    /// Never called: there is no value of this type.
    pub fn console(&self) -> String {
        match self.0 {}
    }

    /// Never called: there is no value of this type.
    pub fn people_page(&self) -> String {
        match self.0 {}
    }

    /// Never called: there is no value of this type.
    pub fn some_people(&self) -> String {
        match self.0 {}
    }
}

/// Empty, because no site signs in at a tenant.
pub fn session_commands(_: &str, _: &str, _: &str) -> String {
    String::new()
}

/// Empty, because no site signs in at a tenant.
pub fn token_command(_: &str, _: &str) -> String {
    String::new()
}

/// Returns an error, because this build has no tenant.
///
/// # Errors
/// Always [`StartError`].
pub async fn start_beside(
    _: &Config,
    _: u16,
    _: Option<PathBuf>,
    _: Option<u64>,
    _: Option<PathBuf>,
) -> Result<RunningTenant, StartError> {
    Err(StartError)
}

/// Returns an error, because this build has no tenant.
///
/// # Errors
/// Always [`StartError`].
pub fn credentials_beside(_: &Config, _: u16) -> Result<Credentials, StartError> {
    Err(StartError)
}

/// Returns an error, because this build has no tenant.
///
/// # Errors
/// Always [`StartError`].
pub async fn run_alone(_: Arguments, _: impl Future<Output = ()>) -> Result<(), StartError> {
    Err(StartError)
}
