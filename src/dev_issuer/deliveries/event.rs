//! The events of Kinde's webhooks: their content, and which changes of people cause one.
//!
//! Kinde documentation, "About webhooks"; the form of the data is that of Kinde's library `@kinde/webhooks`.

use serde_json::{Map, Value, json};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::dev_issuer::basics::{clock::Seconds, random::as_uuid};
use crate::dev_issuer::faults::{alteration::members, delivery_fault::DeliveryFault};
use crate::dev_issuer::people::person::{Person, artificial_digits};
use crate::dev_issuer::protocol::shape::Shape;
use crate::dev_issuer::state::{
    delivery::Letter,
    tenant::{EmulatedTenant, TenantState},
};
use crate::dev_issuer::tokens::{access_token::replace_claims, signature::sign};

/// Older than a receiver accepts. Kinde repeats a delivery for 72 hours.
const TOO_OLD: Seconds = 80 * 3_600;
/// Kinde's times have an offset; its example has that of Sydney.
const HOURS_EAST: i8 = 10;

/// An event that is to be sent.
pub(crate) struct Order<'a> {
    pub(crate) event_type: &'a str,
    pub(crate) data: Value,
    pub(crate) fault: Option<DeliveryFault>,
    /// Claims to replace. The value null removes a claim.
    pub(crate) claims: &'a Map<String, Value>,
}

/// Sends the event of a change of a person in the background, until it is accepted. It does nothing without a webhook
/// URL, and for a plain issuer.
pub(crate) fn tell(tenant: &EmulatedTenant, state: &mut TenantState, event_type: &str, person: &Person) {
    let user = if event_type == "user.deleted" { json!({"id": person.subject}) } else { user(person) };
    let claims = Map::new();
    let order = Order { event_type, data: json!({"user": user}), fault: None, claims: &claims };
    if let Some(letter) = letter(tenant, state, order) {
        tenant.outbox.send(letter, &state.settings.delivery_pauses);
    }
}

/// Returns the event, ready to be sent, or none if the tenant sends no events.
pub(crate) fn letter(tenant: &EmulatedTenant, state: &mut TenantState, order: Order<'_>) -> Option<Letter> {
    let url = state.settings.webhook_url.clone().filter(|_| tenant.shape == Shape::Kinde)?;
    let at = state.now() + order.fault.map_or(0, |fault| fault.shift(TOO_OLD));
    let mut claims = members(json!({
        "type": order.event_type,
        "event_id": format!("event_{}", tenant.random.hexadecimal(16)),
        "timestamp": rfc3339(at),
        "event_timestamp": rfc3339(at),
        "source": "admin",
        "data": order.data,
    }));
    if let Some(fault) = order.fault {
        fault.alter(&mut claims);
    }
    replace_claims(&mut claims, order.claims);
    let id = claims.get("event_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let body = sign(tenant, state, &claims, order.fault.and_then(DeliveryFault::forgery));
    Some(Letter {
        about: order.event_type.to_owned(),
        id,
        url,
        content_type: "application/jwt",
        webhook_id: Some(format!("webhook_{}", tenant.random.hexadecimal(16))),
        body,
    })
}

fn rfc3339(at: Seconds) -> String {
    let offset = UtcOffset::from_hms(HOURS_EAST, 0, 0).unwrap_or(UtcOffset::UTC);
    let time = OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH).to_offset(offset);
    time.format(&Rfc3339).unwrap_or_default()
}

/// Returns a person as events describe them.
fn user(person: &Person) -> Value {
    let organizations: Vec<Value> = person
        .organizations
        .iter()
        .map(|organization| {
            json!({
                "code": organization.code,
                "roles": keyed(person.roles_in(&organization.code)),
                "permissions": keyed(person.permissions_in(&organization.code)),
            })
        })
        .collect();
    json!({
        "id": person.subject,
        "email": person.email,
        "first_name": person.given_name.as_deref().unwrap_or_default(),
        "last_name": person.family_name.as_deref().unwrap_or_default(),
        "is_password_reset_requested": false,
        "is_suspended": person.suspended,
        "organizations": organizations,
        "phone": null,
        "username": null,
    })
}

/// Returns roles or permissions. Kinde has null in place of an empty list.
fn keyed(keys: &[String]) -> Value {
    if keys.is_empty() {
        return Value::Null;
    }
    keys.iter().map(|key| json!({"id": as_uuid(&artificial_digits(key, 16)), "key": key})).collect()
}
