//! `Issuer`: the issuer's endpoints, by discovery, and its signing keys, both cached. Tokens are verified in `jwt` and
//! `id_token`, with a key from here.
//!
//! OpenID Connect Discovery 1.0 §4, RFC 7517 (JWK sets), RFC 9207 §3.

use std::sync::Arc;
use std::time::Instant;

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::{Mutex, watch};
use url::Url;

use super::cached::{Cached, Clock};
use super::checks;
use super::error::OidcError;
use super::examination::DiscoveryError;
use super::outbound::{Outbound, OutboundError, Received, is_https_or_loopback, loggable};
use crate::auth::metrics::Endpoint;
use crate::auth::observation::{Observed, Observer, Stage};

/// Which parameters and endpoints an issuer has beyond OpenID Connect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flavor {
    /// Kinde: organizations, sign-in links, the account API, sign-out with `redirect`.
    Kinde,
    /// Any other OpenID Connect issuer.
    #[default]
    OpenId,
}

/// How long unknown `kid`s of strangers' tokens cause no other fetch of keys.
const STRANGERS_PAUSE: time::Duration = time::Duration::seconds(30);
/// The same while no keys are known at all, so that good tokens are accepted soon after an outage.
const STRANGERS_RETRY_PAUSE: time::Duration = time::Duration::seconds(5);

/// Where Kinde has its userinfo endpoint, below the issuer's URL. No other issuer is known to have it there.
const KINDE_USERINFO_PATH: &str = "/oauth2/v2/user_profile";

/// The parts of the discovery document that are used (OpenID Connect Discovery §3).
#[derive(Debug, Clone, Deserialize)]
pub(in crate::auth) struct Metadata {
    /// As the document has it: tokens and callbacks contain this, with or without the slash at its end.
    pub(in crate::auth) issuer: String,
    /// Computed from the endpoints.
    #[serde(skip)]
    pub(in crate::auth) flavor: Flavor,
    pub(in crate::auth) authorization_endpoint: Url,
    pub(in crate::auth) token_endpoint: Url,
    pub(in crate::auth) jwks_uri: Url,
    pub(in crate::auth) userinfo_endpoint: Option<Url>,
    pub(in crate::auth) end_session_endpoint: Option<Url>,
    pub(in crate::auth) revocation_endpoint: Option<Url>,
    #[serde(default)]
    pub(in crate::auth) scopes_supported: Vec<String>,
    /// `prompt` values (Initiating User Registration 1.0 §4).
    #[serde(default)]
    pub(in crate::auth) prompt_values_supported: Vec<String>,
    #[serde(default)]
    pub(in crate::auth) token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    pub(in crate::auth) authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    fn endpoints(&self) -> impl Iterator<Item = &Url> {
        [&self.authorization_endpoint, &self.token_endpoint, &self.jwks_uri]
            .into_iter()
            .chain(&self.userinfo_endpoint)
            .chain(&self.end_session_endpoint)
            .chain(&self.revocation_endpoint)
    }

    /// The origins to which sign-in and sign-out send a browser, each once.
    fn redirect_origins(&self) -> Vec<String> {
        let mut origins = vec![self.authorization_endpoint.origin().ascii_serialization()];
        let sign_out = self.end_session_endpoint.as_ref().map(|url| url.origin().ascii_serialization());
        origins.extend(sign_out.filter(|origin| *origin != origins[0]));
        origins
    }
}

type KeysOrError = Result<Arc<Vec<Jwk>>, OidcError>;

/// The issuer at one URL.
#[derive(Debug)]
pub(in crate::auth) struct Issuer {
    url: String,
    outbound: Outbound,
    metadata: Cached<Metadata>,
    keys: Cached<Vec<Jwk>>,
    /// When keys were last fetched for a token with an unknown `kid` that a stranger brought, and the outcome.
    for_strangers: Mutex<Option<(OffsetDateTime, KeysOrError)>>,
    redirect_origins: watch::Sender<Vec<String>>,
    /// Is told of the documents. They belong to no sign-in.
    observer: Observer,
}

impl Issuer {
    /// `url` is the issuer identifier without a slash at its end. `clock` measures the age of the documents.
    pub(in crate::auth) fn new(url: String, outbound: Outbound, clock: &Clock, observer: Observer) -> Self {
        let own_origin = Url::parse(&url).map(|url| url.origin().ascii_serialization());
        Self {
            url,
            outbound,
            metadata: Cached::new(clock.clone()),
            keys: Cached::new(clock.clone()),
            for_strangers: Mutex::default(),
            redirect_origins: watch::Sender::new(own_origin.into_iter().collect()),
            observer,
        }
    }

