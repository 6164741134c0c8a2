//! "Break this step": the faults that fit each step, with what a correct client does, and the forms that switch one on.
//! The effects are in `faults`; the faults of events and logout tokens are in `break_delivery`.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use super::{
    break_delivery,
    frame::{self, Section},
    step_explanations,
};
use crate::dev_issuer::basics::{page::escape, parameters::Parameters};
use crate::dev_issuer::faults::{
    delivery_fault::DeliveryFault,
    fault::{Document, Effect, Endpoint, Fault},
    fault_table,
    right_answers::{self, RightAnswer},
    switches::Switches,
};
use crate::dev_issuer::journal::{
    attempts::AttemptId,
    step::{Step, StepKind},
};
use crate::dev_issuer::protocol::shape::Shape;
use crate::dev_issuer::state::tenant::SharedTenant;

/// The steps that faults break, in the order of a sign-in.
const STEPS: [StepKind; 12] = [
    StepKind::Discovery,
    StepKind::Authorization,
    StepKind::Callback,
    StepKind::Token,
    StepKind::Keys,
    StepKind::UserProfile,
    StepKind::Refresh,
    StepKind::AccountApi,
    StepKind::PortalLink,
    StepKind::Revocation,
    StepKind::Introspection,
    StepKind::Management,
];

/// Returns the step in which a fault shows.
fn step_of(fault: &Fault) -> StepKind {
    match fault.effect {
        Effect::Disturbs(endpoint, _) => match endpoint {
            // The first request of a sign-in meets it.
            Endpoint::Any | Endpoint::Authorization => StepKind::Authorization,
            Endpoint::Discovery => StepKind::Discovery,
            Endpoint::Jwks => StepKind::Keys,
            Endpoint::SignIn => StepKind::SignIn,
            Endpoint::Token => StepKind::Token,
            Endpoint::Refresh => StepKind::Refresh,
            Endpoint::UserProfile => StepKind::UserProfile,
            Endpoint::AccountApi => StepKind::AccountApi,
            Endpoint::Logout => StepKind::Logout,
            Endpoint::Revocation => StepKind::Revocation,
            Endpoint::Introspection => StepKind::Introspection,
            Endpoint::Management => StepKind::Management,
        },
        Effect::Alters(document, _) => match document {
            Document::Discovery => StepKind::Discovery,
            Document::KeySet => StepKind::Keys,
            Document::IdToken | Document::AccessToken | Document::TokenResponse => StepKind::Token,
            Document::RefreshedAccessToken | Document::RefreshedIdToken | Document::RefreshResponse => {
                StepKind::Refresh
            }
            Document::UserProfile => StepKind::UserProfile,
            Document::PortalLink => StepKind::PortalLink,
        },
        Effect::Forges(_) | Effect::ForgesAccessToken(_) => StepKind::Token,
        Effect::Redirects(_) => StepKind::Callback,
        Effect::Rotates { .. } => StepKind::Keys,
    }
}

/// Returns what a fault breaks next.
fn broken(fault: &Fault) -> &'static str {
    if let Effect::Disturbs(Endpoint::Any, _) = fault.effect {
        return "request";
    }
    match step_of(fault) {
        StepKind::Discovery => "discovery",
        StepKind::Keys => "fetch of the keys",
        StepKind::UserProfile => "user profile",
        StepKind::Refresh => "refresh",
        StepKind::AccountApi => "request for rights",
        StepKind::PortalLink => "link to the portal",
        StepKind::Revocation => "revocation",
        StepKind::Introspection => "introspection",
        StepKind::Management => "call of the management API",
        _ => "sign-in",
    }
}

/// Returns the words on the button that switches a fault on.
fn label(fault: &Fault) -> String {
    match fault.effect {
        Effect::Rotates { .. } => "Change the key now".to_owned(),
        _ => format!("Break the next {}", broken(fault)),
    }
}

