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
/// somewhere (Fetch Metadata). A mode without a site is no browser's, which sends both or neither: `fetch` of Node.js
/// sends `cors` alone, and is a program.
pub(super) fn is_embedded(headers: &HeaderMap) -> bool {
    let is_in_frame = headers
        .get(SEC_FETCH_DEST)
        .is_some_and(|destination| ["iframe", "frame", "embed", "object"].iter().any(|frame| destination == frame));
    let is_from_browser = headers.contains_key(SEC_FETCH_SITE);
    is_in_frame || (is_from_browser && headers.get(SEC_FETCH_MODE).is_some_and(|mode| mode != "navigate"))
}

/// Whether the browser says that another site, or a sibling subdomain, sent the user here (Fetch Metadata). Requests
/// that say nothing are taken for the user's own: a page that asks for confirmation could not tell its own link apart.
pub(super) fn is_from_another_site(headers: &HeaderMap) -> bool {
    headers.get(SEC_FETCH_SITE).is_some_and(|site| site != "same-origin" && site != "none")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_embedded_with(headers: &[(HeaderName, &str)]) -> bool {
        is_embedded(&headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect())
    }

    #[test]
    fn only_a_browser_embeds_and_a_browser_says_from_where() {
        for site in ["cross-site", "same-site", "same-origin", "none"] {
            for mode in ["cors", "no-cors", "same-origin", "websocket", ""] {
                assert!(is_embedded_with(&[(SEC_FETCH_SITE, site), (SEC_FETCH_MODE, mode)]), "{site} {mode}");
            }
            assert!(!is_embedded_with(&[(SEC_FETCH_SITE, site), (SEC_FETCH_MODE, "navigate")]), "{site}");
        }
        assert!(!is_embedded_with(&[(SEC_FETCH_MODE, "cors")]));
        assert!(is_embedded_with(&[(SEC_FETCH_MODE, "navigate"), (SEC_FETCH_DEST, "iframe")]));
    }
}
