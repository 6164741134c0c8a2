//! `Login`: somebody signs in, at the application for a session cookie, or at the tenant alone for an access token. The
//! tokens of machines, and tokens to order, are in `tokens`.

use std::error::Error;

use axum::Router;
use oauth2::PkceCodeChallenge;
use serde_json::Value;
use url::Url;

use super::visitor::{App, Visited, Visitor, open, submit};
use super::{Cookie, TestTenant};
use crate::auth::is_loopback;
use crate::dev_issuer::Shape;

/// A sign-in takes six requests; more are redirects that never end.
const MAX_REQUESTS: usize = 20;

/// Why somebody did not sign in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// The tenant has no such person.
    #[error("nobody with the key {person:?} can sign in: the tenant knows {}", known.join(", "))]
    UnknownPerson {
        /// The key that the test named.
        person: String,
        /// The keys of everybody whom the tenant knows.
        known: Vec<String>,
    },
    /// The person is suspended at the tenant.
    #[error("{person} is suspended at the tenant")]
    Suspended {
        /// The key of the person.
        person: String,
    },
    /// The tenant refuses for another reason, such as an organization that the person is no member of.
    #[error("the tenant does not sign {person} in: {status} {text}")]
    Tenant {
        /// The key of the person.
        person: String,
        /// The status of its page.
        status: u16,
        /// What its page says.
        text: String,
    },
    /// The application responds with something else than a redirect before there is a session, as it does when the
    /// tenant sends it an error, or something that fails verification.
    #[error("the application responds to {path} with {status} and without a session: {text}")]
    App {
        /// The path of the request, without the query.
        path: String,
        /// The status of the response.
        status: u16,
        /// The first 300 characters of the page.
        text: String,
    },
    /// The application redirects to another site.
    #[error("the application redirects from {path} to {target}, which is neither {site} nor the tenant {tenant}")]
    Elsewhere {
        /// The path of the request, without the query.
        path: String,
        /// The origin that it leads to.
        target: String,
        /// The origin of the application.
        site: String,
        /// The origin of the tenant.
        tenant: String,
    },
    /// Redirects without an end.
    #[error("the application has set no session cookie after {MAX_REQUESTS} requests")]
    Endless,
    /// A request without a response.
    #[error("no response from {origin}{path}: {source}")]
    NoResponse {
        /// The origin of the application or of the tenant.
        origin: String,
        /// The path of the request, without the query.
        path: String,
        /// The error of the request.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl TestTenant {
    /// Signs somebody in, such as `ada`, at the application where it listens, as a browser of their own does. Returns
    /// the session cookie.
    ///
    /// # Panics
    /// The person cannot sign in. [`Self::login`] returns an error instead.
    pub async fn login_as(&self, person: &str) -> Cookie {
        self.login(person).cookie().await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// An access token of a person for an API, as a sign-in of theirs yields: its `aud` is the audience, and the
    /// tenant's own endpoints take it too. A plain issuer's access tokens are opaque; there it is one to order, as from
    /// [`Self::mint`].
    ///
    /// # Panics
    /// The person cannot sign in. [`Login::token`] returns an error instead.
    pub async fn token_for(&self, person: &str, audience: &str) -> String {
        self.login(person).token(audience).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// The sign-in of a person: says how, then [`Login::cookie`] or [`Login::token`] carries it out.
    pub fn login<'a>(&'a self, person: &'a str) -> Login<'a> {
        let app = App::At(self.registration.site_url.clone());
        Login { tenant: self, person, organization: None, app }
    }
}

/// What a browser has after a sign-in.
#[derive(Debug, Clone)]
pub struct Cookies {
    /// The session cookie, for the application.
    pub app: Cookie,
    /// The cookie of the session at the tenant.
    pub tenant: Cookie,
}

/// A sign-in that has not begun.
#[must_use = "a sign-in begins with `cookie` or `token`"]
pub struct Login<'a> {
    tenant: &'a TestTenant,
    person: &'a str,
    organization: Option<&'a str>,
    app: App,
}

impl<'a> Login<'a> {
    /// In this one of the person's organizations, by its code. Without it, in their first.
    pub fn organization(mut self, code: &'a str) -> Self {
        self.organization = Some(code);
        self
    }

    /// At an application that is a router of this process and listens nowhere. Where a layer of it needs the address of
    /// the client, it gets one from `axum::extract::connect_info::MockConnectInfo`.
    pub fn in_process(mut self, app: &Router) -> Self {
        self.app = App::InProcess(app.clone());
        self
    }

    /// At an application that listens elsewhere than its own URL says, as behind a proxy: `http://127.0.0.1:PORT`.
    ///
    /// # Panics
    /// The URL is not one of this machine.
    pub fn listening_at(mut self, origin: &str) -> Self {
        let origin = Url::parse(origin).unwrap_or_else(|error| panic!("{origin:?} is not the URL of a site: {error}"));
        self.app = App::At(origin);
        self
    }

    /// Signs in at the application. Returns the session cookie.
    ///
    /// # Errors
    /// [`LoginError`], which says who refused.
    ///
    /// # Panics
    /// The application is not on this machine, or the tenant's setting `auto_sign_in` takes the choice away.
    pub async fn cookie(self) -> Result<Cookie, LoginError> {
        Ok(self.cookies().await?.app)
    }

    /// As [`Self::cookie`], with the cookie of the person's session at the tenant as well, for a test that goes on
    /// there: a sign-in without a question, or a sign-out.
    ///
    /// # Errors
    /// As [`Self::cookie`].
    ///
    /// # Panics
    /// As [`Self::cookie`].
    pub async fn cookies(self) -> Result<Cookies, LoginError> {
        if let App::At(origin) = &self.app {
            let here = "the test kit signs in at programs on this machine only";
            assert!(is_loopback(origin), "{here}, and {origin} is none: see Login::listening_at and Login::in_process");
        }
        let Self { tenant, app, .. } = &self;
        let site = tenant.registration.site_url.origin();
        let mut visitor = Visitor::new(tenant.client.clone(), app.clone());
        let mut url = at(&tenant.registration.site_url, &tenant.registration.paths.login);
        let mut at_tenant = None;
        for _ in 0..MAX_REQUESTS {
            if tenant.is_at(&url) {
                (url, at_tenant) = self.decide(&url).await?;
                continue;
            }
            let visited = visitor.open(&url).await.map_err(|source| no_response(&url, source))?;
            // What an application sets before the tenant has decided is another cookie of its own.
            if let (Some(tenant), Some(app)) = (&at_tenant, visited.session()) {
                return Ok(Cookies { app, tenant: Cookie::clone(tenant) });
            }
            let path = url.path().to_owned();
            let Some(next) = visited.location() else {
                return Err(LoginError::App { path, status: visited.status, text: visited.text() });
            };
            if next.origin() != site && !tenant.is_at(&next) {
                let target = next.origin().ascii_serialization();
                let (site, tenant) = (site.ascii_serialization(), tenant.origin().to_owned());
                return Err(LoginError::Elsewhere { path, target, site, tenant });
            }
            url = next;
        }
        Err(LoginError::Endless)
    }

    /// Signs in at the tenant, without the application. Returns an access token for an API.
    ///
    /// # Errors
    /// [`LoginError::UnknownPerson`], [`LoginError::Suspended`], [`LoginError::Tenant`], [`LoginError::NoResponse`].
    ///
    /// # Panics
    /// As [`Self::cookie`].
    pub async fn token(self, audience: &str) -> Result<String, LoginError> {
        let tenant = self.tenant;
        if tenant.registration.options.shape == Shape::Plain {
            return self.order(audience).await;
        }
        let paths = tenant.registration.options.shape.paths();
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut url = tenant.at(paths.authorization);
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", tenant.client_id()),
            ("redirect_uri", tenant.callback_url()),
            ("scope", "openid profile email"),
            ("audience", audience),
            ("state", "a sign-in of the test kit"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ]);
        let (callback, _) = self.decide(&url).await?;
        let code = query(&callback, "code");
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", tenant.client_id()),
            ("client_secret", tenant.client_secret()),
            ("redirect_uri", tenant.callback_url()),
            ("code", code.as_deref().unwrap_or_default()),
            ("code_verifier", verifier.secret()),
        ];
        let url = tenant.at(paths.token);
        let response = submit(&tenant.client, &url, &form).await.map_err(|source| no_response(&url, source))?;
        token_in(&response).ok_or_else(|| self.refused(&response))
    }

    /// A token to order, for people who may sign in.
    async fn order(&self, audience: &str) -> Result<String, LoginError> {
        self.check_person().await?;
        let mut order = serde_json::json!({"person": self.person, "audience": [audience]});
        if let Some(code) = self.organization {
            order["org_code"] = code.into();
        }
        Ok(self.tenant.mint(order).await)
    }

    /// Opens the tenant's sign-in page and chooses the person. Returns where the browser goes from there, and the
    /// cookie of its session at the tenant.
    async fn decide(&self, url: &Url) -> Result<(Url, Option<Cookie>), LoginError> {
        let client = &self.tenant.client;
        let page = open(client, url).await.map_err(|source| no_response(url, source))?;
        if let Some(next) = page.location() {
            let is_sign_in = query(&next, "code").is_some();
            assert!(
                !is_sign_in,
                "the tenant's setting auto_sign_in is on: without it the test kit chooses who signs in"
            );
            return Ok((next, None));
        }
        let transaction = page.header("x-dev-transaction");
        if transaction.is_empty() {
            return Err(self.refused(&page));
        }
        let organization = self.organization.unwrap_or_default();
        let form = [("transaction", transaction), ("person", self.person), ("org_code", organization)];
        let target = self.tenant.at("/sign-in");
        let decided = submit(client, &target, &form).await.map_err(|source| no_response(&target, source))?;
        if let Some(next) = decided.location() {
            return Ok((next, decided.session()));
        }
        self.check_person().await?;
        Err(self.refused(&decided))
    }

    /// # Errors
    /// The tenant does not know the person, or has suspended them.
    async fn check_person(&self) -> Result<(), LoginError> {
        let person = self.person.to_owned();
        let people = self.tenant.people().await;
        let key = |entry: &Value| entry["person"].as_str().unwrap_or_default().to_owned();
        match people.iter().find(|entry| entry["person"] == self.person) {
            None => Err(LoginError::UnknownPerson { person, known: people.iter().map(key).collect() }),
            Some(entry) if entry["is_suspended"] == true => Err(LoginError::Suspended { person }),
            Some(_) => Ok(()),
        }
    }

    fn refused(&self, page: &Visited) -> LoginError {
        LoginError::Tenant { person: self.person.to_owned(), status: page.status, text: page.text() }
    }
}

impl TestTenant {
    /// An address at the tenant.
    pub(super) fn at(&self, path: &str) -> Url {
        Url::parse(self.origin()).and_then(|origin| origin.join(path)).expect("an origin and a path are a URL")
    }

    fn is_at(&self, url: &Url) -> bool {
        url.origin().ascii_serialization() == self.origin()
    }
}

fn at(site_url: &Url, path: &str) -> Url {
    let mut url = site_url.clone();
    url.set_path(path);
    url
}

fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}

/// The access token of a token response.
pub(super) fn token_in(response: &Visited) -> Option<String> {
    let tokens: Value = serde_json::from_str(&response.body).ok()?;
    Some(tokens["access_token"].as_str()?.to_owned())
}

fn no_response(url: &Url, source: Box<dyn Error + Send + Sync>) -> LoginError {
    LoginError::NoResponse { origin: url.origin().ascii_serialization(), path: url.path().to_owned(), source }
}