    /// The origins of the authorization endpoint and of the end-session endpoint, as the last discovery document named
    /// them; before the first one, the issuer's own origin. Every fetch of the document renews them.
    pub(in crate::auth) fn redirect_origins(&self) -> watch::Receiver<Vec<String>> {
        self.redirect_origins.subscribe()
    }

    /// The issuer identifier as it is configured: without a slash at its end.
    pub(in crate::auth) fn url(&self) -> &str {
        &self.url
    }

    /// The client that every request to this issuer goes through.
    pub(in crate::auth) fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    /// The discovery document, fetched on first use.
    ///
    /// # Errors
    /// [`OidcError::Discovery`] (503) when it cannot be fetched or must not be used; [`OidcError::Outbound`] (503) when
    /// the issuer limits our requests.
    pub(in crate::auth) async fn metadata(&self) -> Result<Arc<Metadata>, OidcError> {
        let (url, outbound, origins) = (self.url.clone(), self.outbound.clone(), self.redirect_origins.clone());
        let observer = self.observer.clone();
        let fetch = || async move {
            let metadata = discover(url, outbound, observer.of(|| None)).await?;
            origins.send_replace(metadata.redirect_origins());
            Ok(metadata)
        };
        self.metadata.get(fetch).await
    }

    /// The key that a token's header names, or the only key when it names none. An unknown `kid` causes one fetch of
    /// the key set, unless the set was fetched after `since`, when the caller's sign-in began: at most one for each
    /// sign-in.
    ///
    /// # Errors
    /// [`OidcError::Outbound`] (502, 503, 504) when keys are needed and cannot be fetched.
    pub(in crate::auth) async fn key(&self, kid: Option<&str>, since: Instant) -> Result<Option<Jwk>, OidcError> {
        match find_key(&self.keys().await?, kid) {
            Some(key) => Ok(Some(key.clone())),
            None => self.newer_key(kid, since).await,
        }
    }

