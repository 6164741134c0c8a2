//! Takes the place of `emulation` in builds without the emulated Kinde tenant: the same names, and nothing behind them.
//! Configuration refuses to start such a build without Kinde's three settings.

use std::convert::Infallible;
use std::future::Future;

use crate::config::{Config, Credentials};

/// Whether this build has the emulated tenant.
pub const AVAILABLE: bool = false;
/// No tenant, no notice.
pub const NOTICE: &str = "";

/// What `kinde-leptos dev-issuer` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Ignored: this build has no emulated tenant
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _rest: Vec<String>,
}

/// There is none.
pub struct RunningTenant(Infallible);

/// Says how to get one.
#[derive(Debug, thiserror::Error)]
#[error("this build has no emulated Kinde tenant: build it with --features dev-issuer")]
pub struct StartError;

impl RunningTenant {
    /// Never called: there is no value of this type.
    pub fn credentials(&self) -> Credentials {
        match self.0 {}
    }

    /// Never called: there is no value of this type.
    pub fn some_people(&self) -> String {
        match self.0 {}
    }
}

/// Fails.
///
/// # Errors
/// Always.
pub async fn start_beside(_: &Config, _: u16) -> Result<RunningTenant, StartError> {
    Err(StartError)
}

/// Fails.
///
/// # Errors
/// Always.
pub async fn run_alone(_: Arguments, _: impl Future<Output = ()>) -> Result<(), StartError> {
    Err(StartError)
}
