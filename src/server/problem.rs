//! `Problem`: why a request is refused. Handlers and layers put it into their response; `problem_body` then renders the
//! body, with the words of `problem_words`.

use std::any::Any;
use std::borrow::Cow;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};

use crate::auth::Error;

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
    /// The headers are larger, or more, than this site accepts (431).
    HeadersTooLarge,
    /// The request's target is no path (400).
    NoPath,
    /// The request names its host more than once (400).
    SeveralHosts,
    /// A form names a theme that does not exist (422).
    UnknownTheme,
    /// This address sends too many sign-in requests (429). Another try makes sense after this time.
    TooManyRequests(Duration),
    /// More requests wait than [`super::waiting::MOST_WAITING`] (503). Another try makes sense after a second.
    Busy,
    /// The response was not ready in time (503).
    TooSlow,
    /// A bug (500).
    Bug,
    /// A library refuses the request with this status, and does not say more.
    Unusable(StatusCode),
    /// Sign-in, or reading the session, did not succeed; or the caller may not do this.
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
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::NoPath | Self::SeveralHosts => StatusCode::BAD_REQUEST,
            Self::UnknownTheme => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::TooSlow => StatusCode::SERVICE_UNAVAILABLE,
            Self::Bug => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unusable(status) => *status,
            Self::Auth(error) => error.status(),
        }
    }

    /// `detail` in JSON.
    pub(super) fn detail(&self) -> Cow<'static, str> {
        match self {
            Self::Auth(error) => error.sentence(),
            problem => problem.status().canonical_reason().unwrap_or("Error").into(),
        }
    }

    /// Logs the cause of a refusal, which the response does not say. Failures of sign-ins are in the audit log already.
    pub(super) fn log(&self) {
        match self {
            Self::Auth(error @ Error::Internal(_)) => tracing::error!(%error, "a bug"),
            Self::Auth(
                error @ (Error::Forbidden(_)
                | Error::InvalidToken(_)
                | Error::KeysUnavailable(_)
                | Error::InvalidEvent(_)
                | Error::InvalidLogoutToken(_)),
            ) => {
                tracing::debug!(%error, "a request is refused");
            }
            _ => {}
        }
    }

    /// The problem of a response that has no body of ours: what the handler or layer said, else what the status of a
    /// library's own refusal means.
    pub(super) fn of(response: &Response) -> Option<Self> {
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
    /// Plain text, for where [`super::problem_body::render`] is not in force.
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.detail()).into_response();
        let wait = match self {
            Self::TooManyRequests(wait) => Some(wait.as_secs() + 1),
            Self::Busy => Some(1),
            _ => None,
        };
        if let Some(seconds) = wait {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
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

/// Whether a handler gave the response a page or JSON of its own, which is sent as it is.
pub(super) fn has_own_body(response: &Response) -> bool {
    let is_own_type = |kind: &str| kind.starts_with("application/json") || kind.starts_with("text/html");
    response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(is_own_type)
}
