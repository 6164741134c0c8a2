//! `Problem`: why a request is refused. Handlers and layers put it into their response; the layer here renders the body,
//! a page in the site's look for a user and `{"detail": …}` for a program. The words are in `problem_words`.

use std::any::Any;
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::audience::Audience;
use super::page::{PageRequest, html};
use super::refusals::Refusals;
use super::request_id::RequestId;
use super::{AppState, problem_words};
use crate::api::error::ApiError;
use crate::app::{self, ProblemView};
use crate::auth::paths::LOGOUT;
use crate::auth::{ClientAddress, Error, OidcError, Wants};

/// Why a request is refused; each is one status.
#[derive(Debug, Clone)]
pub(super) enum Problem {
    /// No route has this path (404).
    NotFound,
    /// The path does not take this method (405).
    WrongMethod,
    /// A browser says that another site sent a request that would change something (403).
    OtherSite,
    /// The body is larger than [`super::limits::MAX_BODY_BYTES`] (413).
    TooLarge,
    /// The URL is longer than this site accepts (414).
    UrlTooLong,
    /// The request's target is no path (400).
    NoPath,
    /// A form names a theme that does not exist (422).
    UnknownTheme,
    /// This address sends too many sign-in requests (429). Another try makes sense after this time.
    TooManyRequests(Duration),
    /// The response was not ready in time (503).
    TooSlow,
    /// A bug (500).
    Bug,
    /// A library refuses the request with this status, and does not say more.
    Unusable(StatusCode),
    /// Sign-in, or reading the session, did not succeed.
    Auth(Error),
}

impl Problem {
    /// The status of the response.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::OtherSite => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UrlTooLong => StatusCode::URI_TOO_LONG,
            Self::NoPath => StatusCode::BAD_REQUEST,
            Self::UnknownTheme => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::TooSlow => StatusCode::SERVICE_UNAVAILABLE,
            Self::Bug => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unusable(status) => *status,
            Self::Auth(error) => error.status(),
        }
    }

    /// `detail` in JSON.
    fn detail(&self) -> &'static str {
        match self {
            Self::Auth(error) => error.sentence(),
            problem => problem.status().canonical_reason().unwrap_or("Error"),
        }
    }

    /// The settings that may be wrong. `auth` does not know their names, so they are logged here.
    fn settings(&self) -> Option<&'static str> {
        match self {
            Self::Auth(Error::Oidc(OidcError::ClientRefused(_))) => Some("CLIENT_ID or CLIENT_SECRET"),
            Self::Auth(Error::Oidc(OidcError::Discovery(_))) => Some("KINDE_ISSUER_URL"),
            _ => None,
        }
    }

    /// The problem of a response that has no body of ours: what the handler or layer said, else what the status of a
    /// library's own refusal means.
    fn of(response: &Response) -> Option<Self> {
        let said = response.extensions().get::<Self>().cloned();
        said.or_else(|| response.extensions().get::<Error>().cloned().map(Self::Auth)).or_else(|| {
            let status = response.status();
            let is_error = status.is_client_error() || status.is_server_error();
            (is_error && !has_own_body(response)).then(|| Self::of_library(status))
        })
    }

    fn of_library(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::WrongMethod,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::INTERNAL_SERVER_ERROR => Self::Bug,
            status => Self::Unusable(status),
        }
    }
}

impl IntoResponse for Problem {
    /// Plain text, for where [`render_body`] is not in force.
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.detail()).into_response();
        if let Self::TooManyRequests(wait) = self {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The fallback of routes: no route has the path.
pub(super) async fn not_found() -> Problem {
    Problem::NotFound
}

/// The fallback of a route's methods; axum adds `Allow`.
pub(super) async fn wrong_method() -> Problem {
    Problem::WrongMethod
}

/// The response to a request whose handler panicked. The message goes to the log.
pub(super) fn of_panic(panic: Box<dyn Any + Send>) -> Response {
    let message = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
    tracing::error!(message = message.unwrap_or("no message"), "a request panicked");
    Problem::Bug.into_response()
}

/// A layer that renders the body of every problem. Pages and JSON of handlers stay as they are.
pub(super) async fn render_body(
    State((state, refusals)): State<(AppState, Refusals)>,
    request: Request,
    next: Next,
) -> Response {
    let refused = Refused::of(&request);
    let response = next.run(request).await;
    let Some(problem) = Problem::of(&response) else { return response };
    refusals.count(&problem, refused.client);
    if let Some(settings) = problem.settings() {
        tracing::error!("check the setting {settings}");
    }
    let rendered = match refused.wants() {
        Wants::Json => Json(ApiError::text(problem.status().as_u16(), problem.detail())).into_response(),
        Wants::Page => refused.page(&state, &problem).await,
    };
    merged(response, rendered)
}

fn has_own_body(response: &Response) -> bool {
    let is_own_type = |kind: &str| kind.starts_with("application/json") || kind.starts_with("text/html");
    response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(is_own_type)
}

/// How a user can repeat a request that was refused.
pub(super) enum Repetition {
    /// Open the page at this address again.
    Page(String),
    /// Sign out again.
    SignOut,
    /// Begin the sign-in again.
    SignIn,
}

/// What is needed of a request to render its problem. Most requests have none, so nothing is decided before.
struct Refused {
    method: Method,
    page: PageRequest,
    accept: Vec<HeaderValue>,
    id: Option<RequestId>,
    client: Option<ClientAddress>,
}

impl Refused {
    fn of(request: &Request) -> Self {
        Self {
            method: request.method().clone(),
            page: PageRequest::of(request.uri(), request.headers(), request.extensions()),
            accept: request.headers().get_all(ACCEPT).iter().cloned().collect(),
            id: request.extensions().get().cloned(),
            client: request.extensions().get().copied(),
        }
    }

    fn audience(&self) -> Audience {
        Audience::of(self.page.uri.path())
    }

    fn wants(&self) -> Wants {
        match self.audience() {
            Audience::Programs => Wants::Json,
            _ => Wants::of(&self.accept.iter().map(|accept| (ACCEPT, accept.clone())).collect::<HeaderMap>()),
        }
    }

    fn repetition(&self, state: &AppState) -> Repetition {
        match self.audience() {
            Audience::Issuer if self.page.uri.path() == LOGOUT => Repetition::SignOut,
            audience if audience != Audience::Issuer && self.method == Method::GET => {
                Repetition::Page(self.page.address(state))
            }
            _ => Repetition::SignIn,
        }
    }

    async fn page(&self, state: &AppState, problem: &Problem) -> Response {
        let words = problem_words::of(problem, &self.repetition(state));
        let view = ProblemView {
            status: problem.status().as_u16(),
            title: words.title,
            explanation: words.explanation,
            reference: self.id.as_ref().map(|id| id.0.clone()),
            ways_on: words.ways_on,
        };
        let context = self.page.context(state).await;
        html(&context, app::problem_page(&context, &view))
    }
}

/// The refusal's status and headers (`Allow`, `Retry-After`, cookies) with the rendered body and its extensions.
fn merged(refusal: Response, rendered: Response) -> Response {
    let (mut parts, _) = refusal.into_parts();
    let (rendered, body) = rendered.into_parts();
    parts.extensions.extend(rendered.extensions);
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.extend(rendered.headers);
    Response::from_parts(parts, body)
}
