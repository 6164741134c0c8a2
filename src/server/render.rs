//! Drawing: from a Leptos view to an HTML answer.
//! It decides neither what is drawn nor with which status.

use std::future::Future;
use std::pin::Pin;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::Stream;
use futures_util::stream::once;
use http::header::COOKIE;
use http::{HeaderValue, Uri};
use leptos::nonce::Nonce;
use leptos::prelude::{AnyView, IntoView, RenderHtml, provide_context};

use super::{AppState, theme};
use crate::app::{BrowserSide, Notice, Place, Theme, Viewer};
use crate::auth::{Identity, ReturnTo, User};

type Chunks = Pin<Box<dyn Stream<Item = String> + Send>>;

/// What a page takes from the request it answers. Kept as it came, because most requests never become a page.
#[derive(Debug, Clone)]
pub(super) struct PageRequest {
    pub(super) uri: Uri,
    cookies: Vec<HeaderValue>,
}

impl PageRequest {
    pub(super) fn of(request: &Request) -> Self {
        let cookies = request.headers().get_all(COOKIE).iter().cloned().collect();
        Self { uri: request.uri().clone(), cookies }
    }

    fn place(&self) -> Place {
        Place(ReturnTo::of_request(&self.uri).as_str().to_owned())
    }

    fn theme(&self) -> Theme {
        theme::of_cookies(self.cookies.iter())
    }
}

/// Draws a whole document for an address. `context` provides what its pages read; it runs once. A page with a script
/// leaves its nonce with the answer, for the policy that lets the script run.
pub(super) async fn draw(
    state: &AppState,
    asked: &PageRequest,
    context: impl Fn() + Clone + Send + 'static,
    view: impl FnOnce() -> AnyView + Send + 'static,
) -> Response {
    let notice = state.notice;
    let files = state.browser_side.as_ref();
    let browser_side = files.map(|files| BrowserSide { nonce: Nonce::new(), live_reload_port: files.live_reload_port });
    let left_with_answer = browser_side.clone();
    let (place, theme) = (asked.place(), asked.theme());
    let context = move || {
        provide_context(place.clone());
        provide_context(theme);
        if let Some(browser_side) = &browser_side {
            provide_context(browser_side.nonce.clone());
            provide_context(browser_side.clone());
        }
        if let Some(notice) = notice {
            provide_context(Notice(notice));
        }
        context();
    };
    let mut request = Request::new(Body::empty());
    if asked.uri.path_and_query().is_some() {
        // Leptos takes it for granted that a target is a path; what is none is drawn as if at `/`.
        *request.uri_mut() = asked.uri.clone();
    }
    let mut response = leptos_axum::handle_response_inner(context, view, request, whole_document).await;
    if let Some(browser_side) = left_with_answer {
        response.extensions_mut().insert(browser_side);
    }
    response
}

/// The signed-in user, for the header of a page that is for everybody. A store that fails makes no difference to it.
pub(super) async fn viewer_of(identity: &Identity) -> Option<Viewer> {
    identity.session().await.map(|session| viewer(session.user()))
}

/// The context of a page's header.
pub(super) fn context_of(viewer: Option<Viewer>) -> impl Fn() + Clone + Send + 'static {
    move || {
        if let Some(viewer) = &viewer {
            provide_context(viewer.clone());
        }
    }
}

/// The signed-in user, for the header of a page.
pub(super) fn viewer(user: &User) -> Viewer {
    Viewer {
        name: user.display_name(),
        initials: user.initials(),
        picture: user.picture.clone(),
        email: user.email.clone(),
    }
}

/// Pages are synchronous, so the document is one chunk. Leptos' own builders would append two inline scripts after
/// `</html>` for resources that no page has.
fn whole_document(
    view: AnyView,
    _resources: Box<dyn FnOnce() -> Chunks + Send>,
    _out_of_order: bool,
) -> Pin<Box<dyn Future<Output = Chunks> + Send>> {
    Box::pin(async move { Box::pin(once(async move { view.into_view().to_html() })) as Chunks })
}
