//! `Audience`: whom a group of routes serves. Everything that differs by group follows from it.
//!
//! `server::App` mounts each group for one audience and checks that the paths in the OpenAPI document are listed here
//! under it. So a request that is refused before it is routed, or that no route takes, gets the response that its group
//! would give.

use crate::auth::paths::AUTH_PREFIX;
use crate::paths::{API_PREFIX, AUTH_HEALTH, DOCS, HEALTH, READINESS, SETUP};

/// Whom a group of routes serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// Users in a browser, and programs that ask for the same data as JSON: pages, their files, and documents.
    Browsers,
    /// Programs: server functions. Their responses are always JSON.
    Programs,
    /// Browsers on their way to and from the issuer: the sign-in routes. Their addresses may hold a code.
    Issuer,
    /// Developers: the API docs, which have a script of their own.
    Developers,
    /// Operators: health for supervisors and load balancers, which may know the process by another name
    /// than its users do, and the diagnosis of the set-up, which has no other name than the site's own.
    Operators,
}

/// The paths of each audience by their prefixes, the more specific first; all others are for browsers.
const PREFIXES: [(&str, Audience); 7] = [
    (AUTH_HEALTH, Audience::Operators),
    (AUTH_PREFIX, Audience::Issuer),
    (API_PREFIX, Audience::Programs),
    (DOCS, Audience::Developers),
    (HEALTH, Audience::Operators),
    (READINESS, Audience::Operators),
    (SETUP, Audience::Operators),
];

impl Audience {
    /// The audience of a path.
    pub(super) fn of(path: &str) -> Self {
        let is_at = |prefix: &str| match path.strip_prefix(prefix) {
            Some(rest) => rest.is_empty() || rest.starts_with('/') || prefix.ends_with('/'),
            None => false,
        };
        let listed = PREFIXES.into_iter().find(|(prefix, _)| is_at(prefix));
        listed.map_or(Self::Browsers, |(_, audience)| audience)
    }

    /// Whether its pages are redirected to the site's own host name. Programs are not: their cookies belong to the host
    /// at which they signed in.
    pub(super) fn has_canonical_host(self) -> bool {
        !matches!(self, Self::Programs | Self::Operators)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_the_audience_of_its_most_specific_prefix() {
        assert_eq!(Audience::of("/api/auth/login"), Audience::Issuer);
        assert_eq!(Audience::of("/api/auth/health"), Audience::Operators);
        assert_eq!(Audience::of("/api/item"), Audience::Programs);
        assert_eq!(Audience::of("/docs"), Audience::Developers);
        assert_eq!(Audience::of("/healthz"), Audience::Operators);
        for path in ["/", "/items/1", "/signed-out", "/api", "/docs-old", "/healthzebra", "/assets/main.css", ""] {
            assert_eq!(Audience::of(path), Audience::Browsers, "{path}");
        }
    }
}
