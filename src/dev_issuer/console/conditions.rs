//! The page `/conditions`: the tenant's clock, its keys, and how late and how lossy each endpoint is. The form of the last
//! is in `condition_table`.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use super::{
    condition_table::Table,
    frame::{self, Section},
};
use crate::dev_issuer::basics::{clock, page::escape, parameters::Parameters};
use crate::dev_issuer::faults::conditions::Conditions;
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
    let Ended { sign_in_pages, codes, access_tokens, refresh_tokens, sessions, pauses_of_deliveries } = ended;
    format!(
        "<div role=\"status\"><p>The clock has moved. What ended by that:</p><ul><li>access tokens: {access_tokens}</li>\
         <li>refresh tokens: {refresh_tokens}</li><li>sessions at the tenant: {sessions}</li>\
         <li>codes: {codes}</li><li>sign-in pages: {sign_in_pages}</li>\
         <li>pauses before another attempt of a delivery: {pauses_of_deliveries}</li></ul>\
         <p>After the end of a session at the tenant, the next authorization request shows the sign-in page. Refresh \
         tokens have an end of their own.</p></div>"
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
