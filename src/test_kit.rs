//! The test kit: an emulated Kinde tenant in the tests of an application, and sign-ins there without a browser.
//!
//! The application signs in by [`auth`](crate::auth). The tenant itself is [`dev_issuer`].
//!
//! [`TestTenant`] is the tenant of one application. It listens on a free port of 127.0.0.1, ends with its value, and
//! shares nothing with other tenants, so that tests run at the same time. It talks with the application over HTTP
//! only; the application may listen on a port, or be a [`Router`](axum::Router) that never does
//! ([`Login::in_process`]).
//!
//! ```
//! use axum::{Router, body::Body, http::{Request, header::COOKIE}, middleware::from_fn_with_state, routing::get};
//! use kinde_leptos::auth::{self, Client, CurrentUser};
//! use kinde_leptos::sessions::{self, Namespace, StoreUrl};
//! use kinde_leptos::test_kit::TestTenant;
//! use tower::ServiceExt;
//!
//! async fn hello(user: CurrentUser) -> String {
//!     format!("Hello, {}", user.display_name())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let tenant = TestTenant::start("http://localhost:3000").await;
//!
//! // The application, with the settings that the tenant gives it.
//! let folder = tempfile::tempdir()?;
//! let store = StoreUrl::Sqlite(folder.path().join("sessions.db"));
//! let store = sessions::open(&store, &Namespace::default()).await?;
//! let client = Client::new(tenant.config().with_api_audiences(["https://api.example"]), store)?;
//! let app = Router::new()
//!     .route("/", get(hello))
//!     .route_layer(from_fn_with_state(client.clone(), auth::require_login))
//!     .merge(auth::router(client));
//!
//! // Ada signs in; her cookie opens her pages.
//! let cookie = tenant.login("ada").in_process(&app).cookie().await?;
//! let request = Request::get("/").header(COOKIE, &cookie).body(Body::empty())?;
//! assert_eq!(app.clone().oneshot(request).await?.status(), 200);
//!
//! // A program calls with an access token.
//! let token = tenant.machine_token("https://api.example", &["read:items"]).await;
//! assert_eq!(token.split('.').count(), 3);
//! # Ok(())
//! # }
//! ```
//!
//! # Errors
//!
//! What only sets a test up panics with a sentence that says what went wrong, and what the tenant knows instead: a test
//! has nothing else to do with it. What a test may ask for, a sign-in that is refused, is a [`LoginError`].
//!
//! # Where it exists
//!
//! Where the tenant does: in builds with the feature `dev-issuer`, which an application names in `[dev-dependencies]`
//! only, and in debug builds of this project's own program. Its requests stay here: tenants are at 127.0.0.1,
//! and [`Login`] refuses to send a request to an application elsewhere. So no test signs in at a site in production.

mod cookie;
mod login;
mod switchboard;
mod tokens;
mod visitor;

use url::Url;

use crate::auth::{Config, Paths};
use crate::dev_issuer::{self, DevIssuer, Options};

pub use crate::dev_issuer::Shape;
pub use cookie::Cookie;
pub use login::{Cookies, Login, LoginError};
pub use tokens::MachineClient;

/// The emulated tenant of one application. It stops when this value is dropped.
pub struct TestTenant {
    issuer: DevIssuer,
    /// The application, and what the tenant was started with.
    registration: Registration,
    client: reqwest::Client,
}

/// An application at a tenant.
#[derive(Clone)]
struct Registration {
    site_url: Url,
    paths: Paths,
    options: Options,
}

/// A tenant that stopped, and starts again at the same address.
pub struct StoppedTenant(Registration);

impl TestTenant {
    /// Starts a Kinde tenant for an application at this origin, such as `http://localhost:3000`, whose sign-in routes
    /// are at the default paths. Nothing needs to listen there yet.
    ///
    /// # Panics
    /// The origin is no URL, or the tenant cannot listen.
    pub async fn start(site_url: &str) -> Self {
        Self::start_with(site_url, Paths::default(), |_| {}).await
    }

    /// As [`Self::start`], for an issuer that is not Kinde where `shape` says so.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub async fn start_of(shape: Shape, site_url: &str) -> Self {
        Self::start_with(site_url, Paths::default(), |options| options.shape = shape).await
    }

    /// As [`Self::start`], for an application with paths of its own. `adapt` changes what the tenant is started with,
    /// such as further callback URLs.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub async fn start_with(site_url: &str, paths: Paths, adapt: impl FnOnce(&mut Options)) -> Self {
        let site_url =
            Url::parse(site_url).unwrap_or_else(|error| panic!("{site_url:?} is not the URL of a site: {error}"));
        let at = |path: &str| vec![site_url.join(path).map(String::from).unwrap_or_default()];
        let mut options = Options::new_client(0, at(&paths.callback), at(&paths.logout));
        options.login_url = site_url.join(&paths.login).map(String::from).ok();
        adapt(&mut options);
        Registration { site_url, paths, options }.start().await
    }

    /// The settings of the application: its `auth::Config` at this tenant, with the defaults of everything else.
    pub fn config(&self) -> Config {
        let Registration { site_url, paths, .. } = &self.registration;
        Config::new(self.issuer(), self.client_id(), self.client_secret(), site_url.clone()).with_paths(paths.clone())
    }

    /// Stops listening, as an issuer that is down.
    pub async fn stop(self) -> StoppedTenant {
        let Self { issuer, mut registration, .. } = self;
        let port = Url::parse(issuer.origin()).ok().and_then(|origin| origin.port());
        registration.options.port = port.unwrap_or_default();
        issuer.shut_down().await;
        StoppedTenant(registration)
    }

    /// The issuer, without a slash at the end.
    pub fn issuer(&self) -> &str {
        self.issuer.issuer()
    }

    /// The issuer without its path: `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> &str {
        self.issuer.origin()
    }

    /// The id of the application's client.
    pub fn client_id(&self) -> &str {
        self.issuer.client_id()
    }

    /// That client's secret.
    pub fn client_secret(&self) -> &str {
        self.issuer.client_secret()
    }

    /// The callback URL, for authorization requests of the kit itself.
    fn callback_url(&self) -> &str {
        self.registration.options.callback_urls.first().map_or("", String::as_str)
    }
}

impl StoppedTenant {
    /// Starts the tenant again: the same address and client, new keys and settings, the people as at first, and
    /// nobody signed in.
    ///
    /// # Panics
    /// Another program took the port meanwhile.
    pub async fn start(self) -> TestTenant {
        self.0.start().await
    }
}

impl Registration {
    async fn start(self) -> TestTenant {
        let started = dev_issuer::start(self.options.clone()).await;
        let issuer = started.unwrap_or_else(|error| panic!("{error}"));
        TestTenant { issuer, registration: self, client: visitor::client() }
    }
}
