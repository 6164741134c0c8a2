//! The OpenAPI document, and Swagger UI for it.
//! Each route is described beside its handler; what belongs to all of them is here.

use axum::Router;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa_swagger_ui::SwaggerUi;

use crate::paths::{DOCS, OPENAPI};

/// The name of the cookie scheme in the routes' `security`.
const SESSION_SCHEME: &str = "session";

/// The document without routes.
pub(super) fn introduction() -> OpenApi {
    let cookie = ApiKeyValue::with_description(
        "kinde_session",
        "The session cookie; on an https site its name is `__Host-kinde_session`. Sign in at `/api/auth/login`.",
    );
    let components = ComponentsBuilder::new()
        .security_scheme(SESSION_SCHEME, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)))
        .build();
    let info = InfoBuilder::new()
        .title("kinde-leptos")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Sign-in with Kinde for Leptos and axum."))
        .build();
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// `/openapi.json` and `/docs`.
pub(super) fn router(document: OpenApi) -> Router {
    SwaggerUi::new(DOCS).url(OPENAPI, document).into()
}
