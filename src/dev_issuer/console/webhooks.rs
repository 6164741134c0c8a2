//! The pages `/webhooks`: the events and logout tokens that the tenant has sent, with the responses, and the forms that
//! send one again or to order.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{
    decoded::{Decoded, shortened},
    form::{Content, Field, Form, field},
    frame::{self, Section},
};
use crate::dev_issuer::basics::{clock, page::escape, parameters::Parameters};
use crate::dev_issuer::deliveries::order::{EventOrder, LogoutOrder, NotSent, Sent};
use crate::dev_issuer::faults::delivery_fault::DeliveryFault;
use crate::dev_issuer::protocol::shape::Shape;
use crate::dev_issuer::state::{
    delivery::{Attempt, Cause, Delivery},
    tenant::{EmulatedTenant, SharedTenant},
};

const HEADINGS: [&str; 8] = ["Delivery", "Time", "Type", "Id", "Cause", "Attempts", "Last response", "Next attempt"];
const ATTEMPT_HEADINGS: [&str; 3] = ["Time", "Status", "Response"];
/// What is shown of the body of a response.
const SHOWN_CHARACTERS: usize = 2_000;

const FAULT: Field = field("fault", "What is wrong with it", "None: it is correct.", Content::Choice);
const CLAIMS: Field =
    field("claims", "Claims", "JSON: they replace those of the tenant. Null removes one. May be empty.", Content::Json);

const EVENT: &[Field] = &[
    field("type", "Type", "Such as <code>role.updated</code>.", Content::Text),
    field("data", "Data", "JSON: an object. May be empty.", Content::Json),
    FAULT,
    CLAIMS,
];

const LOGOUT_TOKEN: &[Field] = &[
    field("person", "Person", "Whom the token signs out.", Content::Choice),
    field("sub", "Names the person (sub)", "None: yes.", Content::OptionalBoolean),
    field("sid", "Names the newest session (sid)", "None: no.", Content::OptionalBoolean),
    field("typ", "Type in the header", "Empty: <code>logout+jwt</code>.", Content::OptionalText),
    FAULT,
    CLAIMS,
];

fn fields(shape: Shape) -> &'static [Field] {
    match shape {
        Shape::Kinde => EVENT,
        Shape::Plain => LOGOUT_TOKEN,
    }
}

/// `GET /webhooks`
pub(crate) async fn list(State(tenant): State<SharedTenant>) -> Response {
    list_page(&tenant, StatusCode::OK, Form::of_values(fields(tenant.shape), &Value::Null), "")
}

fn list_page(tenant: &EmulatedTenant, status: StatusCode, mut form: Form, problem: &str) -> Response {
    let names = DeliveryFault::NAMES.iter().map(|name| ((*name).to_owned(), name.replace('_', " ")));
    form.offer("fault", names.collect());
    let people = tenant.state().people.all().iter().map(|person| (person.key.clone(), person.key.clone())).collect();
    form.offer("person", people);
    let mut deliveries = tenant.outbox.deliveries();
    deliveries.reverse();
    let rows: String = deliveries.iter().map(row).collect();
    let sent = if rows.is_empty() {
        "<p>Nothing was sent yet.</p>".to_owned()
    } else {
        frame::table("What was sent", &HEADINGS, &rows)
    };
    let what = match tenant.shape {
        Shape::Kinde => "event",
        Shape::Plain => "logout token",
    };
    let body = format!(
        "{}{}{sent}<h2>Send one {what} to order</h2>{problem}<form class=\"fields\" method=\"post\" action=\"/webhooks\">{}\
         <button>Send the {what}</button></form>",
        form.summary(),
        address(tenant),
        form.fields(),
    );
    frame::page_with_status(status, Section::Webhooks, "Webhooks", &body)
}

fn address(tenant: &EmulatedTenant) -> String {
    let state = tenant.state();
    let settings = &state.settings;
    let (what, url, setting) = match tenant.shape {
        Shape::Kinde => ("Events", &settings.webhook_url, "webhook_url"),
        Shape::Plain => ("Logout tokens", &settings.backchannel_logout_url, "backchannel_logout_url"),
    };
    let of_setting = match url {
        Some(url) => format!("<p>{what} go to <code>{}</code>.</p>", escape(url)),
        None if state.webhooks.is_empty() => {
            format!("<p>{what} are not sent, because the setting <code>{setting}</code> is null.</p>")
        }
        None => String::new(),
    };
    let of_webhooks = state.webhooks.iter().map(|webhook| {
        let types = escape(&webhook.event_types.join(", "));
        format!("<p>Events of these types go to <code>{}</code>: {types}.</p>", escape(&webhook.endpoint))
    });
    [of_setting].into_iter().chain(of_webhooks).collect()
}

fn row(delivery: &Delivery) -> String {
    let Delivery { number, letter, attempts, .. } = delivery;
    let cells = [
        format!("<a class=\"whole\" href=\"/webhooks/{number}\">Delivery {number}</a>"),
        frame::time(delivery.begun_at),
        escape(&letter.about),
        format!("<code class=\"long\">{}</code>", escape(&letter.id)),
        cause(delivery.cause).to_owned(),
        attempts.len().to_string(),
        response(delivery),
        delivery.next_attempt_at.map(frame::time).unwrap_or_default(),
    ];
    frame::row(HEADINGS, cells)
}

fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Change => "a change",
        Cause::Order => "an order",
    }
}

fn response(delivery: &Delivery) -> String {
    match (delivery.attempts.last(), delivery.status()) {
        (_, Some(status)) => status.to_string(),
        (Some(_), None) => "none came".to_owned(),
        (None, None) => "not sent yet".to_owned(),
    }
}

/// `POST /webhooks`
pub(crate) async fn send(State(tenant): State<SharedTenant>, body: String) -> Response {
    let mut form = Form::of_parameters(fields(tenant.shape), &Parameters::parse("", body.as_bytes()));
    let sent = match tenant.shape {
        Shape::Kinde => match ordered::<EventOrder>(&mut form, "type", &json!("example")) {
            Some(order) => order.send(&tenant).await,
            None => return list_page(&tenant, StatusCode::BAD_REQUEST, form, ""),
        },
        Shape::Plain => match ordered::<LogoutOrder>(&mut form, "person", &json!("example")) {
            Some(order) => order.send(&tenant).await,
            None => return list_page(&tenant, StatusCode::BAD_REQUEST, form, ""),
        },
    };
    match sent {
        Ok(Sent { number, .. }) => Redirect::to(&format!("/webhooks/{number}")).into_response(),
        Err(error) => not_sent(&tenant, form, error),
    }
}

fn not_sent(tenant: &EmulatedTenant, form: Form, error: NotSent) -> Response {
    list_page(tenant, StatusCode::BAD_REQUEST, form, &frame::problem(&error.to_string()))
}

/// Returns what the form orders, or none, with the problems in the form. An order needs the member `needed`.
fn ordered<T: DeserializeOwned>(form: &mut Form, needed: &str, example: &Value) -> Option<T> {
    let values = form.filled_values();
    if !values.contains_key(needed) {
        form.note(needed, "This is needed.");
    }
    form.check::<T>(&values, &Map::from_iter([(needed.to_owned(), example.clone())]));
    if form.is_good() { serde_json::from_value(values.into()).ok() } else { None }
}

/// `GET /webhooks/{number}`
pub(crate) async fn show(State(tenant): State<SharedTenant>, Path(number): Path<String>) -> Response {
    let (deliveries, number) = (tenant.outbox.deliveries(), number.parse::<u64>().ok());
    let Some(delivery) = deliveries.iter().find(|delivery| Some(delivery.number) == number) else { return forgotten() };
    let Delivery { number, letter, attempts, .. } = delivery;
    let token = letter.body.strip_prefix("logout_token=").unwrap_or(&letter.body);
    let content = match Decoded::of(token) {
        Some(decoded) => decoded.render(),
        None => frame::preformatted("Content", &shortened(token, SHOWN_CHARACTERS)),
    };
    let attempts: String = attempts.iter().map(attempt).collect();
    let next = delivery.next_attempt_at.map(|at| format!("<p>The next attempt is due at {}.</p>", clock::shown(at)));
    let body = format!(
        "<dl><dt>Id</dt><dd><code>{}</code></dd><dt>To</dt><dd><code>{}</code></dd><dt>Cause</dt><dd>{}</dd></dl>\
         <h2>Attempts</h2>{}{}\
         <form class=\"buttons\" method=\"post\" action=\"/webhooks/{number}/again\"><button>Send again, with the same id\
         </button></form><h2>Content</h2>{content}",
        escape(&letter.id),
        escape(&letter.url),
        cause(delivery.cause),
        frame::table("Attempts", &ATTEMPT_HEADINGS, &attempts),
        next.unwrap_or_default(),
    );
    frame::page(Section::Webhooks, &format!("Delivery {number}: {}", letter.about), &body)
}

fn attempt(attempt: &Attempt) -> String {
    let (status, body) = match &attempt.received {
        Some((status, body)) if body.is_empty() => (status.to_string(), "The body is empty.".to_owned()),
        Some((status, body)) => {
            (status.to_string(), frame::preformatted("Body of the response", &shortened(body, SHOWN_CHARACTERS)))
        }
        None => ("none".to_owned(), "No response came.".to_owned()),
    };
    frame::row(ATTEMPT_HEADINGS, [frame::time(attempt.at), status, body])
}

/// `POST /webhooks/{number}/again`
pub(crate) async fn send_again(State(tenant): State<SharedTenant>, Path(number): Path<String>) -> Response {
    let Ok(number) = number.parse() else { return forgotten() };
    match tenant.outbox.attempt(number).await {
        Some(_) => Redirect::to(&format!("/webhooks/{number}")).into_response(),
        None => forgotten(),
    }
}

fn forgotten() -> Response {
    frame::error(StatusCode::NOT_FOUND, Section::Webhooks, "There is no such delivery, or it is too long ago.")
}
