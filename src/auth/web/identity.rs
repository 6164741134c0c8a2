//! `Identity`: who sent a request, looked up at most once for each request. `guard` and the application decide what an
//! anonymous request may do.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::Mutex;

use super::cookies::Cookies;
use crate::auth::client::{Client, SessionCookie};
use crate::auth::error::Error;
use crate::auth::session::Session;

/// The sender of a request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Caller {
    /// A signed-in user.
    Session(Arc<Session>),
    /// A request without a session, or whose session has ended.
    Nobody,
    /// The session could not be looked up. The cookie may open one, so it stays.
    Unknown(Error),
}

/// The caller of one request: a request extension that [`identify`] adds. Nothing is looked up before
/// [`Self::caller`] is called, and nothing twice: a failure is remembered as well. Cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<Lookup>);

struct Lookup {
    client: Client,
    cookie: SessionCookie,
    /// `None` until the session has been looked up.
    caller: Mutex<Option<Caller>>,
}

impl Identity {
    fn of(client: &Client, request: &Request) -> Self {
        let cookie = Cookies::of(client).session(request.headers());
        Self(Arc::new(Lookup { client: client.clone(), cookie, caller: Mutex::new(None) }))
    }

    /// The identity of a request that may have passed [`identify`] or not.
    pub(super) fn in_request(client: &Client, request: &mut Request) -> Self {
        let identity = request.extensions().get::<Self>().cloned();
        identity.unwrap_or_else(|| {
            let identity = Self::of(client, request);
            request.extensions_mut().insert(identity.clone());
            identity
        })
    }

    /// Who sent the request.
    pub async fn caller(&self) -> Caller {
        let mut caller = self.0.caller.lock().await;
        if let Some(caller) = &*caller {
            return caller.clone();
        }
        // Stays when the lookup panics or is given up half-way.
        *caller = Some(Caller::Unknown(Error::Internal("the session's lookup did not complete".to_owned())));
        let found = match self.0.client.session(self.0.cookie).await {
            Ok(Some(session)) => Caller::Session(session),
            Ok(None) => Caller::Nobody,
            Err(error) => Caller::Unknown(error),
        };
        *caller = Some(found.clone());
        found
    }

    /// The session of the request, for pages that need none: `None` also when it could not be looked up.
    pub async fn session(&self) -> Option<Arc<Session>> {
        match self.caller().await {
            Caller::Session(session) => Some(session),
            Caller::Nobody | Caller::Unknown(_) => None,
        }
    }

    /// The client whose session it is.
    pub(super) fn client(&self) -> &Client {
        &self.0.client
    }

    /// Whether the request has a session cookie, usable or not.
    pub(super) fn has_cookie(&self) -> bool {
        self.0.cookie != SessionCookie::Absent
    }
}

/// A layer that adds the [`Identity`] of the caller to each request, for everything inside it and for error pages
/// around it. The session is looked up only when one of them calls [`Identity::caller`].
pub async fn identify(State(client): State<Client>, mut request: Request, next: Next) -> Response {
    Identity::in_request(&client, &mut request);
    next.run(request).await
}
