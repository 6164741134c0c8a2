//! The process: settings, log, session store, ports, and a graceful end.
//! It decides nothing about requests; `server` does.

mod start_message;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kinde_leptos::auth::{Client, is_loopback};
use kinde_leptos::config::{Config, Credentials, SignIn};
use kinde_leptos::emulation::{self, Tenant};
use kinde_leptos::server::{self, AppState, BROWSER_SIDE_FOLDER, BrowserSide, Listeners};
use kinde_leptos::sessions;
use start_message::start_message;
use tracing_subscriber::EnvFilter;

/// A sign-in app for Kinde. Settings come from the environment and .env; .env.example describes them.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the emulated Kinde tenant alone, for a release build or another client to sign in at
    DevIssuer(emulation::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        None => run().await,
        Some(Command::DevIssuer(arguments)) => emulation::run_alone(arguments, stop_signal()).await.map_err(Into::into),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let config = Config::from_environment(emulation::AVAILABLE)?;
    log_to_stderr(&config.log_filter);
    let listeners = Listeners::bind(&config.listen).await?;
    let (credentials, tenant) = credentials(&config).await?;
    let store = sessions::open(&config.store).await?;
    let issuer_url = credentials.issuer_url.clone();
    let auth = Client::new(config.auth(credentials), store)?;
    warn_about(&config);
    print!("{}", start_message(&config, &issuer_url, tenant.as_ref()));
    let state = AppState {
        auth,
        notice: tenant.as_ref().map(|_| emulation::NOTICE),
        rate_limit: config.rate_limit,
        trusted_proxies: config.trusted_proxies.clone(),
        browser_side: BrowserSide::load(Path::new(BROWSER_SIDE_FOLDER)),
    };
    listeners.serve(server::router(state), stop_signal()).await;
    Ok(())
}

/// What is right on a developer's machine and nowhere else.
fn warn_about(config: &Config) {
    if config.site_url.scheme() == "http" {
        tracing::warn!(
            "the site is plain http, so its cookies are neither Secure nor __Host- cookies: fine on this machine, nowhere else"
        );
    }
    if config.sealing_keys.is_empty() && !is_loopback(&config.site_url) {
        tracing::warn!(
            "SESSION_ENCRYPTION_KEYS is not set, so tokens and claims stand in the session store as they are: set it to the output of `openssl rand -base64 32`"
        );
    }
}

/// Where to sign in; starts the emulated tenant when nothing else is set.
async fn credentials(config: &Config) -> Result<(Credentials, Option<Tenant>), emulation::StartError> {
    match &config.sign_in {
        SignIn::Kinde(credentials) => Ok((credentials.clone(), None)),
        SignIn::EmulatedTenant { port } => {
            let tenant = emulation::start_beside(config, *port).await?;
            Ok((tenant.credentials(), Some(tenant)))
        }
    }
}

fn log_to_stderr(filter: &str) {
    let filter = EnvFilter::new(filter);
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

/// Completes on SIGINT (Ctrl-C) and SIGTERM.
async fn stop_signal() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let terminated = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => signal.recv().await,
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupted => {}
            _ = terminated => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
}
