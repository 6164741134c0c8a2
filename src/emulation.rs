//! Where the emulated Kinde tenant meets the program: beside the app, or alone as `kinde-leptos dev-issuer`.
//! The tenant itself is `dev_issuer`; `emulation/absent.rs` takes this file's place in builds that leave it out.

use aws_lc_rs::digest::{SHA256, digest};
use url::Url;

use std::future::Future;

use crate::config::{Config, Credentials};
use crate::dev_issuer::{self, DevIssuer, Options, Person};

pub use crate::dev_issuer::{NOTICE, StartError};

/// Whether this build has the emulated tenant.
pub const AVAILABLE: bool = true;

/// What `kinde-leptos dev-issuer` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 8001)]
    port: u16,
    /// The client id; made up when absent
    #[arg(long, requires = "client_secret")]
    client_id: Option<String>,
    /// The client secret; made up when absent
    #[arg(long, requires = "client_id")]
    client_secret: Option<String>,
    /// An allowed callback URL; may be repeated
    #[arg(long, default_value = "http://localhost:8000/api/auth/kinde_callback")]
    callback_url: Vec<String>,
    /// An allowed URL to return to after sign-out; may be repeated
    #[arg(long, default_value = "http://localhost:8000/api/auth/logout")]
    logout_url: Vec<String>,
}

/// The running tenant beside the app; it ends with this value.
pub struct RunningTenant(DevIssuer);

impl RunningTenant {
    /// The client that may sign in there.
    pub fn credentials(&self) -> Credentials {
        Credentials {
            issuer_url: self.0.issuer().to_owned(),
            client_id: self.0.client_id().to_owned(),
            client_secret: self.0.client_secret().to_owned().into(),
        }
    }

    /// The names of some who can sign in, for a line in the terminal.
    pub fn some_people(&self) -> String {
        let people = DevIssuer::people();
        let named: Vec<String> = people.iter().filter_map(Person::full_name).take(3).collect();
        format!("{} or {} others", named.join(", "), people.len() - named.len())
    }
}

/// Starts the tenant for exactly this app.
///
/// # Errors
/// [`StartError`] when its port cannot be opened.
pub async fn start_beside(config: &Config, port: u16) -> Result<RunningTenant, StartError> {
    let callback_urls = vec![config.callback_url.to_string()];
    let logout_urls = vec![config.logout_redirect_url.to_string()];
    let mut options = Options::new_client(port, callback_urls, logout_urls);
    options.client_id = client_id_of(&config.callback_url);
    dev_issuer::start(options).await.map(RunningTenant)
}

/// The same client id after every start, in Kinde's format, so that a restart of the app keeps users signed in.
fn client_id_of(callback_url: &Url) -> String {
    let digest = digest(&SHA256, callback_url.as_str().as_bytes());
    digest.as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Runs the tenant alone until `stop` completes, and prints the settings of an app that signs in there.
///
/// # Errors
/// [`StartError`] when its port cannot be opened.
pub async fn run_alone(arguments: Arguments, stop: impl Future<Output = ()>) -> Result<(), StartError> {
    let mut options = Options::new_client(arguments.port, arguments.callback_url, arguments.logout_url);
    if let (Some(id), Some(secret)) = (arguments.client_id, arguments.client_secret) {
        (options.client_id, options.client_secret) = (id, secret);
    }
    let tenant = dev_issuer::start(options).await?;
    println!("# The emulated Kinde tenant is running. Settings of an app that signs in here:");
    println!("KINDE_ISSUER_URL={}", tenant.issuer());
    println!("CLIENT_ID={}", tenant.client_id());
    println!("CLIENT_SECRET={}", tenant.client_secret());
    stop.await;
    tenant.shut_down().await;
    Ok(())
}
