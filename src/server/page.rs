//! From a request to the response with its page: what a page needs of the request, and the rendered document with the
//! headers that belong to it. The pages themselves are in `app`, their handlers in `pages`.

use std::convert::Infallible;
use std::sync::LazyLock;
use std::time::Duration;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::response::{Html, IntoResponse, Response};
use http::header::{COOKIE, HeaderName};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap, HeaderValue, StatusCode, Uri};
use serde::Serialize;

use super::{AppState, theme};
use crate::api::error::ApiError;
use crate::app::{Allowances, PageContext, PageOf, PageScripts, Scripts, SessionEnd, Viewer};
use crate::auth::{Caller, Identity, Policy, ReturnTo, Session, User, Wants};

/// WCAG 2.2, 2.2.1: users of a session that ends later need not be told.
const NEED_NOT_BE_TOLD: Duration = Duration::from_secs(20 * 60 * 60);

pub(super) const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");

/// The form of the response that a request asks for: an extractor of page handlers.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    /// JSON, for a program.
    Json,
    /// A page, for a user, with what every page needs.
    Page(Box<PageContext>),
}

impl Wanted {
    /// Evaluates the policies that parts of the page ask for. A part is hidden when it is not known whether its policy
    /// holds: the page is of use without it.
    pub(super) async fn with_policies(mut self, caller: &Caller, policies: &[&Policy]) -> Self {
        if let Self::Page(context) = &mut self {
            let mut outcomes = Vec::new();
            for policy in policies {
                outcomes.push((policy.to_string(), caller.check(policy).await.is_ok()));
            }
            context.allowances = Allowances::new(outcomes);
        }
        self
    }

    /// Responds with a value as it is asked for: as JSON, or as its page.
    pub(super) fn respond<T: Serialize>(self, value: &T, page: fn(&PageContext, &T) -> String) -> Response {
        match self {
            Self::Json => Json(value).into_response(),
            Self::Page(context) => html(&context, page(&context, value)),
        }
    }

    /// Responds with a result as it is asked for. As JSON an error has its own shape and status; its page has the same
    /// status.
    pub(super) fn respond_with_result<T, E>(
        self,
        result: Result<T, E>,
        page: fn(&PageContext, &Result<T, E>) -> String,
    ) -> Response
    where
        T: Serialize,
        E: Clone + Into<ApiError>,
    {
        let error = result.as_ref().err().cloned().map(Into::<ApiError>::into);
        let status = error.as_ref().map_or(StatusCode::OK, ApiError::status_code);
        let response = match (self, error) {
            (Self::Json, Some(error)) => Json(error).into_response(),
            (Self::Json, None) => Json(result.ok()).into_response(),
            (Self::Page(context), _) => html(&context, page(&context, &result)),
        };
        (status, response).into_response()
    }
}

impl FromRequestParts<AppState> for Wanted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(match Wants::of(&parts.headers) {
            Wants::Json => Self::Json,
            Wants::Page => {
                let request = PageRequest::of(&parts.uri, &parts.headers, &parts.extensions);
                Self::Page(Box::new(request.context(state).await))
            }
        })
    }
}

/// What a page needs of the request, kept as it came: most requests never become a page.
#[derive(Clone)]
pub(super) struct PageRequest {
    pub(super) uri: Uri,
    cookies: Vec<HeaderValue>,
    identity: Option<Identity>,
}

impl PageRequest {
    pub(super) fn of(uri: &Uri, headers: &HeaderMap, extensions: &Extensions) -> Self {
        let cookies = headers.get_all(COOKIE).iter().cloned().collect();
        Self { uri: uri.clone(), cookies, identity: extensions.get().cloned() }
    }

    /// Path and query, as a path to return to.
    pub(super) fn address(&self, state: &AppState) -> String {
        ReturnTo::of_request(&self.uri, &state.auth.config().paths).as_str().to_owned()
    }

    /// Path and query as they were sent, for a link to the same address.
    pub(super) fn target(&self) -> String {
        self.uri.path_and_query().map(PathAndQuery::to_string).unwrap_or_default()
    }

    /// Looks up who is signed in, unless the guard already has. When the store fails, the page is rendered as for
    /// nobody: pages that need a session do not come here then.
    pub(super) async fn context(&self, state: &AppState) -> PageContext {
        let session = match &self.identity {
            Some(identity) => identity.session().await,
            None => None,
        };
        let Some(session) = session else { return self.context_without_viewer(state) };
        let session_end = session_end(state, &session).await;
        let context = self.context_for(Some(viewer(session.user())), state);
        let scripts =
            context.scripts.map(|scripts| if session_end.is_some() { scripts.with_requests() } else { scripts });
        PageContext { session_end, scripts, ..context }
    }

    /// What a page needs when nobody is looked up.
    pub(super) fn context_without_viewer(&self, state: &AppState) -> PageContext {
        self.context_for(None, state)
    }

    fn context_for(&self, viewer: Option<Viewer>, state: &AppState) -> PageContext {
        let page = if viewer.is_some() { PageOf::User } else { PageOf::Nobody };
        PageContext {
            viewer,
            theme: theme::of_cookies(self.cookies.iter()),
            notice: state.notice.clone(),
            session_end: None,
            address: self.address(state),
            scripts: scripts_of(state, page),
            allowances: Allowances::default(),
        }
    }
}

/// When a session ends, where its user must be told. That costs a read of the store, and where sessions live long nothing.
async fn session_end(state: &AppState, session: &Session) -> Option<SessionEnd> {
    let lifetime = state.auth.config().lifetime;
    if lifetime.idle.min(lifetime.absolute) >= NEED_NOT_BE_TOLD {
        return None;
    }
    // The page is of use without the notice.
    let left = state.auth.time_left(session).await.ok()??;
    Some(SessionEnd { seconds_left: left.unless_prolonged.as_secs(), can_stay: left.can_be_prolonged() })
}

/// The scripts of pages without islands.
static WITHOUT_ISLANDS: LazyLock<PageScripts> = LazyLock::new(PageScripts::without_islands);

/// The script of one page that has no islands, also where the site has some.
pub(super) fn scripts_without_islands(page: PageOf) -> Option<Scripts> {
    WITHOUT_ISLANDS.of(page)
}

/// The script of one page.
pub(super) fn scripts_of(state: &AppState, page: PageOf) -> Option<Scripts> {
    state.island_files.as_ref().map_or(&*WITHOUT_ISLANDS, |files| &files.page_scripts).of(page)
}

fn viewer(user: &User) -> Viewer {
    Viewer {
        name: user.display_name(),
        initials: user.initials(),
        picture: user.picture.clone(),
        email: user.email.clone(),
    }
}

/// The response with a rendered page. Its scripts go along as a response extension, for the content security policy
/// that allows them to run.
pub(super) fn html(context: &PageContext, document: String) -> Response {
    let mut response = Html(document).into_response();
    if let Some(scripts) = context.scripts.clone() {
        response.extensions_mut().insert(scripts);
    }
    if context.viewer.is_some() {
        response.headers_mut().insert(X_ROBOTS_TAG, HeaderValue::from_static("noindex"));
    }
    response
}
