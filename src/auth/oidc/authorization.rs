//! The authorization request: the URL to send the browser to, and the values to keep until it returns. The exchange of
//! the code is in `token_endpoint`.
//!
//! RFC 6749 §4.1.1, RFC 7636 (PKCE, S256), OIDC Core §3.1.2.1 (`nonce`, `prompt`, `max_age`, `login_hint`,
//! `ui_locales`), Initiating User Registration 1.0 (`prompt=create`), Kinde documentation "Using Kinde without an SDK"
//! (all other parameters).

use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, RedirectUrl, Scope};
use url::Url;

use super::issuer::{Flavor, Metadata};
use super::registration::Registration;
use super::scope::requested_scope;
use crate::auth::random::random_value;
use crate::auth::sign_in_options::SignInOptions;

/// The value of `prompt` for the page for new accounts.
const CREATE: &str = "create";

/// A new authorization request. `state`, `nonce` and code verifier have 256 random bits each.
pub(in crate::auth) struct AuthorizationRequest {
    pub(in crate::auth) url: Url,
    pub(in crate::auth) state: String,
    pub(in crate::auth) nonce: String,
    pub(in crate::auth) code_verifier: String,
}

/// Builds a new authorization request. Of the options it has those that the issuer knows.
pub(in crate::auth) fn authorization_request(
    registration: &Registration,
    metadata: &Metadata,
    options: &SignInOptions,
) -> AuthorizationRequest {
    let (challenge, code_verifier) = PkceCodeChallenge::new_random_sha256();
    let (state, nonce) = (random_value(), random_value());
    let client = BasicClient::new(ClientId::new(registration.client_id.clone()))
        .set_auth_uri(AuthUrl::from_url(metadata.authorization_endpoint.clone()))
        .set_redirect_uri(RedirectUrl::from_url(registration.callback_url.clone()));
    let mut request = client
        .authorize_url(|| CsrfToken::new(state.clone()))
        .add_scopes(
            requested_scope(&registration.scope, metadata).split_whitespace().map(|scope| Scope::new(scope.to_owned())),
        )
        .set_pkce_challenge(challenge)
        .add_extra_param("nonce", nonce.clone());
    for (name, value) in extra_parameters(registration, metadata, options) {
        request = request.add_extra_param(name, value);
    }
    let (url, _) = request.url();
    AuthorizationRequest { url, state, nonce, code_verifier: code_verifier.into_secret() }
}

/// The parameters beside those of every request: each audience, the options, and `prompt`.
fn extra_parameters<'a>(
    registration: &'a Registration,
    metadata: &Metadata,
    options: &'a SignInOptions,
) -> Vec<(&'a str, &'a str)> {
    let mut parameters: Vec<_> =
        registration.audiences.iter().map(|audience| ("audience", audience.as_str())).collect();
    match metadata.flavor {
        Flavor::Kinde => {
            parameters.extend(options.for_kinde());
            parameters.extend(options.is_invitation().then_some(("is_invitation", "true")));
            // With it an expired link in an e-mail leads back here, as `login_link_expired`.
            parameters.push(("supports_reauth", "true"));
        }
        Flavor::OpenId => {
            parameters.extend(options.login_hint().map(|hint| ("login_hint", hint)));
            parameters.extend(options.lang().map(|lang| ("ui_locales", lang)));
            parameters.extend(options.max_age().map(|age| ("max_age", age)));
        }
    }
    parameters.extend(prompt(registration, metadata, options).map(|prompt| ("prompt", prompt)));
    parameters
}

