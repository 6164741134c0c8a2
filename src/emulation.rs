//! Starts the emulated Kinde tenant, beside the app or alone as `kinde-leptos dev-issuer`.
//! The tenant itself is in `dev_issuer`. Builds without it use `emulation/absent.rs` instead of this file.

mod announcement;
mod observer;

use std::future::Future;
use std::io;
use std::path::PathBuf;

use aws_lc_rs::digest::{SHA256, digest};
use url::Url;

use crate::auth;
use crate::auth::paths::WEBHOOKS;
use crate::config::{Config, Credentials};
use crate::dev_issuer::{self, DevIssuer, Options, Person};
use announcement::Announcement;

pub use crate::dev_issuer::{NOTICE, StartError};
pub use observer::TenantObserver;

/// Whether this build has the emulated tenant.
pub const AVAILABLE: bool = true;

/// The command line arguments of `kinde-leptos dev-issuer`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The port on 127.0.0.1; 0 selects a free one
    #[arg(long, default_value_t = 8001)]
    port: u16,
    /// The client id; generated when absent
    #[arg(long, requires = "client_secret")]
    client_id: Option<String>,
    /// The client secret; generated when absent
    #[arg(long, requires = "client_id")]
    client_secret: Option<String>,
    /// An allowed callback URL; may be repeated
    #[arg(long, default_value = "http://localhost:8000/api/auth/kinde_callback")]
    callback_url: Vec<String>,
    /// An allowed URL to return to after sign-out; may be repeated
    #[arg(long, default_value = "http://localhost:8000/api/auth/logout")]
    logout_url: Vec<String>,
    /// Where events are sent, for example http://localhost:8000/api/webhooks/kinde; none when absent
    #[arg(long)]
    webhook_url: Option<String>,
    /// A file with the people who can sign in, as JSON; it is read again when it changes
    #[arg(long)]
    seed: Option<PathBuf>,
    /// A number from which codes, tokens, ids and losses follow, so that a run can be repeated; keys do not
    #[arg(long, value_name = "NUMBER")]
    random_seed: Option<u64>,
    /// A file that keeps people, settings, keys, sessions and tokens from one start to the next, and the client id and
    /// secret too; then --seed is for the first start and for resets
    #[arg(long, value_name = "FILE", conflicts_with = "random_seed")]
    state: Option<PathBuf>,
    /// When the tenant is ready, write the settings of an app to this file, as NAME=value lines
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// When the tenant is ready, print one line of JSON instead of NAME=value lines
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// Whether the command prints JSON.
    pub fn want_json(&self) -> bool {
        self.json
    }
}

/// A tenant that runs beside the app. It stops when this value is dropped.
pub struct RunningTenant(DevIssuer);

impl RunningTenant {
    /// The URL of the tenant, and the credentials of its one client.
    pub fn credentials(&self) -> Credentials {
        Credentials {
            issuer_url: self.0.issuer().to_owned(),
            client_id: self.0.client_id().to_owned(),
            client_secret: self.0.client_secret().to_owned().into(),
        }
    }

    /// These settings of the sign-in component, of which the tenant is told what they verify.
    pub fn observing(&self, config: auth::Config) -> auth::Config {
        config.with_observer(TenantObserver::new(self.0.origin()))
    }

    /// The address of the tenant's console.
    pub fn console(&self) -> String {
        format!("{}/", self.0.origin())
    }

    /// The names of some people who can sign in, for a line in the terminal.
    pub fn some_people(&self) -> String {
        let people = self.0.everybody();
        let named: Vec<String> = people.iter().filter_map(Person::full_name).take(3).collect();
        match people.len() - named.len() {
            0 if named.is_empty() => "whom you add: nobody is there".to_owned(),
            0 => named.join(", "),
            others if named.is_empty() => format!("{others} people"),
            others => format!("{} or {others} others", named.join(", ")),
        }
    }
}