/// Returns when a fault of a step shows, where that is not the next sign-in of anybody.
fn condition(step: StepKind) -> &'static str {
    match step {
        StepKind::Discovery => {
            " A fault shows when the app fetches the document next: at its first sign-in after a start, or after an hour."
        }
        StepKind::Keys => {
            " A fault shows when the app fetches the keys next: at its first sign-in after a start, after an hour, or for a key that it does not know. A new signing key shows in the next sign-in."
        }
        StepKind::UserProfile => {
            " The app asks for the profile only of users whose ID token has no name, such as Emmy Noether."
        }
        StepKind::Refresh => " It shows at the next refresh, when an access token has ended.",
        StepKind::AccountApi => " It shows when a page needs rights that the access token does not list.",
        StepKind::PortalLink => " It shows when a user opens the account pages at the issuer.",
        StepKind::Revocation => " It shows at the next sign-out.",
        StepKind::Introspection => " It shows when somebody asks about a token next.",
        StepKind::Management => {
            " It shows in the next call. The calls are on the page of what is outside of a sign-in."
        }
        _ => "",
    }
}

/// `GET /sign-ins/faults`
pub(crate) async fn list(State(tenant): State<SharedTenant>) -> Response {
    let sections: String = STEPS
        .iter()
        .map(|step| {
            let (name, about, source) = step_explanations::of_step(*step);
            let faults = faults_of(*step, None);
            format!(
                "<section><h2 id=\"{}\">{name}</h2><p>{about}{}<br><small>{source}</small></p>{faults}</section>",
                anchor(name),
                condition(*step)
            )
        })
        .collect();
    let armed = armed(&tenant.state().faults, None);
    let delivered = match tenant.shape {
        Shape::Kinde => StepKind::Webhook,
        Shape::Plain => StepKind::LogoutToken,
    };
    let (name, about, source) = step_explanations::of_step(delivered);
    let body = format!(
        "<p>A fault makes the tenant do something wrong in one step of a sign-in, or of what follows it. What a correct \
         client does then stands beside it; what this app did stands in the sign-in afterwards.</p>{armed}{}{sections}\
         <section><h2 id=\"{}\">{name}</h2><p>{about}<br><small>{source}</small></p>{}</section>",
        contents(name),
        anchor(name),
        break_delivery::section(delivered)
    );
    frame::page(Section::SignIns, "Break a step", &body)
}

/// Renders links to the sections of the page, each with the number of its faults. `delivered` is the name of what the tenant
/// delivers.
fn contents(delivered: &str) -> String {
    let steps = STEPS.map(|step| (step_explanations::of_step(step).0, faults_in(step).count()));
    let of_delivery = (delivered, DeliveryFault::NAMES.len());
    let link = |(name, count): (&str, usize)| format!("<li><a href=\"#{}\">{name} ({count})</a></li>", anchor(name));
    let links: String = steps.into_iter().chain([of_delivery]).map(link).collect();
    format!("<nav class=\"sections\" aria-label=\"Steps\"><ul class=\"contents\">{links}</ul></nav>")
}

fn anchor(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

/// Renders the faults of a step as a list that opens, or nothing if there is none. A form leads back to the attempt.
pub(super) fn beside(step: &Step, attempt: Option<AttemptId>) -> String {
    if matches!(step.kind, StepKind::Webhook | StepKind::LogoutToken) {
        return break_delivery::beside(step);
    }
    let step = step.kind;
    let count = faults_in(step).count();
    if count == 0 {
        return String::new();
    }
    format!(
        "<details><summary>Break this step ({count} faults)</summary><p>One click breaks it once.{}</p>{}</details>",
        condition(step),
        faults_of(step, attempt)
    )
}

/// Returns the faults that show in a step.
fn faults_in(step: StepKind) -> impl Iterator<Item = &'static Fault> {
    fault_table::all().filter(move |fault| step_of(fault) == step)
}

fn faults_of(step: StepKind, attempt: Option<AttemptId>) -> String {
    let rows: String = faults_in(step)
        .map(|fault| {
            let right = right_answers::to(fault.name).map(right_answer).unwrap_or_default();
            format!(
                "<li><div><p><strong>{}</strong> <code>{}</code></p>{right}</div>{}</li>",
                escape(fault.about),
                fault.name,
                form("arm", fault, &label(fault), attempt)
            )
        })
        .collect();
    format!("<ul class=\"faults\">{rows}</ul>")
}

