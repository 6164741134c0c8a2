//! One event or logout token that somebody orders, from the switchboard or the console, sent once.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{event, logout_token};
use crate::dev_issuer::faults::delivery_fault::DeliveryFault;
use crate::dev_issuer::state::{
    delivery::{Letter, Received},
    tenant::{EmulatedTenant, TenantState},
};

/// An ordered event.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventOrder {
    r#type: String,
    #[serde(default)]
    data: Map<String, Value>,
    fault: Option<DeliveryFault>,
    #[serde(default)]
    claims: Map<String, Value>,
}

/// An ordered logout token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogoutOrder {
    person: String,
    /// Whether the token names the person.
    #[serde(default = "yes")]
    sub: bool,
    /// Whether the token names the person's newest session.
    #[serde(default)]
    sid: bool,
    fault: Option<DeliveryFault>,
    #[serde(default)]
    claims: Map<String, Value>,
    typ: Option<String>,
}

fn yes() -> bool {
    true
}

/// The reason for which nothing is sent.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(crate) enum NotSent {
    #[error("There is no such person, or no session of theirs")]
    PersonUnknown,
    #[error("The tenant has no webhook_url, or is not a Kinde tenant")]
    EventsOff,
    #[error("The tenant has no backchannel_logout_url, or is a Kinde tenant")]
    LogoutTokensOff,
}

/// What was sent.
pub(crate) struct Sent {
    /// Its number among the deliveries.
    pub(crate) number: u64,
    /// The id of the event or of the token.
    pub(crate) id: String,
    /// A response for each time that it was sent, or none if none came.
    pub(crate) responses: Vec<Option<Received>>,
}

impl EventOrder {
    /// Sends the event.
    ///
    /// # Errors
    ///
    /// [`NotSent`]
    pub(crate) async fn send(self, tenant: &EmulatedTenant) -> Result<Sent, NotSent> {
        let Self { r#type, data, fault, claims } = self;
        let order = event::Order { event_type: &r#type, data: data.into(), fault, claims: &claims };
        let letter = event::letter(tenant, &mut tenant.state(), order).ok_or(NotSent::EventsOff)?;
        Ok(send(tenant, letter, fault).await)
    }
}

impl LogoutOrder {
    /// Sends the logout token.
    ///
    /// # Errors
    ///
    /// [`NotSent`]
    pub(crate) async fn send(self, tenant: &EmulatedTenant) -> Result<Sent, NotSent> {
        let fault = self.fault;
        let letter = self.letter(tenant, &mut tenant.state())?;
        Ok(send(tenant, letter, fault).await)
    }

    fn letter(self, tenant: &EmulatedTenant, state: &mut TenantState) -> Result<Letter, NotSent> {
        let Self { person, sub, sid, fault, claims, typ } = self;
        let subject = state.people.find(&person).ok_or(NotSent::PersonUnknown)?.subject.clone();
        let sid = if sid { Some(state.newest_sid_of(&person).ok_or(NotSent::PersonUnknown)?) } else { None };
        let order = logout_token::Order { subject: sub.then_some(subject), sid, fault, claims, typ };
        logout_token::letter(tenant, state, order).ok_or(NotSent::LogoutTokensOff)
    }
}

/// Sends a letter once, or twice at once if that is the fault.
async fn send(tenant: &EmulatedTenant, letter: Letter, fault: Option<DeliveryFault>) -> Sent {
    let (outbox, id) = (&tenant.outbox, letter.id.clone());
    let number = outbox.take_order(letter);
    let responses = if fault == Some(DeliveryFault::Twice) {
        let (first, second) = tokio::join!(outbox.attempt(number), outbox.attempt(number));
        vec![first.flatten(), second.flatten()]
    } else {
        vec![outbox.attempt(number).await.flatten()]
    };
    Sent { number, id, responses }
}
