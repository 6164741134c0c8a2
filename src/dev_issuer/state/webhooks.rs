//! The webhooks that programs create through the management API. The address of the setting `webhook_url` is one more,
//! which gets every event.
//!
//! Kinde documentation, "About webhooks".

use serde::{Deserialize, Serialize};

use crate::dev_issuer::basics::clock::Seconds;

/// An address that gets events of some types.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Webhook {
    /// `webhook_` and 32 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: Option<String>,
    pub(crate) endpoint: String,
    pub(crate) event_types: Vec<String>,
    /// None for a webhook of a seed.
    #[serde(skip)]
    pub(crate) created_at: Option<Seconds>,
}
