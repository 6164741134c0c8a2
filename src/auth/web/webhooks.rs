//! The route of Kinde's webhooks, which the application mounts itself, with the part that it carries out.

use std::convert::Infallible;
use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;

use super::issuers_request::{body_of, refusal};
use super::routes::deliberate;
use crate::auth::client::{Client, Delivery};
use crate::auth::error::Error;
use crate::auth::oidc::WebhookEvent;
#[cfg(feature = "openapi")]
use crate::auth::paths::{Paths, WEBHOOKS};

/// The largest event, in bytes: 256 KiB. A layer with a smaller limit for all routes must leave this one out.
pub const MAX_WEBHOOK_BYTES: usize = 256 * 1024;

/// The route for Kinde's webhooks, at [`Paths::webhooks`](crate::auth::Paths::webhooks). Each event that Kinde signed
/// is carried out: users who were deleted or suspended lose their sessions and access, and rights that may have changed
/// are asked for anew. Then `handler` runs, before the response.
///
/// The handler runs at least once for each event, also for those that change nothing here, and may run twice at once
/// for one: what it does must be harmless the second time ([`WebhookEvent::id`] tells). Its error is logged, and its
/// text should hold no secret; the response is then 503, and Kinde delivers the event again, for 72 hours. It should be
/// done within a few seconds, and begin longer work in a task of its own.
///
/// ```
/// use axum::Router;
/// use kinde_leptos::auth::{self, Client, WebhookEvent, WebhookKind};
///
/// async fn handle(event: WebhookEvent) -> Result<(), std::io::Error> {
///     if let WebhookKind::UserDeleted(subject) = event.kind {
///         println!("remove what is stored of {subject}");
///     }
///     Ok(())
/// }
///
/// fn app(client: Client) -> Router {
///     Router::new().merge(auth::router(client.clone())).merge(auth::webhooks(client, handle))
/// }
/// ```
pub fn webhooks<H, F, E>(client: Client, handler: H) -> Router
where
    H: Fn(WebhookEvent) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: Display + 'static,
{
    let path = client.config().paths.webhooks.clone();
    let handler = Arc::new(handler);
    let receive = async move |State(client): State<Client>, request: Request| {
        let handler = Arc::clone(&handler);
        kinde_webhook(client, request, move |event| handler(event)).await
    };
    let route = post(receive).layer(DefaultBodyLimit::max(MAX_WEBHOOK_BYTES));
    Router::new().route(&path, deliberate("POST", route)).with_state(client)
}

/// For an application without a part of its own.
///
/// # Errors
/// Never.
pub async fn ignore_event(_: WebhookEvent) -> Result<(), Infallible> {
    Ok(())
}

/// The OpenAPI description of the route for webhooks at these paths.
#[cfg(feature = "openapi")]
pub fn webhooks_openapi(paths: &Paths) -> utoipa::openapi::OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(paths(described))]
    struct Described;
    let mut described = <Described as utoipa::OpenApi>::openapi();
    let item = described.paths.paths.remove(WEBHOOKS).unwrap_or_default();
    described.paths.paths.insert(paths.webhooks.clone(), item);
    described
}

/// Take an event of Kinde's
///
/// For Kinde's webhooks. Ends the access of users who were deleted or suspended, and has rights asked for anew that may
/// have changed. Only at Kinde.
#[cfg(feature = "openapi")]
#[utoipa::path(
    post, path = WEBHOOKS, operation_id = "kinde_webhook", tag = "issuer",
    request_body(
        content = String, content_type = "application/jwt",
        description = "The event as a JWT that Kinde signed, at most 256 KiB. Its `timestamp` is at most 73 hours old",
    ),
    responses(
        (status = 200, description = "Carried out now (`accepted`) or before (`duplicate`)", body = Object,
            example = json!({"status": "accepted"})),
        (status = 400, description = "The event is malformed, too old, or not signed by Kinde"),
        (status = 404, description = "The issuer sends no webhooks"),
        (status = 408, description = "The body did not arrive in time"),
        (status = 413, description = "The event is larger than 256 KiB"),
        (status = 415, description = "The body is not `application/jwt`"),
        (status = 503, description = "Not carried out: to be delivered again"),
    )
)]
#[expect(dead_code, reason = "utoipa describes functions, and the route is a closure")]
fn described() {}

async fn kinde_webhook<F, E>(
    client: Client,
    request: Request,
    handler: impl FnOnce(WebhookEvent) -> F + Send + 'static,
) -> Response
where
    F: Future<Output = Result<(), E>> + Send,
    E: Display,
{
    match receive(client, request, handler).await {
        Ok(Delivery::Accepted) => Json(json!({"status": "accepted"})).into_response(),
        Ok(Delivery::Duplicate) => Json(json!({"status": "duplicate"})).into_response(),
        Err(error) => {
            let body = json!({"detail": error.sentence()});
            refusal(error, body)
        }
    }
}

async fn receive<F, E>(
    client: Client,
    request: Request,
    handler: impl FnOnce(WebhookEvent) -> F + Send + 'static,
) -> Result<Delivery, Error>
where
    F: Future<Output = Result<(), E>> + Send,
    E: Display,
{
    client.require_webhooks().await?;
    let token = body_of(request, "application/jwt").await?;
    client.receive_event(token, handler).await
}
