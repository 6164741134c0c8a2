//! The settings, with the names, meaning, default and unit of each, read once from the environment and `.env`.
//!
//! No other file reads the environment. Everything that is wrong with the settings is one error ([`Problems`]), and a
//! name that is nearly a setting's is a warning. Meaning and default of each setting are at its field, and in
//! `.env.example`:
//!
//! | settings | field |
//! | --- | --- |
//! | `KINDE_ISSUER_URL`, `CLIENT_ID`, `CLIENT_SECRET` or `CLIENT_SECRET_FILE` | [`Config::sign_in`], [`Credentials`] |
//! | `DEV_ISSUER_PORT`, `DEV_ISSUER_SEED`, `DEV_ISSUER_RANDOM_SEED`, `DEV_ISSUER_STATE` | the same, [`SignIn::EmulatedTenant`] |
//! | `CLIENT_AUTH_METHOD` | [`Config::client_authentication`] |
//! | `KINDE_SCOPE`, `KINDE_AUDIENCE`, `KINDE_PROMPT` | [`Config::scope`], [`Config::audiences`], [`Config::prompt`] |
//! | `KINDE_POST_LOGIN_REDIRECT_URL` | [`Config::default_return_to`] |
//! | `SITE_URL`, `LISTEN_ADDR` | [`Config::site_url`], [`Config::listen`] |
//! | `KINDE_CALLBACK_URL`, `LOGOUT_REDIRECT_URL` | [`Config::callback_url`], [`Config::logout_redirect_url`] |
//! | `SESSION_STORE_URL` or `SESSION_STORE_URL_FILE`, `SESSION_STORE_UNVERIFIED` | [`Config::store`] |
//! | `SESSION_STORE_NAMESPACE` | [`Config::store_namespace`] |
//! | `SESSION_IDLE_SECONDS`, `SESSION_LIFETIME_SECONDS` | [`Config::lifetime`] |
//! | `SESSIONS_PER_USER` | [`Config::sessions_per_user`] |
//! | `SESSION_ENCRYPTION_KEYS` or `SESSION_ENCRYPTION_KEYS_FILE` | [`Config::sealing_keys`] |
//! | `AUTH_RATE_LIMIT`, `TRUSTED_PROXIES` | [`Config::rate_limit`], [`Config::trusted_proxies`] |
//! | `SHUTDOWN_NOTICE_SECONDS` | [`Config::shutdown_notice`] |
//! | `METRICS_ADDR` | [`Config::metrics`] |
//! | `RUST_LOG`, `LOG_FORMAT`, `ACCESS_LOG` | [`Config::log_filter`], [`Config::log_format`], [`Config::access_log`] |
//! | `OTEL_…` | [`Config::otlp`], [`OtlpSettings`] |

mod authorization_request;
mod log;
mod misspelt;
mod otlp;
mod settings;
mod sign_in;
mod site;
mod store;

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::api::diagnosis::{Problem, Setting};
use crate::auth::TrustedProxies;
use crate::auth::{self, ClientAuthentication, DEFAULT_SESSIONS_PER_USER, ReturnTo, SealingKeys, SessionLifetime};
use crate::otlp::OtlpSettings;
use crate::server::{self, RateLimit, StartFacts};
use crate::sessions::{Namespace, StoreUrl};
pub use log::{LogFormat, filter_from_environment as log_filter_from_environment};
use settings::Settings;