/// Starts a tenant whose one client is this app.
///
/// # Errors
/// [`StartError`] when its port cannot be opened, or its seed not used.
pub async fn start_beside(
    config: &Config,
    port: u16,
    seed: Option<PathBuf>,
    random_seed: Option<u64>,
    state: Option<PathBuf>,
) -> Result<RunningTenant, StartError> {
    let callback_urls = vec![config.callback_url.to_string()];
    let logout_urls = vec![config.logout_redirect_url.to_string()];
    let mut options = Options::new_client(port, callback_urls, logout_urls);
    if let Some(path) = state {
        options = options.with_state(path)?;
    }
    (options.seed, options.random_seed) = (seed, random_seed);
    options.client_id = client_id_of(&config.callback_url);
    // Elsewhere stands a proxy with a certificate that the tenant need not know.
    options.webhook_url = (config.site_url.scheme() == "http").then(|| webhook_url(&config.site_url));
    dev_issuer::start(options).await.map(RunningTenant)
}

/// The issuer and the client of the tenant that runs beside a site with these settings, to find the site's sessions. The
/// tenant's secret is known to the site alone, so the tenant accepts no request with these.
///
/// # Errors
/// [`UnknownPort`] when the site's tenant takes any free port.
pub fn credentials_beside(config: &Config, port: u16) -> Result<Credentials, UnknownPort> {
    if port == 0 {
        return Err(UnknownPort);
    }
    Ok(Credentials {
        issuer_url: format!("http://127.0.0.1:{port}"),
        client_id: client_id_of(&config.callback_url),
        client_secret: "not known to this process".to_owned().into(),
    })
}

/// The tenant of a site listens at a port that this process does not know.
#[derive(Debug, thiserror::Error)]
#[error(
    "the emulated tenant of the site takes any free port (DEV_ISSUER_PORT=0), so its sessions are not known: set DEV_ISSUER_PORT to the one that it has"
)]
pub struct UnknownPort;

fn webhook_url(site_url: &Url) -> String {
    let mut url = site_url.clone();
    url.set_path(WEBHOOKS);
    url.into()
}

/// Derives a client id in Kinde's format from the callback URL. It is the same after every start, so that users stay
/// signed in when the app restarts.
fn client_id_of(callback_url: &Url) -> String {
    let digest = digest(&SHA256, callback_url.as_str().as_bytes());
    digest.as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The reason for which the tenant does not run alone.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The tenant did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The file for the settings cannot be written.
    #[error("the file {path} cannot be written: {source} (--env-file)")]
    EnvFile {
        /// The file.
        path: String,
        /// The error of the system.
        source: io::Error,
    },
    /// Standard output is closed.
    #[error("the settings cannot be printed: {0}")]
    Output(#[from] io::Error),
}

/// Runs the tenant alone until `stop` completes, and says how an app signs in there when it is ready.
///
/// # Errors
/// [`RunError`] when its port cannot be opened, a file not used, or the settings not written.
pub async fn run_alone(arguments: Arguments, stop: impl Future<Output = ()>) -> Result<(), RunError> {
    let mut options = Options::new_client(arguments.port, arguments.callback_url, arguments.logout_url);
    if let Some(path) = arguments.state {
        options = options.with_state(path).map_err(StartError::from)?;
    }
    (options.webhook_url, options.seed) = (arguments.webhook_url, arguments.seed);
    options.random_seed = arguments.random_seed;
    if let (Some(id), Some(secret)) = (arguments.client_id, arguments.client_secret) {
        (options.client_id, options.client_secret) = (id, secret);
    }
    let tenant = dev_issuer::start(options).await?;
    let announcement = Announcement::of(&tenant);
    if let Some(path) = arguments.env_file {
        let written = announcement.write_to(&path);
        written.map_err(|source| RunError::EnvFile { path: path.display().to_string(), source })?;
    }
    announcement.print(arguments.json)?;
    stop.await;
    tenant.shut_down().await;
    Ok(())
}
