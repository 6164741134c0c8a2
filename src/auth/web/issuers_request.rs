//! The requests that the issuer itself sends, without a browser: their bodies are read within limits of size and time,
//! and refusals are JSON, also where the application has no error pages of its own.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use mediatype::MediaType;
use serde_json::Value;

use crate::auth::error::{Error, UnusableBody};

/// How long the issuer may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// The whole body of a request as a text, which must have this type, whatever its parameters. Its size is limited by
/// the route's `DefaultBodyLimit`.
///
/// # Errors
/// [`Error::UnusableBody`] (400, 408, 413 or 415).
pub(super) async fn body_of(request: Request, wanted: &str) -> Result<String, Error> {
    body_within(BODY_TIMEOUT, request, wanted).await
}

async fn body_within(timeout: Duration, request: Request, wanted: &str) -> Result<String, Error> {
    if !has_type(&request, wanted) {
        return Err(Error::UnusableBody(UnusableBody::OtherType));
    }
    let read = tokio::time::timeout(timeout, Bytes::from_request(request, &())).await;
    let bytes = match read {
        Err(_) => return Err(Error::UnusableBody(UnusableBody::TooSlow)),
        Ok(Err(refused)) if refused.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return Err(Error::UnusableBody(UnusableBody::TooLarge));
        }
        Ok(Err(_)) => return Err(Error::UnusableBody(UnusableBody::Unreadable)),
        Ok(Ok(bytes)) => bytes,
    };
    String::from_utf8(bytes.into()).map_err(|_| Error::UnusableBody(UnusableBody::Unreadable))
}

/// A refusal with this body. It says what happened as a response extension, as every refusal does.
pub(super) fn refusal(error: Error, body: Value) -> Response {
    let body = Json(body).into_response().into_body();
    let (mut parts, _) = error.into_response().into_parts();
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response::from_parts(parts, body)
}

fn has_type(request: &Request, wanted: &str) -> bool {
    let named = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let named = named.and_then(|text| MediaType::parse(text).ok());
    named.is_some_and(|named| named.essence().to_string().eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Body;
    use futures_util::stream::pending;

    use super::*;

    #[tokio::test]
    async fn a_body_that_does_not_arrive_in_time_is_refused_with_408() {
        let body = Body::from_stream(pending::<Result<Bytes, Infallible>>());
        let request = Request::post("/").header(CONTENT_TYPE, "application/jwt").body(body).unwrap();
        let refused = body_within(Duration::from_millis(1), request, "application/jwt").await.unwrap_err();
        assert_eq!(refused.status(), StatusCode::REQUEST_TIMEOUT);
    }
}
