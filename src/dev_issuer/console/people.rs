//! The pages `/people`: everybody who can sign in, one person with their sessions, and the forms that add, change,
//! suspend and delete.

use axum::{
    extract::{Path, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Map, Value};

use super::{
    form::Form,
    frame::{self, Section},
    person_fields::{CHANGE, NEW},
};
use crate::dev_issuer::basics::{page::escape, parameters::Parameters};
use crate::dev_issuer::deliveries::{changed_person, ended_session, event::Source};
use crate::dev_issuer::people::{changes::Changes, description::describe, person::Person};
use crate::dev_issuer::seed::addition;
use crate::dev_issuer::state::tenant::{SharedTenant, SsoSession, TenantState, sid};

const HEADINGS: [&str; 6] = ["Name", "Key", "E-mail", "Organizations", "Sessions", "State"];
const SESSION_HEADINGS: [&str; 3] = ["Session (sid)", "Signed in", "End it"];
/// From how many characters on a key is broken.
const LONG_KEY: usize = 24;

/// `GET /people`
pub(crate) async fn list(State(tenant): State<SharedTenant>) -> Response {
    list_page(&tenant.state(), StatusCode::OK, &Form::of_values(NEW, &Value::Null), &[])
}

fn list_page(state: &TenantState, status: StatusCode, form: &Form, problems: &[String]) -> Response {
    let rows: String = state.people.all().iter().map(|person| row(state, person)).collect();
    let table = frame::table("People", &HEADINGS, &rows);
    let problems: String = problems.iter().map(|problem| frame::problem(problem)).collect();
    let body = format!(
        "{}<p>Everybody who can sign in here. Nobody has a password.</p>\
{table}<h2>Add a person</h2>{problems}<form class=\"fields\" method=\"post\" action=\"/people\">{}\
         <button>Add the person</button></form>",
        form.summary(),
        form.fields(),
    );
    frame::page_with_status(status, Section::People, "People", &body)
}

fn row(state: &TenantState, person: &Person) -> String {
    let organizations: Vec<_> = person.organizations.iter().map(|organization| escape(&organization.name)).collect();
    let key = escape(&person.key);
    let long = if key.len() < LONG_KEY { "" } else { " class=\"long\"" };
    let state_of_person = match (person.suspended, person.organizations.is_empty()) {
        (true, _) => "<span class=\"suspended\">suspended</span>",
        (false, true) => "no organization",
        (false, false) => "active",
    };
    let cells = [
        format!("<a class=\"long\" href=\"/people/{key}\">{}</a>", escape(&name(person))),
        format!("<code{long}>{key}</code>"),
        format!("<span class=\"long\">{}</span>", escape(&person.email)),
        organizations.join(", "),
        state.sessions_of(&person.key).len().to_string(),
        state_of_person.to_owned(),
    ];
    frame::row(HEADINGS, cells)
}

fn name(person: &Person) -> String {
    person.full_name().unwrap_or_else(|| "(no name)".to_owned())
}

/// `POST /people`
pub(crate) async fn add(State(tenant): State<SharedTenant>, body: String) -> Response {
    let mut form = Form::of_parameters(NEW, &Parameters::parse("", body.as_bytes()));
    let mut state = tenant.state();
    match addition::add(&mut state, form.filled_values().into()) {
        Ok(key) => Redirect::to(&format!("/people/{key}")).into_response(),
        Err(problems) => {
            let others = form.note_all(&problems.0);
            list_page(&state, StatusCode::BAD_REQUEST, &form, &others)
        }
    }
}

/// `GET /people/{key}`
pub(crate) async fn show(State(tenant): State<SharedTenant>, Path(key): Path<String>, uri: Uri) -> Response {
    let state = tenant.state();
    let Some(person) = state.people.find(&key) else { return nobody() };
    let form = Form::of_values(CHANGE, &describe(person));
    let note = if uri.query() == Some(SAVED) { "<p role=\"status\">The change is saved.</p>" } else { "" };
    person_page(&state, StatusCode::OK, person, &form, note)
}

/// The query of the page after a change.
const SAVED: &str = "saved";

fn back_to(key: &str) -> Response {
    Redirect::to(&format!("/people/{key}?{SAVED}")).into_response()
}

fn nobody() -> Response {
    frame::error(StatusCode::NOT_FOUND, Section::People, "There is no such person.")
}

fn person_page(state: &TenantState, status: StatusCode, person: &Person, form: &Form, note: &str) -> Response {
    let key = escape(&person.key);
    let (verb, action, about) = if person.suspended {
        ("Let the person sign in again", "resume", "This person is suspended: no sign-in, no refresh.")
    } else {
        ("Suspend", "suspend", "Suspension ends sessions and refresh tokens. Access tokens live on until they expire.")
    };
    let remark = match person.about.as_str() {
        "" => String::new(),
        about => format!("<dt>About</dt><dd>{}</dd>", escape(about)),
    };
    let body = format!(
        "{note}{}<dl><dt>Key</dt><dd><code>{key}</code></dd><dt>Subject</dt><dd><code>{}</code></dd>{remark}</dl>\
         <h2>Sessions at the tenant</h2>{}\
         <h2>Suspend or delete</h2><p>{about}</p>\
         <div class=\"buttons\"><form method=\"post\" action=\"/people/{key}/{action}\"><button>{verb}</button></form>\
         <a class=\"button danger\" href=\"/people/{key}/delete\">Delete…</a></div>\
         <h2>Change</h2><form class=\"fields\" method=\"post\" action=\"/people/{key}\">{}\
         <button>Save the change</button></form>",
        form.summary(),
        escape(&person.subject),
        sessions(state, person),
        form.fields(),
    );
    frame::page_with_status(status, Section::People, &name(person), &body)
}

fn sessions(state: &TenantState, person: &Person) -> String {
    let own = state.sessions_of(&person.key);
    let lifetime = state.settings.authenticated_session_lifetime;
    let about = format!(
        "A session ends by itself when no sign-in and no refresh has used it for {lifetime} seconds: the app is not told \
         of that, and its refresh tokens live on."
    );
    if own.is_empty() {
        return format!("<p>There is none. {about}</p>");
    }
    let action = format!("/people/{}/sessions/end", escape(&person.key));
    let row = |(id, session): &(&String, &SsoSession)| {
        let sid = sid(id);
        let cells = [
            format!("<code>{sid}</code>"),
            frame::time(session.authenticated_at),
            format!(
                "<form method=\"post\" action=\"{action}\"><button name=\"sid\" value=\"{sid}\">End</button></form>"
            ),
        ];
        frame::row(SESSION_HEADINGS, cells)
    };
    let rows: String = own.iter().map(row).collect();
    format!(
        "{}<form class=\"buttons\" method=\"post\" action=\"{action}\"><button>End all</button></form>\
         <p>The app has a session of its own. It learns of the end at its next refresh, or by a logout token.</p>\
         <p>{about}</p>",
        frame::table("Sessions", &SESSION_HEADINGS, &rows),
    )
}

/// `POST /people/{key}`
pub(crate) async fn change(State(tenant): State<SharedTenant>, Path(key): Path<String>, body: String) -> Response {
    let mut form = Form::of_parameters(CHANGE, &Parameters::parse("", body.as_bytes()));
    let mut state = tenant.state();
    let Some(person) = state.people.find(&key).cloned() else { return nobody() };
    let changes = differences(&describe(&person), form.values());
    form.check::<Changes>(&changes, &Map::new());
    if form.is_good() {
        let changes = match serde_json::from_value(changes.into()) {
            Ok(changes) => changes,
            Err(error) => return frame::error(StatusCode::BAD_REQUEST, Section::People, &error.to_string()),
        };
        match changed_person::change(&tenant, &mut state, &key, changes) {
            Some(Ok(_)) => return back_to(&key),
            // The problem begins with the name of the member.
            Some(Err(error)) => drop(form.note_all(&[error.to_string()])),
            None => return nobody(),
        }
    }
    person_page(&state, StatusCode::BAD_REQUEST, &person, &form, "")
}

/// Returns the values that differ from those of the person.
fn differences(present: &Value, mut wanted: Map<String, Value>) -> Map<String, Value> {
    wanted.retain(|name, value| present[name] != *value);
    // The switchboard keeps the rights in organizations that a change does not name; the form shows all of them.
    let all = present["organization_rights"].as_object();
    if let Some(Value::Object(rights)) = wanted.get_mut("organization_rights") {
        for code in all.into_iter().flat_map(Map::keys) {
            rights.entry(code.clone()).or_insert(Value::Null);
        }
    }
    wanted
}

/// `POST /people/{key}/suspend`
pub(crate) async fn suspend(State(tenant): State<SharedTenant>, Path(key): Path<String>) -> Response {
    set_suspended(&tenant, &key, true)
}

/// `POST /people/{key}/resume`
pub(crate) async fn resume(State(tenant): State<SharedTenant>, Path(key): Path<String>) -> Response {
    set_suspended(&tenant, &key, false)
}

fn set_suspended(tenant: &SharedTenant, key: &str, suspended: bool) -> Response {
    match changed_person::change(tenant, &mut tenant.state(), key, Changes::of_suspension(suspended)) {
        Some(_) => back_to(key),
        None => nobody(),
    }
}

/// `GET /people/{key}/delete`
pub(crate) async fn confirm_deletion(State(tenant): State<SharedTenant>, Path(key): Path<String>) -> Response {
    let state = tenant.state();
    let Some(person) = state.people.find(&key) else { return nobody() };
    let body = format!(
        "<p>{} (<code>{key}</code>) will not be able to sign in. Sessions and refresh tokens end; access tokens live on \
         until they expire. The app gets the event <code>user.deleted</code>.</p>\
         <div class=\"buttons\"><form method=\"post\" action=\"/people/{key}/delete\"><button class=\"danger\">Delete the person</button>\
         </form><a class=\"button\" href=\"/people/{key}\">Keep the person</a></div>",
        escape(&name(person)),
        key = escape(&person.key),
    );
    frame::page(Section::People, "Delete this person?", &body)
}

/// `POST /people/{key}/delete`
pub(crate) async fn delete(State(tenant): State<SharedTenant>, Path(key): Path<String>) -> Response {
    match changed_person::delete(&tenant, &mut tenant.state(), Source::Admin, &key) {
        Some(_) => Redirect::to("/people").into_response(),
        None => nobody(),
    }
}

/// `POST /people/{key}/sessions/end`: the session that `sid` names, or all without it.
pub(crate) async fn end_sessions(
    State(tenant): State<SharedTenant>,
    Path(key): Path<String>,
    body: String,
) -> Response {
    let parameters = Parameters::parse("", body.as_bytes());
    let mut state = tenant.state();
    if state.people.find(&key).is_none() {
        return nobody();
    }
    let wanted = parameters.form("sid");
    let own = state.sessions_of(&key).into_iter().map(|(id, _)| id.clone());
    let ended: Vec<String> = own.filter(|id| wanted.is_none_or(|wanted| wanted == sid(id))).collect();
    for id in ended {
        ended_session::end(&tenant, &mut state, &id);
    }
    back_to(&key)
}
