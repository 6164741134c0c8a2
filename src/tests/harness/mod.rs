//! The harness of the tests over HTTP: a site with its tenant, and browsers to visit it. Both test targets use it.

mod breakable_store;
mod browser;
mod log;
#[cfg(unix)]
mod program;
mod raw;
mod records;
mod routes;
mod session_ids;
mod silencer;
mod slow_link;
#[cfg(unix)]
mod store_server;
mod tenant;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use kinde_leptos::app::Notice;
use kinde_leptos::auth::{Client, Clock, Config, Store, TrustedProxies};
use kinde_leptos::dev_issuer::{NOTICE, Shape};
use kinde_leptos::server::{App, AppState, Drain, Listeners, Metrics};
use kinde_leptos::sessions::{self, Namespace, StoreUrl};
use sqlx::SqlSafeStr;
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

pub use breakable_store::BreakableStore;
pub use browser::{Browser, Response, client};
pub use log::Log;
#[cfg(unix)]
pub use program::{Address, Ended, Program, free_port};
pub use raw::RawResponse;
pub use records::Records;
pub use routes::{GREETING_FUNCTION, ITEM_FUNCTION, READING_FUNCTIONS, files, functions, routes};
pub use session_ids::{random_cookie, session_id};
pub use silencer::Silencer;
#[allow(unused_imports, reason = "the `store_faults` target does not use this")]
pub use slow_link::SlowLink;
#[cfg(unix)]
#[allow(unused_imports, reason = "neither target uses all of these")]
pub use store_server::{Kind, PgBouncer, RedisCluster, Sentinels, StoreServer, until};
#[allow(unused_imports, reason = "the `soak` target waits for no examination")]
pub use tenant::{TestTenant, person, settings_of, until_examined};

/// The origin of a site made by [`Site::start_https`].
pub const HTTPS_ORIGIN: &str = "https://app.example";
/// The session cookie of a site on http loopback.
pub const SESSION_COOKIE: &str = "kinde_session";

/// A running app with its own store, signing in at a tenant of its own. Both end with this value.
pub struct Site {
    /// `http://localhost:PORT`, without a slash at the end.
    pub url: String,
    /// The tenant; its faults are switched here.
    pub tenant: TestTenant,
    /// The session store, to look at or to break.
    pub store: Arc<dyn Store>,
    /// The settings of the sign-in component.
    pub config: Config,
    /// The sign-in component itself.
    pub auth: Client,
    /// What the site counts, also after a restart.
    pub metrics: Metrics,
    seconds_ahead: Arc<AtomicI64>,
    folder: TempDir,
    running: Running,
}

/// Another process of a site, as far as the store can tell. It ends with this value.
pub struct Twin {
    pub url: String,
    _running: Running,
}

