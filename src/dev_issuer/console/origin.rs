//! The layer around the console's routes: takes forms from the tenant's own pages alone, and keeps its responses out of
//! caches. The check of the `Host` header, which applies to all routes, is in `layers::host_layer`.

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::Response,
};

use super::frame::{self, Section};
use crate::dev_issuer::basics::sender::Sender;

/// Refuses a form that another page sends, or a program that does not say from where it sends it.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = if only_reads || Sender::of(request.headers()) == Sender::Tenant {
        next.run(request).await
    } else {
        let text = "The console takes forms from its own pages only. Programs use the switchboard under /dev/.";
        frame::error(StatusCode::FORBIDDEN, Section::SignIns, text)
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