const DEFAULT_RATE_LIMIT: &str = "300/30";
/// The most sessions of one user that may be set: a sign-in reads them all.
const MAX_SESSIONS_PER_USER: usize = 250;
/// The longest notice that may be set.
const MAX_SHUTDOWN_NOTICE: Duration = Duration::from_secs(60 * 60);
/// The longest lifetime that may be set: 400 days, after which browsers drop a cookie anyway.
const MAX_LIFETIME: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// The application's settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// `SITE_URL` or `KINDE_SITE_URL`, or `http://SITE_HOST:SITE_PORT`. This site's origin as browsers see it: https,
    /// or http on a loopback host. Default `http://localhost:8000`.
    pub site_url: Url,
    /// `LISTEN_ADDR`. Default: the site's own port on 127.0.0.1 and `[::1]` for an http loopback site, else
    /// `127.0.0.1:8000` for a proxy in front.
    pub listen: Vec<SocketAddr>,
    /// `METRICS_ADDR`: the address and port of a listener for Prometheus alone, at `/metrics`; port 0 takes any free
    /// one. Default: none, and nothing is counted.
    pub metrics: Option<SocketAddr>,
    /// Where users sign in.
    pub sign_in: SignIn,
    /// `CLIENT_AUTH_METHOD`: `client_secret_basic` or `client_secret_post`. Default: as the issuer's discovery document
    /// says.
    pub client_authentication: Option<ClientAuthentication>,
    /// `KINDE_SCOPE`, separated by spaces; `openid` is added when it is missing. Default
    /// `openid profile email offline`.
    pub scope: String,
    /// `KINDE_AUDIENCE`: the audiences that access tokens are requested for, separated by spaces, at most eight; neither
    /// the client id nor the issuer. Programs may call this site with an access token that has one of them. Default:
    /// none, and access tokens of programs are refused.
    pub audiences: Vec<String>,
    /// `KINDE_PROMPT`: the `prompt` of sign-ins that set none themselves. Default: none.
    pub prompt: Option<String>,
    /// `KINDE_POST_LOGIN_REDIRECT_URL`: where a sign-in leads that names no path to return to, a path or a URL of this
    /// site. Default `/`.
    pub default_return_to: ReturnTo,
    /// `KINDE_CALLBACK_URL`. Default `{site_url}/api/auth/kinde_callback`.
    pub callback_url: Url,
    /// `LOGOUT_REDIRECT_URL` or `KINDE_POST_LOGOUT_REDIRECT_URL`. Default `{site_url}/api/auth/logout`.
    pub logout_redirect_url: Url,
    /// `SESSION_STORE_URL`, or the content of the file that `SESSION_STORE_URL_FILE` names. Default
    /// `sqlite:data/sessions.db`. A server at a public address needs verified TLS, or `SESSION_STORE_UNVERIFIED=allow`.
    pub store: StoreUrl,
    /// Says in the log, before the store is opened, how the connection to it should be better protected.
    pub store_warning: Option<String>,
    /// `SESSION_STORE_NAMESPACE`: the beginning of every name in the session store, so that several applications can
    /// share a database. Default `kinde`.
    pub store_namespace: Namespace,
    /// `SESSION_IDLE_SECONDS` (default 86400, a day) and `SESSION_LIFETIME_SECONDS` (default 604800, a week).
    pub lifetime: SessionLifetime,
    /// `SESSIONS_PER_USER`: how many sessions a user may have, from 1 to 250. A further sign-in ends the user's oldest
    /// session. Default 50.
    pub sessions_per_user: NonZeroUsize,
    /// `SESSION_ENCRYPTION_KEYS`, or the content of the file that `SESSION_ENCRYPTION_KEYS_FILE` names: 32 random bytes
    /// each in base64, separated by commas, the newest first; or `none`, and tokens and claims are stored as they are.
    /// An https site must set it. Default for an http site: `none`.
    pub sealing_keys: Arc<SealingKeys>,
    /// `AUTH_RATE_LIMIT`: how many requests that begin a sign-in one address may send at once and each second, and how
    /// many callbacks, visits of the portal, and forged events or logout tokens; or `off`. Default `300/30`. It has no
    /// effect while [`Self::lacks_trusted_proxies`].
    pub rate_limit: Option<RateLimit>,
    /// `TRUSTED_PROXIES`: addresses and networks whose `X-Forwarded-For` and `traceparent` are believed, or `none` where
    /// nothing stands in front. By default no header is believed, but on an https site a proxy may be there.
    pub trusted_proxies: TrustedProxies,
    /// `SHUTDOWN_NOTICE_SECONDS`: how long requests are still accepted after SIGTERM or SIGINT, while `/readyz` says
    /// that the process is ending. At most an hour. Default 0.
    pub shutdown_notice: Duration,
    /// `LEPTOS_RELOAD_PORT` (default 3001) under `cargo leptos watch`, which sets `LEPTOS_WATCH`: the port from which
    /// pages learn that they must reload. Neither is set by hand.
    pub live_reload_port: Option<u16>,
    /// `RUST_LOG`: levels of targets, as in `kinde_leptos=debug,info`. Default `info,redis=off,sqlx=warn`.
    pub log_filter: String,
    /// `LOG_FORMAT`: `text`, or `json` for one JSON object a line. Default `text`.
    pub log_format: LogFormat,
    /// `ACCESS_LOG`: `on` for a line of the log for each request, or `off`. Default: `on` for a log in JSON, else `off`.
    pub access_log: bool,
    /// The `OTEL_…` variables: where traces are exported to, and which. Default: nowhere.
    pub otlp: OtlpSettings,
    /// Every setting by all its names, with the values of those that are set; those of secrets are hidden.
    pub settings: Vec<Setting>,
    /// A sentence for each variable that looks like a setting and is none, in the environment or in `.env`.
    pub misspelt: Vec<String>,
}

