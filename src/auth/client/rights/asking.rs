//! Asks Kinde's account API for the lists that a policy needs, all at once, and keeps what it responds. Which lists are
//! missing, and what decides without them, is in `rights`.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use super::slots::Slots;
use super::{Gathered, Lookup, Subject, key_of};
use crate::auth::observation::Observed;
use crate::auth::oidc::{self, Outbound, OutboundError};
use crate::auth::rights::{Resource, Rights};
use crate::auth::session::StoredClaims;

/// All requests to the account API that one policy needs.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The way to the account API. It has a circuit breaker of its own: trouble there holds no sign-in and no refresh back.
pub(in crate::auth::client) struct AccountApi {
    issuer_url: String,
    outbound: Outbound,
    slots: Slots,
}

impl AccountApi {
    pub(in crate::auth::client) fn new(issuer_url: String, outbound: &Outbound) -> Self {
        Self { issuer_url, outbound: outbound.for_account_api(), slots: Slots::default() }
    }

    /// One list of a user. The request runs to its end, also when the caller is dropped, and holds its slot until then.
    async fn fetch(
        &self,
        resource: Resource,
        subject: &str,
        token: &SecretString,
        observed: &Observed,
    ) -> Result<Rights, OutboundError> {
        let slot = self.slots.take(subject).await.map_err(|_| OutboundError::Busy)?;
        let (issuer_url, outbound, token) = (self.issuer_url.clone(), self.outbound.clone(), token.clone());
        let observed = observed.clone();
        let request = async move {
            let fetched = oidc::fetch_rights(&issuer_url, resource, &token, &outbound, &observed).await;
            drop(slot);
            fetched
        };
        let fetched = tokio::spawn(request.in_current_span());
        fetched
            .await
            .unwrap_or_else(|error| Err(OutboundError::Unreachable("the account API".to_owned(), error.to_string())))
    }
}

impl Lookup {
    /// Asks for lists that this request has not asked for yet. Returns whom to tell what was decided with them: nobody
    /// if nothing was asked.
    pub(super) async fn ask(&self, gathered: &mut Gathered, missing: &[Resource]) -> Observed {
        let is_new = |resource: &Resource| gathered.has_account_api && !gathered.tried.contains(resource);
        let wanted: Vec<Resource> = missing.iter().copied().filter(is_new).collect();
        let (mut obtained, mut refused) = (Rights::default(), Rights::default());
        let (responses, observed) = self.responses(&wanted).await;
        for (resource, response) in responses {
            match response {
                Ok(rights) => obtained = obtained.or(&rights),
                Err(OutboundError::Status(endpoint, status)) if matches!(status.as_u16(), 401 | 403) => {
                    if refused.is_empty() {
                        tracing::warn!(endpoint, %status, "the account API refuses a user's rights: the user has none");
                    }
                    refused = refused.or(&Rights::none().only(resource));
                }
                // No request was sent: the log says once that the issuer is down.
                Err(OutboundError::CircuitOpen) => {}
                Err(error) => tracing::warn!(%error, "the account API did not list a user's rights"),
            }
        }
        gathered.tried.extend(wanted);
        gathered.asked = std::mem::take(&mut gathered.asked).or(&obtained).or(&refused);
        gathered.known = gathered.asked.clone().or(&gathered.known);
        for resource in missing {
            gathered.known = std::mem::take(&mut gathered.known).or(&gathered.last_known.clone().only(*resource));
        }
        if !obtained.is_empty() {
            self.keep(gathered, obtained).await;
        }
        observed
    }

    /// The response for each list, or why there is none. Nothing where there is no access token to ask with.
    async fn responses(&self, wanted: &[Resource]) -> (Vec<(Resource, Result<Rights, OutboundError>)>, Observed) {
        if wanted.is_empty() {
            return Default::default();
        }
        let deadline = Instant::now() + TIMEOUT;
        let Ok(Some(token)) = timeout_at(deadline, self.access_token()).await else { return Default::default() };
        let observed = self.client.observed(|| Some(token.expose_secret()));
        let subject = self.user().map(|user| user.subject.as_str()).unwrap_or_default();
        // A list that comes too late does not hide the others.
        let fetch = async |resource: Resource| {
            if !wanted.contains(&resource) {
                return None;
            }
            let silence = |_| Err(OutboundError::TimedOut("the account API".to_owned()));
            let fetched =
                timeout_at(deadline, self.client.0.account_api.fetch(resource, subject, &token, &observed)).await;
            Some((resource, fetched.unwrap_or_else(silence)))
        };
        let [first, second, third, fourth] = Resource::ALL;
        let (first, second, third, fourth) = tokio::join!(fetch(first), fetch(second), fetch(third), fetch(fourth));
        ([first, second, third, fourth].into_iter().flatten().collect(), observed)
    }

    /// The user's access token, to ask the account API with.
    async fn access_token(&self) -> Option<SecretString> {
        match &self.subject {
            Subject::Token(token) => Some(token.secret.clone()),
            Subject::Session(session) => match self.client.access_token(session).await {
                Ok(token) => Some(token.secret),
                Err(error) => {
                    tracing::debug!(%error, "there is no access token to ask for a user's rights with");
                    None
                }
            },
        }
    }

    /// Keeps what the account API responded, with the marks as they were before it was asked.
    async fn keep(&self, gathered: &mut Gathered, obtained: Rights) {
        let now = self.client.now();
        gathered.kept.keep(obtained, gathered.marks.remembered(), now);
        match &self.subject {
            Subject::Token(token) => {
                self.client.0.bearer.rights.insert(key_of(&token.secret), gathered.kept.clone());
            }
            Subject::Session(_) => {
                let Some(seen) = gathered.seen.take() else { return };
                let claims = StoredClaims { kept: gathered.kept.clone(), ..seen.value.clone() };
                // A refresh may have replaced the claims meanwhile: then its own stand, and the next request asks again.
                match self.client.0.sessions.replace_claims(seen, claims).await {
                    Ok(replaced) => gathered.seen = replaced,
                    Err(error) => tracing::debug!(%error, "a user's rights could not be kept"),
                }
            }
        }
    }
}
