//! `Issuer`: what is known of the OpenID provider: its endpoints by discovery and its signing keys, both cached.
//! It verifies no token; it hands out the key a token names.
//!
//! OpenID Connect Discovery 1.0 §4, RFC 7517 (JWK sets), RFC 9207 §3.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

use super::error::Error;
use super::outbound::{Outbound, OutboundError, is_https_or_loopback};

/// How long discovery and keys count as fresh. Stale ones still serve while the issuer cannot be asked.
const FRESH_FOR: Duration = Duration::from_secs(3600);
/// After a failed fetch the same answer is given for this long, so that waiting callers do not fail one by one.
const FAILURE_STANDS_FOR: Duration = Duration::from_secs(1);

/// The parts of the discovery document that are used (OpenID Connect Discovery §3).
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) jwks_uri: Url,
    pub(crate) userinfo_endpoint: Option<Url>,
    pub(crate) end_session_endpoint: Option<Url>,
    #[serde(default)]
    pub(crate) token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    fn endpoints(&self) -> impl Iterator<Item = &Url> {
        [&self.authorization_endpoint, &self.token_endpoint, &self.jwks_uri]
            .into_iter()
            .chain(&self.userinfo_endpoint)
            .chain(&self.end_session_endpoint)
    }
}

/// The provider at one issuer URL.
#[derive(Debug)]
pub(crate) struct Issuer {
    url: String,
    outbound: Outbound,
    metadata: Mutex<Cached<Metadata>>,
    keys: Mutex<Cached<Vec<Jwk>>>,
}

impl Issuer {
    /// `url` is the issuer identifier, byte for byte as tokens carry it: without a trailing slash.
    pub(crate) fn new(url: String, outbound: Outbound) -> Self {
        Self { url, outbound, metadata: Mutex::default(), keys: Mutex::default() }
    }

    /// The issuer identifier.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The client that every request to this issuer goes through.
    pub(crate) fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    /// The discovery document, fetched on first use.
    ///
    /// # Errors
    /// [`Error::Discovery`] (503) when it cannot be fetched or must not be used.
    pub(crate) async fn metadata(&self) -> Result<Arc<Metadata>, Error> {
        let mut cached = self.metadata.lock().await;
        cached.get(Instant::now(), || self.discover()).await
    }

    async fn discover(&self) -> Result<Metadata, Error> {
        let url = Url::parse(&format!("{}/.well-known/openid-configuration", self.url))
            .map_err(|error| Error::Discovery(error.to_string()))?;
        let metadata: Metadata =
            self.outbound.get_json(&url, None).await.map_err(|error| Error::Discovery(error.to_string()))?;
        self.check(metadata)
    }

    /// Discovery §4.3: the document must speak of the issuer that was asked; and no endpoint may be plain http.
    fn check(&self, metadata: Metadata) -> Result<Metadata, Error> {
        if metadata.issuer != self.url {
            return Err(Error::Discovery(format!(
                "the document at KINDE_ISSUER_URL says that the issuer is {:?}",
                metadata.issuer.chars().take(200).collect::<String>()
            )));
        }
        if let Some(url) = metadata.endpoints().find(|url| !is_https_or_loopback(url)) {
            return Err(Error::Discovery(format!("the endpoint at {:?} is not https", url.host_str())));
        }
        Ok(metadata)
    }

    /// The key that a token's header names, or the only key when it names none. An unknown `kid` causes one fetch of
    /// the key set, unless the set was fetched after `since` (when the caller's sign-in began): at most one a sign-in.
    ///
    /// # Errors
    /// [`Error::Outbound`] (502, 503, 504) when keys are needed and cannot be fetched.
    pub(crate) async fn key(&self, kid: Option<&str>, since: Instant) -> Result<Option<Jwk>, Error> {
        let jwks_uri = self.metadata().await?.jwks_uri.clone();
        let mut cached = self.keys.lock().await;
        let keys = cached.get(Instant::now(), || self.fetch_keys(&jwks_uri)).await?;
        if let Some(key) = find_key(&keys, kid) {
            return Ok(Some(key.clone()));
        }
        if cached.is_newer_than(since) {
            return Ok(None);
        }
        cached.expire();
        let keys = cached.get(Instant::now(), || self.fetch_keys(&jwks_uri)).await?;
        Ok(find_key(&keys, kid).cloned())
    }

    async fn fetch_keys(&self, jwks_uri: &Url) -> Result<Vec<Jwk>, Error> {
        let set: KeySet = self.outbound.get_json(jwks_uri, None).await?;
        let keys: Vec<Jwk> = set.keys.into_iter().filter_map(signing_key).collect();
        if keys.is_empty() {
            let place = jwks_uri.path().to_owned();
            return Err(OutboundError::Unreadable(place, "it holds no RSA signing key".to_owned()).into());
        }
        Ok(keys)
    }
}

/// A JWK set whose members are not yet understood: one of an unknown kind must not spoil the others (RFC 7517 §5).
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

/// A value fetched from the issuer, with its age, and the last failure to fetch it.
#[derive(Debug)]
struct Cached<T> {
    value: Option<(Arc<T>, Instant)>,
    expired: bool,
    failure: Option<(Error, Instant)>,
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self { value: None, expired: false, failure: None }
    }
}

impl<T> Cached<T> {
    /// The value; fetched when there is none or it is no longer fresh. A stale value serves when fetching fails, but
    /// not one that was expired on purpose.
    async fn get<F: Future<Output = Result<T, Error>>>(
        &mut self,
        now: Instant,
        fetch: impl FnOnce() -> F,
    ) -> Result<Arc<T>, Error> {
        if let Some((value, fetched)) = &self.value
            && !self.expired
            && now.duration_since(*fetched) < FRESH_FOR
        {
            return Ok(Arc::clone(value));
        }
        let failure = self.failure.as_ref().filter(|(_, at)| now.duration_since(*at) < FAILURE_STANDS_FOR);
        let fetched = match failure {
            Some((error, _)) => Err(error.clone()),
            None => fetch().await,
        };
        self.store(fetched)
    }

    fn store(&mut self, fetched: Result<T, Error>) -> Result<Arc<T>, Error> {
        match (fetched, &self.value) {
            (Ok(value), _) => {
                let value = Arc::new(value);
                *self = Self { value: Some((Arc::clone(&value), Instant::now())), expired: false, failure: None };
                Ok(value)
            }
            (Err(error), Some((value, _))) if !self.expired => {
                tracing::warn!(%error, "the issuer's documents could not be refreshed; the known ones go on serving");
                self.failure = Some((error, Instant::now()));
                Ok(Arc::clone(value))
            }
            (Err(error), _) => {
                self.expired = false;
                self.failure = Some((error.clone(), Instant::now()));
                Err(error)
            }
        }
    }

    fn is_newer_than(&self, since: Instant) -> bool {
        self.value.as_ref().is_some_and(|(_, fetched)| *fetched > since)
    }

    fn expire(&mut self) {
        self.expired = true;
    }
}
