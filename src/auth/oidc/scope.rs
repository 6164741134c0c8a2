//! The scope of authorization requests, in the words of the issuer: Kinde and the standard have different names for the
//! scope that yields a refresh token.
//!
//! OIDC Core §11 (`offline_access`); Kinde documentation "Refresh tokens" (`offline`).

use super::issuer::{Flavor, Metadata};

/// Kinde's name of the scope for a refresh token.
const OFFLINE: &str = "offline";
/// The standard's name of it. Kinde accepts it and issues no refresh token.
const OFFLINE_ACCESS: &str = "offline_access";

/// The scope to request, separated by single spaces, each once: the configured one, with the issuer's name of the scope
/// for a refresh token.
///
/// - Kinde: `offline_access` becomes `offline`.
/// - Any other issuer: `offline` becomes `offline_access` where the discovery document lists that; it stays where the
///   document lists only `offline`; else it is left out, because an unknown scope may be refused (`invalid_scope`).
///   `offline_access` stays as it is configured: an issuer need not list all scopes that it knows (Discovery §3).
pub(in crate::auth) fn requested_scope(configured: &str, metadata: &Metadata) -> String {
    let mut requested: Vec<&str> = Vec::new();
    for scope in configured.split_whitespace().filter_map(|scope| translated(scope, metadata)) {
        if !requested.contains(&scope) {
            requested.push(scope);
        }
    }
    requested.join(" ")
}

/// Whether a configured scope asks for a refresh token, by either name.
pub(in crate::auth) fn asks_for_refresh_token(configured: &str) -> bool {
    configured.split_whitespace().any(|scope| scope == OFFLINE || scope == OFFLINE_ACCESS)
}

/// Whether a configured scope has the standard's name where Kinde wants its own.
pub(in crate::auth) fn is_misnamed(configured: &str, metadata: &Metadata) -> bool {
    metadata.flavor == Flavor::Kinde && configured.split_whitespace().any(|scope| scope == OFFLINE_ACCESS)
}

fn translated<'a>(scope: &'a str, metadata: &Metadata) -> Option<&'a str> {
    let lists = |name: &str| metadata.scopes_supported.iter().any(|listed| listed == name);
    match (metadata.flavor, scope) {
        (Flavor::Kinde, OFFLINE_ACCESS) => Some(OFFLINE),
        (Flavor::OpenId, OFFLINE) if lists(OFFLINE_ACCESS) => Some(OFFLINE_ACCESS),
        (Flavor::OpenId, OFFLINE) if !lists(OFFLINE) => None,
        _ => Some(scope),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn kinde_gets_its_own_name_of_the_scope_for_a_refresh_token() {
        let kinde = Metadata::of_kinde_for_test(json!({}));
        for (configured, requested) in [
            ("openid profile email offline", "openid profile email offline"),
            ("openid offline_access  email", "openid offline email"),
            ("openid offline offline_access", "openid offline"),
            ("openid email", "openid email"),
        ] {
            assert_eq!(requested_scope(configured, &kinde), requested);
            assert_eq!(is_misnamed(configured, &kinde), configured.contains("offline_access"), "{configured}");
        }
    }

    #[test]
    fn other_issuers_get_the_standards_name_if_they_list_it() {
        for (configured, listed, requested) in [
            ("openid offline", &["openid", "offline_access"][..], "openid offline_access"),
            ("openid offline offline_access", &["offline_access"], "openid offline_access"),
            ("openid offline", &["offline", "offline_access"], "openid offline_access"),
            ("openid offline", &["openid", "offline"], "openid offline"),
            ("openid offline", &["openid"], "openid"),
            ("openid offline", &[], "openid"),
            ("openid offline_access", &[], "openid offline_access"),
            ("openid api:read", &["openid"], "openid api:read"),
        ] {
            let metadata = Metadata::for_test(json!({ "scopes_supported": listed }));
            assert_eq!(requested_scope(configured, &metadata), requested, "{configured} {listed:?}");
            assert!(!is_misnamed(configured, &metadata), "{configured}");
        }
    }

    #[test]
    fn either_name_asks_for_a_refresh_token() {
        for (configured, asks) in
            [("openid offline", true), ("openid offline_access", true), ("openid email", false), ("offlines", false)]
        {
            assert_eq!(asks_for_refresh_token(configured), asks, "{configured}");
        }
    }
}
