//! `Registration`: the client's credentials, how it authenticates with them, its callback, and what it requests at the
//! issuer. The issuer's endpoints are in `issuer`.

use secrecy::SecretString;
use url::Url;

use super::issuer::{Flavor, Metadata};

/// The client's registration at the issuer (RFC 6749 §2).
#[derive(Debug, Clone)]
pub(in crate::auth) struct Registration {
    pub(in crate::auth) client_id: String,
    pub(in crate::auth) client_secret: SecretString,
    /// The `redirect_uri`.
    pub(in crate::auth) callback_url: Url,
    /// Scopes, separated by spaces.
    pub(in crate::auth) scope: String,
    /// The audiences that access tokens are requested for.
    pub(in crate::auth) audiences: Vec<String>,
    /// The `prompt` of each authorization request that sets none itself.
    pub(in crate::auth) prompt: Option<String>,
    /// How the client authenticates. `None`: as discovery says.
    pub(in crate::auth) authentication: Option<ClientAuthentication>,
}

/// How the client sends its secret (RFC 6749 §2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// `client_secret_basic`: in the header `Authorization`.
    Basic,
    /// `client_secret_post`: in the body.
    Post,
}

impl Registration {
    /// How this client authenticates at an issuer's token and revocation endpoints: as it is configured, else by
    /// discovery. Kinde documents `client_secret_post` alone. Elsewhere it is `client_secret_basic`, the default of
    /// Discovery §3 and the one method that every issuer must support for a client with a secret (RFC 6749 §2.3.1),
    /// unless the document lists `client_secret_post` without it. A document that lists both does not say which of them
    /// this client is registered for.
    pub(super) fn authentication_at(&self, metadata: &Metadata) -> ClientAuthentication {
        let lists = |method: &str| metadata.token_endpoint_auth_methods_supported.iter().any(|listed| listed == method);
        match self.authentication {
            Some(configured) => configured,
            None if metadata.flavor == Flavor::Kinde => ClientAuthentication::Post,
            None if lists("client_secret_post") && !lists("client_secret_basic") => ClientAuthentication::Post,
            None => ClientAuthentication::Basic,
        }
    }
}

#[cfg(test)]
impl Registration {
    /// A client at `https://app.example` that authenticates like this.
    pub(super) fn for_test(authentication: Option<ClientAuthentication>) -> Self {
        Self {
            client_id: "client".to_owned(),
            client_secret: "secret".to_owned().into(),
            callback_url: Url::parse("https://app.example/callback").unwrap(),
            scope: "openid".to_owned(),
            audiences: Vec::new(),
            prompt: None,
            authentication,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_kinde_and_an_issuer_that_lists_nothing_else_get_the_secret_in_the_body() {
        let (basic, post) = ("client_secret_basic", "client_secret_post");
        for (methods, expected) in [
            (&[][..], ClientAuthentication::Basic),
            (&[basic], ClientAuthentication::Basic),
            (&[post], ClientAuthentication::Post),
            (&[post, basic], ClientAuthentication::Basic),
            (&["private_key_jwt", post], ClientAuthentication::Post),
            (&["private_key_jwt"], ClientAuthentication::Basic),
        ] {
            let listed = json!({"token_endpoint_auth_methods_supported": methods});
            assert_eq!(
                Registration::for_test(None).authentication_at(&Metadata::for_test(listed)),
                expected,
                "{methods:?}"
            );
            let kinde = Metadata::of_kinde_for_test(json!({"token_endpoint_auth_methods_supported": methods}));
            assert_eq!(
                Registration::for_test(None).authentication_at(&kinde),
                ClientAuthentication::Post,
                "{methods:?}"
            );
        }
    }

    #[test]
    fn the_configured_method_decides() {
        for method in [ClientAuthentication::Basic, ClientAuthentication::Post] {
            for metadata in [Metadata::for_test(json!({})), Metadata::of_kinde_for_test(json!({}))] {
                assert_eq!(Registration::for_test(Some(method)).authentication_at(&metadata), method);
            }
        }
    }
}
