//! The page `/conditions`: the tenant's clock, lifetimes and keys, how late and how lossy each endpoint is, and the
//! export and the reset of the whole state. The form with latency and loss is in `condition_table`.

use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};

use super::{
    condition_table::Table,
    form::{Content, Field, Form, field},
    frame::{self, Section},
};
use crate::dev_issuer::basics::{clock, page::escape, parameters::Parameters};
use crate::dev_issuer::faults::conditions::Conditions;
use crate::dev_issuer::seed::application;
use crate::dev_issuer::state::{
    clock_move::{self, Ended},
    tenant::{EmulatedTenant, SharedTenant, TenantState},
};

/// The moves of the clock that have a button.
const MOVES: [(u32, &str); 5] =
    [(60, "1 minute"), (900, "15 minutes"), (3_600, "1 hour"), (86_400, "1 day"), (1_296_000, "15 days")];

/// The settings that have a field.
const LIFETIMES: &[Field] = &[
    field(
        "access_token_lifetime",
        "Access tokens, in seconds",
        "For those that are issued from now on. A refresh returns the present one until that has expired, unless the \
         setting <code>reuse_access_token</code> says otherwise.",
        Content::Seconds,
    ),
    field(
        "authenticated_session_lifetime",
        "Sessions at the tenant, in seconds without use",
        "For the present ones too. A sign-in or a refresh uses a session.",
        Content::Seconds,
    ),
];

/// The query of the page after the lifetimes are set.
const SAVED: &str = "saved";
/// The query of the page after a reset.
const RESET: &str = "reset";

/// The forms of the page that keep what was entered.
struct Forms {
    lifetimes: Form,
    table: Table,
}

impl Forms {
    fn of(state: &TenantState) -> Self {
        let settings = serde_json::to_value(&state.settings).unwrap_or_default();
        Self { lifetimes: Form::of_values(LIFETIMES, &settings), table: Table::of(&state.conditions) }
    }
}

/// `GET /conditions`
pub(crate) async fn show(State(tenant): State<SharedTenant>, uri: Uri) -> Response {
    let state = tenant.state();
    let note = match uri.query() {
        Some(SAVED) => "<p role=\"status\">The change is saved.</p>",
        Some(RESET) => "<p role=\"status\">The tenant is as its seed says.</p>",
        _ => "",
    };
    page(&tenant, &state, StatusCode::OK, note, &Forms::of(&state))
}

fn page(tenant: &EmulatedTenant, state: &TenantState, status: StatusCode, note: &str, forms: &Forms) -> Response {
    let body = format!(
        "{note}{}{}{}{}{}{}{STATE_PART}",
        forms.lifetimes.summary(),
        clock_part(state),
        lifetimes_part(&forms.lifetimes),
        keys_part(state),
        forms.table.render(),
        random_part(tenant),
    );
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

fn lifetimes_part(form: &Form) -> String {
    format!(
        "<h2>Lifetimes</h2><form class=\"fields\" method=\"post\" action=\"/conditions/lifetimes\">{}\
         <button>Set the lifetimes</button></form>",
        form.fields(),
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

/// Two links: the export only reads, and the reset asks first.
const STATE_PART: &str = "<h2>The state</h2><p>People, settings, organizations, definitions, open invitations, \
    webhooks and clients of machines with their secrets, as they are now: a file for <code>DEV_ISSUER_SEED</code> or \
    <code>--seed</code>.</p><div class=\"buttons\"><a class=\"button\" href=\"/dev/seed\" download=\"seed.json\">\
    Export the state as a seed</a><a class=\"button\" href=\"/conditions/reset\">Reset…</a></div>";

/// `GET /conditions/reset`
pub(crate) async fn confirm_reset(State(tenant): State<SharedTenant>) -> Response {
    let seed = match tenant.state().seed {
        Some(_) => "the seed that was read last",
        None => "the seed that is built in",
    };
    let body = format!(
        "<p>People, settings, organizations, definitions, invitations, webhooks and clients of machines go back to \
         {seed}. Nobody is signed in after that, no code or refresh token works, no fault is on, no response is late or \
         lost, the lists of sign-ins and of what was sent are empty, and nothing of that is sent again. The signing keys \
         stay.</p>\
         <div class=\"buttons\"><form method=\"post\" action=\"/conditions/reset\"><button>Reset the tenant</button>\
         </form><a class=\"button\" href=\"/conditions\">Keep the state</a></div>"
    );
    frame::page(Section::Conditions, "Reset the tenant?", &body)
}

/// `POST /conditions/reset`
pub(crate) async fn reset(State(tenant): State<SharedTenant>) -> Redirect {
    application::reset(&tenant, &mut tenant.state());
    Redirect::to(&format!("/conditions?{RESET}"))
}

/// `POST /conditions/lifetimes`
pub(crate) async fn set_lifetimes(State(tenant): State<SharedTenant>, body: String) -> Response {
    let mut lifetimes = Form::of_parameters(LIFETIMES, &Parameters::parse("", body.as_bytes()));
    let values = lifetimes.values();
    let mut state = tenant.state();
    if !lifetimes.is_good() {
        let forms = Forms { lifetimes, ..Forms::of(&state) };
        return page(&tenant, &state, StatusCode::BAD_REQUEST, "", &forms);
    }
    match state.settings.with(values) {
        Ok(settings) => {
            tenant.set_settings(&mut state, settings);
            Redirect::to(&format!("/conditions?{SAVED}")).into_response()
        }
        Err(error) => frame::error(StatusCode::BAD_REQUEST, Section::Conditions, &error.to_string()),
    }
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
    page(&tenant, &state, status, &note, &Forms::of(&state))
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
            let forms = Forms { table, ..Forms::of(&state) };
            page(&tenant, &state, StatusCode::BAD_REQUEST, "", &forms)
        }
    }
}
