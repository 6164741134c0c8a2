//! A timeline: the steps of a sign-in, each with what the app verified there, the fault that was on, and the faults that
//! fit it. The words are in `step_explanations`, `check_explanations` and `explanations`.

use serde_json::{Map, Value};

use super::{
    break_step, check_explanations,
    explanations::{self, Explanation},
    step_explanations,
};
use crate::dev_issuer::basics::{
    clock::{self, Milliseconds},
    page::escape,
};
use crate::dev_issuer::journal::{
    attempts::AttemptId,
    entry::Entry,
    observation::{Answer, Check, Observation, Stage, Verdict},
    shown::{Field, Shown},
    step::{Step, StepKind},
};

/// What stands in place of an explanation that is missing. A test looks for it.
const UNEXPLAINED: &str = "No specification that this console knows describes it.";

/// A card of the timeline: a step, what the app verified in it, or both.
struct Card {
    step: Option<Step>,
    observations: Vec<Observation>,
}

/// The attempt that a timeline is of.
pub(crate) struct Attempted {
    pub(crate) id: AttemptId,
    pub(crate) began: Milliseconds,
}

/// A timeline, ready to be shown.
pub(crate) struct Timeline {
    cards: Vec<Card>,
}

impl Timeline {
    /// Puts together what belongs together. The entries are in order.
    pub(crate) fn of(entries: Vec<Entry>) -> Self {
        let mut cards: Vec<Card> = Vec::new();
        for entry in entries {
            match entry {
                Entry::Step(step) => cards.push(Card { step: Some(step), observations: Vec::new() }),
                Entry::Observation(observation) => {
                    let place = cards.iter().rposition(|card| card.takes(&observation));
                    match place {
                        Some(place) => cards[place].observations.push(observation),
                        None => cards.push(Card { step: None, observations: vec![observation] }),
                    }
                }
            }
        }
        Self { cards }
    }

    /// Returns what the app answered: how the sign-in ended, as the answer of the callback says, and of each later
    /// stage the last failure or, without one, the last answer.
    pub(crate) fn answers(&self) -> Vec<(Stage, &Answer)> {
        let mut answers: Vec<(Stage, &Answer)> = Vec::new();
        for Observation { stage, answer, .. } in self.cards.iter().flat_map(|card| &card.observations) {
            let Some(answer) = answer else { continue };
            match answers.iter_mut().find(|(known, _)| known == stage) {
                Some((Stage::Callback, last)) => *last = answer,
                Some((_, last)) if last.reason.is_some() && answer.reason.is_none() => {}
                Some((_, last)) => *last = answer,
                None => answers.push((*stage, answer)),
            }
        }
        answers.sort_by_key(|(stage, _)| *stage != Stage::Callback);
        answers
    }

    /// Returns the step that came last.
    pub(crate) fn last_step(&self) -> Option<&Step> {
        self.cards.iter().rev().find_map(|card| card.step.as_ref())
    }

    /// Returns the names of the faults that changed a response.
    pub(crate) fn faults(&self) -> Vec<&str> {
        let steps = self.cards.iter().filter_map(|card| card.step.as_ref());
        steps.flat_map(|step| &step.faults).map(String::as_str).collect()
    }

    /// Returns whether the app has told of anything.
    pub(crate) fn is_observed(&self) -> bool {
        self.cards.iter().any(|card| !card.observations.is_empty())
    }

    /// Renders the steps. With an attempt, each step has its time since the beginning, the attempt's faults are listed
    /// above the steps, and the forms lead back to the attempt.
    pub(crate) fn render(&self, attempt: Option<&Attempted>) -> String {
        list(&items(self.cards.iter(), attempt))
    }

    /// Renders the steps of no attempt, the newest first. All but the first `open` of them are folded up.
    pub(crate) fn render_newest_first(&self, open: usize) -> String {
        let items = items(self.cards.iter().rev(), None);
        let (newest, older) = items.split_at(open.min(items.len()));
        match older {
            [] => list(newest),
            older => format!(
                "{}<details class=\"older\"><summary>Older ones ({})</summary>{}</details>",
                list(newest),
                older.len(),
                list(older)
            ),
        }
    }
}

fn list(items: &[String]) -> String {
    format!("<ol class=\"timeline\">{}</ol>", items.concat())
}