/// Renders what a correct client does.
pub(super) fn right_answer(answer: &RightAnswer) -> String {
    format!("<p>{}<br><small>{}</small></p>", escape(answer.text), escape(answer.source))
}

/// Renders what a fault did that was on, and what a correct client does.
pub(super) fn used(name: &str) -> String {
    let of_delivery = || DeliveryFault::find(name).and_then(right_answers::to_delivery);
    let right = right_answers::to(name).or_else(of_delivery).map(right_answer).unwrap_or_default();
    format!("<div class=\"used\">{}<p>What a correct client does:</p>{right}</div>", was_on(name))
}

/// Renders that a fault was on.
pub(super) fn was_on(name: &str) -> String {
    let of_delivery = || DeliveryFault::find(name).map(DeliveryFault::about);
    let about = fault_table::find(name).map(|fault| fault.about).or_else(of_delivery).unwrap_or_default();
    format!("<p><strong>The fault <code>{}</code> was on:</strong> {}.</p>", escape(name), escape(about))
}

/// Renders the faults that are on, each with a button that switches it off.
pub(super) fn armed(switches: &Switches, attempt: Option<AttemptId>) -> String {
    let rows: String = fault_table::all()
        .filter_map(|fault| Some((fault, switches.remaining(fault)?)))
        .map(|(fault, times)| {
            let times = match times {
                Some(1) => "once".to_owned(),
                Some(times) => format!("{times} times"),
                None => "until it is switched off".to_owned(),
            };
            format!(
                "<li><div><code>{}</code>: {}, {times}, for the next {}</div>{}</li>",
                fault.name,
                escape(fault.about),
                broken(fault),
                form("disarm", fault, "Disarm", attempt)
            )
        })
        .collect();
    if rows.is_empty() {
        return "<p>No fault is armed.</p>".to_owned();
    }
    format!("<section class=\"armed\"><h2>Armed</h2><ul class=\"faults\">{rows}</ul></section>")
}

fn form(action: &str, fault: &Fault, label: &str, attempt: Option<AttemptId>) -> String {
    let back = attempt.map(|id| format!("<input type=\"hidden\" name=\"attempt\" value=\"{id}\">")).unwrap_or_default();
    format!(
        "<form method=\"post\" action=\"/sign-ins/{action}\">{back}\
         <button name=\"fault\" value=\"{name}\" aria-label=\"{label}: {name}\">{label}</button></form>",
        name = fault.name
    )
}

/// `POST /sign-ins/arm`
pub(crate) async fn arm(State(tenant): State<SharedTenant>, body: String) -> Response {
    let parameters = Parameters::parse("", body.as_bytes());
    let Some(fault) = named(&parameters) else { return unknown() };
    match tenant.switch_on(fault, Some(1)) {
        Ok(()) => back(&parameters),
        Err(error) => frame::error(StatusCode::INTERNAL_SERVER_ERROR, Section::SignIns, &error.to_string()),
    }
}

/// `POST /sign-ins/disarm`
pub(crate) async fn disarm(State(tenant): State<SharedTenant>, body: String) -> Response {
    let parameters = Parameters::parse("", body.as_bytes());
    let Some(fault) = named(&parameters) else { return unknown() };
    tenant.state().faults.switch_off(fault);
    back(&parameters)
}

fn named(parameters: &Parameters) -> Option<&'static Fault> {
    fault_table::find(parameters.form("fault")?)
}

fn unknown() -> Response {
    frame::error(StatusCode::BAD_REQUEST, Section::SignIns, "The form names no fault of this tenant.")
}

/// Leads back to the page with the button: that of an attempt, or the list of all faults.
fn back(parameters: &Parameters) -> Response {
    let attempt = parameters.form("attempt").and_then(|id| id.parse::<AttemptId>().ok());
    let path = attempt.map_or_else(|| "/sign-ins/faults".to_owned(), |id| format!("/sign-ins/{id}"));
    Redirect::to(&path).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_stands_once_on_the_page_of_all() {
        let listed: usize = STEPS.iter().map(|step| faults_of(*step, None).matches("<li>").count()).sum();
        assert_eq!(listed, fault_table::all().count());
    }
}