    /// The key for a token that a stranger brought. As [`Self::key`], but unknown `kid`s cause one fetch in
    /// [`STRANGERS_PAUSE`], and where no keys are known one in [`STRANGERS_RETRY_PAUSE`], whatever the number of tokens;
    /// its outcome is that of all others in that time.
    ///
    /// # Errors
    /// [`OidcError::Outbound`] (502, 503, 504) when keys are needed and cannot be fetched.
    pub(in crate::auth) async fn key_of_stranger(
        &self,
        kid: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Option<Jwk>, OidcError> {
        let is_known = self.metadata.is_known() && self.keys.is_known();
        if is_known && let Some(key) = find_key(&self.keys().await?, kid) {
            return Ok(Some(key.clone()));
        }
        self.newer_key_of_stranger(kid, now).await
    }

    /// As [`Self::key_of_stranger`], from a key set that was fetched for strangers, at most that long ago: for a token
    /// that names no key, which the known key did not sign.
    ///
    /// # Errors
    /// [`OidcError::Outbound`] (502, 503, 504) when the set cannot be fetched.
    pub(in crate::auth) async fn newer_key_of_stranger(
        &self,
        kid: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Option<Jwk>, OidcError> {
        let is_known = self.metadata.is_known() && self.keys.is_known();
        // Held while fetching, so that others wait for the outcome.
        let mut last = self.for_strangers.lock().await;
        let pause = if is_known { STRANGERS_PAUSE } else { STRANGERS_RETRY_PAUSE };
        let is_recent = |(fetched_at, _): &(OffsetDateTime, KeysOrError)| (now - *fetched_at).abs() < pause;
        if !last.as_ref().is_some_and(is_recent) {
            // Counts as the outcome when this caller is dropped while fetching, so that clients that hang up cause no
            // further fetches.
            *last = Some((now, Err(OutboundError::TimedOut("the keys of the issuer".to_owned()).into())));
            *last = Some((now, self.newer_keys(Instant::now()).await));
        }
        match last.as_ref().map(|(_, outcome)| outcome) {
            Some(Ok(keys)) => Ok(find_key(keys, kid).cloned()),
            Some(Err(error)) => Err(error.clone()),
            None => Ok(None),
        }
    }

    async fn keys(&self) -> KeysOrError {
        let jwks_uri = self.metadata().await?.jwks_uri.clone();
        self.keys.get(|| fetch_keys(jwks_uri, self.outbound.clone(), self.observer.of(|| None))).await
    }

    async fn newer_keys(&self, since: Instant) -> KeysOrError {
        let jwks_uri = self.metadata().await?.jwks_uri.clone();
        let fetch = || fetch_keys(jwks_uri, self.outbound.clone(), self.observer.of(|| None));
        self.keys.get_newer_than(since, fetch).await
    }

    /// As [`Self::key`], from a key set fetched after `since`.
    ///
    /// # Errors
    /// [`OidcError::Outbound`] (502, 503, 504) when the set cannot be fetched.
    pub(in crate::auth) async fn newer_key(&self, kid: Option<&str>, since: Instant) -> Result<Option<Jwk>, OidcError> {
        Ok(find_key(&self.newer_keys(since).await?, kid).cloned())
    }
}

async fn discover(issuer_url: String, outbound: Outbound, observed: Observed) -> Result<Metadata, OidcError> {
    let mut received = Received::for_observer(&observed);
    let fetched = fetch_metadata(&issuer_url, &outbound, &mut received).await.map_err(DiscoveryError::from);
    let usable = fetched.and_then(|(metadata, _)| Ok(checked(metadata, &issuer_url)?));
    observed.checked(Stage::Discovery, || checks::discovery(&received, &issuer_url, usable.as_ref().err()));
    usable.map_err(|error| match error {
        DiscoveryError::Outbound(error @ OutboundError::Limited(..)) => OidcError::Outbound(error),
        error => OidcError::Discovery(error.to_string()),
    })
}

/// The discovery document as it is, unchecked, with the time on the issuer's clock, where the response says it.
pub(super) async fn fetch_metadata(
    issuer_url: &str,
    outbound: &Outbound,
    received: &mut Received,
) -> Result<(Metadata, Option<OffsetDateTime>), OutboundError> {
    let url = format!("{issuer_url}/.well-known/openid-configuration");
    let url = Url::parse(&url).map_err(|error| OutboundError::Insecure(format!("a malformed URL ({error})")))?;
    outbound.get_dated_json(Endpoint::Discovery, &url, None, received).await
}

/// Why a discovery document that was read must not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentDefect {
    /// It names another issuer than the one from whose URL it was fetched, in one short line.
    #[error("the discovery document names another issuer, {0:?}")]
    AnotherIssuer(String),
    /// It names an endpoint on this host that is plain http.
    #[error("the endpoint at {0:?} is not https")]
    InsecureEndpoint(String),
}

/// Discovery §4.3: the document must name the issuer from whose URL it was fetched, where a slash at its end does not
/// matter; and no endpoint may be plain http.
pub(super) fn checked(mut metadata: Metadata, issuer_url: &str) -> Result<Metadata, DocumentDefect> {
    if metadata.issuer.strip_suffix('/').unwrap_or(&metadata.issuer) != issuer_url {
        return Err(DocumentDefect::AnotherIssuer(loggable(&metadata.issuer)));
    }
    if let Some(url) = metadata.endpoints().find(|url| !is_https_or_loopback(url)) {
        return Err(DocumentDefect::InsecureEndpoint(url.host_str().unwrap_or_default().to_owned()));
    }
    metadata.flavor = flavor(&metadata, issuer_url);
    Ok(metadata)
}

pub(super) fn flavor(metadata: &Metadata, issuer_url: &str) -> Flavor {
    let is_kinde = |userinfo: &Url| userinfo.as_str().strip_prefix(issuer_url) == Some(KINDE_USERINFO_PATH);
    if metadata.userinfo_endpoint.as_ref().is_some_and(is_kinde) { Flavor::Kinde } else { Flavor::OpenId }
}

/// The signing keys of a key set.
///
/// # Errors
/// [`OidcError::Outbound`] (502, 503, 504) when it cannot be fetched, or has none.
pub(super) async fn fetch_keys(jwks_uri: Url, outbound: Outbound, observed: Observed) -> Result<Vec<Jwk>, OidcError> {
    let mut received = Received::for_observer(&observed);
    let keys = usable_keys(&jwks_uri, &outbound, &mut received).await;
    observed.checked(Stage::Keys, || checks::keys(&received, keys.as_ref().map(Vec::len)));
    Ok(keys?)
}

async fn usable_keys(jwks_uri: &Url, outbound: &Outbound, received: &mut Received) -> Result<Vec<Jwk>, OutboundError> {
    let set: KeySet = outbound.get_json(Endpoint::Keys, jwks_uri, None, received).await?;
    let keys: Vec<Jwk> = set.keys.into_iter().filter_map(signing_key).collect();
    if keys.is_empty() {
        let endpoint = jwks_uri.path().to_owned();
        return Err(OutboundError::Unreadable(endpoint, "it holds no RSA signing key".to_owned()));
    }
    Ok(keys)
}

/// A JWK set whose members are parsed one by one: an unknown kind must not make the others unusable (RFC 7517 §5).
#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

fn signing_key(member: Value) -> Option<Jwk> {
    let key: Jwk = serde_json::from_value(member).ok()?;
    let is_rsa = matches!(key.algorithm, AlgorithmParameters::RSA(_));
    let is_for_signing = !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
    (is_rsa && is_for_signing).then_some(key)
}

/// OIDC Core §10.1: by `kid`; without one the set must hold a single key.
fn find_key<'a>(keys: &'a [Jwk], kid: Option<&str>) -> Option<&'a Jwk> {
    match kid {
        Some(kid) => keys.iter().find(|key| key.common.key_id.as_deref() == Some(kid)),
        None => keys.first().filter(|_| keys.len() == 1),
    }
}

