//! The cookie of a browser's session at the tenant.

use axum::http::{HeaderMap, header};

const NAME: &str = "emu_sso";

/// Returns the header `Set-Cookie` for the session of this id.
pub(crate) fn set(id: &str) -> String {
    format!("{NAME}={id}; Path=/; HttpOnly; SameSite=Lax")
}

/// Returns the id of the session from the cookies of a request. The session may not exist.
pub(crate) fn of_request(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(cookie::Cookie::split_parse).flatten().find_map(id)
}

/// Returns the id of the session that a response sets.
pub(crate) fn of_response(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    values.filter_map(|value| cookie::Cookie::parse(value).ok()).find_map(id)
}

fn id(cookie: cookie::Cookie<'_>) -> Option<String> {
    (cookie.name() == NAME).then(|| cookie.value().to_owned())
}
