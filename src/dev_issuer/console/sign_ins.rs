//! The pages of the sign-ins: the list of attempts, one attempt, and what belongs to none. How an attempt is rendered is
//! in `timeline`.

use axum::{
    extract::{Path, State},
    http::{StatusCode, Uri},
    response::Response,
};

use super::{
    app_call, break_step,
    frame::{self, Section},
    timeline::{self, Attempted, Timeline},
};
use crate::dev_issuer::basics::{
    clock::{self, Seconds},
    page::escape,
};
use crate::dev_issuer::journal::{
    attempts::{Attempt, AttemptId},
    observation::{Answer, Stage},
};
use crate::dev_issuer::people::directory::People;
use crate::dev_issuer::state::tenant::SharedTenant;

/// How many attempts are listed.
const LISTED: usize = 100;
const HEADINGS: [&str; 5] = ["Sign-in", "Began (UTC)", "Person", "Outcome", "Faults"];
/// How many of the requests outside of a sign-in are open on their page. The older ones are folded up.
const OPEN_OUTSIDE: usize = 10;
/// The query with which the browser loads a page again and again.
const FOLLOWING: &str = "follow";

/// `GET /`
pub(crate) async fn list(State(tenant): State<SharedTenant>, uri: Uri) -> Response {
    let listed: Vec<Listed> = tenant.journal.lock().newest_first().take(LISTED).map(Listed::of).collect();
    let state = tenant.state();
    let armed = break_step::armed(&state.faults, None);
    let attempts = match listed.is_empty() {
        true => nothing_yet(app_call::app_origin(&state.registration)),
        false => listed.chunk_by(|one, next| one.day() == next.day()).map(|day| of_day(day, &state.people)).collect(),
    };
    let Following { note, link: follow } = following(&uri);
    let body = format!(
        "{note}<p>This tenant is the issuer <code>{}</code>. Every sign-in is listed here, with all its requests and what the app verified.</p>\
         <p class=\"buttons\"><a class=\"button\" href=\"/sign-ins/faults\">Break a step</a>\
         <a class=\"button\" href=\"/sign-ins/outside\">Outside of a sign-in</a>{follow}</p>{armed}{attempts}",
        escape(&tenant.issuer),
    );
    page(&uri, "Sign-ins", &body)
}

fn nothing_yet(app: Option<String>) -> String {
    let link =
        app.map(|app| format!("<p><a class=\"button primary\" href=\"{}/\">Sign in at the app</a></p>", escape(&app)));
    format!(
        "<p>Nobody has begun to sign in yet. Open the app and sign in; the sign-in is then listed here, step by step.</p>{}",
        link.unwrap_or_default()
    )
}

/// A line of the list of attempts.
struct Listed {
    id: AttemptId,
    began: Seconds,
    person: Option<String>,
    outcome: String,
    faults: String,
}

impl Listed {
    fn of(attempt: &Attempt) -> Self {
        let timeline = Timeline::of(attempt.entries());
        let faults = attempt.faults.iter().copied().chain(timeline.faults());
        Self {
            id: attempt.id,
            began: attempt.began / 1_000,
            person: attempt.person.clone(),
            outcome: outcome(&timeline),
            faults: faults.map(|fault| format!("<code>{fault}</code>")).collect::<Vec<_>>().join(", "),
        }
    }

    fn day(&self) -> String {
        clock::day_and_time(self.began).0
    }

    fn row(&self, people: &People) -> String {
        let id = self.id;
        let cells = [
            format!("<a class=\"whole\" href=\"/sign-ins/{id}\">Sign-in {id}</a>"),
            clock::day_and_time(self.began).1,
            escape(self.person.as_deref().unwrap_or("not known")),
            escape(&with_names(&self.outcome, people)),
            self.faults.clone(),
        ];
        frame::row(HEADINGS, cells)
    }
}

/// Renders the attempts of one day.
fn of_day(attempts: &[Listed], people: &People) -> String {
    let day = attempts.first().map(Listed::day).unwrap_or_default();
    let rows: String = attempts.iter().map(|attempt| attempt.row(people)).collect();
    format!("<h2>{day}</h2>{}", frame::table(&format!("Sign-ins of {day}"), &HEADINGS, &rows))
}

/// Puts the names of people in the place of their subjects.
fn with_names(text: &str, people: &People) -> String {
    let named = |word: &str| {
        let person = people.by_subject(word.trim_end_matches(','))?;
        Some(word.replace(&person.subject, &person.full_name().unwrap_or_else(|| person.email.clone())))
    };
    text.split(' ').map(|word| named(word).unwrap_or_else(|| word.to_owned())).collect::<Vec<_>>().join(" ")
}

/// In a few words: how the app answered the callback and what failed later, or how far the sign-in came.
fn outcome(timeline: &Timeline) -> String {
    let answers = timeline.answers();
    let of_end = answers.iter().filter(|(stage, answer)| *stage == Stage::Callback || answer.reason.is_some());
    let told: Vec<String> = of_end.map(|(_, answer)| in_short(answer)).collect();
    match (told.is_empty(), timeline.last_step()) {
        (false, _) => told.iter().map(|told| told.trim_end_matches('.')).collect::<Vec<_>>().join("; later "),
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
    let Following { note, link: follow } = following(&uri);
    let body = format!(
        "{note}<dl><dt>Began</dt><dd>{}</dd><dt>Person</dt><dd>{}</dd></dl>{answer}{used}\
         <p class=\"buttons\"><a class=\"button\" href=\"/\">All sign-ins</a>{follow}</p>{armed}{observed}{}",
        clock::shown(began / 1_000),
        escape(person.as_deref().unwrap_or("not known")),
        timeline.render(Some(&Attempted { id, began })),
    );
    page(&uri, &format!("Sign-in {id}"), &body)
}

/// `GET /sign-ins/outside`
pub(crate) async fn outside(State(tenant): State<SharedTenant>, uri: Uri) -> Response {
    let timeline = Timeline::of(tenant.journal.lock().outside());
    let Following { note, link: follow } = following(&uri);
    let body = format!(
        "{note}<p>Requests that belong to no sign-in, the newest first: the discovery document and keys that the app fetched \
         before one, what programs do with tokens of their own, and requests with a code or token that this tenant never \
         issued.</p>\
         <p class=\"buttons\"><a class=\"button\" href=\"/\">All sign-ins</a>{follow}</p>{}",
        timeline.render_newest_first(OPEN_OUTSIDE),
    );
    page(&uri, "Outside of a sign-in", &body)
}

/// What a page has of following: a note at its top that ends it, or a link that begins it.
struct Following {
    note: String,
    link: String,
}

fn following(uri: &Uri) -> Following {
    let path = escape(uri.path());
    if is_followed(uri) {
        let note = format!(
            "<p class=\"buttons\">You follow this page: it loads again every {} seconds. \
             <a class=\"button\" href=\"{path}\">Stop following</a></p>",
            frame::AGAIN_AFTER,
        );
        Following { note, link: String::new() }
    } else {
        let link = format!("<a class=\"button\" href=\"{path}?{FOLLOWING}\">Follow</a>");
        Following { note: String::new(), link }
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
