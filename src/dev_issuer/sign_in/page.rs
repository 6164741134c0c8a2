//! The sign-in page: one button for each person, a form that creates an account, and buttons that cancel. It works
//! without JavaScript. Its forms are handled in `decision`.
//!
//! OIDC Core §3.1.2.3 (`prompt`, `login_hint`).

use axum::{
    http::{HeaderName, HeaderValue, StatusCode},
    response::Response,
};

use crate::dev_issuer::basics::page::{escape, page};
use crate::dev_issuer::people::{
    invitations::Invitation,
    person::{Organization, Person},
    seeded::is_for_tests,
};
use crate::dev_issuer::protocol::{
    authorization_request::{AuthorizationRequest, Prompt},
    shape::Shape,
};

/// The header with the transaction, so that programs need not parse the form.
const TRANSACTION_HEADER: HeaderName = HeaderName::from_static("x-dev-transaction");

/// The sentence above the people for tests.
const ABOUT_TESTS: &str = "Each has something that has broken an app before.";

/// The contents of one sign-in page.
pub(crate) struct SignInPage<'a> {
    pub(crate) people: &'a [Person],
    pub(crate) request: &'a AuthorizationRequest,
    pub(crate) transaction: &'a str,
    pub(crate) shape: Shape,
    /// The invitation that the request accepts. Only its e-mail address can then sign in or sign up.
    pub(crate) invitation: Option<&'a Invitation>,
}

impl SignInPage<'_> {
    /// Renders the page.
    pub(crate) fn render(&self) -> Response {
        let people = self.choice();
        let sign_up = self.sign_up();
        let origin = origin(&self.request.redirect_uri);
        let ways_out = self.ways_out();
        let (title, lead, choices) = match (self.invitation, self.request.prompt) {
            (Some(invitation), _) => {
                ("Accept the invitation", introduction(invitation), sign_up_first(&sign_up, &ways_out, &people))
            }
            (None, Prompt::Create) => (
                "Create an account",
                destination("Make somebody up, or pick anybody", &origin),
                sign_up_first(&sign_up, &ways_out, &people),
            ),
            _ => (
                "Choose who signs in",
                destination("Pick anybody", &origin),
                format!(
                    "<div class=\"card\">{people}</div><div><section class=\"card\"><h2>Create an account</h2>{sign_up}\
                     </section>{ways_out}</div>"
                ),
            ),
        };
        let body = format!("{lead}<div class=\"choices\">{choices}</div>");
        let mut response = page(StatusCode::OK, title, &body, &origin);
        if let Ok(value) = HeaderValue::from_str(self.transaction) {
            response.headers_mut().insert(TRANSACTION_HEADER, value);
        }
        response
    }

    fn choice(&self) -> String {
        let hint = self.request.login_hint.as_deref();
        let is_hinted = |person: &&Person| hint.is_some_and(|hint| hint == person.email || hint == person.key);
        let (hinted, others): (Vec<_>, Vec<_>) =
            self.people.iter().filter(|person| self.can_sign_in(person)).partition(is_hinted);
        let (for_tests, others): (Vec<_>, Vec<_>) = others.into_iter().partition(|person| is_for_tests(person));
        let list = |people: &mut dyn Iterator<Item = &&Person>| {
            let entries: String = people.map(|person| self.entry(person)).collect();
            if entries.is_empty() { entries } else { format!("<ul class=\"people\">{entries}</ul>") }
        };
        let (first, second) = (list(&mut hinted.iter().chain(&others)), list(&mut for_tests.iter()));
        match (first.is_empty(), second.is_empty()) {
            (false, false) => format!("{first}<h2>For tests</h2><p><small>{ABOUT_TESTS}</small></p>{second}"),
            _ => first + &second,
        }
    }

    fn can_sign_in(&self, person: &Person) -> bool {
        match self.invitation {
            Some(invitation) => invitation.is_for(&person.email),
            None => person.organization(self.request.org_code.as_deref()).is_some(),
        }
    }

    /// Renders one button, or one button for each organization if the user must choose one.
    fn entry(&self, person: &Person) -> String {
        // Only Kinde's users choose an organization, unless the client or an invitation already did.
        let offers_organizations =
            self.shape == Shape::Kinde && self.request.org_code.is_none() && self.invitation.is_none();
        let buttons: String = if offers_organizations && person.organizations.len() > 1 {
            person.organizations.iter().map(|org| button(person, Some(org), self.transaction)).collect()
        } else {
            button(person, None, self.transaction)
        };
        format!("<li>{buttons}</li>")
    }

    fn sign_up(&self) -> String {
        let hint = self.request.login_hint.as_deref().filter(|hint| hint.contains('@'));
        let (email, lock) = match self.invitation {
            Some(invitation) => (invitation.email.as_str(), " readonly"),
            None => (hint.unwrap_or_default(), ""),
        };
        format!(
            "<form class=\"sign-up\" method=\"post\" action=\"/sign-in\">{}\
             <label>Given name <small>(optional)</small><input name=\"given_name\" type=\"text\" autocomplete=\"given-name\"></label>\
             <label>Family name <small>(optional)</small><input name=\"family_name\" type=\"text\" autocomplete=\"family-name\"></label>\
             <label>E-mail<input name=\"email\" type=\"email\" required autocomplete=\"email\" value=\"{}\"{lock}></label>\
             <button name=\"action\" value=\"create\">Create account</button></form>",
            hidden(self.transaction),
            escape(email),
        )
    }

    /// Renders the buttons that end without a sign-in. Only Kinde reports an expired link to the callback.
    fn ways_out(&self) -> String {
        let expire = match self.shape {
            Shape::Kinde => "<button name=\"action\" value=\"expire\">Pretend the link expired</button>",
            Shape::Plain => "",
        };
        format!(
            "<form class=\"ways-out\" method=\"post\" action=\"/sign-in\">{}\
             <button name=\"action\" value=\"cancel\">Cancel</button>{expire}</form>",
            hidden(self.transaction),
        )
    }
}