fn items<'a>(cards: impl Iterator<Item = &'a Card>, attempt: Option<&Attempted>) -> Vec<String> {
    let mut broken: Vec<StepKind> = Vec::new();
    cards
        .map(|card| {
            let kind = card.step.as_ref().map(|step| step.kind);
            // The faults of a kind stand beside its first step.
            let is_first = kind.is_some_and(|kind| !broken.contains(&kind));
            broken.extend(kind);
            let step = card.step.as_ref().filter(|_| is_first);
            let faults = step.map(|step| break_step::beside(step, attempt.map(|attempt| attempt.id)));
            format!("<li class=\"step\">{}{}</li>", card.render(attempt), faults.unwrap_or_default())
        })
        .collect()
}

impl Card {
    /// Returns whether what was verified belongs to this step.
    fn takes(&self, observation: &Observation) -> bool {
        let Some(step) = &self.step else { return false };
        match observation.stage {
            Stage::Callback => step.kind == StepKind::Callback,
            Stage::TokenResponse | Stage::IdToken | Stage::AccessToken => {
                matches!(step.kind, StepKind::Token | StepKind::Refresh)
            }
            Stage::Discovery => step.kind == StepKind::Discovery,
            Stage::Keys => step.kind == StepKind::Keys,
            Stage::Userinfo => step.kind == StepKind::UserProfile,
            Stage::AccountApi => step.kind == StepKind::AccountApi && is_about(step, observation),
            Stage::PortalLink => step.kind == StepKind::PortalLink,
            Stage::Refresh => step.kind == StepKind::Refresh,
            Stage::Webhook => step.kind == StepKind::Webhook,
            Stage::LogoutToken => step.kind == StepKind::LogoutToken,
            Stage::Begin | Stage::SignOut | Stage::BearerToken => false,
        }
    }

    fn render(&self, attempt: Option<&Attempted>) -> String {
        let step = self.step.as_ref().map(|shown| step(shown, self.callback(shown), attempt)).unwrap_or_default();
        let observations: String = self.observations.iter().map(|observation| self.observation(observation)).collect();
        format!("{step}{observations}")
    }

    /// Returns how the app answered the callback, which it alone sees, and how long that took since the redirect.
    fn callback(&self, step: &Step) -> Option<(u16, Milliseconds)> {
        let mut told = self.observations.iter().filter(|observation| observation.stage == Stage::Callback);
        told.find_map(|observation| Some((observation.answer.as_ref()?.status?, observation.at - step.at)))
    }

    fn observation(&self, observation: &Observation) -> String {
        let what = check_explanations::of_stage(observation.stage);
        let heading = if self.step.is_none() { format!("<h2>{what}</h2>") } else { String::new() };
        let checks = if observation.checks.is_empty() { String::new() } else { checks(observation, what) };
        let answer = observation.answer.as_ref().map(answer).unwrap_or_default();
        format!("{heading}{checks}{answer}")
    }
}

/// Returns whether what the app tells of a list of the account API is about the list that this step asks for. An answer
/// is about all of them.
fn is_about(step: &Step, observation: &Observation) -> bool {
    let list = step.address.rsplit('/').next().unwrap_or_default();
    observation.checks.is_empty() || observation.checks.iter().any(|check| check.name == list)
}

fn step(step: &Step, callback: Option<(u16, Milliseconds)>, attempt: Option<&Attempted>) -> String {
    let (name, about, source) = step_explanations::of_step(step.kind);
    let outcome = match (step.kind, callback, step.status) {
        (StepKind::Callback, Some((status, took)), _) => format!("{status}, {took} ms after the redirect"),
        (StepKind::Callback, None, _) => "the browser follows the redirect".to_owned(),
        (_, _, Some(status)) => format!("{status}, in {} ms", step.took),
        (_, _, None) => format!("no response, after {} ms", step.took),
    };
    let (used, time): (fn(&str) -> String, _) = match attempt {
        Some(attempt) => (break_step::was_on, format!("{} ms after the beginning", step.at - attempt.began)),
        None => (break_step::used, clock::shown(step.at / 1_000)),
    };
    let used: String = step.faults.iter().map(|fault| used(fault)).collect();
    format!(
        "<h2>{name}</h2><p class=\"request\"><code>{} {}</code> <span>{outcome}</span> <small>{time}</small></p>\
         <p>{about}<br><small>{source}</small></p>{used}{}{}",
        escape(&step.method),
        escape(&step.address),
        fields("Parameters", &step.parameters, |name| step_explanations::of_parameter(step.kind, name)),
        fields("Response", &step.response, |name| step_explanations::of_response(step.kind, name)),
    )
}

fn fields(caption: &str, fields: &[Field], explain: impl Fn(&str) -> Option<&'static Explanation>) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let rows: String =
        fields.iter().map(|field| row(&field.name, &value(&field.value), explain(&field.name))).collect();
    let tokens: String = fields.iter().map(inside).collect();
    format!("{}{tokens}", table(caption, FIELDS, &rows))
}

