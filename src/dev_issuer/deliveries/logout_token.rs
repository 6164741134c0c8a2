//! The logout tokens of a plain issuer: what they contain, and when one is sent.
//!
//! OpenID Connect Back-Channel Logout 1.0 §2.4 and §2.5.

use serde_json::{Map, Value, json};

use crate::dev_issuer::basics::clock::Seconds;
use crate::dev_issuer::faults::{alteration::members, delivery_fault::DeliveryFault};
use crate::dev_issuer::protocol::shape::Shape;
use crate::dev_issuer::state::{
    delivery::Letter,
    tenant::{EmulatedTenant, TenantState},
};
use crate::dev_issuer::tokens::{access_token::replace_claims, signature::sign_as};

/// Older than a receiver accepts.
const TOO_OLD: Seconds = 600;
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A logout token that is to be sent.
#[derive(Default)]
pub(crate) struct Order {
    /// The subject of the user.
    pub(crate) subject: Option<String>,
    /// The session that has ended, as ID tokens name it.
    pub(crate) sid: Option<String>,
    pub(crate) fault: Option<DeliveryFault>,
    /// Claims to replace. The value null removes a claim.
    pub(crate) claims: Map<String, Value>,
    /// The header's `typ` in place of `logout+jwt`; an empty one removes it.
    pub(crate) typ: Option<String>,
}

/// Sends a logout token in the background, until it is accepted. It does nothing without a back-channel URL, and for a
/// Kinde tenant.
pub(crate) fn tell(tenant: &EmulatedTenant, state: &mut TenantState, subject: &str, sid: Option<String>) {
    let order = Order { subject: Some(subject.to_owned()), sid, ..Order::default() };
    if let Some(letter) = letter(tenant, state, order) {
        tenant.outbox.send(letter, &state.settings.delivery_pauses);
    }
}

/// Returns the logout token, ready to be sent, or none if the tenant sends no logout tokens.
pub(crate) fn letter(tenant: &EmulatedTenant, state: &mut TenantState, order: Order) -> Option<Letter> {
    let url = state.settings.backchannel_logout_url.clone().filter(|_| tenant.shape == Shape::Plain)?;
    let at = state.now() + order.fault.map_or(0, |fault| fault.shift(TOO_OLD));
    let id = tenant.random.uuid();
    let mut claims = members(json!({
        "iss": tenant.issuer,
        "aud": tenant.client.id,
        "iat": at,
        "exp": at + 120,
        "jti": id,
        "events": {EVENT: {}},
    }));
    claims.extend(order.subject.map(|subject| ("sub".to_owned(), subject.into())));
    claims.extend(order.sid.map(|sid| ("sid".to_owned(), sid.into())));
    if let Some(fault) = order.fault {
        fault.alter(&mut claims);
    }
    replace_claims(&mut claims, &order.claims);
    let typ = order.typ.unwrap_or_else(|| "logout+jwt".to_owned());
    let token = sign_as(&typ, tenant, state, &claims, order.fault.and_then(DeliveryFault::forgery));
    let body = form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", &token).finish();
    Some(Letter {
        about: "logout".to_owned(),
        id,
        url,
        content_type: "application/x-www-form-urlencoded",
        webhook_id: None,
        body,
        fault: order.fault,
    })
}
