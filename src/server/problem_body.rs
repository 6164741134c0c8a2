//! The body of a problem's response: a page in the site's look for a user, `{"detail": …}` for a program.

use axum::Json;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_LENGTH, REFERER};
use http::{HeaderMap, HeaderValue, Method};
use url::{Position, Url};

use super::AppState;
use super::audience::Audience;
use super::cures;
use super::page::{PageRequest, html};
use super::problem::{self, Problem};
use super::problem_words::{self, Repetition};
use super::refusals::Refusals;
use super::request_id::RequestId;
use crate::api::error::ApiError;
use crate::app::{self, ProblemView};
use crate::auth::paths::{ACCOUNT, END_SESSION, LOGOUT, LOGOUT_EVERYWHERE, PORTAL, SESSION};
use crate::auth::{ClientAddress, Config, ReturnTo, Wants};
use crate::paths::HOME;

/// What is needed of a request to render its problem. Most requests have none, so nothing is decided before.
pub(super) struct Refused {
    method: Method,
    page: PageRequest,
    accept: Vec<HeaderValue>,
    /// Of a request that no link can repeat.
    referrer: Option<HeaderValue>,
    id: RequestId,
    client: Option<ClientAddress>,
}

impl Refused {
    pub(super) fn of(id: RequestId, request: &Request) -> Self {
        Self {
            method: request.method().clone(),
            page: PageRequest::of(request.uri(), request.headers(), request.extensions()),
            accept: request.headers().get_all(ACCEPT).iter().cloned().collect(),
            referrer: (request.method() != Method::GET).then(|| request.headers().get(REFERER).cloned()).flatten(),
            id,
            client: request.extensions().get().copied(),
        }
    }

    /// Renders the body of a problem. Pages and JSON of handlers stay as they are.
    pub(super) async fn rendered(self, response: Response, state: &AppState, refusals: &Refusals) -> Response {
        let Some(problem) = Problem::of(&response) else { return response };
        refusals.count(&problem, self.client);
        problem.log();
        if let Some(cure) = cures::of(&problem, state.auth.config()) {
            tracing::error!("{cure}");
        }
        if problem::has_own_body(&response) {
            // The issuer is responded to as its own specification says.
            return response;
        }
        let rendered = match self.wants() {
            Wants::Json => Json(ApiError::text(problem.status().as_u16(), &problem.detail())).into_response(),
            // Boxed, because it may look up a session: every request would carry the room for it.
            Wants::Page => Box::pin(self.page(state, &problem)).await,
        };
        merged(response, rendered)
    }

    fn audience(&self) -> Audience {
        Audience::of(self.page.uri.path())
    }

    fn wants(&self) -> Wants {
        match self.audience() {
            Audience::Programs => Wants::Json,
            // To render a page would be to look up the session, and so to prolong it.
            _ if self.is_about_session_time() => Wants::Json,
            _ => Wants::of(&self.accept.iter().map(|accept| (ACCEPT, accept.clone())).collect::<HeaderMap>()),
        }
    }

    fn is_about_session_time(&self) -> bool {
        self.page.uri.path() == SESSION && matches!(self.method, Method::GET | Method::HEAD)
    }

    fn repetition(&self, state: &AppState) -> Repetition {
        match self.audience() {
            Audience::Issuer if self.page.uri.path() == LOGOUT => Repetition::SignOut(LOGOUT),
            Audience::Issuer if self.page.uri.path() == LOGOUT_EVERYWHERE => Repetition::SignOut(LOGOUT_EVERYWHERE),
            // The page has the form.
            Audience::Issuer if self.page.uri.path() == END_SESSION => Repetition::Page(ACCOUNT.to_owned()),
            Audience::Issuer if self.page.uri.path() == SESSION => Repetition::Page(HOME.to_owned()),
            Audience::Issuer if self.page.uri.path() == PORTAL => Repetition::Page(self.page.target()),
            audience if audience != Audience::Issuer && self.method == Method::GET => {
                Repetition::Page(self.page.address(state))
            }
            // A form that cannot be sent again by a link: the page that it is on can be opened.
            audience if audience != Audience::Issuer => {
                let page = self.referrer.as_ref().and_then(|referrer| sending_page(referrer, state.auth.config()));
                page.map_or(Repetition::SignIn, Repetition::Page)
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
            reference: Some(self.id.as_str().to_owned()),
            ways_on: words.ways_on,
        };
        let context = match problem {
            // To look up who is signed in would be to wait all the same.
            Problem::Busy => self.page.context_without_viewer(state),
            _ => self.page.context(state).await,
        };
        html(&context, app::problem_page(&context, &view))
    }
}

/// The address of the page from which a request was sent, as the browser says, if it is one of this site.
fn sending_page(referrer: &HeaderValue, config: &Config) -> Option<String> {
    let page = Url::parse(referrer.to_str().ok()?).ok()?;
    let address = &page[Position::BeforePath..Position::AfterQuery];
    let is_here = page.origin() == config.site_url.origin();
    is_here.then(|| ReturnTo::parse(address, &config.paths).as_str().to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_sent_from_a_page_of_this_site_or_from_none_that_counts() {
        let site_url = Url::parse("https://app.example").unwrap();
        let config = Config::new("https://acme.kinde.com", "client", "secret".to_owned(), site_url);
        let page = |referrer| sending_page(&HeaderValue::from_static(referrer), &config);
        assert_eq!(page("https://app.example/notes?page=2#last").as_deref(), Some("/notes?page=2"));
        assert_eq!(page("https://app.example").as_deref(), Some("/"));
        assert_eq!(page("https://app.example/api/auth/logout").as_deref(), Some("/"), "no page");
        for referrer in ["https://elsewhere.example/notes", "http://app.example/notes", "/notes", ""] {
            assert_eq!(page(referrer), None, "{referrer}");
        }
    }
}