fn sign_up_first(sign_up: &str, ways_out: &str, people: &str) -> String {
    format!(
        "<div><div class=\"card\">{sign_up}</div>{ways_out}</div><section class=\"card\"><h2>Or sign in</h2>{people}\
         </section>"
    )
}

/// Renders what to do here, and where the user goes from here.
fn destination(what: &str, origin: &str) -> String {
    match origin {
        "" => format!("<p class=\"lead\">{what}: you return to the app.</p>"),
        _ => format!("<p class=\"lead\">{what}: you return to {}.</p>", escape(origin)),
    }
}

fn introduction(invitation: &Invitation) -> String {
    format!(
        "<p class=\"lead\"><strong>{}</strong> is invited to <strong>{}</strong>.</p>",
        escape(&invitation.email),
        escape(&invitation.organization.name),
    )
}

/// Returns the origin of the callback in the format of a content security policy.
fn origin(redirect_uri: &str) -> String {
    match url::Url::parse(redirect_uri) {
        Ok(url) if url.origin().is_tuple() => url.origin().ascii_serialization(),
        _ => String::new(),
    }
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
    let mark = if person.suspended { " <span class=\"suspended\">suspended</span>" } else { "" };
    format!(
        "<form method=\"post\" action=\"/sign-in\">{}{field}<button name=\"person\" value=\"{}\">\
         <span class=\"avatar\" aria-hidden=\"true\">{}</span>\
         <span class=\"who\"><strong>{}{label}</strong> <span class=\"email\">{}</span>{mark}</span> <small>{}</small>\
         </button></form>",
        hidden(transaction),
        escape(&person.key),
        escape(&initials(person)),
        escape(&name),
        escape(&person.email),
        escape(&person.about),
    )
}

/// The first letters of the first and the last name, or of the e-mail address.
fn initials(person: &Person) -> String {
    let name = person.full_name().unwrap_or_else(|| person.email.clone());
    let mut letters =
        name.split_whitespace().filter_map(|word| word.chars().find(|character| character.is_alphanumeric()));
    letters.next().into_iter().chain(letters.next_back()).flat_map(char::to_uppercase).collect()
}

fn hidden(transaction: &str) -> String {
    format!("<input type=\"hidden\" name=\"transaction\" value=\"{transaction}\">")
}