#[cfg(test)]
impl Metadata {
    /// The document of `https://issuer.example`, with these members beside the required ones or in place of them.
    pub(super) fn for_test(members: Value) -> Self {
        Self::of_issuer_for_test("https://issuer.example", members)
    }

    /// As [`Self::for_test`], of an issuer that is recognized as Kinde.
    pub(super) fn of_kinde_for_test(members: Value) -> Self {
        let mut metadata = Self::for_test(members);
        metadata.flavor = Flavor::Kinde;
        metadata
    }

    fn of_issuer_for_test(issuer: &str, members: Value) -> Self {
        let mut document = serde_json::json!({
            "issuer": issuer,
            "authorization_endpoint": "https://issuer.example/authorize",
            "token_endpoint": "https://issuer.example/token",
            "jwks_uri": "https://issuer.example/keys",
        });
        document.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        serde_json::from_value(document).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn checked_issuer(named: &str, configured: &str) -> Result<String, DocumentDefect> {
        checked(Metadata::of_issuer_for_test(named, json!({})), configured).map(|metadata| metadata.issuer)
    }

    #[test]
    fn the_documents_own_spelling_of_the_issuer_counts_if_it_differs_by_a_slash_at_the_end_alone() {
        for configured in ["https://issuer.example", "https://issuer.example/api/oidc"] {
            for named in [configured.to_owned(), format!("{configured}/")] {
                assert_eq!(checked_issuer(&named, configured).unwrap(), named);
            }
        }
        for named in [
            "https://issuer.example//",
            "https://issuer.example/other",
            "https://issuer.example.evil",
            "https://issuer.exampl",
            "http://issuer.example/",
            "/",
            "",
        ] {
            assert!(checked_issuer(named, "https://issuer.example").is_err(), "{named}");
        }
    }

    #[test]
    fn an_issuer_is_kinde_by_its_userinfo_endpoint() {
        let flavor = |userinfo: &str| {
            let metadata = Metadata::for_test(json!({ "userinfo_endpoint": userinfo }));
            checked(metadata, "https://issuer.example").unwrap().flavor
        };
        assert_eq!(flavor("https://issuer.example/oauth2/v2/user_profile"), Flavor::Kinde);
        for other in ["https://issuer.example/userinfo", "https://other.example/oauth2/v2/user_profile"] {
            assert_eq!(flavor(other), Flavor::OpenId, "{other}");
        }
        assert_eq!(checked(Metadata::for_test(json!({})), "https://issuer.example").unwrap().flavor, Flavor::OpenId);
    }

    #[test]
    fn browsers_are_sent_to_the_origins_of_two_endpoints() {
        let origins = |members| Metadata::for_test(members).redirect_origins();
        assert_eq!(origins(json!({})), ["https://issuer.example"]);
        assert_eq!(
            origins(json!({"end_session_endpoint": "https://issuer.example/logout"})),
            ["https://issuer.example"]
        );
        let elsewhere = json!({
            "authorization_endpoint": "https://login.example:8443/authorize",
            "end_session_endpoint": "https://logout.example/",
        });
        assert_eq!(origins(elsewhere), ["https://login.example:8443", "https://logout.example"]);
    }
}
