//! The pages of the sign-ins: the list of attempts, one attempt, and what belongs to none. How an attempt is rendered is
//! in `timeline`.

use axum::{
    extract::{Path, State},
    http::{StatusCode, Uri},
    response::Response,
};

use super::{
    break_step,
    frame::{self, Section},
    timeline::{self, Attempted, Timeline},
};
use crate::dev_issuer::basics::{clock, page::escape};
use crate::dev_issuer::journal::{
    attempts::{Attempt, AttemptId},
    observation::{Answer, Stage},
};
use crate::dev_issuer::state::tenant::SharedTenant;

/// How many attempts are listed.
const LISTED: usize = 100;
/// The query with which the browser loads a page again and again.
const FOLLOWING: &str = "follow";

/// `GET /`
pub(crate) async fn list(State(tenant): State<SharedTenant>, uri: Uri) -> Response {
    let armed = break_step::armed(&tenant.state().faults, None);
    let rows: String = tenant.journal.lock().newest_first().take(LISTED).map(row).collect();
    let attempts = if rows.is_empty() {
        "<p>Nobody has begun to sign in yet. Open the app and sign in; the sign-in is then listed here, step by step.</p>"
            .to_owned()
    } else {
        format!(
            "<div class=\"table sign-ins\"><table><thead><tr><th>Sign-in</th><th>Began</th><th>Person</th><th>Outcome</th>\
             <th>Faults</th></tr></thead><tbody>{rows}</tbody></table></div>"
        )
    };
    let body = format!(
        "<p>This tenant is the issuer <code>{}</code>. Every sign-in is listed here, with all its requests and what the app verified.</p>\
         <p class=\"buttons\"><a class=\"button\" href=\"/sign-ins/faults\">Break a step</a>\
         <a class=\"button\" href=\"/sign-ins/outside\">Outside of a sign-in</a>{}</p>{armed}{attempts}",
        escape(&tenant.issuer),
        following(&uri),
    );
    page(&uri, "Sign-ins", &body)
}

fn row(attempt: &Attempt) -> String {
    let timeline = Timeline::of(attempt.entries());
    let faults: Vec<&str> = attempt.faults.iter().copied().chain(timeline.faults()).collect();
    format!(
        "<tr><td><a href=\"/sign-ins/{id}\">Sign-in {id}</a></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        clock::shown(attempt.began / 1_000),
        escape(attempt.person.as_deref().unwrap_or("not known")),
        escape(&outcome(&timeline)),
        faults.iter().map(|fault| format!("<code>{fault}</code>")).collect::<Vec<_>>().join(", "),
        id = attempt.id,
    )
}

/// In a few words: how the app answered the callback and what failed later, or how far the sign-in came.
fn outcome(timeline: &Timeline) -> String {
    let answers = timeline.answers();
    let of_end = answers.iter().filter(|(stage, answer)| *stage == Stage::Callback || answer.reason.is_some());
    let told: Vec<String> = of_end.map(|(_, answer)| in_short(answer)).collect();
    match (told.is_empty(), timeline.last_step()) {
        (false, _) => told.join("; later "),
        (true, Some(step)) => {
            let (name, ..) = super::step_explanations::of_step(step.kind);
            format!("came to: {name}")
        }
        (true, None) => "is under way".to_owned(),
    }
}

fn in_short(Answer { status, summary, .. }: &Answer) -> String {
    match status {
        Some(status) => format!("{status}: {summary}"),
        None => summary.clone(),
    }
}

/// `GET /sign-ins/{id}`
pub(crate) async fn show(State(tenant): State<SharedTenant>, Path(id): Path<String>, uri: Uri) -> Response {
    let id = id.parse::<AttemptId>().ok();
    let found = {
        let journal = tenant.journal.lock();
        let attempt = id.and_then(|id| journal.attempt(id));
        attempt.map(|attempt| {
            (attempt.id, attempt.began, attempt.person.clone(), attempt.faults.clone(), attempt.entries())
        })
    };
    let Some((id, began, person, faults, entries)) = found else {
        let text = "There is no such sign-in, or it was so long ago that the tenant has forgotten it.";
        return frame::error(StatusCode::NOT_FOUND, Section::SignIns, text);
    };
    let timeline = Timeline::of(entries);
    let armed = break_step::armed(&tenant.state().faults, Some(id));
    let answers = timeline.answers();
    let answer: String = if answers.is_empty() {
        format!("<p class=\"answer\">The sign-in {}.</p>", escape(&outcome(&timeline)))
    } else {
        answers.into_iter().map(|(stage, answer)| timeline::headline(stage, answer)).collect()
    };
    let used: String = faults.iter().copied().chain(timeline.faults()).map(break_step::used).collect();
    let observed = if timeline.is_observed() {
        ""
    } else {
        "<p>The app has not told what it verified: it does so when it was started together with this tenant.</p>"
    };
    let body = format!(
        "<dl><dt>Began</dt><dd>{}</dd><dt>Person</dt><dd>{}</dd></dl>{answer}{used}\
         <p class=\"buttons\"><a class=\"button\" href=\"/\">All sign-ins</a>{}</p>{armed}{observed}{}",
        clock::shown(began / 1_000),
        escape(person.as_deref().unwrap_or("not known")),
        following(&uri),
        timeline.render(Some(&Attempted { id, began })),
    );
    page(&uri, &format!("Sign-in {id}"), &body)
}

/// `GET /sign-ins/outside`
pub(crate) async fn outside(State(tenant): State<SharedTenant>, uri: Uri) -> Response {
    let timeline = Timeline::of(tenant.journal.lock().outside());
    let body = format!(
        "<p>Requests that belong to no sign-in: the discovery document and keys that the app fetched before one, and \
         requests with a code or token that this tenant never issued.</p>\
         <p class=\"buttons\"><a class=\"button\" href=\"/\">All sign-ins</a>{}</p>{}",
        following(&uri),
        timeline.render(None),
    );
    page(&uri, "Outside of a sign-in", &body)
}

/// Renders the link that begins or ends following.
fn following(uri: &Uri) -> String {
    let path = escape(uri.path());
    if is_followed(uri) {
        format!("<a class=\"button\" href=\"{path}\">Stop following</a>")
    } else {
        format!("<a class=\"button\" href=\"{path}?{FOLLOWING}\">Follow</a>")
    }
}

fn is_followed(uri: &Uri) -> bool {
    uri.query() == Some(FOLLOWING)
}

fn page(uri: &Uri, title: &str, body: &str) -> Response {
    if is_followed(uri) {
        frame::followed_page(Section::SignIns, title, body)
    } else {
        frame::page(Section::SignIns, title, body)
    }
}
