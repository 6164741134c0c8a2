//! What goes wrong, for whoever asked: a page in the site's look for a person, `{"detail": …}` for a program.
//! It decides no status: whoever refused the request did, be it a handler or a layer.

use std::borrow::Cow;

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};

use super::functions::is_server_function;
use super::render::PageRequest;
use super::request_id::RequestId;
use super::{AppState, render};
use crate::api::error::ApiError;
use crate::app::{self, ProblemView, WayOn};
use crate::auth::paths::{AUTH_PREFIX, LOGIN, LOGOUT, REGISTER};
use crate::auth::{Declined, Error, Identity, OidcError, Wants};
use crate::paths::HOME;

/// Gives every error answer its body. Pages and JSON that a handler has already made stay as they are.
pub(super) async fn draw(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    let response = next.run(request).await;
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    if !is_error || is_drawn(&response) {
        return response;
    }
    let status = response.status();
    let error = response.extensions().get::<Error>().cloned();
    let drawn = match asked.wants() {
        Wants::Json => json(status, error.as_ref()),
        Wants::Page => page(&state, &asked, status, error.as_ref()).await,
    };
    merged(response, drawn)
}

/// axum, tower's layers and `auth` answer errors with nothing or with plain text.
fn is_drawn(response: &Response) -> bool {
    let is_drawn_type = |kind: &str| kind.starts_with("application/json") || kind.starts_with("text/html");
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    response.extensions().get::<Error>().is_none() && content_type.is_some_and(is_drawn_type)
}

/// What must be known of a request to draw its refusal. Most requests are not refused, so little is kept and nothing
/// is decided before.
struct Asked {
    method: Method,
    page: PageRequest,
    accept: Vec<HeaderValue>,
    id: Option<RequestId>,
    identity: Option<Identity>,
}

impl Asked {
    fn of(request: &Request) -> Self {
        Self {
            method: request.method().clone(),
            page: PageRequest::of(request),
            accept: request.headers().get_all(ACCEPT).iter().cloned().collect(),
            id: request.extensions().get().cloned(),
            identity: request.extensions().get().cloned(),
        }
    }

    fn wants(&self) -> Wants {
        if is_server_function(self.page.uri.path()) {
            return Wants::Json;
        }
        Wants::of(&self.accept.iter().map(|accept| (ACCEPT, accept.clone())).collect())
    }
}

/// The refusal's status and headers (`Allow`, `Retry-After`, cookies) with the new body and its script's nonce.
fn merged(refusal: Response, drawn: Response) -> Response {
    let (mut parts, _) = refusal.into_parts();
    let (drawn, body) = drawn.into_parts();
    parts.extensions.extend(drawn.extensions);
    parts.headers.remove(CONTENT_LENGTH);
    if let Some(content_type) = drawn.headers.get(CONTENT_TYPE) {
        parts.headers.insert(CONTENT_TYPE, content_type.clone());
    }
    Response::from_parts(parts, body)
}

fn json(status: StatusCode, error: Option<&Error>) -> Response {
    let text = error.map_or_else(|| status.canonical_reason().unwrap_or("Error"), Error::sentence);
    Json(ApiError::text(status.as_u16(), text)).into_response()
}

async fn page(state: &AppState, asked: &Asked, status: StatusCode, error: Option<&Error>) -> Response {
    let reference = asked.id.as_ref().map(|id| id.0.clone());
    let problem = match error {
        Some(error) => sign_in_problem(error, asked),
        None => general_problem(status),
    };
    let view = ProblemView {
        status: status.as_u16(),
        title: problem.title.to_owned(),
        explanation: problem.explanation.into_owned(),
        reference,
        ways_on: problem.ways_on,
    };
    let viewer = match &asked.identity {
        Some(identity) => render::viewer_of(identity).await,
        None => None,
    };
    render::draw(state, &asked.page, render::context_of(viewer), move || app::problem_page(view)).await
}

/// A problem in words.
struct Problem {
    title: &'static str,
    explanation: Cow<'static, str>,
    ways_on: Vec<WayOn>,
}

impl Problem {
    fn new(title: &'static str, explanation: &'static str, ways_on: Vec<WayOn>) -> Self {
        Self { title, explanation: Cow::Borrowed(explanation), ways_on }
    }
}

fn sign_in_problem(error: &Error, asked: &Asked) -> Problem {
    let sign_in = || link("Sign in again", LOGIN);
    let (title, ways_on) = match error {
        Error::NotAuthenticated => ("Please sign in", vec![link("Sign in", LOGIN), link("Create account", REGISTER)]),
        Error::UnconfirmedSignOut => ("Sign out?", vec![post("Sign out", LOGOUT), link("Stay signed in", HOME)]),
        Error::Framed => ("Please open sign-in by itself", vec![link("Start page", HOME)]),
        Error::Oidc(OidcError::Declined(Declined::AccessDenied)) => {
            ("Sign-in was cancelled", vec![sign_in(), link("Create account", REGISTER)])
        }
        Error::Store(_) if asked.method == Method::GET && !asked.page.uri.path().starts_with(AUTH_PREFIX) => {
            ("Please try again shortly", vec![link("Try again", &same_place(asked))])
        }
        Error::Internal(_) => ("Something went wrong", vec![link("Start page", HOME)]),
        _ if error.status().is_server_error() => {
            ("Sign-in is not available", vec![link("Try again", LOGIN), link("Start page", HOME)])
        }
        _ => ("Sign-in did not work", vec![sign_in(), link("Start page", HOME)]),
    };
    Problem::new(title, error.sentence(), ways_on)
}

fn general_problem(status: StatusCode) -> Problem {
    let start = || vec![link("Start page", HOME)];
    match status {
        StatusCode::NOT_FOUND => Problem::new("Page not found", "There is nothing at this address.", start()),
        StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new("Not possible here", "This address does not take this kind of request.", start())
        }
        StatusCode::FORBIDDEN => {
            Problem::new("Refused", "This request came from another site, so it was not carried out.", start())
        }
        StatusCode::SERVICE_UNAVAILABLE => Problem::new("That took too long", "Please try again shortly.", start()),
        StatusCode::TOO_MANY_REQUESTS => {
            Problem::new("Too many requests", "Please wait a moment, then try again.", start())
        }
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => {
            Problem::new("Too long", "The request is larger than this site accepts.", start())
        }
        status if status.is_client_error() => {
            Problem::new("That did not work", "The request could not be understood.", start())
        }
        _ => Problem::new("Something went wrong", "This is our fault. Please try again shortly.", start()),
    }
}

fn link(label: &str, href: &str) -> WayOn {
    WayOn::Link { label: label.to_owned(), href: href.to_owned() }
}

fn post(label: &str, action: &str) -> WayOn {
    WayOn::Post { label: label.to_owned(), action: action.to_owned() }
}

fn same_place(asked: &Asked) -> String {
    crate::auth::ReturnTo::of_request(&asked.page.uri).as_str().to_owned()
}
