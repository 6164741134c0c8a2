//! `Client`: one application at one issuer, with its sessions. Its methods take and return values; routes and headers
//! are in `web`, which turns requests into calls of them.

mod access_token;
mod backchannel_logout;
mod bearer;
mod browser;
mod callback;
mod callback_watch;
mod declined;
mod examination;
mod failure_reason;
mod flights;
mod host_watch;
mod invalidation;
mod operations;
mod portal;
mod refresh;
mod refresh_token_watch;
mod refreshed_tokens;
mod rights;
mod sessions;
mod sign_out;
mod store_pause;
mod token_times;
mod token_verification;
mod user_sessions;
mod webhooks;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::task::JoinSet;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::audit::{self, Concerned, SessionReference};
use super::config::{Config, ConfigError};
use super::error::Error;
use super::metrics::{Attempt, EndCause, SessionMetrics};
use super::observation::{Observed, Stage};
use super::oidc::{self, Flavor, Issuer, Outbound, Registration, SignInSlots};
use super::random::random_value;
use super::session::{
    Application, Ended, Id, PendingAuthorization, PendingAuthorizations, SealedRecords, Session, SessionPolicy,
    Sessions, SignInRequest, Store,
};
pub use access_token::AccessToken;
use bearer::BearerMemory;
pub use bearer::{BearerToken, TokenHolder};
pub(super) use browser::{BrowserCookies, CookieChange, MAX_PENDING, PendingCookie, SessionCookie};
use callback_watch::CallbackWatch;
pub use examination::examine_issuer;
use flights::Flights;
use host_watch::HostWatch;
pub use operations::EndedSessions;
use refresh_token_watch::RefreshTokenWatch;
use rights::AccountApi;
pub(super) use rights::{CallerRights, Overview};
use sign_out::Revocations;
pub(super) use sign_out::SignedOut;
use store_pause::StorePause;
pub(super) use webhooks::Delivery;

/// The time, as a parameter: tests move it.
pub type Clock = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// One application at one issuer. Cheap to clone; make it once.
#[derive(Clone)]
pub struct Client(Arc<ClientState>);

/// The settings and the state that all clones of a client share.
struct ClientState {
    config: Config,
    registration: Registration,
    issuer: Issuer,
    slots: SignInSlots,
    sessions: Sessions,
    pending: PendingAuthorizations,
    callback_watch: CallbackWatch,
    host_watch: HostWatch,
    refresh_token_watch: RefreshTokenWatch,
    revocations: Revocations,
    flights: Flights,
    store_pause: StorePause,
    account_api: AccountApi,
    bearer: BearerMemory,
    metrics: SessionMetrics,
    /// Sign-ins and sign-outs under way. They run to their end, also when the client disconnects.
    tasks: TaskTracker,
    clock: Clock,
}

/// A sign-in that was begun: the URL to send the browser to, and the cookies to set.
pub(super) struct Begun {
    pub(super) location: String,
    pub(super) cookies: Vec<CookieChange>,
}

impl Client {
    /// A client with the machine's own clock. Nothing is requested from the issuer until the first sign-in.
    ///
    /// # Errors
    /// [`ConfigError`] when a setting cannot work, or the HTTP client cannot be set up.
    pub fn new(config: Config, store: Arc<dyn Store>) -> Result<Self, ConfigError> {
        Self::with_clock(config, store, Arc::new(OffsetDateTime::now_utc))
    }

    /// A client with another clock, for tests of everything that expires.
    ///
    /// # Errors
    /// [`ConfigError`] when a setting cannot work, or the HTTP client cannot be set up.
    pub fn with_clock(config: Config, store: Arc<dyn Store>, clock: Clock) -> Result<Self, ConfigError> {
        config.check()?;
        let outbound = Outbound::new(&config.issuer_url, config.request_headers.clone())
            .map_err(|error| ConfigError::HttpClient(error.to_string()))?;
        let application = Application::new(config.issuer_url.clone(), config.client_id.clone());
        let records = SealedRecords::new(store, Arc::clone(&config.sealing_keys), application);
        let policy = SessionPolicy { lifetime: config.lifetime, per_user: config.sessions_per_user };
        Ok(Self(Arc::new(ClientState {
            registration: registration(&config),
            account_api: AccountApi::new(config.issuer_url.clone(), &outbound),
            issuer: Issuer::new(config.issuer_url.clone(), outbound, &clock, config.observer.clone()),
            slots: SignInSlots::default(),
            sessions: Sessions::new(records.clone(), policy),
            pending: PendingAuthorizations::new(records),
            callback_watch: CallbackWatch::default(),
            host_watch: HostWatch::default(),
            refresh_token_watch: RefreshTokenWatch::default(),
            revocations: Revocations::default(),
            flights: Flights::default(),
            store_pause: StorePause::default(),
            bearer: BearerMemory::default(),
            metrics: SessionMetrics::register(),
            tasks: TaskTracker::new(),
            config,
            clock,
        })))
    }

