//! Drawing: from a Leptos view to an HTML answer.
//! It decides neither what is drawn nor with which status.

use std::future::Future;
use std::pin::Pin;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::Stream;
use futures_util::stream::once;
use http::Uri;
use leptos::prelude::{AnyView, IntoView, RenderHtml, provide_context};

use super::AppState;
use crate::app::{Notice, Viewer};
use crate::auth::User;

type Chunks = Pin<Box<dyn Stream<Item = String> + Send>>;

/// Draws a whole document for an address. `context` provides what its pages read; it runs once.
pub(super) async fn draw(
    state: &AppState,
    uri: Uri,
    context: impl Fn() + Clone + Send + 'static,
    view: impl FnOnce() -> AnyView + Send + 'static,
) -> Response {
    let notice = state.notice;
    let with_notice = move || {
        if let Some(notice) = notice {
            provide_context(Notice(notice));
        }
        context();
    };
    let mut request = Request::new(Body::empty());
    if uri.path_and_query().is_some() {
        // Leptos takes it for granted that a target is a path; what is none is drawn as if at `/`.
        *request.uri_mut() = uri;
    }
    leptos_axum::handle_response_inner(with_notice, view, request, whole_document).await
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