/// Where users sign in.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// At the issuer that the three settings name.
    Kinde(Credentials),
    /// At the emulated tenant, because none of the three is set. It listens on this port of 127.0.0.1
    /// (`DEV_ISSUER_PORT`, default the site's port + 1).
    EmulatedTenant {
        /// 0 takes any free port.
        port: u16,
        /// `DEV_ISSUER_SEED`: the file with the people who can sign in there. Default: those that every tenant knows.
        seed: Option<PathBuf>,
        /// `DEV_ISSUER_RANDOM_SEED`: the number from which the random values there follow. Default: they are random.
        random_seed: Option<u64>,
        /// `DEV_ISSUER_STATE`: the file that keeps its state from one start to the next. Default: it is in memory only.
        state: Option<PathBuf>,
    },
}

/// `KINDE_ISSUER_URL`, `CLIENT_ID` and `CLIENT_SECRET`.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The issuer identifier, without a trailing slash.
    pub issuer_url: String,
    /// `CLIENT_ID` or `KINDE_CLIENT_ID`.
    pub client_id: String,
    /// `CLIENT_SECRET` or `KINDE_CLIENT_SECRET`, or the content of the file that `CLIENT_SECRET_FILE` names.
    pub client_secret: SecretString,
}

/// Everything that is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    /// One text for each problem, which also says what to do.
    texts: Vec<String>,
    /// The form of the log in which they are reported.
    pub log_format: LogFormat,
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "The settings cannot be used:")?;
        self.texts.iter().try_for_each(|problem| writeln!(f, "  - {problem}"))?;
        write!(f, "Every setting is described in .env.example.")
    }
}

impl std::error::Error for Problems {}

impl Config {
    /// Reads the environment, and `.env` in the working folder for what the environment leaves unset.
    ///
    /// # Errors
    /// [`Problems`]: everything that is wrong, at once.
    pub fn from_environment(has_emulated_tenant: bool) -> Result<Self, Problems> {
        let (file, problem) = env_file(Path::new(".env"));
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let variable = |name: &str| set(name).or_else(|| file.get(name).cloned());
        let read = Self::from_vars(variable, |path| std::fs::read_to_string(path), resolve, has_emulated_tenant);
        let in_environment = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let misspelt = misspelt::misspelt(in_environment.chain(file.keys().cloned()), &Self::names());
        match (read, problem) {
            (Ok(config), None) => Ok(Self { misspelt, ..config }),
            (Ok(config), Some(problem)) => {
                Err(Problems { texts: [vec![problem], misspelt].concat(), log_format: config.log_format })
            }
            (Err(Problems { texts, log_format }), problem) => {
                let problem = problem.into_iter().collect();
                Err(Problems { texts: [problem, texts, misspelt].concat(), log_format })
            }
        }
    }

    /// Every name that a setting can have.
    fn names() -> Vec<String> {
        let unread = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
        let defaults = Self::from_vars(|_| None, unread, |_| Ok(Vec::new()), true);
        defaults.map_or_else(|_| Vec::new(), |config| config.settings.into_iter().map(|setting| setting.name).collect())
    }

