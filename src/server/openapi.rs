//! The OpenAPI document. The page that shows it is in `docs`.
//! Each route is described beside its handler. Here is what belongs to all of them: the responses of the layers around
//! the routes, the bodies of errors, and the headers of redirects.

use http::StatusCode;
use http::header::{LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, Content, Header, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Ref,
    RefOr, Response, SchemaFormat, Server, Type,
};

use super::audience::Audience;
use super::rate_limit;
use crate::assets::{self, Asset, JSON};
use crate::auth::paths::Paths;
use crate::paths::OPENAPI;

/// The names of the schemes in the routes' `security`.
const SESSION_SCHEME: &str = "session";
const BEARER_SCHEME: &str = "bearer";
/// The routes' tags with a description of each.
const TAGS: [(&str, &str); 5] = [
    ("server functions", "Data as JSON"),
    ("pages", "Pages for users, most of them JSON for programs too"),
    ("sign-in", "Sign-in and sign-out"),
    ("issuer", "For the sign-in service itself, which no browser takes part in"),
    ("operations", "For supervisors and load balancers"),
];

/// Responses of the layers around every route.
const FROM_EVERY_ROUTE: [(StatusCode, &str); 3] = [
    (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
    (StatusCode::URI_TOO_LONG, "The URL is too long"),
    (StatusCode::INTERNAL_SERVER_ERROR, "A bug"),
];

/// The document without routes.
pub(super) fn introduction() -> OpenApi {
    let cookie = ApiKeyValue::with_description(
        "kinde_session",
        "The session cookie; on an https site its name is `__Host-kinde_session`. Sign in at `/api/auth/login`.",
    );
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some(
            "An access token of the issuer whose `aud` has one of the audiences in `KINDE_AUDIENCE`; without that setting every token is refused. It decides alone: a session cookie beside it is ignored.",
        ))
        .build();
    let components = ComponentsBuilder::new()
        .security_scheme(BEARER_SCHEME, SecurityScheme::Http(token))
        .security_scheme(SESSION_SCHEME, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)))
        .build();
    let license = env!("CARGO_PKG_LICENSE");
    let info = InfoBuilder::new()
        .title("kinde-leptos")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(env!("CARGO_PKG_DESCRIPTION")))
        .license(Some(LicenseBuilder::new().name(license).identifier(Some(license)).build()))
        .build();
    let tags = TAGS.map(|(name, description)| TagBuilder::new().name(name).description(Some(description)).build());
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new("/")]))
        .components(Some(components))
        .tags(Some(tags))
        .build()
}

/// `/openapi.json`.
pub(super) fn file(document: &OpenApi) -> Asset {
    let json = document.to_json().expect("its keys are strings");
    Asset::at(OPENAPI, JSON, assets::Content::plain(json))
}

/// Completes the document with all routes.
pub(super) fn complete(document: &mut OpenApi, paths: &Paths) {
    for (path, item) in &mut document.paths.paths {
        if rate_limit::limits(path, paths) {
            for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
                respond(operation, StatusCode::TOO_MANY_REQUESTS, "Too many requests from this address");
            }
        }
        complete_path(Audience::of(path), item);
    }
}

/// Adds what the routes' own descriptions leave out.
fn complete_path(audience: Audience, path: &mut PathItem) {
    if let Some(operation) = &mut path.get {
        if audience.has_canonical_host() {
            respond(operation, StatusCode::SEE_OTHER, "Under another loopback name than the site's: to the site's own");
        }
        complete_operation(audience, operation);
    }
    for operation in [&mut path.post, &mut path.put, &mut path.patch, &mut path.delete].into_iter().flatten() {
        respond(operation, StatusCode::FORBIDDEN, "Another site sent the request");
        complete_operation(audience, operation);
    }
}

fn complete_operation(audience: Audience, operation: &mut Operation) {
    for (status, description) in FROM_EVERY_ROUTE {
        respond(operation, status, description);
    }
    if operation.security.is_some() {
        let several = "Malformed, or several `Authorization` headers, one of them with an access token";
        respond(operation, StatusCode::BAD_REQUEST, several);
    }
    let unavailable = match operation.security {
        Some(_) => "The session store cannot be reached, too many requests wait, or the response took too long",
        None => "Too many requests wait, or the response took too long",
    };
    respond(operation, StatusCode::SERVICE_UNAVAILABLE, unavailable);
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            add_headers(status, response);
            add_error_body(status, response, audience != Audience::Programs);
        }
    }
}

/// Adds a response unless the route describes one of this status itself.
fn respond(operation: &mut Operation, status: StatusCode, description: &str) {
    let responses = &mut operation.responses.responses;
    responses.entry(status.as_str().to_owned()).or_insert_with(|| Response::new(description).into());
}

fn add_headers(status: &str, response: &mut Response) {
    let (name, header) = match status {
        "303" => (LOCATION, string_of_format("uri-reference")),
        "401" => (WWW_AUTHENTICATE, ObjectBuilder::new().schema_type(Type::String)),
        "429" | "503" => (RETRY_AFTER, ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0))),
        _ => return,
    };
    response.headers.insert(name.to_string(), Header::new(header).into());
}

fn string_of_format(format: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::Custom(format.to_owned())))
}

/// The body that `problem` makes of an error, where the route describes no other.
fn add_error_body(status: &str, response: &mut Response, returns_pages: bool) {
    if !status.starts_with(['4', '5']) || !response.content.is_empty() {
        return;
    }
    let json = Content::new(Some(Ref::from_schema_name("ApiError")));
    response.content.insert("application/json".to_owned(), json.into());
    if returns_pages {
        let page = Content::new(Some(ObjectBuilder::new().schema_type(Type::String)));
        response.content.insert("text/html".to_owned(), page.into());
    }
}
