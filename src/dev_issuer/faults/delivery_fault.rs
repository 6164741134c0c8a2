//! The faults of what the tenant sends by itself: one wrong event or logout token, or one that comes twice. Each is
//! ordered with the delivery, so none of them is in `fault_table`.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::forgery::Forgery;
use crate::dev_issuer::basics::clock::Seconds;

/// Larger than any receiver of Kinde's events needs to accept.
const HUGE: usize = 300 * 1024;

/// What is wrong with a delivery.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryFault {
    /// Signed by a key that the tenant does not publish, under the `kid` of one that it publishes.
    BadSignature,
    /// Not signed: the algorithm is `none`.
    AlgNone,
    /// Signed by a key that the tenant does not publish.
    UnknownKid,
    /// From longer ago than any delivery is repeated.
    Stale,
    /// From ten minutes ahead.
    Ahead,
    /// Sent twice at once.
    Twice,
    /// With 300 KiB more than it needs.
    Huge,
    /// In the name of another issuer.
    OtherIssuer,
}

impl DeliveryFault {
    /// The names of all faults, as an order writes them.
    pub(crate) const NAMES: &[&str] =
        &["bad_signature", "alg_none", "unknown_kid", "stale", "ahead", "twice", "huge", "other_issuer"];

    /// Returns the fault of this name.
    pub(crate) fn find(name: &str) -> Option<Self> {
        serde_json::from_value(name.into()).ok()
    }

    /// Returns its name.
    pub(crate) fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Returns what is wrong, in a few words.
    pub(crate) fn about(self) -> &'static str {
        match self {
            Self::BadSignature => "an unpublished key under the published kid",
            Self::AlgNone => "alg none, no signature",
            Self::UnknownKid => "an unpublished key under its own kid",
            Self::Stale => "older than any delivery is repeated",
            Self::Ahead => "from ten minutes ahead",
            Self::Twice => "sent twice at once",
            Self::Huge => "300 KiB longer than it needs to be",
            Self::OtherIssuer => "in the name of another issuer",
        }
    }

    /// Returns the forgery of the signature, if that is what is wrong.
    pub(crate) fn forgery(self) -> Option<Forgery> {
        match self {
            Self::BadSignature => Some(Forgery::UnknownKeySameKid),
            Self::AlgNone => Some(Forgery::Unsigned("none")),
            Self::UnknownKid => Some(Forgery::UnknownKid),
            _ => None,
        }
    }

    /// Returns by how many seconds the time of the delivery is wrong. `too_old` is more than the receiver accepts.
    pub(crate) fn shift(self, too_old: Seconds) -> Seconds {
        match self {
            Self::Stale => -too_old,
            Self::Ahead => 600,
            _ => 0,
        }
    }

    /// Makes the claims wrong, if that is what is wrong.
    pub(crate) fn alter(self, claims: &mut Map<String, Value>) {
        match self {
            Self::Huge => claims.insert("padding".to_owned(), "x".repeat(HUGE).into()),
            Self::OtherIssuer => claims.insert("iss".to_owned(), "https://other.example".into()),
            _ => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_that_of_a_fault() {
        for name in DeliveryFault::NAMES {
            assert_eq!(DeliveryFault::find(name).map(DeliveryFault::name), Some(*name));
        }
    }
}
