//! `examine`: asks the issuer about itself and about this client, for the developer who sets the client up. The result
//! is not kept, and sign-ins do not use it. The application decides what counts as a problem.
//!
//! OpenID Connect Discovery 1.0 §4, RFC 6749 §5.2, RFC 9110 §6.6.1 (`Date`).

use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::timeout;

use super::cached::Clock;
use super::error::OidcError;
use super::issuer::{self, DocumentDefect, Flavor, Metadata};
use super::outbound::{Outbound, OutboundError, Received};
use super::registration::Registration;
use super::token_endpoint::exchange_code;
use crate::auth::observation::Observed;
use crate::auth::random::random_value;

/// How long each request may take.
const TIMEOUT: Duration = Duration::from_secs(2);

/// What the issuer says of itself and of this client. `None` is what could not be found out.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct IssuerExamination {
    /// The discovery document, or why there is none that can be used.
    pub discovery: Result<(), DiscoveryError>,
    /// Which issuer it is, by its document, even one that cannot be used.
    pub flavor: Option<Flavor>,
    /// How many signing keys it publishes, or why they cannot be fetched.
    pub keys: Option<Result<usize, OidcError>>,
    /// By how many whole seconds this machine's clock is ahead of the issuer's; negative when it is behind.
    pub clock_ahead_seconds: Option<i64>,
    /// What the token endpoint says of this client.
    pub client: ClientStanding,
}

/// Why there is no discovery document that can be used.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum DiscoveryError {
    /// The issuer does not respond, or not with a document.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// The document must not be used.
    #[error(transparent)]
    Document(#[from] DocumentDefect),
}

/// What the token endpoint says of a client that brings a code which it never issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientStanding {
    /// `invalid_grant`: it knows the client, and refuses the code.
    Known,
    /// `invalid_client`: id or secret is wrong.
    Refused,
    /// It says neither.
    NotKnown,
}

/// Asks the issuer: first for its document, then at once for its keys and, with a made-up code, for what it thinks of
/// the client. Only a document that can be used decides where the client's secret is sent. Each request takes two
/// seconds at most. `outbound` must have a breaker of its own, so that failures here hold no sign-in back.
pub(in crate::auth) async fn examine(
    issuer_url: &str,
    registration: &Registration,
    outbound: &Outbound,
    clock: &Clock,
) -> IssuerExamination {
    let before = clock();
    let fetched =
        match in_time(issuer_url, issuer::fetch_metadata(issuer_url, outbound, &mut Received::default())).await {
            Ok(fetched) => fetched,
            Err(error) => return IssuerExamination::without_document(error),
        };
    let (metadata, issuers_time) = fetched;
    let clock_ahead_seconds = issuers_time.map(|time| seconds_ahead(before, time, clock()));
    let flavor = Some(flavor(&metadata, issuer_url));
    let metadata = match issuer::checked(metadata, issuer_url) {
        Ok(metadata) => metadata,
        Err(defect) => {
            let examination = IssuerExamination::without_document(defect);
            return IssuerExamination { flavor, clock_ahead_seconds, ..examination };
        }
    };
    let keys = issuer::fetch_keys(metadata.jwks_uri.clone(), outbound.clone(), Observed::default());
    let (keys, client) =
        tokio::join!(in_time(metadata.jwks_uri.as_str(), keys), client_standing(registration, &metadata, outbound));
    let keys = Some(keys.map(|keys| keys.len()));
    IssuerExamination { discovery: Ok(()), flavor, keys, clock_ahead_seconds, client }
}

impl IssuerExamination {
    fn without_document(error: impl Into<DiscoveryError>) -> Self {
        Self {
            discovery: Err(error.into()),
            flavor: None,
            keys: None,
            clock_ahead_seconds: None,
            client: ClientStanding::NotKnown,
        }
    }

    /// Whether the issuer responded at all.
    pub fn is_reachable(&self) -> bool {
        !matches!(&self.discovery, Err(DiscoveryError::Outbound(error)) if error.is_silence())
    }

    /// Whether its document names the issuer that is configured; `None` when there is no document.
    pub fn names_itself(&self) -> Option<bool> {
        match &self.discovery {
            Ok(()) | Err(DiscoveryError::Document(DocumentDefect::InsecureEndpoint(_))) => Some(true),
            Err(DiscoveryError::Document(DocumentDefect::AnotherIssuer(_))) => Some(false),
            Err(DiscoveryError::Outbound(_)) => None,
        }
    }
}

/// By the URL that is configured, or by the name that the document has: Kinde under its technical domain names the
/// custom one.
fn flavor(metadata: &Metadata, issuer_url: &str) -> Flavor {
    match issuer::flavor(metadata, issuer_url) {
        Flavor::OpenId => issuer::flavor(metadata, metadata.issuer.trim_end_matches('/')),
        flavor @ Flavor::Kinde => flavor,
    }
}

async fn client_standing(registration: &Registration, metadata: &Metadata, outbound: &Outbound) -> ClientStanding {
    let Ok(admission) = outbound.admit() else { return ClientStanding::NotKnown };
    let (code, code_verifier, mut received) = (random_value(), random_value(), Received::default());
    let exchange = exchange_code(registration, metadata, outbound, admission, code, code_verifier, &mut received);
    match in_time(metadata.token_endpoint.as_str(), exchange).await {
        Err(OidcError::CodeRefused(error)) if error == "invalid_grant" => ClientStanding::Known,
        Err(OidcError::ClientRefused(error)) if error == "invalid_client" => ClientStanding::Refused,
        _ => ClientStanding::NotKnown,
    }
}

async fn in_time<T, E: From<OutboundError>>(url: &str, request: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let late = |_| Err(OutboundError::TimedOut(url.to_owned()).into());
    timeout(TIMEOUT, request).await.unwrap_or_else(late)
}

/// By how many whole seconds this machine's clock is ahead of the issuer's, which showed `issuers` at a moment between
/// `before` and `after` on this one, without its fraction of a second. 0 where that explains the difference.
fn seconds_ahead(before: OffsetDateTime, issuers: OffsetDateTime, after: OffsetDateTime) -> i64 {
    let (earliest, latest) = (before - issuers - time::Duration::SECOND, after - issuers);
    if earliest.is_positive() {
        earliest.whole_seconds().max(1)
    } else if latest.is_negative() {
        latest.whole_seconds().min(-1)
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(milliseconds: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds(milliseconds)
    }

    #[test]
    fn clocks_differ_by_what_neither_the_way_nor_the_fraction_of_a_second_explains() {
        for (before, after, expected) in [
            (10_000, 10_001, 0),
            (10_998, 10_999, 0),
            (8_000, 12_500, 0),
            (99_500, 99_600, 88),
            (11_001, 11_100, 1),
            (9_000, 9_500, -1),
            (-80_000, -79_000, -89),
        ] {
            assert_eq!(seconds_ahead(at(before), at(10_000), at(after)), expected, "{before} {after}");
        }
    }

    #[test]
    fn kinde_is_known_under_its_technical_domain_too() {
        let profile = "https://issuer.example/oauth2/v2/user_profile";
        let custom = Metadata::for_test(json!({ "userinfo_endpoint": profile }));
        assert_eq!(flavor(&custom, "https://technical.kinde.com"), Flavor::Kinde);
        assert_eq!(flavor(&custom, "https://issuer.example"), Flavor::Kinde);
        assert_eq!(flavor(&Metadata::for_test(json!({})), "https://issuer.example"), Flavor::OpenId);
    }
}
