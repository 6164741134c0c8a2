//! An event or logout token that the tenant sends, and what became of it.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::dev_issuer::basics::clock::Seconds;
use crate::dev_issuer::faults::delivery_fault::DeliveryFault;

/// A request that is ready to be sent, as often as necessary.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    /// What it is, for the list of deliveries: the type of the event, or `logout`.
    pub(crate) about: String,
    /// The id of the event or of the token.
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) content_type: &'static str,
    /// The header `webhook-id`, which Kinde repeats with each delivery of an event.
    pub(crate) webhook_id: Option<String>,
    pub(crate) body: String,
    /// What is wrong with it.
    pub(crate) fault: Option<DeliveryFault>,
}

/// Why a letter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A person or a session changed.
    Change,
    /// Somebody ordered it.
    Order,
}

/// The status and the body of a response.
pub(crate) type Received = (u16, String);

/// One attempt to deliver a letter.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) at: Seconds,
    /// The response, or none if none came.
    pub(crate) received: Option<Received>,
}

/// A letter, and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// Its place among all deliveries of the tenant.
    pub(crate) number: u64,
    pub(crate) cause: Cause,
    /// When it was handed over to be sent.
    pub(crate) begun_at: Seconds,
    pub(crate) letter: Arc<Letter>,
    pub(crate) attempts: Vec<Attempt>,
    /// When the next attempt is due, by the tenant's clock.
    pub(crate) next_attempt_at: Option<Seconds>,
}

impl Delivery {
    /// Returns the status of the last response; none before the first, and when none came.
    pub(crate) fn status(&self) -> Option<u16> {
        self.attempts.last()?.received.as_ref().map(|(status, _)| *status)
    }

    /// Returns whether it needs no further attempt.
    pub(crate) fn is_accepted(&self) -> bool {
        self.status() == Some(200)
    }

    /// Returns what the switchboard shows of it.
    pub(crate) fn json(&self) -> Value {
        json!({
            "type": self.letter.about,
            "id": self.letter.id,
            "attempts": self.attempts.len(),
            "status": self.status(),
        })
    }
}