/// The columns of a table of fields, and of a table of checks.
const FIELDS: Columns = Columns { class: "values", heads: ["Name", "Value", "What it means"] };
const CHECKS: Columns = Columns { class: "checks", heads: ["Check", "Verdict", "Value and expectation"] };

struct Columns {
    class: &'static str,
    heads: [&'static str; 3],
}

fn table(caption: &str, Columns { class, heads }: Columns, rows: &str) -> String {
    let heads = heads.map(|head| format!("<th scope=\"col\">{head}</th>")).concat();
    format!(
        "<div class=\"table\"><table class=\"{class}\"><caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
}

fn row(name: &str, value: &str, explanation: Option<&'static Explanation>) -> String {
    format!(
        "<tr><th scope=\"row\"><code>{}</code></th><td>{value}</td><td>{}</td></tr>",
        name_of(name),
        meaning(explanation)
    )
}

fn meaning(explanation: Option<&'static Explanation>) -> String {
    match explanation {
        Some(Explanation { meaning, source, .. }) => format!("{meaning}<br><small>{source}</small>"),
        None => UNEXPLAINED.to_owned(),
    }
}

fn value(value: &Shown) -> String {
    match value {
        Shown::Text(text) => format!("<code>{}</code>", escape(text)),
        Shown::Digest(digest) => format!("a secret, with the digest <code>{}</code>", escape(digest)),
        Shown::Token { digest, .. } => format!("a JWT, with the digest <code>{}</code>", escape(digest)),
    }
}

/// Renders what is in a JWT, for below the table of its field.
fn inside(field: &Field) -> String {
    match &field.value {
        Shown::Token { header, claims, .. } => format!(
            "<details><summary>What is in the JWT <code>{}</code></summary>{}{}</details>",
            escape(&field.name),
            members("Header", header, explanations::of_header),
            members("Claims", claims, explanations::of_claim),
        ),
        _ => String::new(),
    }
}

/// Renders a name, which may be broken after each underscore.
fn name_of(name: &str) -> String {
    escape(name).replace('_', "_<wbr>")
}

fn members(
    caption: &str,
    members: &Map<String, Value>,
    explain: impl Fn(&str) -> Option<&'static Explanation>,
) -> String {
    let shown = |value: &Value| match value {
        Value::String(text) => escape(text),
        other => escape(&other.to_string()),
    };
    let rows: String = members
        .iter()
        .map(|(name, value)| row(name, &format!("<code>{}</code>", shown(value)), explain(name)))
        .collect();
    table(caption, FIELDS, &rows)
}

fn checks(observation: &Observation, what: &str) -> String {
    let rows: String = observation.checks.iter().map(|check| check_row(observation.stage, check)).collect();
    let caption = format!("What the app verified: {}", first_letter_lower(what));
    table(&caption, CHECKS, &rows)
}

fn check_row(stage: Stage, check: &Check) -> String {
    let (verdict, class) = match check.verdict {
        Verdict::Holds => ("holds", "holds"),
        Verdict::Fails => ("fails", "fails"),
        Verdict::NotReached => ("not reached", "not-reached"),
    };
    format!(
        "<tr><th scope=\"row\"><code>{}</code></th><td class=\"{class}\">{verdict}</td>\
         <td><code>{}</code><br>expected: {}<br>{}</td></tr>",
        name_of(&check.name),
        escape(&check.value),
        escape(&check.expected),
        meaning(check_explanations::of_check(stage, &check.name)),
    )
}

/// Renders what the app did in the end.
fn answer(answer: &Answer) -> String {
    told("The app answered:", answer)
}

/// Renders the end of a stage, for above all steps.
pub(super) fn headline(stage: Stage, answer: &Answer) -> String {
    match stage {
        Stage::Callback => told("The app answered:", answer),
        stage => {
            told(&format!("The app answered ({}):", first_letter_lower(check_explanations::of_stage(stage))), answer)
        }
    }
}

fn told(by: &str, answer: &Answer) -> String {
    let status = answer.status.map(|status| format!("{status}: ")).unwrap_or_default();
    let reason = answer.reason.as_ref().map(|reason| format!("<br><small>Its log says: {}</small>", escape(reason)));
    format!(
        "<p class=\"answer\"><strong>{by}</strong> {status}{}{}</p>",
        escape(&answer.summary),
        reason.unwrap_or_default()
    )
}

fn first_letter_lower(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}