    /// The settings this client was made with.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// What an observer is told of what this value names.
    fn observed<'a>(&self, value: impl FnOnce() -> Option<&'a str>) -> Observed {
        self.config().observer.of(value)
    }

    fn now(&self) -> OffsetDateTime {
        (self.0.clock)()
    }

    /// The session that a cookie opens, after the refresh that it needs. `None` when it has ended or never existed.
    pub(super) async fn session(&self, cookie: SessionCookie) -> Result<Option<Arc<Session>>, Error> {
        let SessionCookie::Present(secret) = cookie else { return Ok(None) };
        match self.0.sessions.load(secret, self.now()).await? {
            Some(session) => self.refreshed(session, secret).await,
            None => Ok(None),
        }
    }

    /// Whether a session is the result of a sign-in that told the issuer to ask the user again, within this time: another
    /// one would change nothing.
    pub(super) fn has_just_demanded_login(&self, session: &Session, within: Duration) -> bool {
        // Not less than a way to the issuer and back takes: else the browser would be sent there again and again.
        let within = within.max(Duration::from_secs(60));
        session.demanded_login() && (self.now() - session.started_at()).unsigned_abs() <= within
    }

    /// Begins a sign-in: stores a pending authorization for this browser and returns where to send it. A present
    /// session stays until the new one succeeds. `address` is the client's, where known.
    pub(super) async fn begin_sign_in(
        &self,
        browser: &BrowserCookies,
        request: SignInRequest,
        address: Option<IpAddr>,
    ) -> Result<Begun, Error> {
        let begun = self.try_to_begin(browser, request).await;
        self.0.metrics.sign_in_begun(Attempt::of(&begun));
        if let Err(error) = &begun {
            self.observed(|| None).answered(Stage::Begin, || error.as_answer());
        }
        begun.inspect_err(|error| match error {
            // Every page leads to sign-in, so a store that is down would fill the log. The timed store logs the outage once.
            Error::Store(_) => tracing::debug!(%error, "a sign-in could not be begun"),
            _ => audit::failure("sign_in_begin", Concerned { client: address, ..Concerned::default() }, error),
        })
    }

    /// Notices a sign-in whose cookie the callback will not find: it begins under another name.
    pub(super) fn note_host(&self, host: &str) {
        self.0.host_watch.begun(host, &self.config().callback_url);
    }

    async fn try_to_begin(&self, browser: &BrowserCookies, request: SignInRequest) -> Result<Begun, Error> {
        let metadata = self.0.issuer.metadata().await?;
        self.0.issuer.outbound().check_reachable().map_err(oidc::OidcError::from)?;
        let sent = oidc::authorization_request(&self.0.registration, &metadata, &request.options);
        let (binding, now) = (random_value(), self.now());
        let end_of_all = self.0.sessions.end_of_all(now).await?;
        let pending = PendingAuthorization::new(sent.nonce, sent.code_verifier, request, &binding, end_of_all);
        let id = self.0.pending.add(&sent.state, &pending, now).await?;
        let mut cookies = self.forget(browser.surplus()).await?;
        cookies.push(CookieChange::SetPending(PendingCookie { id, started_at: now.unix_timestamp(), binding }));
        self.0.callback_watch.begun(&self.config().callback_url);
        self.0.refresh_token_watch.begun(&self.config().scope, &metadata);
        Ok(Begun { location: sent.url.into(), cookies })
    }

    /// Succeeds when the issuer has organizations: when it is Kinde.
    ///
    /// # Errors
    /// [`Error::NoOrganizations`] (404); [`Error::Oidc`] (503) when discovery fails.
    pub(super) async fn require_organizations(&self) -> Result<(), Error> {
        match self.0.issuer.metadata().await?.flavor {
            Flavor::Kinde => Ok(()),
            Flavor::OpenId => Err(Error::NoOrganizations),
        }
    }

    /// Succeeds when the issuer sends webhooks: when it is Kinde.
    ///
    /// # Errors
    /// [`Error::NoWebhooks`] (404); [`Error::Oidc`] (503) when discovery fails.
    pub(super) async fn require_webhooks(&self) -> Result<(), Error> {
        match self.0.issuer.metadata().await?.flavor {
            Flavor::Kinde => Ok(()),
            Flavor::OpenId => Err(Error::NoWebhooks),
        }
    }

    /// Succeeds when the issuer may send logout tokens: when it is not Kinde.
    ///
    /// # Errors
    /// [`Error::NoBackchannelLogout`] (404); [`Error::Oidc`] (503) when discovery fails.
    pub(super) async fn require_backchannel_logout(&self) -> Result<(), Error> {
        match self.0.issuer.metadata().await?.flavor {
            Flavor::Kinde => Err(Error::NoBackchannelLogout),
            Flavor::OpenId => Ok(()),
        }
    }

    /// Whether `invitation_code` in an address is an invitation of the issuer's. While discovery fails it counts as
    /// one.
    pub(super) async fn takes_invitations(&self) -> bool {
        self.0.issuer.metadata().await.map_or(true, |metadata| metadata.flavor == Flavor::Kinde)
    }

    /// Counts and logs a session that this call has ended. Of several simultaneous ones only one has a subject.
    fn note_end(&self, ended: &Ended, cause: EndCause, client: Option<IpAddr>) {
        let Some(subject) = &ended.subject else { return };
        self.0.metrics.session_ended(cause);
        let event = match cause {
            EndCause::SignOut => "sign_out",
            EndCause::Surplus => "session_replaced",
            EndCause::OtherBrowser | EndCause::AccessEnded | EndCause::IssuerLogout | EndCause::Application => {
                "session_ended"
            }
            // The line of the sign-in or of the refresh says it.
            EndCause::NewSignIn | EndCause::RefreshRefused | EndCause::FailedSignIn => return,
        };
        let session = ended.session.map(|id| self.reference(id));
        audit::success(event, Concerned { subject: Some(subject), client, session });
    }

    /// The name of a session in the audit log.
    fn reference(&self, session: Id) -> SessionReference {
        SessionReference::new(&self.config().client_secret, session)
    }

    /// Removes pending authorizations of this browser, all at once: a store may wait for its replicas at each.
    async fn forget(&self, pending: &[PendingCookie]) -> Result<Vec<CookieChange>, Error> {
        let mut cookies = Vec::new();
        let mut removals = JoinSet::new();
        for PendingCookie { id, binding, .. } in pending.iter().cloned() {
            let client = self.clone();
            let removal = async move { client.0.pending.take(id, &binding, client.now()).await.map(|_| id) };
            removals.spawn(removal.in_current_span());
        }
        while let Some(removed) = removals.join_next().await {
            let id = removed.map_err(|error| Error::Internal(format!("a task did not finish: {error}")))??;
            cookies.push(CookieChange::RemovePending(id));
        }
        Ok(cookies)
    }

    /// Runs work to its end in a task of its own, even when the caller is dropped because the browser disconnected or a
    /// time limit passed. The work begins at the first poll of the returned future. [`Self::finish`] waits for it.
    async fn run_to_end<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T, Error> {
        let task = self.0.tasks.spawn(work.in_current_span());
        task.await.map_err(|error| Error::Internal(format!("a task did not finish: {error}")))
    }

    /// Waits until every sign-in, sign-out and revocation under way has finished. To be called when the server has
    /// stopped taking requests, before the process ends.
    pub async fn finish(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

fn registration(config: &Config) -> Registration {
    Registration {
        client_id: config.client_id.clone(),
        client_secret: config.client_secret.clone(),
        callback_url: config.callback_url.clone(),
        scope: config.scope.clone(),
        audiences: config.audiences.clone(),
        prompt: config.prompt.clone(),
        authentication: config.client_authentication,
    }
}
