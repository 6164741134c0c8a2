//! `Client`: one application at one issuer, with its sessions: begins, completes and ends sign-ins.
//! It knows no route and no page; `routes` and `guard` turn requests into its calls.

mod sessions;

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue};
use oauth2::PkceCodeVerifier;
use serde::Deserialize;
use time::OffsetDateTime;
use tower_sessions::session::Id;
use url::Url;

use super::authorization::{self, Screen};
use super::callback_query::CallbackQuery;
use super::callback_watch::CallbackWatch;
use super::claims::{self, ClaimsError, Expected, IdTokenClaims, PersonClaims};
use super::config::Config;
use super::cookies::{AttemptCookie, Cookies, SessionCookie};
use super::error::Error;
use super::issuer::{Issuer, Metadata};
use super::outbound::{Outbound, OutboundError, TOTAL_TIMEOUT};
use super::random::random_value;
use super::return_to::ReturnTo;
use super::session::{PENDING_LIFETIME, PendingAuthorization, Sessions, SignedIn};
use super::store::Store;
use super::token::TokenSet;
use super::user::User;

/// All requests to the issuer that one sign-in needs.
const SIGN_IN_TIMEOUT: Duration = TOTAL_TIMEOUT.saturating_add(Duration::from_millis(500));

/// How long a sign-out may wait to learn where the issuer's own sign-out is.
const SIGN_OUT_TIMEOUT: Duration = Duration::from_secs(2);

/// The time, as a parameter: tests turn it.
pub type Clock = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// One application at one issuer. Cheap to clone; make it once.
#[derive(Clone)]
pub struct Client(Arc<Parts>);

struct Parts {
    config: Config,
    issuer: Issuer,
    sessions: Sessions,
    cookies: Cookies,
    callback_watch: CallbackWatch,
    clock: Clock,
}

/// What an answer does to the browser: where it goes next, and which cookies change.
pub(crate) struct Onward {
    pub(crate) location: String,
    pub(crate) cookies: Vec<HeaderValue>,
}

/// What a request's cookie was worth.
pub(crate) enum Visitor {
    SignedIn(Arc<SignedIn>),
    /// No session; `has_dead_cookie` when a cookie names one that does not exist.
    Anonymous {
        has_dead_cookie: bool,
    },
}

impl Client {
    /// A client with the machine's own clock. Nothing is asked of the issuer until the first sign-in.
    ///
    /// # Errors
    /// When the TLS library cannot be set up.
    pub fn new(config: Config, store: Arc<dyn Store>) -> Result<Self, reqwest::Error> {
        Self::with_clock(config, store, Arc::new(OffsetDateTime::now_utc))
    }

    /// A client with another clock, for tests of everything that expires.
    ///
    /// # Errors
    /// When the TLS library cannot be set up.
    pub fn with_clock(config: Config, store: Arc<dyn Store>, clock: Clock) -> Result<Self, reqwest::Error> {
        let outbound = Outbound::new(&config.issuer_url)?;
        Ok(Self(Arc::new(Parts {
            issuer: Issuer::new(config.issuer_url.clone(), outbound),
            sessions: Sessions::new(store, &config),
            cookies: Cookies::new(&config.site_url),
            callback_watch: CallbackWatch::default(),
            config,
            clock,
        })))
    }

