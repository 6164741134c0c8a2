//! `ApiError`: the error of a server function, or of a page requested as JSON, in the shape of the tutorial's own program.
//! Errors of sign-in are `auth::Error`, refusals of the server `server::problem`.

use leptos::prelude::{FromServerFnError, ServerFnErrorErr, use_context};
use leptos::server_fn::Bytes;
use leptos::server_fn::codec::JsonEncoding;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

/// `{"detail": …}` with the status it becomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ApiError {
    /// A text, or one entry for each field that is wrong.
    pub detail: Detail,
    /// The HTTP status; not part of the body.
    #[serde(skip)]
    #[cfg_attr(feature = "ssr", schema(ignore))]
    pub status: u16,
    /// Seconds after which another try makes sense, where that is known: the header `Retry-After`.
    #[serde(skip)]
    #[cfg_attr(feature = "ssr", schema(ignore))]
    pub retry_after: Option<u64>,
}

/// A text, or one entry for each field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Detail {
    /// Such as `Not authenticated`.
    Text(String),
    /// Fields that are wrong.
    Fields(Vec<FieldError>),
}

/// A field that is wrong, as pydantic describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// `int_parsing`, `int_parsing_size` or `missing`.
    #[cfg_attr(feature = "ssr", schema(pattern = "^(int_parsing|int_parsing_size|missing)$"))]
    #[serde(rename = "type")]
    pub kind: String,
    /// The parameter: `["path", "item_id"]` or `["query", "item_id"]`.
    #[cfg_attr(feature = "ssr", schema(min_items = 2, max_items = 2))]
    pub loc: [String; 2],
    /// A sentence.
    pub msg: String,
    /// The value that was given.
    #[cfg_attr(feature = "ssr", schema(required = true))]
    pub input: Option<String>,
}

impl ApiError {
    /// No session (401).
    pub fn not_authenticated() -> Self {
        Self::text(401, "Not authenticated")
    }

    /// A field is wrong (422).
    pub fn field(error: FieldError) -> Self {
        Self { detail: Detail::Fields(vec![error]), status: 422, retry_after: None }
    }

    /// The status as a type.
    pub fn status_code(&self) -> http::StatusCode {
        http::StatusCode::from_u16(self.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Any other status with its text.
    pub fn text(status: u16, text: &str) -> Self {
        Self { detail: Detail::Text(text.to_owned()), status, retry_after: None }
    }
}

/// Carries status and `Retry-After` of a server function's error to the handler that called it: Leptos 0.8 returns every
/// error with 500 (0.9 has `FromServerFnError::status_code`).
#[derive(Debug, Clone, Default)]
pub struct ErrorStatus(Arc<OnceLock<(u16, Option<u64>)>>);

impl ErrorStatus {
    /// The status, and the seconds after which another try makes sense; `None` before an error was serialized.
    pub fn get(&self) -> Option<(u16, Option<u64>)> {
        self.0.get().copied()
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::text(422, "Unprocessable Entity"),
            ServerFnErrorErr::Deserialization(text) if text.contains("length limit exceeded") => {
                Self::text(413, "Payload Too Large")
            }
            ServerFnErrorErr::Deserialization(_) => Self::text(400, "Bad Request"),
            _ => Self::text(500, "Internal Server Error"),
        }
    }

    fn ser(&self) -> Bytes {
        if let Some(status) = use_context::<ErrorStatus>() {
            // A function serializes one error.
            let _ = status.0.set((self.status, self.retry_after));
        }
        // Three levels of strings and arrays of strings: serializing them cannot fail.
        Bytes::from(serde_json::to_vec(self).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_the_tutorial_programs_own() {
        let error = ApiError::field(FieldError {
            kind: "missing".to_owned(),
            loc: ["query".to_owned(), "item_id".to_owned()],
            msg: "Field required".to_owned(),
            input: None,
        });
        assert_eq!(
            serde_json::to_string(&error).unwrap(),
            r#"{"detail":[{"type":"missing","loc":["query","item_id"],"msg":"Field required","input":null}]}"#
        );
        assert_eq!(serde_json::to_string(&ApiError::not_authenticated()).unwrap(), r#"{"detail":"Not authenticated"}"#);
    }
}
