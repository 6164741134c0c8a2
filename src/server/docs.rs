//! `/docs`: the page of the API docs, as of the OpenAPI document and for who is signed in.
//! The page itself is in `app::docs_page`. Here it is filled: `operations` reads the document, `commands` writes what a
//! shell runs, and `credentials` says how a program is let in.
//!
//! The page is compressed. A browser may keep the one of nobody, and asks each time whether it still is the same: its
//! validator is a digest of all that it shows, the theme included. The page of a user is stored nowhere, like every
//! other response about a user, so that nothing of it is left after sign-out.

mod commands;
mod credentials;
mod operations;

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;
use http::header::{CACHE_CONTROL, ETAG, HeaderValue, VARY};
use utoipa::openapi::OpenApi;

use super::page::{PageRequest, X_ROBOTS_TAG, scripts_without_islands};
use super::{AppState, assets};
use crate::app::docs_page::ApiDocs;
use crate::app::{PageContext, PageOf, Scripts, docs_content, docs_page};
use crate::assets::{Asset, Content, HTML};
use crate::paths::DOCS;

/// What is the same for every request; made when somebody first asks for it, because most sites are never asked.
type Fixed = LazyLock<String, Box<dyn FnOnce() -> String + Send>>;

/// The page of this document.
pub(super) fn router(state: &AppState, document: OpenApi) -> Router {
    let for_content = state.clone();
    let content: Arc<Fixed> = Arc::new(LazyLock::new(Box::new(move || {
        let document = serde_json::to_value(document).expect("the keys of the document are strings");
        docs_content(&api_docs(&for_content, &document))
    })));
    let docs = move |State(state): State<AppState>, request: Request| {
        let content = Arc::clone(&content);
        async move { docs(&state, &content, request).await }
    };
    Router::new().route(DOCS, get(docs)).with_state(state.clone())
}

fn api_docs(state: &AppState, document: &serde_json::Value) -> ApiDocs {
    let site = state.auth.config().site_url.as_str().trim_end_matches('/');
    ApiDocs { credentials: credentials::of(state, site), groups: operations::groups(document, site) }
}

async fn docs(state: &AppState, content: &str, request: Request) -> Response {
    let page = PageRequest::of(request.uri(), request.headers(), request.extensions());
    let context = page.context(state).await;
    // A nonce or a query would make every copy of the page another one. The page of a user is stored nowhere.
    let scripts = context.viewer.is_some().then(|| scripts_without_islands(PageOf::User)).flatten();
    let scripts = scripts.map(Scripts::with_requests);
    let context = PageContext { scripts, address: DOCS.to_owned(), ..context };
    let page = Asset::at(DOCS, HTML, Content::plain(docs_page(&context, content)));
    let mut response = assets::respond(&page, assets::REVALIDATED, &request);
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("accept-encoding, cookie"));
    if context.viewer.is_some() {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        headers.insert(X_ROBOTS_TAG, HeaderValue::from_static("noindex"));
        headers.remove(ETAG);
    }
    if let Some(scripts) = context.scripts {
        response.extensions_mut().insert(scripts);
    }
    response
}