    /// The settings this client was made with.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn cookies(&self) -> &Cookies {
        &self.0.cookies
    }

    fn now(&self) -> OffsetDateTime {
        (self.0.clock)()
    }

    /// Who sends these headers.
    pub(crate) async fn visitor(&self, headers: &HeaderMap) -> Result<Visitor, Error> {
        let id = match self.0.cookies.session(headers) {
            SessionCookie::Absent => return Ok(Visitor::Anonymous { has_dead_cookie: false }),
            SessionCookie::Unusable => return Ok(Visitor::Anonymous { has_dead_cookie: true }),
            SessionCookie::Names(id) => id,
        };
        Ok(match self.0.sessions.load(id, self.now()).await? {
            Some(session) => Visitor::SignedIn(Arc::new(session)),
            None => Visitor::Anonymous { has_dead_cookie: true },
        })
    }

    /// Begins a sign-in: remembers an authorization request for this browser and says where to send it. A present
    /// session stays until the new one succeeds.
    pub(crate) async fn begin_sign_in(
        &self,
        headers: &HeaderMap,
        screen: Screen,
        return_to: ReturnTo,
    ) -> Result<Onward, Error> {
        let metadata = self.0.issuer.metadata().await?;
        self.0.issuer.outbound().check_reachable()?;
        let request = authorization::request(self.config(), &metadata, screen);
        let (binding, now) = (random_value(), self.now());
        let verifier = request.code_verifier.into_secret();
        let pending = PendingAuthorization::new(request.nonce, verifier, return_to, &binding);
        let id = self.0.sessions.remember(&request.state, &pending, now).await?;
        let mut cookies = self.forget(self.0.cookies.surplus_attempts(headers)).await?;
        let attempt = AttemptCookie { id, started_at: now.unix_timestamp(), binding };
        cookies.push(self.0.cookies.set_attempt(&attempt, PENDING_LIFETIME));
        self.0.callback_watch.begun(&self.config().callback_url);
        Ok(Onward { location: request.url.into(), cookies })
    }

    async fn forget(&self, attempts: Vec<AttemptCookie>) -> Result<Vec<HeaderValue>, Error> {
        let mut cookies = Vec::new();
        for attempt in attempts {
            self.0.sessions.take_pending(attempt.id, &attempt.binding, self.now()).await?;
            cookies.push(self.0.cookies.remove_attempt(attempt.id));
        }
        Ok(cookies)
    }

    /// Takes the authorization requests that a callback's query names, as far as this browser began them: whatever
    /// comes of the callback, they are used up. Gives the last one.
    pub(crate) async fn take_attempts(
        &self,
        query: &CallbackQuery,
        headers: &HeaderMap,
    ) -> Result<(Option<PendingAuthorization>, Vec<HeaderValue>), Error> {
        let attempts = self.0.cookies.attempts(headers);
        let (mut pending, mut cookies) = (None, Vec::new());
        for state in query.states() {
            let id = Sessions::attempt_id(state);
            let Some(attempt) = attempts.iter().find(|attempt| attempt.id == id) else { continue };
            pending = self.0.sessions.take_pending(id, &attempt.binding, self.now()).await?;
            cookies.push(self.0.cookies.remove_attempt(id));
        }
        if pending.is_some() {
            self.0.callback_watch.came_back();
        }
        Ok((pending, cookies))
    }

    /// Completes a sign-in: from the callback's query to a session.
    pub(crate) async fn complete_sign_in(
        &self,
        query: &CallbackQuery,
        headers: &HeaderMap,
        pending: Option<PendingAuthorization>,
    ) -> Result<(User, Onward), Error> {
        query.check_form()?;
        let pending = pending.ok_or(Error::UnknownAttempt)?;
        let location = pending.return_to.as_str().to_owned();
        // Each request has a time limit of its own; together they have one that a person still waits for.
        let identified = tokio::time::timeout(SIGN_IN_TIMEOUT, self.identify(query, pending)).await;
        let (user, tokens) = identified.map_err(|_| OutboundError::TimedOut("the issuer".to_owned()))??;
        let session_cookie = self.replace_session(headers, user.clone(), &tokens).await?;
        Ok((user, Onward { location, cookies: vec![session_cookie] }))
    }

    /// From the callback's query to a verified person: everything that is asked of the issuer.
    async fn identify(&self, query: &CallbackQuery, pending: PendingAuthorization) -> Result<(User, TokenSet), Error> {
        let began = Instant::now();
        let metadata = self.0.issuer.metadata().await?;
        query.check_issuer(&metadata)?;
        let code = query.code()?;
        let verifier = PkceCodeVerifier::new(pending.code_verifier);
        let answer =
            authorization::exchange(self.config(), &metadata, self.0.issuer.outbound(), code, verifier).await?;
        let (id_token, tokens) = answer.into_tokens(self.now())?;
        let claims = self.verify(&id_token, &tokens, &pending.nonce, began).await?;
        let person = self.complete_person(&metadata, &claims, &tokens).await?;
        Ok((User::new(self.0.issuer.url(), claims.sub, person), tokens))
    }

    async fn verify(
        &self,
        id_token: &str,
        tokens: &TokenSet,
        nonce: &str,
        began: Instant,
    ) -> Result<IdTokenClaims, Error> {
        let kid = claims::key_id(id_token)?;
        let key = self.0.issuer.key(kid.as_deref(), began).await?.ok_or(ClaimsError::UnknownKey)?;
        let expected = Expected {
            issuer: self.0.issuer.url(),
            client_id: &self.config().client_id,
            nonce,
            access_token: tokens.access_token_text(),
            now: self.now().unix_timestamp(),
        };
        let verified = claims::verify(id_token, &key, expected);
        if kid.is_some() || verified.as_ref().err() != Some(&ClaimsError::WrongSignature) {
            return Ok(verified?);
        }
        // Without a `kid`, a signature that does not fit may mean that the issuer has a new key.
        let key = self.0.issuer.newer_key(None, began).await?.ok_or(ClaimsError::UnknownKey)?;
        Ok(claims::verify(id_token, &key, expected)?)
    }

    /// Some issuers put name and e-mail only into userinfo (OIDC Core §5.4), so it is asked when the ID token has
    /// neither. Another subject there is an attack; no answer is no reason to refuse the person.
    async fn complete_person(
        &self,
        metadata: &Metadata,
        claims: &IdTokenClaims,
        tokens: &TokenSet,
    ) -> Result<PersonClaims, Error> {
        let (true, Some(endpoint)) = (claims.person.is_anonymous(), &metadata.userinfo_endpoint) else {
            return Ok(claims.person.clone());
        };
        match self.0.issuer.outbound().get_json::<Userinfo>(endpoint, Some(&tokens.access_token)).await {
            Ok(userinfo) if userinfo.sub.as_ref() == Some(&claims.sub) => Ok(claims.person.clone().or(userinfo.person)),
            Ok(_) => Err(ClaimsError::WrongUserinfoSubject.into()),
            Err(error) => {
                tracing::warn!(%error, "userinfo could not be read; the ID token has to do");
                Ok(claims.person.clone())
            }
        }
    }

    /// A new session under a new id; the one the browser had until now is ended.
    async fn replace_session(&self, headers: &HeaderMap, user: User, tokens: &TokenSet) -> Result<HeaderValue, Error> {
        let id = self.0.sessions.begin(user, tokens, self.now()).await?;
        if let SessionCookie::Names(former) = self.0.cookies.session(headers) {
            self.0.sessions.end(former).await?;
        }
        Ok(self.0.cookies.set_session(id, self.config().lifetime.absolute))
    }

    /// Ends the session here, and the sign-ins under way in this browser with it: one that completes later would sign
    /// the person in again. Gives who it was, and the cookies to remove.
    pub(crate) async fn end_session(
        &self,
        id: Id,
        headers: &HeaderMap,
    ) -> Result<(Option<User>, Vec<HeaderValue>), Error> {
        let user = self.0.sessions.end(id).await?;
        let cookies = self.forget(self.0.cookies.attempts(headers)).await.unwrap_or_else(|error| {
            // The session has ended, and that is what the person must see.
            tracing::warn!(%error, "sign-ins under way could not be forgotten; they expire by themselves");
            Vec::new()
        });
        Ok((user, cookies))
    }

    /// Kinde's sign-out, which ends the person's session there and comes back to `logout_redirect_url`. None when the
    /// issuer offers no such endpoint or cannot be asked: the session here is ended all the same.
    pub(crate) async fn end_session_url(&self) -> Option<Url> {
        let metadata = tokio::time::timeout(SIGN_OUT_TIMEOUT, self.0.issuer.metadata()).await.ok()?.ok()?;
        self.0.issuer.outbound().check_reachable().ok()?;
        let mut url = metadata.end_session_endpoint.clone()?;
        url.query_pairs_mut().append_pair("redirect", self.config().logout_redirect_url.as_str());
        Some(url)
    }
}

#[derive(Deserialize)]
struct Userinfo {
    sub: Option<String>,
    #[serde(flatten)]
    person: PersonClaims,
}
