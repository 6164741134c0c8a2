//! `Identity`: who sent a request, looked up at most once for each request. `guard` and the application decide what an
//! anonymous request may do, `require` what a caller must be allowed.

use std::convert::Infallible;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::request::Parts;
use tokio::sync::Mutex;

use super::bearer::Authorization;
use super::cookies::Cookies;
use super::negotiation::Wants;
use crate::auth::claims::{AccessTokenClaims, Organization};
use crate::auth::client::{BearerToken, CallerRights, Client, Overview, SessionCookie, TokenHolder};
use crate::auth::error::{Denial, Error};
use crate::auth::policy::Policy;
use crate::auth::session::{Session, TimeLeft, User, UserSession};

/// The sender of a request. As an extractor it never refuses: it needs the layer [`identify`], and without one it is
/// [`Caller::Nobody`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Caller {
    /// A signed-in user.
    Session(CurrentSession),
    /// A program with an access token, for a user or on its own behalf.
    Token(CurrentToken),
    /// A request without a session, or whose session has ended.
    Nobody,
    /// It is not known who sent the request: the session could not be looked up, and the cookie may open one, so it
    /// stays; or the access token cannot be used.
    Unknown(Error),
}

/// The session of the request: an extractor behind [`require_login`](super::require_login) or
/// [`require_login_json`](super::require_login_json). Elsewhere it is refused with 401, and a program that brings an
/// access token with 403.
#[derive(Clone)]
pub struct CurrentSession {
    session: Arc<Session>,
    rights: CallerRights,
}

/// The verified access token of the request.
#[derive(Clone)]
pub struct CurrentToken {
    token: Arc<BearerToken>,
    rights: CallerRights,
}

impl Deref for CurrentSession {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl Deref for CurrentToken {
    type Target = BearerToken;

    fn deref(&self) -> &BearerToken {
        &self.token
    }
}

impl std::fmt::Debug for CurrentSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.session.fmt(f)
    }
}

impl std::fmt::Debug for CurrentToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.token.fmt(f)
    }
}

impl CurrentSession {
    /// The code of the organization signed in to, where that is known.
    pub(super) async fn organization(&self) -> Option<String> {
        self.rights.claims().await.ok().flatten()?.org_code
    }

    /// All sessions of its user.
    pub(super) async fn of_user(&self) -> Result<Vec<UserSession>, Error> {
        self.rights.client().sessions_of_user(&self.session).await
    }
}

impl CurrentToken {
    pub(super) fn rights(&self) -> &CallerRights {
        &self.rights
    }
}

impl Caller {
    /// The caller of a session, for work outside of a request, such as a job that a user began. Policies are decided by
    /// what is known when the first one is checked: make one for each piece of work.
    pub fn of_session(client: &Client, session: impl Into<Arc<Session>>) -> Self {
        let session = session.into();
        let rights = CallerRights::of_session(client, Arc::clone(&session));
        Self::Session(CurrentSession { session, rights })
    }

    /// Succeeds when a policy holds for this caller. What it needs is looked up at most once for a request, whatever
    /// the number of checks; a policy of claims alone costs one read of the store.
    ///
    /// # Errors
    /// [`Error::Forbidden`] (403) when it does not hold; [`Error::RightsUnknown`] (503) when that is not known;
    /// [`Error::NotAuthenticated`] (401) for nobody, and for a session that has ended meanwhile; [`Error::Store`] (503).
    pub async fn check(&self, policy: &Policy) -> Result<(), Error> {
        self.rights()?.check(policy).await
    }

    /// The last policy that did not hold for this caller in the request.
    pub fn denial(&self) -> Option<Denial> {
        self.rights().ok()?.denial()
    }

