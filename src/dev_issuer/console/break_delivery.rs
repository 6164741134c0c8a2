//! "Break this step" of an event and of a logout token: the faults of deliveries, with what a correct client does, and the
//! forms that send an event with one of them. The forms are taken in `webhooks`.

use serde_json::Value;

use super::break_step;
use crate::dev_issuer::basics::page::escape;
use crate::dev_issuer::faults::{delivery_fault::DeliveryFault, right_answers};
use crate::dev_issuer::journal::{
    shown::Shown,
    step::{Step, StepKind},
};

/// The event that is sent where there is none to repeat.
const EXAMPLE: &str = "user.updated";
const LOGOUT_TOKENS: &str = "Each is ordered on the page <a href=\"/webhooks\">Webhooks</a>.";

/// Renders the faults of a delivery as a list that opens. A form sends the event of this step again, in the same words
/// and with a new id.
pub(super) fn beside(step: &Step) -> String {
    let count = DeliveryFault::NAMES.len();
    let (about, faults) = if step.kind == StepKind::Webhook {
        let event = event_of(step).unwrap_or_default();
        ("One click sends this event again, with a new id and one fault.", list(Some(&event)))
    } else {
        (LOGOUT_TOKENS, list(None))
    };
    format!("<details><summary>Break this step ({count} faults)</summary><p>{about}</p>{faults}</details>")
}

/// Renders the faults for the page of all.
pub(super) fn section(kind: StepKind) -> String {
    match kind {
        StepKind::Webhook => {
            let about = format!("One click sends an event <code>{EXAMPLE}</code> about nobody, with one fault.");
            format!("<p>{about}</p>{}", list(Some(&Event::default())))
        }
        _ => format!("<p>{LOGOUT_TOKENS}</p>{}", list(None)),
    }
}

/// What an event says.
struct Event {
    event_type: String,
    data: Value,
}

impl Default for Event {
    fn default() -> Self {
        Self { event_type: EXAMPLE.to_owned(), data: Value::Object(serde_json::Map::new()) }
    }
}

/// Returns the event of a step, or none if it is not one or was too long to be kept.
fn event_of(step: &Step) -> Option<Event> {
    let claims = step.parameters.iter().find_map(|field| match &field.value {
        Shown::Token { claims, .. } => Some(claims),
        _ => None,
    })?;
    let data = claims.get("data").filter(|data| data.is_object())?.clone();
    Some(Event { event_type: claims.get("type")?.as_str()?.to_owned(), data })
}

/// Renders the faults, each with a button if there is an event to send.
fn list(event: Option<&Event>) -> String {
    let faults = DeliveryFault::NAMES.iter().filter_map(|name| DeliveryFault::find(name));
    let rows: String = faults
        .map(|fault| {
            let right = right_answers::to_delivery(fault).map(break_step::right_answer).unwrap_or_default();
            format!(
                "<li><div><p><strong>{}</strong> <code>{}</code></p>{right}</div>{}</li>",
                escape(fault.about()),
                fault.name(),
                event.map(|event| form(event, fault)).unwrap_or_default()
            )
        })
        .collect();
    format!("<ul class=\"faults\">{rows}</ul>")
}

fn form(Event { event_type, data }: &Event, fault: DeliveryFault) -> String {
    format!(
        "<form method=\"post\" action=\"/webhooks\"><input type=\"hidden\" name=\"type\" value=\"{}\">\
         <input type=\"hidden\" name=\"data\" value=\"{}\">\
         <button name=\"fault\" value=\"{name}\" aria-label=\"Send a broken event: {name}\">Send a broken event</button></form>",
        escape(event_type),
        escape(&data.to_string()),
        name = fault.name()
    )
}