/// Kinde takes an invitation only at its page for new accounts. Other issuers may refuse `create` unless discovery
/// lists it (Initiating User Registration 1.0 §4).
fn prompt<'a>(registration: &'a Registration, metadata: &Metadata, options: &'a SignInOptions) -> Option<&'a str> {
    let wanted = match metadata.flavor {
        Flavor::Kinde if options.is_invitation() => Some(CREATE),
        Flavor::Kinde => options.prompt(),
        Flavor::OpenId => {
            let is_listed = || metadata.prompt_values_supported.iter().any(|listed| listed == CREATE);
            options.prompt().filter(|prompt| *prompt != CREATE || is_listed())
        }
    };
    wanted.or(registration.prompt.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const EVERYTHING: &str = "login_hint=ada%40example.com&lang=de&connection_id=conn_1&org_code=org_1&org_name=Flight\
        &is_create_org=true&plan_interest=pro&pricing_table_key=table&workflow_deployment_id=wf_1&pages_mode=preview\
        &utm_source=news";

    fn registration(prompt: Option<&str>) -> Registration {
        Registration {
            client_id: "client".to_owned(),
            client_secret: "secret".to_owned().into(),
            callback_url: Url::parse("https://app.example/callback").unwrap(),
            scope: "openid".to_owned(),
            audiences: vec!["https://api.example".to_owned(), "reports".to_owned()],
            prompt: prompt.map(str::to_owned),
            authentication: None,
        }
    }

    fn metadata(flavor: Flavor, prompts: &[&str]) -> Metadata {
        let members = json!({"prompt_values_supported": prompts});
        match flavor {
            Flavor::Kinde => Metadata::of_kinde_for_test(members),
            Flavor::OpenId => Metadata::for_test(members),
        }
    }

    /// The parameters of a request for these options, without those that every request has.
    fn sent(flavor: Flavor, prompts: &[&str], configured: Option<&str>, query: &str) -> Vec<(String, String)> {
        let options = SignInOptions::parse(query).unwrap();
        let url = authorization_request(&registration(configured), &metadata(flavor, prompts), &options).url;
        let own = ["response_type", "client_id", "state", "code_challenge", "code_challenge_method", "redirect_uri"];
        let is_extra = |name: &str| !own.contains(&name) && !["scope", "nonce", "audience"].contains(&name);
        url.query_pairs().into_owned().filter(|(name, _)| is_extra(name)).collect()
    }

    fn prompt_of(parameters: &[(String, String)]) -> Option<&str> {
        parameters.iter().find(|(name, _)| name == "prompt").map(|(_, value)| value.as_str())
    }

    #[test]
    fn each_audience_is_a_parameter_of_its_own() {
        for flavor in [Flavor::Kinde, Flavor::OpenId] {
            let request = authorization_request(&registration(None), &metadata(flavor, &[]), &SignInOptions::default());
            let audiences = request.url.query_pairs().filter(|(name, _)| name == "audience");
            let audiences: Vec<_> = audiences.map(|(_, value)| value.into_owned()).collect();
            assert_eq!(audiences, ["https://api.example", "reports"]);
        }
    }

    #[test]
    fn kinde_gets_every_option_once() {
        let sent = sent(Flavor::Kinde, &[], None, EVERYTHING);
        let expected: Vec<(String, String)> = url::form_urlencoded::parse(EVERYTHING.as_bytes()).into_owned().collect();
        for parameter in &expected {
            assert_eq!(sent.iter().filter(|(name, _)| *name == parameter.0).count(), 1, "{parameter:?}");
            assert!(sent.contains(parameter), "{parameter:?}");
        }
        assert!(sent.contains(&("supports_reauth".to_owned(), "true".to_owned())));
        assert_eq!(sent.len(), expected.len() + 1);
    }

    #[test]
    fn other_issuers_get_the_standards_parameters_alone() {
        let query = format!("{EVERYTHING}&invitation_code=inv_1&max_age=300");
        let sent = sent(Flavor::OpenId, &["create"], None, &query);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(sent, [pair("login_hint", "ada@example.com"), pair("ui_locales", "de"), pair("max_age", "300")]);
    }

    #[test]
    fn kinde_gets_no_max_age() {
        let [with, without] = ["max_age=0", ""].map(|query| sent(Flavor::Kinde, &[], None, query));
        assert_eq!(with, without);
    }

    #[test]
    fn an_invitation_is_a_registration_at_kinde() {
        for query in
            ["invitation_code=inv_1", "invitation_code=inv_1&prompt=login", "invitation_code=inv_1&prompt=none"]
        {
            let sent = sent(Flavor::Kinde, &[], Some("consent"), query);
            assert_eq!(prompt_of(&sent), Some("create"), "{query}");
            assert!(sent.contains(&("is_invitation".to_owned(), "true".to_owned())), "{query}");
        }
        assert!(!sent(Flavor::Kinde, &[], None, "").iter().any(|(name, _)| name == "is_invitation"));
    }

    #[test]
    fn create_is_sent_to_other_issuers_only_where_discovery_lists_it() {
        let prompt = |flavor, prompts: &[&str], configured, query: &str| {
            prompt_of(&sent(flavor, prompts, configured, query)).map(str::to_owned)
        };
        assert_eq!(prompt(Flavor::Kinde, &[], None, "prompt=create").as_deref(), Some("create"));
        assert_eq!(prompt(Flavor::OpenId, &["none", "create"], None, "prompt=create").as_deref(), Some("create"));
        assert_eq!(prompt(Flavor::OpenId, &["none", "login"], None, "prompt=create"), None);
        assert_eq!(prompt(Flavor::OpenId, &[], Some("consent"), "prompt=create").as_deref(), Some("consent"));
        assert_eq!(prompt(Flavor::OpenId, &[], None, "prompt=login").as_deref(), Some("login"));
        assert_eq!(prompt(Flavor::OpenId, &[], Some("consent"), "prompt=none").as_deref(), Some("none"));
        assert_eq!(prompt(Flavor::Kinde, &[], Some("consent"), "").as_deref(), Some("consent"));
    }
}
