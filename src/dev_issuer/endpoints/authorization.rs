//! The authorization endpoint: refuses the request with a page, redirects to the callback, or shows the sign-in page.
//! The user's decision on that page is in `sign_in::decision`.
//!
//! OIDC Core §3.1.2, RFC 7636 §4.4.1, RFC 6749 §4.1.2.1.

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::discovery::supported_scopes;
use crate::dev_issuer::basics::{
    clock::SHORT_LIFETIME,
    page::{self, escape},
    parameters::Parameters,
    session_cookie,
};
use crate::dev_issuer::protocol::{
    authorization_request::{AuthorizationRequest, Prompt, Unredirectable},
    registered_client::Registration,
    shape::Shape,
};
use crate::dev_issuer::sign_in::{
    callback::{self, Outcome},
    decision,
    invitation::{self, Refused},
    page::SignInPage,
};
use crate::dev_issuer::state::tenant::{EmulatedTenant, SharedTenant, Transaction};

/// The least length of a state. Ory's server requires it, and Kinde behaves like that server.
const SHORTEST_STATE: usize = 8;

/// `GET /oauth2/auth`
pub(crate) async fn authorize(
    State(tenant): State<SharedTenant>,
    Extension(parameters): Extension<Parameters>,
    headers: HeaderMap,
) -> Response {
    let registration = tenant.state().registration.clone();
    let client = (tenant.client.id.as_str(), &registration);
    let mut request = match AuthorizationRequest::read(&parameters, client, tenant.shape) {
        Ok(request) => request,
        Err(reason) => return refusal_page(reason, &parameters, client),
    };
    if let Some((error, description)) = protocol_error(&tenant, &request) {
        let outcome = Outcome::Error(error, description);
        return callback::redirect(&tenant, &request, outcome, StatusCode::FOUND);
    }
    request.scope = granted_scope(&tenant, &request);
    if is_unknown_organization(&tenant, &request) {
        return page::error(StatusCode::BAD_REQUEST, "The specified organization could not be found.");
    }
    if let Err(Refused(text)) = invitation::of_request(&tenant.state(), &request) {
        return page::error(StatusCode::BAD_REQUEST, text);
    }
    decide(&tenant, request, &headers)
}

fn refusal_page(
    reason: Unredirectable,
    parameters: &Parameters,
    (client_id, registration): (&str, &Registration),
) -> Response {
    let sent = |name: &str| match parameters.query(name) {
        Some(value) => format!("The app sent <code>{}</code>.", escape(value)),
        None => format!("The app sent no <code>{name}</code>."),
    };
    let (status, text, advice) = match reason {
        Unredirectable::UnknownClient => (
            StatusCode::BAD_REQUEST,
            "The client_id is not known.",
            format!(
                "<p>{} The client of this tenant is <code>{}</code>: set the client ID of the app to it, and start the \
                 app again.</p>",
                sent("client_id"),
                escape(client_id),
            ),
        ),
        Unredirectable::InvalidCallbackUrl => {
            let allowed = registration.callback_urls.iter().map(|url| format!("<li><code>{}</code></li>", escape(url)));
            (
                StatusCode::BAD_REQUEST,
                "Invalid callback URL: the redirect_uri is missing or not in the list of allowed callback URLs.",
                format!(
                    "<p>{} It has to be one of these, character by character:</p><ul>{}</ul><p>Change the setting of the \
                     app, or start the tenant with the callback URL of the app.</p>",
                    sent("redirect_uri"),
                    allowed.collect::<String>(),
                ),
            )
        }
        Unredirectable::InsecureCallbackUrl => (
            StatusCode::BAD_REQUEST,
            "Error 1656: only a localhost callback URL can be used with http.",
            format!("<p>{} Use https, or http with localhost, for the callback URL.</p>", sent("redirect_uri")),
        ),
        Unredirectable::StateTooLong => (
            StatusCode::URI_TOO_LONG,
            "The state is too long.",
            "<p>The state is a random value. What the app has to remember belongs into its session.</p>".to_owned(),
        ),
    };
    page::refusal(status, text, &advice)
}

fn protocol_error(tenant: &EmulatedTenant, request: &AuthorizationRequest) -> Option<(&'static str, &'static str)> {
    let settings = tenant.state().settings.clone();
    let knows_prompt = |value: &String| match &settings.prompt_values_supported {
        Some(supported) => supported.contains(value),
        None => true,
    };
    let is_s256 = request.code_challenge_method.as_deref() == Some("S256");
    let state = request.state.as_deref();
    if request.response_type != "code" {
        let why = "Only the response type code is supported";
        Some(("unsupported_response_type", why))
    } else if state.is_some_and(|state| state.len() < SHORTEST_STATE) {
        Some(("invalid_state", "The state has fewer than 8 characters"))
    } else if request.code_challenge.is_some() && !is_s256 {
        Some(("invalid_request", "The code_challenge_method is not S256"))
    } else if request.code_challenge.is_none() && settings.require_pkce {
        Some(("invalid_request", "The code_challenge is missing"))
    } else if !request.prompt_values.iter().all(knows_prompt) {
        Some(("invalid_request", "The prompt is not supported"))
    } else {
        None
    }
}

