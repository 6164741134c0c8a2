//! Kinde's webhooks: verifies an event, carries out what it changes here, and lets the application carry out its own
//! part. How a request carries an event is in `web::webhooks`; what an event must say, and what it changes, in
//! `oidc::webhook`.

use std::fmt::Display;
use std::future::Future;

use time::Duration;

use super::Client;
use crate::auth::audit::{self, Concerned};
use crate::auth::error::Error;
use crate::auth::observation::{Answer, Observed, Stage};
use crate::auth::oidc::{self, Effect, ExpectedEvent, JwtError, MAX_EVENT_AGE, WebhookError, WebhookEvent, checks};
use crate::auth::session::Sent;

/// As long as an event is accepted, also one whose time lies ahead, on clocks that differ.
const RECEIPT_LIFETIME: Duration = MAX_EVENT_AGE.saturating_add(Duration::hours(1));

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) enum Delivery {
    /// It was carried out.
    Accepted,
    /// It was carried out before.
    Duplicate,
}

impl Client {
    /// Verifies an event and carries it out: first what it changes here, then the application's part, and last the
    /// receipt, so that a failure of any of them lets Kinde deliver the event again. It runs to its end even when the
    /// caller is dropped.
    ///
    /// Two deliveries at the same time may both be carried out: what an event changes here may be repeated, and the
    /// application's part is promised to run at least once, not only once.
    ///
    /// # Errors
    /// [`Error::InvalidEvent`] (400); [`Error::KeysUnavailable`] and [`Error::Store`] (503);
    /// [`Error::EventNotHandled`] (503) when the application's part failed.
    pub(in crate::auth) async fn receive_event<F, E>(
        &self,
        token: String,
        handler: impl FnOnce(WebhookEvent) -> F + Send + 'static,
    ) -> Result<Delivery, Error>
    where
        F: Future<Output = Result<(), E>> + Send,
        E: Display,
    {
        let client = self.clone();
        let observed = self.observed(|| Some(token.as_str()));
        let outcome = observed.clone();
        let work = async move {
            let (event, effect) = client.verify_event(&token, &observed).await?;
            let (id, sessions) = (event.id.clone(), &client.0.sessions);
            if sessions.has_receipt(Sent::Event(&id), client.now()).await? {
                return Ok(Delivery::Duplicate);
            }
            client.carry_out(effect, &event).await?;
            if let Err(error) = handler(event).await {
                tracing::error!(event_id = id, %error, "the application did not handle an event of the issuer");
                return Err(Error::EventNotHandled(error.to_string()));
            }
            sessions.store_receipt(Sent::Event(&id), RECEIPT_LIFETIME, client.now()).await?;
            Ok(Delivery::Accepted)
        };
        let received = self.run_to_end(work).await.and_then(|received| received);
        outcome.answered(Stage::Webhook, || match &received {
            Ok(Delivery::Accepted) => Answer::success(200, "accepted, and carried out"),
            Ok(Delivery::Duplicate) => Answer::success(200, "a duplicate, which was carried out before"),
            Err(error) => error.as_answer(),
        });
        received
    }

    async fn verify_event(&self, token: &str, observed: &Observed) -> Result<(WebhookEvent, Effect), Error> {
        let expected = ExpectedEvent { issuer: self.0.issuer.url(), now: self.now() };
        let verified = self.verify_event_by_key(token, expected).await;
        observed.checked(Stage::Webhook, || {
            let failure = match &verified {
                Err(Error::InvalidEvent(error)) => Some(Ok(error)),
                Err(Error::KeysUnavailable(error)) => Some(Err(error)),
                _ => None,
            };
            checks::event(token, expected, failure)
        });
        verified
    }

    async fn verify_event_by_key(
        &self,
        token: &str,
        expected: ExpectedEvent<'_>,
    ) -> Result<(WebhookEvent, Effect), Error> {
        let key_id = oidc::key_id(token).map_err(WebhookError::from)?;
        oidc::precheck_event(token, expected)?;
        let key = self.0.issuer.key_of_stranger(key_id.as_deref(), self.now()).await.map_err(Error::KeysUnavailable)?;
        let key = key.ok_or(WebhookError::Jwt(JwtError::UnknownKey))?;
        Ok(oidc::verify_event(token, &key, expected)?)
    }

    async fn carry_out(&self, effect: Effect, event: &WebhookEvent) -> Result<(), Error> {
        match effect {
            Effect::EndsAccess(subject) => {
                self.end_access_of(&subject, event.at).await?;
                audit::success("access_ended", Concerned { subject: Some(&subject), ..Concerned::default() });
            }
            Effect::ChangesUser(subject) => {
                self.invalidate_rights_of(&subject).await?;
                audit::success("rights_changed", Concerned { subject: Some(&subject), ..Concerned::default() });
            }
            Effect::ChangesEverybody => {
                self.invalidate_all_rights().await?;
                audit::success("all_rights_changed", Concerned::default());
            }
            Effect::NamesNobody(event_type) => {
                // To refuse it would let Kinde switch the webhook off, with all that it still understands.
                tracing::warn!(
                    event_type,
                    event_id = event.id,
                    "an event of the issuer names no user: not carried out"
                );
            }
            Effect::Nothing(event_type) => {
                tracing::info!(event_type, event_id = event.id, "an event of the issuer changes nothing here");
            }
        }
        Ok(())
    }
}

impl From<WebhookError> for Error {
    fn from(error: WebhookError) -> Self {
        Self::InvalidEvent(error)
    }
}