    /// Reads the settings from any source. `read_file` reads the file that a setting such as `CLIENT_SECRET_FILE`
    /// names; `resolve` returns the addresses of a host; `has_emulated_tenant` says whether this build contains the
    /// emulated tenant.
    ///
    /// # Errors
    /// [`Problems`]: everything that is wrong, at once.
    pub fn from_vars(
        variable: impl Fn(&str) -> Option<String>,
        read_file: impl Fn(&Path) -> std::io::Result<String>,
        resolve: impl Fn(&str) -> std::io::Result<Vec<IpAddr>>,
        has_emulated_tenant: bool,
    ) -> Result<Self, Problems> {
        let mut settings = Settings::new(variable, read_file, resolve);
        let site_url = site::site_url(&mut settings);
        let store = store::url(&mut settings);
        let sign_in = sign_in::sign_in(&mut settings, &site_url, has_emulated_tenant);
        let log_format = log::format(&mut settings);
        let config = Self {
            listen: site::listen(&mut settings, &site_url),
            metrics: site::metrics_address(&mut settings),
            audiences: authorization_request::audiences(&mut settings, &sign_in),
            sign_in,
            client_authentication: sign_in::client_authentication(&mut settings),
            scope: authorization_request::scope(&mut settings),
            prompt: authorization_request::prompt(&mut settings),
            default_return_to: site::default_return_to(&mut settings, &site_url),
            callback_url: site::callback_url(&mut settings, &site_url),
            logout_redirect_url: site::logout_redirect_url(&mut settings, &site_url),
            store_warning: store::warning(&mut settings, &store),
            store,
            store_namespace: store::namespace(&mut settings),
            lifetime: lifetime(&mut settings),
            sessions_per_user: sessions_per_user(&mut settings),
            sealing_keys: Arc::new(sealing_keys(&mut settings, &site_url)),
            rate_limit: rate_limit(&mut settings),
            trusted_proxies: trusted_proxies(&mut settings),
            shutdown_notice: settings.seconds(
                "SHUTDOWN_NOTICE_SECONDS",
                Duration::ZERO..=MAX_SHUTDOWN_NOTICE,
                Duration::ZERO,
            ),
            live_reload_port: site::live_reload_port(&mut settings),
            log_filter: log::filter(&mut settings),
            log_format,
            access_log: log::access_log(&mut settings, log_format),
            otlp: otlp::settings(&mut settings, crate::otlp::AVAILABLE),
            site_url,
            settings: Vec::new(),
            misspelt: Vec::new(),
        };
        settings.finish(config)
    }

    /// Whether `AUTH_RATE_LIMIT` is set but has no effect: on an https site without `TRUSTED_PROXIES`, all requests may
    /// arrive from the address of one proxy.
    pub fn lacks_trusted_proxies(&self) -> bool {
        self.rate_limit.is_some() && self.trusted_proxies.may_hide_clients(&self.site_url)
    }

    /// What the set-up page says of the settings, and what of them is logged as a warning when the program starts.
    pub fn start_facts(&self) -> StartFacts {
        let trusted_proxies = self.lacks_trusted_proxies().then(|| Problem {
            what: "TRUSTED_PROXIES is not set, so every request may arrive from the same proxy, and AUTH_RATE_LIMIT is not applied: set it to the addresses of your proxies, or to none where nothing stands in front.".to_owned(),
            place: "No screen of Kinde: TRUSTED_PROXIES in .env".to_owned(),
        });
        let store = self.store_warning.as_ref().map(|warning| Problem {
            what: format!("{}.", warning.trim_end_matches('.')),
            place: "No screen of Kinde: SESSION_STORE_URL in .env".to_owned(),
        });
        let misspelt = self.misspelt.iter().map(|sentence| Problem {
            what: sentence.clone(),
            place: "No screen of Kinde: .env, or the environment".to_owned(),
        });
        StartFacts {
            settings: self.settings.clone(),
            problems: trusted_proxies.into_iter().chain(store).chain(misspelt).collect(),
        }
    }

    /// The settings of the sign-in component, for the client and the issuer of these credentials.
    pub fn auth(&self, credentials: Credentials) -> auth::Config {
        let Credentials { issuer_url, client_id, client_secret } = credentials;
        let mut config = auth::Config::new(issuer_url, client_id, client_secret, self.site_url.clone())
            .with_callback_url(self.callback_url.clone())
            .with_logout_redirect_url(self.logout_redirect_url.clone())
            .with_scope(&self.scope)
            .with_audiences(&self.audiences)
            .with_api_audiences(&self.audiences)
            .with_default_return_to(self.default_return_to.clone())
            .with_lifetime(self.lifetime)
            .with_sessions_per_user(self.sessions_per_user)
            .with_sealing_keys(Arc::clone(&self.sealing_keys))
            .with_request_headers(server::trace_headers());
        config.prompt.clone_from(&self.prompt);
        config.client_authentication = self.client_authentication;
        config
    }
}

/// Where a site with these settings listens, read as by [`Config::from_environment`], but without a look at any other
/// setting: a health check needs no secret.
///
/// # Errors
/// [`Problems`]: what is wrong with `SITE_URL` or `LISTEN_ADDR`.
pub fn listen_addresses() -> Result<Vec<SocketAddr>, Problems> {
    let (file, _) = env_file(Path::new(".env"));
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let variable = |name: &str| set(name).or_else(|| file.get(name).cloned());
    let mut settings = Settings::new(variable, |path| std::fs::read_to_string(path), resolve);
    let site_url = site::site_url(&mut settings);
    let addresses = site::listen(&mut settings, &site_url);
    settings.finish_part(addresses)
}

