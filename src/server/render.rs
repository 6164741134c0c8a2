//! Drawing: from a Leptos view to an HTML answer.
//! It decides neither what is drawn nor with which status.

use std::future::Future;
use std::pin::Pin;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::Stream;
use futures_util::stream::once;
use http::request::Parts;
use leptos::nonce::Nonce;
use leptos::prelude::{AnyView, IntoView, RenderHtml, provide_context};

use super::{AppState, theme};
use crate::app::{BrowserSide, Notice, Viewer};
use crate::auth::{ReturnTo, User};
use crate::islands::Place;

type Chunks = Pin<Box<dyn Stream<Item = String> + Send>>;

/// Draws a whole document. `context` provides what its pages read; it runs once.
pub(super) async fn draw(
    state: &AppState,
    parts: &Parts,
    context: impl Fn() + Clone + Send + 'static,
    view: impl FnOnce() -> AnyView + Send + 'static,
) -> Response {
    let notice = state.notice;
    let nonce = parts.extensions.get::<Nonce>().cloned();
    let place = Place(ReturnTo::of_request(&parts.uri).as_str().to_owned());
    let theme = theme::of_request(&parts.headers);
    let context = move || {
        provide_context(place.clone());
        provide_context(theme);
        if let Some(nonce) = &nonce {
            provide_context(nonce.clone());
            provide_context(BrowserSide(nonce.clone()));
        }
        if let Some(notice) = notice {
            provide_context(Notice(notice));
        }
        context();
    };
    leptos_axum::handle_response_inner(context, view, Request::from_parts(parts.clone(), Body::empty()), whole_document)
        .await
}

/// The signed-in person, for the header of a page.
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
