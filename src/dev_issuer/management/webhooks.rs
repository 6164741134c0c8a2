//! The webhooks, the types of events, and the last events. The address of the setting `webhook_url` is listed as a
//! webhook for every type; a change or the removal of that webhook takes the address out of the settings.

use serde_json::{Value, json};
use url::Url;

use super::{
    answer::{Answer, Refusal, ok},
    call::Call,
    input::Input,
};
use crate::dev_issuer::basics::clock;
use crate::dev_issuer::people::person::artificial_digits;
use crate::dev_issuer::state::{tenant::TenantState, webhooks::Webhook};

/// The types of the events that the tenant sends by itself.
const SENT: [&str; 12] = [
    "organization.created",
    "organization.deleted",
    "organization.updated",
    "permission.created",
    "permission.deleted",
    "permission.updated",
    "role.created",
    "role.deleted",
    "role.updated",
    "user.created",
    "user.deleted",
    "user.updated",
];

/// The types that Kinde has beyond them. A webhook may name them; only the switchboard sends such an event.
const OTHERS: [&str; 15] = [
    "access_request.created",
    "customer.agreement_cancelled",
    "customer.agreement_created",
    "customer.invoice_overdue",
    "customer.meter_usage_updated",
    "customer.payment_failed",
    "customer.payment_succeeded",
    "customer.plan_assigned",
    "customer.plan_changed",
    "customer.plan_created",
    "passkey.added",
    "passkey.removed",
    "subscriber.created",
    "user.authenticated",
    "user.authentication_failed",
];

/// `GET /api/v1/event_types`
pub(super) async fn list_event_types(_call: Call) -> Answer {
    let shown = |code: &&str| {
        json!({
            "id": format!("event_type_{}", artificial_digits(code, 16)),
            "code": code,
            "name": code.replace(['.', '_'], " "),
            "origin": code.split('.').next(),
        })
    };
    ok(json!({"event_types": SENT.iter().map(shown).collect::<Vec<_>>()}))
}

/// `GET /api/v1/events/{event_id}`
pub(super) async fn get_event(call: Call) -> Answer {
    let state = call.tenant.state();
    let claims = state.events.find(call.path("event_id")).ok_or(Refusal::Unknown("event"))?;
    let timestamp = claims.get("timestamp").and_then(Value::as_str).and_then(clock::of_text);
    let member = |name: &str| claims.get(name).cloned();
    ok(json!({"event": {
        "type": member("type"),
        "source": member("source"),
        "event_id": member("event_id"),
        "timestamp": timestamp,
        "data": member("data"),
    }}))
}

/// `GET /api/v1/webhooks`
pub(super) async fn list(call: Call) -> Answer {
    let state = call.tenant.state();
    let shown = |webhook: &Webhook| {
        json!({
            "id": webhook.id,
            "name": webhook.name,
            "description": webhook.description,
            "endpoint": webhook.endpoint,
            "event_types": webhook.event_types,
            "created_on": webhook.created_at.map(clock::text),
        })
    };
    let webhooks: Vec<Value> = of_settings(&state).iter().chain(&state.webhooks).map(shown).collect();
    ok(json!({"webhooks": webhooks}))
}

/// Returns the address of the settings as a webhook.
fn of_settings(state: &TenantState) -> Option<Webhook> {
    let endpoint = state.settings.webhook_url.clone()?;
    Some(Webhook {
        id: format!("webhook_{}", artificial_digits(&endpoint, 16)),
        name: "The webhook of the settings".to_owned(),
        description: None,
        endpoint,
        event_types: SENT.iter().chain(&OTHERS).map(|&code| code.to_owned()).collect(),
        created_at: None,
    })
}

/// `POST /api/v1/webhooks`
pub(super) async fn create(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let webhook = Webhook {
        id: format!("webhook_{}", call.tenant.random.hexadecimal(16)),
        name: input.needed_text("name")?,
        description: input.text("description")?,
        endpoint: read_endpoint(&mut input)?,
        event_types: read_event_types(&mut input)?
            .ok_or_else(|| input.wrong("event_types", "a list of texts is needed"))?,
        created_at: Some(state.now()),
    };
    input.end()?;
    let shown = json!({"id": webhook.id, "endpoint": webhook.endpoint});
    state.webhooks.push(webhook);
    ok(json!({"webhook": shown}))
}

/// Kinde takes https only; an app under test listens on http.
fn read_endpoint(input: &mut Input) -> Result<String, Refusal> {
    let endpoint = input.needed_text("endpoint")?;
    let url = Url::parse(&endpoint).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    match url {
        Some(_) => Ok(endpoint),
        None => Err(input.wrong("endpoint", "an address with http or https is needed")),
    }
}

fn read_event_types(input: &mut Input) -> Result<Option<Vec<String>>, Refusal> {
    let event_types = input.texts("event_types")?;
    let is_known = |code: &String| SENT.iter().chain(&OTHERS).any(|known| known == code);
    match event_types.iter().flatten().find(|code| !is_known(code)) {
        Some(code) => Err(input.wrong("event_types", &format!("{code} is no type of events"))),
        None => Ok(event_types),
    }
}

/// `PATCH /api/v1/webhooks/{webhook_id}`
pub(super) async fn update(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let id = call.path("webhook_id");
    let mut all = of_settings(&state).into_iter().chain(state.webhooks.iter().cloned());
    let mut changed = all.find(|webhook| webhook.id == id).ok_or(Refusal::Unknown("webhook"))?;
    drop(all);
    changed.name = input.text("name")?.unwrap_or(changed.name);
    changed.description = input.text("description")?.or(changed.description);
    changed.event_types = read_event_types(&mut input)?.unwrap_or(changed.event_types);
    input.end()?;
    match state.webhooks.iter_mut().find(|webhook| webhook.id == id) {
        Some(webhook) => *webhook = changed,
        None => {
            state.settings.webhook_url = None;
            state.webhooks.push(changed);
        }
    }
    ok(json!({"webhook": {"id": id}}))
}

/// `DELETE /api/v1/webhooks/{webhook_id}`
pub(super) async fn delete(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let id = call.path("webhook_id");
    if of_settings(&state).is_some_and(|webhook| webhook.id == id) {
        state.settings.webhook_url = None;
    } else {
        let index = state.webhooks.iter().position(|webhook| webhook.id == id).ok_or(Refusal::Unknown("webhook"))?;
        state.webhooks.remove(index);
    }
    ok(json!({}))
}