/// A server that ends when this is dropped.
struct Running {
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl Site {
    /// A site with the settings of `cargo run`.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A site whose sign-in component has other settings.
    pub async fn start_with(adapt: impl FnOnce(&mut Config)) -> Self {
        Self::start_at(None, adapt, |real| real).await
    }

    /// A site at an issuer that is not Kinde.
    pub async fn start_plain(adapt: impl FnOnce(&mut Config)) -> Self {
        Self::start_of(Shape::Plain, None, adapt, |real| real, no_routes).await
    }

    /// A site whose own address is [`HTTPS_ORIGIN`], as behind a proxy that ends TLS: it still listens on http.
    pub async fn start_https() -> Self {
        Self::start_at(Some(HTTPS_ORIGIN), |_| {}, |real| real).await
    }

    /// A site with further routes, of an issuer of this shape.
    pub async fn start_with_routes(
        shape: Shape,
        adapt: impl FnOnce(&mut Config),
        routes: impl FnOnce(&Client) -> Router,
    ) -> Self {
        Self::start_of(shape, None, adapt, |real| real, routes).await
    }

    /// A site whose store can be broken.
    pub async fn start_breakable(adapt: impl FnOnce(&mut Config)) -> (Self, Arc<BreakableStore>) {
        let mut breakable = None;
        let in_front = |real| breakable.insert(Arc::new(BreakableStore::new(real))).clone() as Arc<dyn Store>;
        let site = Self::start_at(None, adapt, in_front).await;
        (site, breakable.unwrap())
    }

    /// As [`Self::start_breakable`], at an issuer that is not Kinde.
    pub async fn start_breakable_plain(adapt: impl FnOnce(&mut Config)) -> (Self, Arc<BreakableStore>) {
        let mut breakable = None;
        let in_front = |real| breakable.insert(Arc::new(BreakableStore::new(real))).clone() as Arc<dyn Store>;
        let site = Self::start_of(Shape::Plain, None, adapt, in_front, no_routes).await;
        (site, breakable.unwrap())
    }

    /// A site at an issuer that is not Kinde, on a store that other sites may share.
    pub async fn start_plain_on(store: Arc<dyn Store>) -> Self {
        Self::start_of(Shape::Plain, None, |_| {}, |_| store, no_routes).await
    }

    /// A site on a store that other sites may share.
    pub async fn start_on(store: Arc<dyn Store>, adapt: impl FnOnce(&mut Config)) -> Self {
        Self::start_at(None, adapt, |_| store).await
    }

    async fn start_at(
        origin: Option<&str>,
        adapt: impl FnOnce(&mut Config),
        in_front: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>,
    ) -> Self {
        Self::start_of(Shape::Kinde, origin, adapt, in_front, no_routes).await
    }

    async fn start_of(
        shape: Shape,
        origin: Option<&str>,
        adapt: impl FnOnce(&mut Config),
        in_front: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>,
        routes: impl FnOnce(&Client) -> Router,
    ) -> Self {
        log::listen();
        let listeners = Listeners::bind(&["127.0.0.1:0".parse().unwrap()]).await.unwrap();
        let port = listeners.addresses()[0].port();
        let url = format!("http://localhost:{port}");
        let origin = origin.unwrap_or(&url);
        let tenant = TestTenant::start_of(shape, origin).await;
        let folder = tempfile::tempdir().unwrap();
        let mut config = tenant.config();
        adapt(&mut config);
        let store = in_front(open_store(&folder).await);
        let seconds_ahead = Arc::new(AtomicI64::new(0));
        let metrics = Metrics::new();
        let auth = client_of(&config, &store, &seconds_ahead, &metrics);
        let running = serve(listeners, auth.clone(), routes(&auth), Some(metrics.clone()));
        Self { url, tenant, store, config, auth, metrics, seconds_ahead, folder, running }
    }

    /// The same site as a new process sees it after a restart: same settings, same store file, another port.
    pub async fn restarted(self) -> Self {
        let Self { tenant, store, config, auth, metrics, seconds_ahead, folder, running, .. } = self;
        // A session file can be open in one site at a time.
        drop((store, auth));
        drop(running.stop);
        running.ended.await.unwrap();
        let listeners = Listeners::bind(&["127.0.0.1:0".parse().unwrap()]).await.unwrap();
        let url = format!("http://localhost:{}", listeners.addresses()[0].port());
        let store = open_store(&folder).await;
        let auth = client_of(&config, &store, &seconds_ahead, &metrics);
        let running = serve(listeners, auth.clone(), Router::new(), Some(metrics.clone()));
        Self { url, tenant, store, config, auth, metrics, seconds_ahead, folder, running }
    }

    /// Changes the session file behind the site's back, and returns once the site has noticed the change.
    pub async fn spoil(&self, statement: impl SqlSafeStr) {
        let mut records = Records::open(&self.store_file()).await;
        records.run_and_be_noticed(&*self.store, statement).await;
    }

    /// An address on the site.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The address to which the proxy of an https site forwards a request: the same path where the site listens.
    pub fn behind_proxy(&self, url: &str) -> String {
        url.replacen(HTTPS_ORIGIN, &self.url, 1)
    }

    /// The file of the session store.
    pub fn store_file(&self) -> PathBuf {
        self.folder.path().join("sessions.db")
    }

    /// Moves the sign-in component's clock forward; the clocks of the tenant and the store stay as they are.
    pub fn advance(&self, duration: Duration) {
        self.seconds_ahead.fetch_add(i64::try_from(duration.as_secs()).unwrap(), Ordering::SeqCst);
    }

    /// How far the sign-in component's clock is ahead.
    pub fn seconds_ahead(&self) -> i64 {
        self.seconds_ahead.load(Ordering::SeqCst)
    }

    /// Another process of this site on the same store, at an address of its own: sessions of the one are those of the
    /// other.
    pub async fn twin(&self, store: Arc<dyn Store>) -> Twin {
        let listeners = Listeners::bind(&["127.0.0.1:0".parse().unwrap()]).await.unwrap();
        let url = format!("http://localhost:{}", listeners.addresses()[0].port());
        let auth = Client::with_clock(self.config.clone(), store, clock(&self.seconds_ahead)).unwrap();
        Twin { url, _running: serve(listeners, auth, Router::new(), None) }
    }

    /// A browser in which this person has signed in.
    pub async fn signed_in(&self, person: &str) -> Browser {
        let cookies = self.tenant.login(person).listening_at(&self.url).cookies().await.unwrap();
        let mut browser = Browser::new();
        browser.set_cookie("localhost", cookies.app.name(), cookies.app.value());
        browser.set_cookie("127.0.0.1", cookies.tenant.name(), cookies.tenant.value());
        browser
    }
}

async fn open_store(folder: &TempDir) -> Arc<dyn Store> {
    let url = StoreUrl::Sqlite(folder.path().join("sessions.db"));
    sessions::open(&url, &Namespace::default()).await.unwrap()
}

fn clock(seconds_ahead: &Arc<AtomicI64>) -> Clock {
    let seconds_ahead = Arc::clone(seconds_ahead);
    Arc::new(move || OffsetDateTime::now_utc() + time::Duration::seconds(seconds_ahead.load(Ordering::SeqCst)))
}

fn no_routes(_: &Client) -> Router {
    Router::new()
}

fn client_of(config: &Config, store: &Arc<dyn Store>, seconds_ahead: &Arc<AtomicI64>, metrics: &Metrics) -> Client {
    let make = || Client::with_clock(config.clone(), Arc::clone(store), clock(seconds_ahead));
    metrics.receive_from(make).unwrap()
}

fn serve(listeners: Listeners, auth: Client, routes: Router, metrics: Option<Metrics>) -> Running {
    let drain = Drain::default();
    let issuer = Url::parse(&auth.config().issuer_url).unwrap();
    let console = format!("{}/", issuer.origin().ascii_serialization()).into();
    let app = routes.fallback_service(App::new(AppState {
        notice: Some(Notice { text: NOTICE, console }),
        // With `X-Forwarded-For` a test sends requests from other addresses.
        trusted_proxies: "127.0.0.1".parse::<TrustedProxies>().unwrap(),
        drain: drain.clone(),
        metrics,
        ..AppState::new(auth)
    }));
    let (stop, stopped) = oneshot::channel();
    let ended = tokio::spawn(listeners.serve(
        app,
        async {
            let _ = stopped.await;
        },
        drain,
    ));
    Running { stop, ended }
}
