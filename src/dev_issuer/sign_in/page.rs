//! The sign-in page: one button for each person, a form that creates an account, and buttons that cancel. It works
//! without JavaScript. Its forms are handled in `decision`.
//!
//! OIDC Core §3.1.2.3 (`prompt`, `login_hint`).

use axum::{
    http::{HeaderName, HeaderValue, StatusCode},
    response::Response,
};

use crate::dev_issuer::basics::page::{escape, page};
use crate::dev_issuer::people::person::{Organization, Person};
use crate::dev_issuer::protocol::{
    authorization_request::{AuthorizationRequest, Prompt},
    shape::Shape,
};

/// The header with the transaction, so that programs need not parse the form.
const TRANSACTION_HEADER: HeaderName = HeaderName::from_static("x-dev-transaction");

/// Renders the page for a request.
pub(crate) fn render(people: &[Person], request: &AuthorizationRequest, transaction: &str, shape: Shape) -> Response {
    let people = choice(people, request, transaction, shape);
    let sign_up = sign_up(request, transaction);
    let ways_out = ways_out(transaction, shape);
    let (title, body) = match request.prompt {
        Prompt::Create => ("Create an account", format!("{sign_up}<h2>Or sign in</h2>{people}{ways_out}")),
        _ => ("Choose who signs in", format!("{people}<h2>Create an account</h2>{sign_up}{ways_out}")),
    };
    let mut response = page(StatusCode::OK, title, &body, &origin(&request.redirect_uri));
    if let Ok(value) = HeaderValue::from_str(transaction) {
        response.headers_mut().insert(TRANSACTION_HEADER, value);
    }
    response
}

/// Returns the origin of the callback in the format of a content security policy.
fn origin(redirect_uri: &str) -> String {
    match url::Url::parse(redirect_uri) {
        Ok(url) if url.origin().is_tuple() => url.origin().ascii_serialization(),
        _ => String::new(),
    }
}

fn choice(people: &[Person], request: &AuthorizationRequest, transaction: &str, shape: Shape) -> String {
    let hint = request.login_hint.as_deref();
    let is_hinted = |person: &&Person| hint.is_some_and(|hint| hint == person.email || hint == person.key);
    let wanted_org = request.org_code.as_deref();
    let (hinted, others): (Vec<_>, Vec<_>) =
        people.iter().filter(|person| person.organization(wanted_org).is_some()).partition(is_hinted);
    // Only Kinde's users choose an organization, unless the client already did.
    let offers_organizations = shape == Shape::Kinde && wanted_org.is_none();
    let entries: String =
        hinted.iter().chain(&others).map(|person| entry(person, offers_organizations, transaction)).collect();
    format!("<ul class=\"people\">{entries}</ul>")
}

/// Renders one button, or one button for each organization if the user must choose one.
fn entry(person: &Person, offers_organizations: bool, transaction: &str) -> String {
    let has_choice = offers_organizations && person.organizations.len() > 1;
    let buttons: String = if has_choice {
        person.organizations.iter().map(|org| button(person, Some(org), transaction)).collect()
    } else {
        button(person, None, transaction)
    };
    format!("<li>{buttons}</li>")
}

fn button(person: &Person, organization: Option<&Organization>, transaction: &str) -> String {
    let name = person.full_name().unwrap_or_else(|| "(no name)".to_owned());
    let (label, field) = match organization {
        Some(org) => (
            format!(" · {}", escape(&org.name)),
            format!("<input type=\"hidden\" name=\"org_code\" value=\"{}\">", escape(&org.code)),
        ),
        None => (String::new(), String::new()),
    };
    format!(
        "<form method=\"post\" action=\"/sign-in\">{}{field}<button name=\"person\" value=\"{}\">\
         <strong>{}{label}</strong> <span>{}</span> <small>{}</small></button></form>",
        hidden(transaction),
        escape(&person.key),
        escape(&name),
        escape(&person.email),
        escape(&person.about),
    )
}

fn hidden(transaction: &str) -> String {
    format!("<input type=\"hidden\" name=\"transaction\" value=\"{transaction}\">")
}

fn sign_up(request: &AuthorizationRequest, transaction: &str) -> String {
    let email = request.login_hint.as_deref().filter(|hint| hint.contains('@')).unwrap_or_default();
    format!(
        "<form class=\"sign-up\" method=\"post\" action=\"/sign-in\">{}\
         <label>Given name <small>(optional)</small><input name=\"given_name\" autocomplete=\"given-name\"></label>\
         <label>Family name <small>(optional)</small><input name=\"family_name\" autocomplete=\"family-name\"></label>\
         <label>E-mail<input name=\"email\" type=\"email\" required autocomplete=\"email\" value=\"{}\"></label>\
         <button name=\"action\" value=\"create\">Create account</button></form>",
        hidden(transaction),
        escape(email),
    )
}

/// Renders the buttons that end without a sign-in. Only Kinde reports an expired link to the callback.
fn ways_out(transaction: &str, shape: Shape) -> String {
    let expire = match shape {
        Shape::Kinde => "<button name=\"action\" value=\"expire\">Pretend the link expired</button>",
        Shape::Plain => "",
    };
    format!(
        "<form class=\"ways-out\" method=\"post\" action=\"/sign-in\">{}\
         <button name=\"action\" value=\"cancel\">Cancel</button>{expire}</form>",
        hidden(transaction),
    )
}
