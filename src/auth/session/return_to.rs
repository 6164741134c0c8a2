//! `ReturnTo`: the path on this site to return to after a sign-in, checked to be a safe redirect. Every return path
//! that is stored or sent is of this type.
//!
//! Prevents open redirects (RFC 9700 §4.11, ASVS 3.7.2): a path that fails one of the rules becomes `/`.

use std::sync::LazyLock;

use http::Uri;
use http::uri::PathAndQuery;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::auth::paths::Paths;

/// The longest return path that is kept, in bytes. A longer one becomes `/`. Percent-encoded once more, it still fits
/// into a URL of 8 KiB.
pub const MAX_RETURN_TO_BYTES: usize = 2000;

/// Everything that is not ASCII, plus what a request line may carry and a `Location` should not.
const NOT_IN_A_LOCATION: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\');

/// A path with its query on this site: begins with one `/`, names no host for any browser, is a legal header value, and
/// is not one of the sign-in routes (returning there would loop or sign out).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct ReturnTo(String);

impl ReturnTo {
    /// Reads a value from outside, such as `post_login_redirect_url`. A value that is not safe becomes `/`, as does one
    /// of the sign-in routes at `paths`.
    pub fn parse(raw: &str, paths: &Paths) -> Self {
        Self::parse_safe(raw, paths).unwrap_or_else(Self::home)
    }

    /// As [`Self::parse`]; `None` where that returns `/` for another value.
    pub(in crate::auth) fn parse_safe(raw: &str, paths: &Paths) -> Option<Self> {
        (is_safe(raw) && !paths.are_at(&decoded_path(raw))).then(|| Self(raw.to_owned()))
    }

    /// As [`Self::parse_safe`], for the way on from a sign-in: that may also lead to the portal, which needs a session
    /// and neither begins nor ends one.
    pub(in crate::auth) fn parse_after_sign_in(raw: &str, paths: &Paths) -> Option<Self> {
        let is_portal = path_of(raw) == paths.portal && is_safe(raw);
        if is_portal { Some(Self(raw.to_owned())) } else { Self::parse_safe(raw, paths) }
    }

    /// The path and query of a request, as they were sent; raw non-ASCII is percent-encoded.
    pub fn of_request(uri: &Uri, paths: &Paths) -> Self {
        Self::parse(&requested(uri), paths)
    }

    /// As [`Self::of_request`], for a request that is repeated after a sign-in.
    pub(in crate::auth) fn after_sign_in(uri: &Uri, paths: &Paths) -> Self {
        Self::parse_after_sign_in(&requested(uri), paths).unwrap_or_else(Self::home)
    }

    /// The start page, `/`.
    pub fn home() -> Self {
        Self("/".to_owned())
    }

    /// The path and query, fit for a `Location` header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ReturnTo {
    /// Reads a stored value, which was no sign-in route when it was stored.
    fn from(raw: String) -> Self {
        if is_safe(&raw) { Self(raw) } else { Self::home() }
    }
}

impl From<ReturnTo> for String {
    fn from(return_to: ReturnTo) -> Self {
        return_to.0
    }
}

fn requested(uri: &Uri) -> String {
    let requested = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    utf8_percent_encode(requested, NOT_IN_A_LOCATION).to_string()
}

fn is_safe(raw: &str) -> bool {
    raw.len() <= MAX_RETURN_TO_BYTES
        && raw.starts_with('/')
        && raw.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && stays_on_this_origin(raw)
        && has_plain_path(raw)
}

/// A browser resolves the value against the page's address. That must lead to the same origin.
fn stays_on_this_origin(raw: &str) -> bool {
    static SITE: LazyLock<Url> = LazyLock::new(|| Url::parse("https://site.invalid/").expect("this is a URL"));
    SITE.join(raw).is_ok_and(|target| target.origin() == SITE.origin() && !target.path().starts_with("//"))
}

/// The path must also be harmless to a program that decodes it once more: a proxy, a log viewer, an older browser.
fn has_plain_path(raw: &str) -> bool {
    let decoded: Vec<u8> = percent_decode_str(path_of(raw)).collect();
    let has_control_or_backslash = decoded.iter().any(|byte| byte.is_ascii_control() || *byte == b'\\');
    let has_dot_segment = decoded.split(|byte| *byte == b'/').any(|segment| segment == b"." || segment == b"..");
    !has_control_or_backslash && !has_dot_segment && !decoded.starts_with(b"//") && !decoded.starts_with(b"/;")
}

fn decoded_path(raw: &str) -> String {
    percent_decode_str(path_of(raw)).decode_utf8_lossy().into_owned()
}

