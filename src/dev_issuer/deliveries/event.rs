//! The events of Kinde's webhooks: their content, and who gets them.
//!
//! Kinde documentation, "About webhooks"; the form of the data is that of Kinde's library `@kinde/webhooks`.

use serde_json::{Map, Value, json};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::dev_issuer::basics::clock::Seconds;
use crate::dev_issuer::faults::{alteration::members, delivery_fault::DeliveryFault};
use crate::dev_issuer::people::{person::Person, role::Permission};
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

/// What caused an event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    /// The switchboard or a seed, in the place of Kinde's administration.
    Admin,
    /// The management API.
    Api,
}

impl Source {
    fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Api => "api",
        }
    }
}

/// Sends the event of a change of a person, as [`send`].
pub(crate) fn tell(
    tenant: &EmulatedTenant,
    state: &mut TenantState,
    source: Source,
    event_type: &str,
    person: &Person,
) {
    let user = if event_type == "user.deleted" { json!({"id": person.subject}) } else { user(state, person) };
    send(tenant, state, source, event_type, json!({"user": user}));
}

/// Sends an event in the background, until it is accepted. It does nothing without a receiver, and for a plain issuer.
pub(crate) fn send(tenant: &EmulatedTenant, state: &mut TenantState, source: Source, event_type: &str, data: Value) {
    let claims = Map::from_iter([("source".to_owned(), source.name().into())]);
    let order = Order { event_type, data, fault: None, claims: &claims };
    for letter in letters(tenant, state, order) {
        tenant.outbox.send(letter, &state.settings.delivery_pauses);
    }
}

/// Returns the event, ready to be sent to each of its receivers. A plain issuer has no events.
pub(crate) fn letters(tenant: &EmulatedTenant, state: &mut TenantState, order: Order<'_>) -> Vec<Letter> {
    if tenant.shape == Shape::Plain {
        return Vec::new();
    }
    let at = state.now() + order.fault.map_or(0, |fault| fault.shift(TOO_OLD));
    let mut claims = members(json!({
        "type": order.event_type,
        "event_id": format!("event_{}", tenant.random.hexadecimal(16)),
        "timestamp": rfc3339(at),
        "event_timestamp": rfc3339(at),
        "source": Source::Admin.name(),
        "data": order.data,
    }));
    if let Some(fault) = order.fault {
        fault.alter(&mut claims);
    }
    replace_claims(&mut claims, order.claims);
    let id = claims.get("event_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let body = sign(tenant, state, &claims, order.fault.and_then(DeliveryFault::forgery));
    state.events.remember(claims);
    let to = |url| Letter {
        about: order.event_type.to_owned(),
        id: id.clone(),
        url,
        content_type: "application/jwt",
        webhook_id: Some(format!("webhook_{}", tenant.random.hexadecimal(16))),
        body: body.clone(),
        fault: order.fault,
    };
    state.event_receivers(order.event_type).into_iter().map(to).collect()
}

fn rfc3339(at: Seconds) -> String {
    let offset = UtcOffset::from_hms(HOURS_EAST, 0, 0).unwrap_or(UtcOffset::UTC);
    let time = OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH).to_offset(offset);
    time.format(&Rfc3339).unwrap_or_default()
}

/// Returns a person as events describe them.
fn user(state: &TenantState, person: &Person) -> Value {
    let organizations: Vec<Value> = person
        .organizations
        .iter()
        .map(|organization| {
            let standing = state.standing(person, &organization.code);
            let definitions = &state.catalogue.permissions;
            let permission = |key: &String| {
                let defined = definitions.by_key(key).cloned().unwrap_or_else(|| Permission::named(key));
                json!({"id": defined.id, "key": key})
            };
            json!({
                "code": organization.code,
                "roles": filled(standing.roles().iter().map(|role| json!({"id": role.id, "key": role.key}))),
                "permissions": filled(standing.permissions().iter().map(permission)),
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
        "phone": person.phone,
        "username": person.username,
    })
}

/// Returns roles or permissions. Kinde has null in place of an empty list.
fn filled(items: impl Iterator<Item = Value>) -> Value {
    match items.collect::<Vec<_>>() {
        items if items.is_empty() => Value::Null,
        items => items.into(),
    }
}
