//! The layer around the forms of the sign-in page that refuses a form of another page, with which that page could sign
//! a browser in as somebody. A program says nothing of a page and is served. The console's forms have a stricter guard.

use axum::{extract::Request, http::StatusCode, middleware::Next, response::Response};

use crate::dev_issuer::basics::{page, sender::Sender};

/// Refuses a request that another page sends.
pub(crate) async fn check(request: Request, next: Next) -> Response {
    match Sender::of(request.headers()) {
        Sender::Tenant | Sender::Program => next.run(request).await,
        Sender::OtherPage => page::error(StatusCode::FORBIDDEN, "The tenant takes this form from its own pages only."),
    }
}