/// Returns the variables in a file of settings, and the problem with the file if there is one. The problem shows
/// nothing of a malformed line, which may be a secret.
fn env_file(path: &Path) -> (HashMap<String, String>, Option<String>) {
    let lines = match dotenvy::from_path_iter(path) {
        Ok(lines) => lines,
        Err(error) if error.not_found() => return (HashMap::new(), None),
        Err(error) => return (HashMap::new(), Some(format!(".env cannot be read: {error}."))),
    };
    let (mut variables, mut position) = (HashMap::new(), "at its beginning".to_owned());
    for line in lines {
        let Ok((name, value)) = line else {
            let problem = format!(
                ".env cannot be read: it has a malformed line {position}. Write each line as NAME=value, with quotes around a value that has spaces."
            );
            return (variables, Some(problem));
        };
        position = format!("after {name}");
        variables.insert(name, value);
    }
    (variables, None)
}

/// The addresses of a host, found as the clients of the session stores find them.
fn resolve(host: &str) -> std::io::Result<Vec<IpAddr>> {
    Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
}

fn lifetime(settings: &mut Settings<'_>) -> SessionLifetime {
    let default = SessionLifetime::default();
    let allowed = Duration::from_secs(1)..=MAX_LIFETIME;
    let idle = settings.seconds("SESSION_IDLE_SECONDS", allowed.clone(), default.idle);
    SessionLifetime::new(idle, settings.seconds("SESSION_LIFETIME_SECONDS", allowed, default.absolute))
}

fn sessions_per_user(settings: &mut Settings<'_>) -> NonZeroUsize {
    let Some(text) = settings.one_of(&["SESSIONS_PER_USER"]) else { return DEFAULT_SESSIONS_PER_USER };
    let number = text.parse::<NonZeroUsize>().ok().filter(|number| number.get() <= MAX_SESSIONS_PER_USER);
    number.unwrap_or_else(|| {
        settings.problem(format!("SESSIONS_PER_USER is {text:?}: write a number from 1 to {MAX_SESSIONS_PER_USER}."));
        DEFAULT_SESSIONS_PER_USER
    })
}

fn sealing_keys(settings: &mut Settings<'_>, site_url: &Url) -> SealingKeys {
    const FILE: &str = "SESSION_ENCRYPTION_KEYS_FILE";
    let Some(text) = settings.secret(&["SESSION_ENCRYPTION_KEYS"], FILE, "the keys") else {
        // A file that cannot be used is a problem already.
        if site_url.scheme() == "https" && !settings.is_set(FILE) {
            settings.problem(
                "SESSION_ENCRYPTION_KEYS is not set, which an https site needs: set it to what `kinde-leptos generate-key` prints, or to none to store tokens and claims unencrypted.".to_owned(),
            );
        }
        return SealingKeys::default();
    };
    if text.eq_ignore_ascii_case("none") {
        return SealingKeys::default();
    }
    SealingKeys::parse(&text).unwrap_or_else(|error| {
        settings.problem(format!("SESSION_ENCRYPTION_KEYS: {error}. `kinde-leptos generate-key` prints a key."));
        SealingKeys::default()
    })
}

fn rate_limit(settings: &mut Settings<'_>) -> Option<RateLimit> {
    let text = settings.one_of(&["AUTH_RATE_LIMIT"]).unwrap_or_else(|| DEFAULT_RATE_LIMIT.to_owned());
    if text.eq_ignore_ascii_case("off") {
        return None;
    }
    let limit = text.parse().ok();
    if limit.is_none() {
        settings.problem(format!(
            "AUTH_RATE_LIMIT is {text:?}: write how many requests are allowed at once and each second, for example {DEFAULT_RATE_LIMIT}, or off."
        ));
    }
    limit
}

fn trusted_proxies(settings: &mut Settings<'_>) -> TrustedProxies {
    let Some(text) = settings.one_of(&["TRUSTED_PROXIES"]) else { return TrustedProxies::default() };
    text.parse().unwrap_or_else(|part: String| {
        settings.problem(format!(
            "TRUSTED_PROXIES contains {part:?}: write addresses or networks, separated by commas, for example 10.0.0.0/8, or none where nothing stands in front."
        ));
        TrustedProxies::default()
    })
}

#[cfg(test)]
mod tests;
