//! The request that ends the user's session at the issuer: the URL to send the browser to at sign-out. Tokens are revoked
//! in `revocation`.
//!
//! OpenID Connect RP-Initiated Logout 1.0 §2; Kinde documentation "Using Kinde without an SDK" (`redirect`); Kinde's
//! JavaScript SDKs (`all_sessions`).

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::issuer::{Flavor, Metadata};

/// The longest URL that holds an ID token, in bytes: proxies and servers refuse a longer one.
const MAX_URL_BYTES: usize = 2_000;

/// What the issuer learns at sign-out.
pub(in crate::auth) struct EndSession<'a> {
    pub(in crate::auth) client_id: &'a str,
    /// Where the issuer sends the browser afterwards; it must be allowed there.
    pub(in crate::auth) return_to: &'a Url,
    /// A random value that comes back with the browser; Kinde does not get it.
    pub(in crate::auth) state: Option<&'a str>,
    /// The ID token of the session. With it, an issuer need not ask the user whom to sign out.
    pub(in crate::auth) id_token: Option<&'a SecretString>,
    /// Whether all of the user's sessions at the issuer are to end. Only Kinde can be asked for that.
    pub(in crate::auth) all_sessions: bool,
}

impl EndSession<'_> {
    /// The URL at an issuer. `None` when the issuer has no endpoint for it. Kinde gets `redirect` and `all_sessions`
    /// alone. The ID token is left out where the URL would be longer than 2,000 bytes with it: an issuer must do
    /// without it (§2 recommends it).
    pub(in crate::auth) fn url(&self, metadata: &Metadata) -> Option<Url> {
        let endpoint = metadata.end_session_endpoint.as_ref()?;
        if metadata.flavor == Flavor::Kinde {
            let all = self.all_sessions.then_some(("all_sessions", "true"));
            let parameters: Vec<_> = [("redirect", self.return_to.as_str())].into_iter().chain(all).collect();
            return Some(with(endpoint, &parameters));
        }
        let return_to = ("post_logout_redirect_uri", self.return_to.as_str());
        let mut parameters = vec![return_to, ("client_id", self.client_id)];
        parameters.extend(self.state.map(|state| ("state", state)));
        let url = with(endpoint, &parameters);
        let hint = self.id_token.map(|token| ("id_token_hint", token.expose_secret()));
        let with_hint = hint.map(|hint| with(&url, &[hint]));
        Some(with_hint.filter(|url| url.as_str().len() <= MAX_URL_BYTES).unwrap_or(url))
    }
}

/// Adds parameters to those that a URL has already.
fn with(url: &Url, parameters: &[(&str, &str)]) -> Url {
    let mut url = url.clone();
    url.query_pairs_mut().extend_pairs(parameters);
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The URL for an ID token of this length.
    fn url(metadata: &Metadata, token_bytes: usize) -> Option<String> {
        url_for(metadata, token_bytes, false)
    }

    fn url_for(metadata: &Metadata, token_bytes: usize, all_sessions: bool) -> Option<String> {
        let return_to = Url::parse("https://app.example/logout?x=1").unwrap();
        let id_token = Some(SecretString::from("t".repeat(token_bytes))).filter(|_| token_bytes > 0);
        let request = EndSession {
            client_id: "client",
            return_to: &return_to,
            state: Some("s"),
            id_token: id_token.as_ref(),
            all_sessions,
        };
        request.url(metadata).map(String::from)
    }

    #[test]
    fn kinde_gets_the_return_address_alone() {
        let kinde = Metadata::of_kinde_for_test(json!({"end_session_endpoint": "https://issuer.example/logout"}));
        let expected = "https://issuer.example/logout?redirect=https%3A%2F%2Fapp.example%2Flogout%3Fx%3D1";
        assert_eq!(url(&kinde, 5).unwrap(), expected);
        assert_eq!(url_for(&kinde, 5, true).unwrap(), format!("{expected}&all_sessions=true"));
    }

    #[test]
    fn another_issuer_gets_the_standards_parameters_beside_its_own() {
        let other = Metadata::for_test(json!({"end_session_endpoint": "https://issuer.example/end?tenant=1"}));
        let expected = "https://issuer.example/end?tenant=1\
            &post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Flogout%3Fx%3D1&client_id=client&state=s";
        assert_eq!(url(&other, 0).unwrap(), expected);
        assert_eq!(url(&other, 5).unwrap(), format!("{expected}&id_token_hint=ttttt"));
        assert_eq!(url_for(&other, 0, true).unwrap(), expected);
    }

    #[test]
    fn an_id_token_that_makes_the_url_too_long_is_left_out() {
        let other = Metadata::for_test(json!({"end_session_endpoint": "https://issuer.example/end"}));
        let without = url(&other, 0).unwrap();
        let room = MAX_URL_BYTES - without.len() - "&id_token_hint=".len();
        assert_eq!(url(&other, room).unwrap().len(), MAX_URL_BYTES);
        assert_eq!(url(&other, room + 1).unwrap(), without);
    }

    #[test]
    fn an_issuer_without_the_endpoint_gets_nothing() {
        assert_eq!(url(&Metadata::for_test(json!({})), 5), None);
    }
}