    /// The claims of the caller's access token. `None` when it is opaque, or failed verification.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub async fn claims(&self) -> Result<Option<AccessTokenClaims>, Error> {
        self.rights()?.claims().await
    }

    /// Whether it is known who asks: a session, or an access token.
    pub fn is_authenticated(&self) -> bool {
        self.rights().is_ok()
    }

    /// The organization that the user signed in to, or that a program's token is bound to.
    ///
    /// # Errors
    /// [`Error::Forbidden`] (403) without an organization; else as [`Self::check`].
    pub async fn organization(&self) -> Result<Organization, Error> {
        let claims = self.claims().await?;
        let organization = claims.and_then(|claims| Some(Organization { id: claims.org_code?, name: claims.org_name }));
        organization.ok_or_else(|| Error::Forbidden(Denial::without_policy("an organization")))
    }

    /// The user who asks, or for whom a program does. `None` for a program on its own behalf, for nobody and for an
    /// unknown caller.
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::Session(session) => Some(session.user()),
            Self::Token(token) => token.user(),
            Self::Nobody | Self::Unknown(_) => None,
        }
    }

    /// The user's display name, or the client id of a program. `None` for nobody and for an unknown caller.
    pub fn display_name(&self) -> Option<String> {
        match self {
            Self::Token(token) => match &token.holder {
                TokenHolder::User(user) => Some(user.display_name()),
                TokenHolder::Machine { client_id } => Some(client_id.clone()),
            },
            caller => caller.user().map(User::display_name),
        }
    }

    /// What is known of the caller's organizations and rights.
    pub(super) async fn overview(&self) -> Result<Overview, Error> {
        self.rights()?.overview().await
    }

    fn rights(&self) -> Result<&CallerRights, Error> {
        match self {
            Self::Session(session) => Ok(&session.rights),
            Self::Token(token) => Ok(&token.rights),
            Self::Nobody => Err(Error::NotAuthenticated),
            Self::Unknown(error) => Err(error.clone()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(match parts.extensions.get::<Identity>().cloned() {
            Some(identity) => identity.caller().await,
            None => Self::Nobody,
        })
    }
}

/// The caller of one request: a request extension that [`identify`] adds. Nothing is looked up before
/// [`Self::caller`] is called, and nothing twice: a failure is remembered as well. Cheap to clone.
///
/// An access token (`Authorization: Bearer`) decides alone, where it is taken: by a request for JSON, and on routes that
/// return nothing else. A request for a page ignores it.
#[derive(Clone)]
pub struct Identity(Arc<Lookup>);

struct Lookup {
    client: Client,
    cookie: SessionCookie,
    authorization: Authorization,
    takes_tokens: AtomicBool,
    /// `None` until the caller has been looked up.
    caller: Mutex<Option<Caller>>,
}

impl Identity {
    fn of(client: &Client, request: &Request) -> Self {
        let authorization = Authorization::of(request.headers());
        let takes_tokens =
            !matches!(authorization, Authorization::Absent) && Wants::of(request.headers()) == Wants::Json;
        Self(Arc::new(Lookup {
            client: client.clone(),
            cookie: Cookies::of(client).session(request.headers()),
            authorization,
            takes_tokens: AtomicBool::new(takes_tokens),
            caller: Mutex::new(None),
        }))
    }

    /// The identity of a request, which is added to it unless it is there already: what the layer [`identify`] does, for
    /// applications that call it themselves.
    pub fn in_request(client: &Client, request: &mut Request) -> Self {
        let identity = request.extensions().get::<Self>().cloned();
        identity.unwrap_or_else(|| {
            let identity = Self::of(client, request);
            request.extensions_mut().insert(identity.clone());
            identity
        })
    }

    /// On a route that returns nothing but JSON: an access token decides, whatever the request accepts. To be called
    /// before the caller is looked up.
    pub(super) fn take_tokens(&self) {
        self.0.takes_tokens.store(true, Ordering::Relaxed);
    }

    /// Who sent the request.
    pub async fn caller(&self) -> Caller {
        let mut caller = self.0.caller.lock().await;
        if let Some(caller) = &*caller {
            return caller.clone();
        }
        // Stays when the lookup panics or is given up half-way.
        *caller = Some(Caller::Unknown(Error::Internal("the session's lookup did not complete".to_owned())));
        let found = self.0.find().await.unwrap_or_else(Caller::Unknown);
        *caller = Some(found.clone());
        found
    }

    /// The session of the request, for pages that need none: `None` also when it could not be looked up.
    pub async fn session(&self) -> Option<CurrentSession> {
        match self.caller().await {
            Caller::Session(session) => Some(session),
            Caller::Token(_) | Caller::Nobody | Caller::Unknown(_) => None,
        }
    }

    /// How long the session of the request still lives. The request does not prolong it. An access token, which decides
    /// alone, has no session.
    pub(super) async fn time_left(&self) -> Result<Option<TimeLeft>, Error> {
        self.take_tokens();
        if !self.0.is_by_token() {
            return self.0.client.time_left_by(self.0.cookie).await;
        }
        match self.caller().await {
            Caller::Unknown(error) => Err(error),
            _ => Err(Error::Forbidden(Denial::without_policy("a session"))),
        }
    }

    /// The client whose session it is.
    pub(super) fn client(&self) -> &Client {
        &self.0.client
    }

    /// Whether the request has a session cookie that decided, usable or not.
    pub(super) fn has_cookie(&self) -> bool {
        !self.0.is_by_token() && self.0.cookie != SessionCookie::Absent
    }
}

impl Lookup {
    fn is_by_token(&self) -> bool {
        self.takes_tokens.load(Ordering::Relaxed) && !matches!(self.authorization, Authorization::Absent)
    }

    async fn find(&self) -> Result<Caller, Error> {
        match &self.authorization {
            Authorization::Bearer(token) if self.is_by_token() => {
                // Boxed, so that requests with a cookie do not carry the room for it.
                let token = Arc::new(Box::pin(self.client.verify_bearer(token.clone())).await?);
                let rights = CallerRights::of_token(&self.client, Arc::clone(&token));
                Ok(Caller::Token(CurrentToken { token, rights }))
            }
            Authorization::Several if self.is_by_token() => Err(Error::SeveralCredentials),
            _ => Ok(match self.client.session(self.cookie).await? {
                Some(session) => Caller::of_session(&self.client, session),
                None => Caller::Nobody,
            }),
        }
    }
}

/// A layer that adds the [`Identity`] of the caller to each request, for everything inside it and for error pages
/// around it. The session is looked up only when one of them calls [`Identity::caller`].
pub async fn identify(State(client): State<Client>, mut request: Request, next: Next) -> Response {
    Identity::in_request(&client, &mut request);
    next.run(request).await
}
