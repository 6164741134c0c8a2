//! What browsers say of a request's origin (Fetch Metadata): who sent it, and what for.

use http::{HeaderMap, HeaderName};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Whether the browser says that the user went here from a page of this site, or entered the address (Fetch Metadata).
/// A request without these headers may come from anywhere.
pub(super) fn is_own_navigation(headers: &HeaderMap) -> bool {
    let is_ours = headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "same-origin" || site == "none");
    let is_navigation = headers.get(SEC_FETCH_MODE).is_some_and(|mode| mode == "navigate");
    is_ours && is_navigation && !is_embedded(headers)
}

/// Whether the browser says that a frame, an image or a script of a page sent the request, and not a user who goes
/// somewhere (Fetch Metadata).
pub(super) fn is_embedded(headers: &HeaderMap) -> bool {
    let is_in_frame = headers
        .get(SEC_FETCH_DEST)
        .is_some_and(|destination| ["iframe", "frame", "embed", "object"].iter().any(|frame| destination == frame));
    is_in_frame || headers.get(SEC_FETCH_MODE).is_some_and(|mode| mode != "navigate")
}

/// Whether the browser says that another site, or a sibling subdomain, sent the user here (Fetch Metadata). Requests
/// that say nothing are taken for the user's own: a page that asks for confirmation could not tell its own link apart.
pub(super) fn is_from_another_site(headers: &HeaderMap) -> bool {
    headers.get(SEC_FETCH_SITE).is_some_and(|site| site != "same-origin" && site != "none")
}
