//! The page `/conditions`: the tenant's clock, its keys, and how late and how lossy each endpoint is.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Map, Value, json};

use super::frame::{self, Section};
use crate::dev_issuer::basics::{clock, page::escape, parameters::Parameters};
use crate::dev_issuer::faults::{
    conditions::{Conditions, MAX_LATENCY_MS},
    fault::Endpoint,
};
use crate::dev_issuer::state::{
    clock_move::{self, Ended},
    tenant::{EmulatedTenant, SharedTenant, TenantState},
};

/// The moves of the clock that have a button.
const MOVES: [(u32, &str); 5] =
    [(60, "1 minute"), (900, "15 minutes"), (3_600, "1 hour"), (86_400, "1 day"), (1_296_000, "15 days")];

/// `GET /conditions`
pub(crate) async fn show(State(tenant): State<SharedTenant>) -> Response {
    let state = tenant.state();
    page(&tenant, &state, StatusCode::OK, "", &Table::of(&state.conditions))
}

fn page(tenant: &EmulatedTenant, state: &TenantState, status: StatusCode, note: &str, table: &Table) -> Response {
    let body = format!("{note}{}{}{}{}", clock_part(state), keys_part(state), table.render(), random_part(tenant));
    frame::page_with_status(status, Section::Conditions, "Time and trouble", &body)
}

fn clock_part(state: &TenantState) -> String {
    let offset = state.settings.clock_offset;
    let place = match offset {
        0 => "This is the time of the machine.".to_owned(),
        1.. => format!("It is {offset} seconds ahead of the machine."),
        _ => format!("It is {} seconds behind the machine.", offset.unsigned_abs()),
    };
    let buttons: String = MOVES
        .iter()
        .map(|(seconds, label)| format!("<button name=\"forward_seconds\" value=\"{seconds}\">+ {label}</button>"))
        .collect();
    format!(
        "<h2>The clock</h2><p>The tenant's time is <strong>{}</strong>. {place}</p>\
         <p>The app's own clock does not move. So the app takes new tokens of a tenant that is ahead for tokens from the \
         future, and it refreshes a token when its own clock says so.</p>\
         <form class=\"buttons\" method=\"post\" action=\"/conditions/clock\">{buttons}</form>\
         <form class=\"buttons\" method=\"post\" action=\"/conditions/clock\">\
         <label for=\"forward_seconds\">Seconds</label>\
         <input id=\"forward_seconds\" name=\"forward_seconds\" inputmode=\"numeric\" required>\
         <button>Move forward</button></form>\
         <form class=\"buttons\" method=\"post\" action=\"/conditions/clock/back\">\
         <button>Back to the time of the machine</button></form>",
        clock::shown(state.now()),
    )
}

fn keys_part(state: &TenantState) -> String {
    format!(
        "<h2>The keys</h2><p>The signing key is <code>{}</code>. The key set has {} in all.</p>\
         <form class=\"buttons\" method=\"post\" action=\"/conditions/keys\">\
         <button>Rotate, and keep the old keys published</button>\
         <button name=\"drop_old\" value=\"true\">Rotate, and drop the old keys</button></form>",
        escape(&state.keys.current.kid),
        state.keys.published(),
    )
}

fn random_part(tenant: &EmulatedTenant) -> String {
    let text = match tenant.random.number() {
        Some(number) => format!(
            "Codes, tokens, ids and losses follow from the number <strong>{number}</strong>: the same requests in the \
             same order get the same values. Keys and signatures do not follow from it."
        ),
        None => "Codes, tokens, ids and losses are random. With <code>DEV_ISSUER_RANDOM_SEED</code> or \
                 <code>--random-seed</code> they follow from a number, so that a run can be repeated."
            .to_owned(),
    };
    format!("<h2>Chance</h2><p>{text}</p>")
}

/// `POST /conditions/clock`
pub(crate) async fn forward(State(tenant): State<SharedTenant>, body: String) -> Response {
    let parameters = Parameters::parse("", body.as_bytes());
    let seconds = parameters.form("forward_seconds").and_then(|text| text.trim().parse().ok());
    let mut state = tenant.state();
    let moved = match seconds {
        Some(seconds) => clock_move::forward(&tenant, &mut state, seconds).map_err(|error| error.to_string()),
        None => Err("Write a number of seconds.".to_owned()),
    };
    let (status, note) = match moved {
        Ok(ended) => (StatusCode::OK, ended_note(ended)),
        Err(problem) => (StatusCode::BAD_REQUEST, frame::problem(&problem)),
    };
    page(&tenant, &state, status, &note, &Table::of(&state.conditions))
}

fn ended_note(ended: Ended) -> String {
    let Ended { sign_in_pages, codes, access_tokens, refresh_tokens, pauses_of_deliveries } = ended;
    format!(
        "<div role=\"status\"><p>The clock has moved. What ended by that:</p><ul><li>access tokens: {access_tokens}</li>\
         <li>refresh tokens: {refresh_tokens}</li><li>codes: {codes}</li><li>sign-in pages: {sign_in_pages}</li>\
         <li>pauses before another attempt of a delivery: {pauses_of_deliveries}</li></ul>\
         <p>Sessions at the tenant have no end of their own: a client asks for a younger one with <code>max_age</code>.</p></div>"
    )
}

