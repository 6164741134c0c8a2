//! The responses of the management API: Kinde's envelope around what an operation returns, and the reasons for which an
//! operation is refused.
//!
//! Kinde's OpenAPI file of the management API (`success_response`, `error_response`, `not_found_response`).

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// Where the table of operations stands.
const DOCUMENTATION: &str = "the documentation of kinde_leptos::dev_issuer, module kinde_api";

/// What an operation returns.
pub(super) type Answer = Result<Reply, Refusal>;

/// A successful response.
#[derive(Debug)]
pub(super) struct Reply {
    status: StatusCode,
    body: Value,
}

/// Returns a 200 with these members beside Kinde's code and message.
pub(super) fn ok(members: Value) -> Answer {
    Ok(Reply { status: StatusCode::OK, body: in_envelope(members) })
}

/// As [`ok`], with 201.
pub(super) fn created(members: Value) -> Answer {
    Ok(Reply { status: StatusCode::CREATED, body: in_envelope(members) })
}

/// Returns a 200 with nothing but the record, which some operations of Kinde do.
pub(super) fn bare(record: Value) -> Answer {
    Ok(Reply { status: StatusCode::OK, body: record })
}

fn in_envelope(members: Value) -> Value {
    let mut body = json!({"code": "OK", "message": "Success"});
    for (name, member) in members.as_object().into_iter().flatten() {
        body[name] = member.clone();
    }
    body
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

/// The reason for which an operation is refused.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is no access token of a machine for the management API, or it is not valid.
    InvalidCredentials,
    /// The token does not have this scope.
    MissingScope(&'static str),
    /// A parameter or a member of the body cannot be used.
    Field { name: String, rule: String },
    /// The body is no JSON object.
    NoObject,
    /// There is no such record. Kinde describes 400 for most operations.
    Unknown(&'static str),
    /// The same, for the operations for which Kinde describes 404.
    NotFound(&'static str),
    /// Kinde has the operation, and the tenant does not.
    NotHere,
    /// Kinde has no such operation either.
    NoRoute,
}

impl Refusal {
    /// Returns the refusal of a parameter or a member.
    pub(super) fn field(name: impl Into<String>, rule: impl Into<String>) -> Self {
        Self::Field { name: name.into(), rule: rule.into() }
    }

    /// Converts an unknown record to 404.
    pub(super) fn with_404(self) -> Self {
        match self {
            Self::Unknown(kind) => Self::NotFound(kind),
            other => other,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, code, message) = match self {
            Self::InvalidCredentials => {
                let message = "An access token of a machine for the audience of the management API is needed";
                (StatusCode::FORBIDDEN, "INVALID_CREDENTIALS".to_owned(), message.to_owned())
            }
            Self::MissingScope(scope) => {
                let message = format!("The access token does not have the scope {scope}");
                (StatusCode::FORBIDDEN, "MISSING_SCOPE".to_owned(), message)
            }
            Self::Field { name, rule } => {
                (StatusCode::BAD_REQUEST, "INVALID_FIELD".to_owned(), format!("{name}: {rule}"))
            }
            Self::NoObject => {
                let message = "The body is not a JSON object".to_owned();
                (StatusCode::BAD_REQUEST, "INVALID_BODY".to_owned(), message)
            }
            Self::Unknown(kind) => (StatusCode::BAD_REQUEST, unknown_code(kind), format!("There is no such {kind}")),
            Self::NotFound(kind) => (StatusCode::NOT_FOUND, unknown_code(kind), format!("There is no such {kind}")),
            Self::NotHere => {
                let message = format!("The emulated tenant does not have this operation of Kinde: see {DOCUMENTATION}");
                (StatusCode::NOT_IMPLEMENTED, "NOT_IMPLEMENTED".to_owned(), message)
            }
            Self::NoRoute => return no_route(),
        };
        (status, Json(json!({"errors": [{"code": code, "message": message}]}))).into_response()
    }
}

fn unknown_code(kind: &str) -> String {
    format!("{}_NOT_FOUND", kind.to_uppercase().replace(' ', "_"))
}

/// Kinde's own form for a path that it does not have: an object, not a list.
fn no_route() -> Response {
    let error = json!({"code": "ROUTE_NOT_FOUND", "message": "The requested API route does not exist"});
    (StatusCode::NOT_FOUND, Json(json!({"errors": error}))).into_response()
}