fn path_of(raw: &str) -> &str {
    raw.split(['?', '#']).next().unwrap_or(raw)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(raw: &str) -> ReturnTo {
        ReturnTo::parse(raw, &Paths::default())
    }

    fn of_request(uri: &Uri) -> ReturnTo {
        ReturnTo::of_request(uri, &Paths::default())
    }

    #[test]
    fn a_local_path_comes_back_exactly() {
        for path in [
            "/",
            "/items/42?q=a%26b%20c",
            "/items/%204",
            "/items/a%2Fb?q=%0A",
            "/docs/",
            "/items/%D9%A3#x",
            "/items/%FF",
            "/items/a%2F%2Fb",
            "/api/item?item_id=1",
        ] {
            assert_eq!(parse(path).as_str(), path);
        }
    }

    #[test]
    fn a_path_that_leaves_the_site_becomes_the_start_page() {
        let hostile = [
            "",
            "items",
            "https:evil",
            "https://evil.example",
            "//evil.example",
            "///evil.example",
            "/\\evil",
            "\\/evil",
            "/%09/evil",
            "/%0a//evil",
            "/%0d%0aSet-Cookie:x=1",
            "/%5cevil",
            "/./\\evil",
            "/;@evil",
            "\u{3002}",
            "/\u{3002}evil",
            "/\t/evil",
            "/ /evil",
            "/a/../..//evil",
            "/a/../b",
            "/a/./b",
            "/a/%2E%2e/b",
            "/%2e",
            "/.//evil",
            "/%2e%2e//evil",
            "/%2Fevil",
            "/%2f%2fevil",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: x=1",
            "http://[",
            "%",
            "/\u{0}",
        ];
        for value in hostile {
            assert_eq!(parse(value), ReturnTo::home(), "{value:?}");
        }
    }

    /// The other rules refuse such a path before a browser's rules are asked; they do not rely on it.
    #[test]
    fn a_path_that_a_browser_takes_for_another_host_is_refused_by_the_rules_of_browsers_alone() {
        assert!(stays_on_this_origin("/items/42?q=//evil.example"));
        for path in ["//evil.example", "/\\evil.example", "https://evil.example", "/.//evil.example", "http://["] {
            assert!(!stays_on_this_origin(path), "{path}");
        }
    }

    #[test]
    fn what_is_stored_is_read_back_and_checked_again() {
        let stored = serde_json::to_string(&parse("/items/42?q=x")).unwrap();
        assert_eq!(stored, "\"/items/42?q=x\"");
        assert_eq!(serde_json::from_str::<ReturnTo>(&stored).unwrap(), parse("/items/42?q=x"));
        assert_eq!(serde_json::from_str::<ReturnTo>("\"//evil.example\"").unwrap(), ReturnTo::home());
    }

    #[test]
    fn sign_in_routes_are_not_returned_to() {
        for path in [
            "/api/auth/logout",
            "/api/auth/login?x=1",
            "/api/auth/kinde_callback",
            "/api/%61uth/logout",
            "/API/auth/logout",
            "/api/auth",
        ] {
            assert_eq!(parse(path), ReturnTo::home(), "{path}");
        }
    }

    #[test]
    fn after_a_sign_in_the_portal_may_come_and_no_other_sign_in_route() {
        let after_sign_in = |raw: &str| ReturnTo::parse_after_sign_in(raw, &Paths::default());
        for path in ["/api/auth/portal", "/api/auth/portal?sub_nav=profile&post_login_redirect_url=%2F", "/items/1"] {
            assert_eq!(after_sign_in(path).unwrap().as_str(), path);
        }
        for path in [
            "/api/auth/portal/",
            "/api/auth/portal/../logout",
            "/api/auth/%70ortal",
            "/API/auth/portal",
            "//api/auth/portal",
            "/api/auth/portal?\u{e9}",
            "/api/auth/logout?/api/auth/portal",
            "https://evil.example/api/auth/portal",
        ] {
            assert_eq!(after_sign_in(path), None, "{path}");
        }
        assert_eq!(parse("/api/auth/portal"), ReturnTo::home());
    }

    #[test]
    fn an_overlong_path_becomes_the_start_page() {
        assert_eq!(parse(&format!("/{}", "a".repeat(100_000))), ReturnTo::home());
    }

    #[test]
    fn raw_non_ascii_in_a_request_line_is_percent_encoded() {
        let uri: Uri = Uri::try_from("/items/42?q=é".as_bytes()).unwrap();
        assert_eq!(of_request(&uri).as_str(), "/items/42?q=%C3%A9");
        let uri: Uri = r"/items/42?q=a\b".parse().unwrap();
        assert_eq!(of_request(&uri).as_str(), "/items/42?q=a%5Cb");
    }

    proptest! {
        #[test]
        fn no_value_can_name_another_origin(value in "[/\\\\.:@;a%0-9A-F?#\\s]{0,24}|\\PC{0,40}") {
            let site = Url::parse("http://localhost:8000/api/auth/kinde_callback").unwrap();
            let target = site.join(parse(&value).as_str()).unwrap();
            prop_assert_eq!(target.origin(), site.origin());
        }
    }
}