/// `POST /conditions/clock/back`
pub(crate) async fn back(State(tenant): State<SharedTenant>) -> Redirect {
    clock_move::back_to_machine(&tenant, &mut tenant.state());
    Redirect::to("/conditions")
}

/// `POST /conditions/keys`
pub(crate) async fn rotate_keys(State(tenant): State<SharedTenant>, body: String) -> Response {
    let drop_old = Parameters::parse("", body.as_bytes()).form("drop_old") == Some("true");
    match tenant.state().keys.rotate(drop_old) {
        Ok(()) => Redirect::to("/conditions").into_response(),
        Err(error) => frame::error(StatusCode::INTERNAL_SERVER_ERROR, Section::Conditions, &error.to_string()),
    }
}

/// `POST /conditions/endpoints`
pub(crate) async fn set_endpoints(State(tenant): State<SharedTenant>, body: String) -> Response {
    let mut table = Table::of_parameters(&Parameters::parse("", body.as_bytes()));
    let mut state = tenant.state();
    match Conditions::read(table.value()) {
        Ok(conditions) => {
            state.conditions = conditions;
            Redirect::to("/conditions").into_response()
        }
        Err(problems) => {
            table.problems = problems;
            page(&tenant, &state, StatusCode::BAD_REQUEST, "", &table)
        }
    }
}

/// The form with the conditions: one row for each endpoint, as it was entered.
struct Table {
    rows: Vec<Row>,
    problems: Vec<String>,
}

struct Row {
    endpoint: Endpoint,
    latency_ms: String,
    loss: String,
}

impl Table {
    fn of(conditions: &Conditions) -> Self {
        let row = |endpoint: &Endpoint| {
            let condition = conditions.get(*endpoint);
            let (latency_ms, loss) = (condition.latency_ms.to_string(), condition.loss.to_string());
            let shown = |text: String| if text == "0" { String::new() } else { text };
            Row { endpoint: *endpoint, latency_ms: shown(latency_ms), loss: shown(loss) }
        };
        Self { rows: Endpoint::ALL.iter().map(row).collect(), problems: Vec::new() }
    }

    fn of_parameters(parameters: &Parameters) -> Self {
        let row = |endpoint: &Endpoint| {
            let name = endpoint.name();
            let input =
                |member: &str| parameters.form(&format!("{name}.{member}")).unwrap_or_default().trim().to_owned();
            Row { endpoint: *endpoint, latency_ms: input("latency_ms"), loss: input("loss") }
        };
        Self { rows: Endpoint::ALL.iter().map(row).collect(), problems: Vec::new() }
    }

    /// Returns the entered conditions. What is no number stays a text, which `Conditions::read` refuses.
    fn value(&self) -> Value {
        let number = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| json!(text));
        let mut conditions = Map::new();
        for row in &self.rows {
            let filled = [("latency_ms", &row.latency_ms), ("loss", &row.loss)].into_iter();
            let filled = filled.filter(|(_, text)| !text.is_empty());
            let condition: Map<String, Value> = filled.map(|(name, text)| (name.to_owned(), number(text))).collect();
            if !condition.is_empty() {
                conditions.insert(row.endpoint.name().to_owned(), condition.into());
            }
        }
        conditions.into()
    }

    fn render(&self) -> String {
        let rows: String = self.rows.iter().map(|row| self.row(row)).collect();
        let latency = format!("Milliseconds later, to {MAX_LATENCY_MS}");
        format!(
            "<h2>Latency and loss</h2><p>Of each endpoint, until they are changed. A request that is lost has its connection \
             cut. What is empty counts as 0; a row that is empty has the values of <code>any</code>.</p>\
             <form method=\"post\" action=\"/conditions/endpoints\">{}<div class=\"buttons\"><button>Set latency and loss</button></div></form>",
            frame::table("Latency and loss", &["Endpoint", &latency, "Share lost, 0 to 1"], &rows),
        )
    }

    fn row(&self, row: &Row) -> String {
        let name = row.endpoint.name();
        let cell = |member: &str, input: &str, label: &str| {
            let place = format!("{name}.{member}");
            let problem = self.problems.iter().find(|problem| problem.starts_with(&format!("{place}:")));
            let (attributes, problem) = match problem {
                Some(problem) => (
                    format!(" aria-invalid=\"true\" aria-describedby=\"{place}-problem\""),
                    format!("<p class=\"problem\" id=\"{place}-problem\" role=\"alert\">{}</p>", escape(problem)),
                ),
                None => (String::new(), String::new()),
            };
            format!(
                "<td><input name=\"{place}\" inputmode=\"decimal\" aria-label=\"{label} of {name}\" value=\"{}\"{attributes}>\
                 {problem}</td>",
                escape(input),
            )
        };
        format!(
            "<tr><th scope=\"row\"><code>{name}</code></th>{}{}</tr>",
            cell("latency_ms", &row.latency_ms, "Latency in milliseconds"),
            cell("loss", &row.loss, "Loss"),
        )
    }
}
