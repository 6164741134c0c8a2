//! Opens the sessions of the site that runs with these settings, without a port and beside the running process.

use std::error::Error;

use kinde_leptos::auth::Client;
use kinde_leptos::config::{Config, SignIn};
use kinde_leptos::emulation;
use kinde_leptos::sessions::{self, OpenError};

/// The settings of a site, and its sessions.
pub(super) struct RunningSite {
    pub(super) config: Config,
    pub(super) auth: Client,
}

impl RunningSite {
    /// Reads the settings and opens the session store. What the command does is logged to standard error, as the site
    /// logs it.
    ///
    /// # Errors
    /// What keeps the site from starting as well: settings or a store that cannot be used. And a SQLite file that no
    /// site has used yet.
    pub(super) async fn open() -> Result<Self, Box<dyn Error>> {
        let config = Config::from_environment(emulation::AVAILABLE)?;
        crate::log::start(&config.log_filter, config.log_format, None);
        let credentials = match &config.sign_in {
            SignIn::Kinde(credentials) => credentials.clone(),
            SignIn::EmulatedTenant { port, .. } => emulation::credentials_beside(&config, *port)?,
        };
        let store = sessions::open_beside(&config.store, &config.store_namespace).await;
        let store = store.map_err(|error| match error {
            OpenError::Sqlite { .. } => {
                format!("{error}. Run this as the site's user, whose file it is (SESSION_STORE_URL)")
            }
            _ => format!("{error} (SESSION_STORE_URL)"),
        })?;
        let auth = Client::new(config.auth(credentials), store)?;
        Ok(Self { config, auth })
    }
}
