//! Tells the return of a browser from the issuer's sign-out from other requests of the sign-out route. Sign-out itself is
//! in `client::sign_out`.
//!
//! OpenID Connect RP-Initiated Logout 1.0 §3: the issuer sends the browser to the `post_logout_redirect_uri`, which is the
//! sign-out route, with the `state` that it was sent.

use crate::auth::client::BrowserCookies;

/// The parameter that the issuer repeats.
const STATE: &str = "state";

/// What the query of a GET of the sign-out route says about where the browser comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Return {
    /// There is no `state`: a link or an address. So return browsers from Kinde, which gets none.
    Unstated,
    /// The browser comes back from the sign-out that it began. The session ended then; one that it has by now belongs to
    /// a later sign-in, and stays.
    OfThisBrowser,
    /// The `state` is not that of this browser's sign-out: a link that somebody else made, or one used before. It signs
    /// nobody out, not even as an entered address, because no link of this site has a `state`.
    Foreign,
}

impl Return {
    /// Reads the query of a request with these cookies.
    pub(super) fn of(query: &str, browser: &BrowserCookies) -> Self {
        let mut states = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == STATE);
        match (states.next(), states.next()) {
            (None, _) => Self::Unstated,
            (Some((_, state)), None) if browser.has_signed_out_with(&state) => Self::OfThisBrowser,
            _ => Self::Foreign,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_browsers_own_state_once_is_its_return() {
        let with_cookie = BrowserCookies { sign_out_state: Some("own".to_owned()), ..BrowserCookies::default() };
        for (query, expected) in [
            ("", Return::Unstated),
            ("redirect=x", Return::Unstated),
            ("state=own", Return::OfThisBrowser),
            ("x=1&state=own", Return::OfThisBrowser),
            ("state=", Return::Foreign),
            ("state=other", Return::Foreign),
            ("state=own&state=own", Return::Foreign),
            ("state=other&state=own", Return::Foreign),
        ] {
            assert_eq!(Return::of(query, &with_cookie), expected, "{query}");
        }
        for query in ["state=own", "state="] {
            assert_eq!(Return::of(query, &BrowserCookies::default()), Return::Foreign, "{query}");
        }
    }
}
