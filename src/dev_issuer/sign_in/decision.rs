//! The decision of the user on the sign-in page: a person, a new account, a cancellation or an expired link. The page
//! is rendered in `page`.
//!
//! OIDC Core §3.1.2.3 to §3.1.2.6; the form is specific to the emulator.

use axum::{
    Extension,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use super::{
    callback::{self, Outcome},
    invitation::{self, Refused},
};
use crate::dev_issuer::basics::{page, parameters::Parameters, session_cookie};
use crate::dev_issuer::protocol::{authorization_request::AuthorizationRequest, grants::Grant, shape::Shape};
use crate::dev_issuer::state::tenant::{EmulatedTenant, SharedTenant, SsoSession};

/// `POST /sign-in`
pub(crate) async fn decide(
    State(tenant): State<SharedTenant>,
    Extension(parameters): Extension<Parameters>,
) -> Response {
    let Some(request) = take_transaction(&tenant, &parameters) else {
        return page::error(
            StatusCode::BAD_REQUEST,
            "This sign-in page was already used or is too old. Go back to the application and start again.",
        );
    };
    let outcome = match parameters.form("action") {
        Some("cancel") => Outcome::Error("access_denied", "The user denied the request"),
        Some("expire") if tenant.shape == Shape::Kinde => Outcome::LinkExpired,
        _ => return sign_in_chosen(&tenant, request, &parameters),
    };
    callback::redirect(&tenant, &request, outcome, StatusCode::SEE_OTHER)
}

fn sign_in_chosen(tenant: &EmulatedTenant, request: AuthorizationRequest, parameters: &Parameters) -> Response {
    let person = match chosen_person(tenant, &request, parameters) {
        Ok(Some(person)) => person,
        Ok(None) => {
            let text = "The form does not name a person who can sign in.";
            return page::error(StatusCode::BAD_REQUEST, text);
        }
        Err(Refused(text)) => return page::error(StatusCode::FORBIDDEN, text),
    };
    let org_code = parameters.filled("org_code");
    sign_in(tenant, request, &person, org_code, StatusCode::SEE_OTHER)
}

fn take_transaction(tenant: &EmulatedTenant, parameters: &Parameters) -> Option<AuthorizationRequest> {
    let mut state = tenant.state();
    state.forget_old_transactions();
    let transaction = state.transactions.remove(parameters.form("transaction")?)?;
    Some(transaction.request)
}

/// Returns the key of the person whom the form names, or none if there is no such person. With an invitation, a new
/// account is for the invited e-mail address only.
fn chosen_person(
    tenant: &EmulatedTenant,
    request: &AuthorizationRequest,
    parameters: &Parameters,
) -> Result<Option<String>, Refused> {
    let mut state = tenant.state();
    if parameters.form("action") != Some("create") {
        let person = parameters.form("person").and_then(|key| state.people.find(key));
        return Ok(person.map(|person| person.key.clone()));
    }
    let Some(email) = parameters.filled("email") else {
        return Ok(None);
    };
    let names = (parameters.filled("given_name"), parameters.filled("family_name"));
    match invitation::of_request(&state, request)?.cloned() {
        Some(invitation) if !invitation.is_for(email) => Err(Refused("This invitation is for another e-mail address.")),
        Some(invitation) => Ok(Some(invitation::invited_person(&mut state, &invitation, names, &tenant.random))),
        None => {
            let roles = state.catalogue.default_roles();
            Ok(Some(state.people.create(email, names, roles, &tenant.random)))
        }
    }
}

/// Accepts the invitation of the request, if there is one, starts a new session for the person, and redirects to the
/// callback with a code.
pub(crate) fn sign_in(
    tenant: &EmulatedTenant,
    mut request: AuthorizationRequest,
    person: &str,
    org_code: Option<&str>,
    status: StatusCode,
) -> Response {
    let id = tenant.random.hexadecimal(16);
    {
        let mut state = tenant.state();
        if state.active_person(person).is_none() {
            return page::error(StatusCode::FORBIDDEN, "This account is suspended, or does not exist.");
        }
        if let Err(Refused(text)) = invitation::accept(&mut state, &mut request, person) {
            return page::error(StatusCode::FORBIDDEN, text);
        }
        state.start_session(id.clone(), person);
    }
    let mut response = redirect_with_code(tenant, request, &id, org_code, status);
    if let Ok(cookie) = HeaderValue::try_from(session_cookie::set(&id)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Redirects to the callback with a code for the person of the session.
pub(crate) fn redirect_with_code(
    tenant: &EmulatedTenant,
    request: AuthorizationRequest,
    session: &str,
    org_code: Option<&str>,
    status: StatusCode,
) -> Response {
    match issue_code(tenant, &request, session, org_code) {
        Some(code) => callback::redirect(tenant, &request, Outcome::Code(code), status),
        None => page::error(StatusCode::FORBIDDEN, "This person does not belong to the requested organization."),
    }
}

fn issue_code(
    tenant: &EmulatedTenant,
    request: &AuthorizationRequest,
    session: &str,
    org_code: Option<&str>,
) -> Option<String> {
    let mut state = tenant.state();
    let now = state.now();
    let SsoSession { person, authenticated_at, .. } = state.session(session)?.clone();
    state.use_session(session);
    let org_code = match &request.new_organization {
        Some(name) => state.people.create_organization(&person, name, &tenant.random)?,
        None => {
            let wanted = request.org_code.as_deref().or(org_code);
            state.people.find(&person)?.organization(wanted)?.code.clone()
        }
    };
    if let Some(person) = state.people.find_mut(&person) {
        person.activity.sign_ins += 1;
        person.activity.last_signed_in_at = Some(now);
    }
    let grant = Grant::new(person, org_code, request.clone(), (session.to_owned(), authenticated_at));
    Some(state.grants.issue_code(grant, now, &tenant.random))
}
