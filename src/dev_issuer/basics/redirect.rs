//! A redirect with query parameters, and the parameters that report an error to the callback.
//!
//! RFC 6749 §4.1.2.1, Kinde documentation "Re-authentication" (`reauth_state`).

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// The query parameters of a redirect to the callback, in order.
pub(crate) type Pairs = Vec<(&'static str, String)>;

/// Returns a redirect to `target` with these query parameters. The response forbids caching.
pub(crate) fn to(target: &str, pairs: &[(&str, String)], status: StatusCode) -> Response {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let separator = match (query.is_empty(), target.contains('?')) {
        (true, _) => "",
        (false, true) => "&",
        (false, false) => "?",
    };
    match HeaderValue::try_from(format!("{target}{separator}{query}")) {
        Ok(location) => {
            let headers = [(header::LOCATION, location), no_store()];
            (status, headers).into_response()
        }
        // This branch runs only if the list of allowed URLs contains an invalid one.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Returns the header that forbids caching.
pub(crate) fn no_store() -> (header::HeaderName, HeaderValue) {
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

/// Returns the parameters of an error.
pub(crate) fn error_pairs(error: &str, description: &str) -> Pairs {
    vec![("error", error.to_owned()), ("error_description", description.to_owned())]
}

/// Returns the parameters of the error `login_link_expired`.
pub(crate) fn link_expired(reauth_state: String) -> Pairs {
    vec![("error", "login_link_expired".to_owned()), ("reauth_state", reauth_state)]
}