/// Returns the requested scope without what the tenant does not grant: the scope of refresh tokens where consent is
/// missing and, at a plain issuer, every scope that discovery does not list (OIDC Core §3.1.2.1 and §11).
fn granted_scope(tenant: &EmulatedTenant, request: &AuthorizationRequest) -> Vec<String> {
    let state = tenant.state();
    let known = supported_scopes(tenant.shape, &state.settings);
    let has_consent = request.prompt_values.iter().any(|value| value == "consent");
    let lacks_consent = state.settings.refresh_needs_consent && !has_consent;
    let is_granted = |scope: &&String| {
        let is_known = tenant.shape == Shape::Kinde || known.contains(&scope.as_str());
        let is_refresh_scope = Some(*scope) == state.settings.refresh_scope.as_ref();
        is_known && !(lacks_consent && is_refresh_scope)
    };
    request.scope.iter().filter(is_granted).cloned().collect()
}

fn is_unknown_organization(tenant: &EmulatedTenant, request: &AuthorizationRequest) -> bool {
    let code = request.org_code.as_deref();
    code.is_some_and(|code| tenant.state().find_organization(code).is_none())
}

fn decide(tenant: &EmulatedTenant, request: AuthorizationRequest, headers: &HeaderMap) -> Response {
    let session = session_cookie::of_request(headers).filter(|id| serves(tenant, id, &request));
    if let (Prompt::Unspecified | Prompt::None, Some(id)) = (request.prompt, session) {
        return decision::redirect_with_code(tenant, request, &id, None, StatusCode::FOUND);
    }
    if request.prompt == Prompt::None {
        let outcome = Outcome::Error("login_required", "User authentication is required");
        return callback::redirect(tenant, &request, outcome, StatusCode::FOUND);
    }
    match automatic_person(tenant, &request) {
        Some(person) => decision::sign_in(tenant, request, &person, None, StatusCode::FOUND),
        None => show_page(tenant, request),
    }
}

/// Returns whether the session exists, has not ended and is younger than `max_age`, and whether its person belongs to
/// the requested organization and is the person of the setting `auto_sign_in`. With `prompt=none` the setting does not
/// matter.
fn serves(tenant: &EmulatedTenant, session: &str, request: &AuthorizationRequest) -> bool {
    let state = tenant.state();
    let oldest = request.max_age.map(|age| state.now().saturating_sub(age));
    let session = state.session(session);
    let session = session.filter(|session| oldest.is_none_or(|oldest| session.authenticated_at > oldest));
    let Some(person) = session.and_then(|session| state.people.find(&session.person)) else {
        return false;
    };
    let automatic = state.settings.auto_sign_in.as_ref();
    let is_wanted = request.prompt == Prompt::None || automatic.is_none_or(|key| *key == person.key);
    is_wanted && person.organization(request.org_code.as_deref()).is_some()
}

/// Returns the person of the setting `auto_sign_in`, or a new person if the request creates an account.
fn automatic_person(tenant: &EmulatedTenant, request: &AuthorizationRequest) -> Option<String> {
    let mut state = tenant.state();
    let person = state.settings.auto_sign_in.clone()?;
    if request.prompt != Prompt::Create {
        return Some(person);
    }
    let names = (Some("New"), Some("Person"));
    let invitation = invitation::of_request(&state, request).ok().flatten().cloned();
    if let Some(invitation) = invitation {
        return Some(invitation::invited_person(&mut state, &invitation, names, &tenant.random));
    }
    let email = request.login_hint.as_deref().unwrap_or("new@example.com");
    let roles = state.catalogue.default_roles();
    Some(state.people.create(email, names, roles, &tenant.random))
}

fn show_page(tenant: &EmulatedTenant, request: AuthorizationRequest) -> Response {
    let mut state = tenant.state();
    state.forget_old_transactions();
    let id = tenant.random.hexadecimal(16);
    let page = SignInPage {
        people: state.people.all(),
        request: &request,
        transaction: &id,
        shape: tenant.shape,
        invitation: invitation::of_request(&state, &request).ok().flatten(),
    };
    let response = page.render();
    let expires_at = state.now() + SHORT_LIFETIME;
    let transaction = Transaction { request, expires_at };
    state.transactions.insert(id, transaction);
    response
}
