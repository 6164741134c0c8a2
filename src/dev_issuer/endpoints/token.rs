//! The token endpoint, for the grant types authorization code, refresh token and, at Kinde, client credentials. The
//! format of its response is in `tokens::token_response`.
//!
//! RFC 6749 §4.1.3, §4.4 and §6, OIDC Core §3.1.3 and §12.

use axum::{Extension, extract::State, http::HeaderMap, response::Response};

use super::client_authentication::{Client, authenticated};
use crate::dev_issuer::basics::{clock::Seconds, parameters::Parameters};
use crate::dev_issuer::protocol::{
    grants::{AccessToken, GrantId, Times},
    machine_clients::Authorization,
    shape::Shape,
    token_error::TokenError,
};
use crate::dev_issuer::state::tenant::{EmulatedTenant, SharedTenant, TenantState};
use crate::dev_issuer::tokens::{
    access_token::{self, Machine},
    id_token,
    occasion::Occasion,
    token_response::{self, Tokens},
};

/// The lifetime of machine tokens. Kinde documents one hour.
const MACHINE_TOKEN_LIFETIME: Seconds = 3_600;

/// `POST /oauth2/token`
pub(crate) async fn token(
    State(tenant): State<SharedTenant>,
    Extension(parameters): Extension<Parameters>,
    headers: HeaderMap,
) -> Result<Response, TokenError> {
    let client = authenticated(&tenant, &headers, &parameters)?;
    match (parameters.form("grant_type"), client) {
        (Some("client_credentials"), client) if tenant.shape == Shape::Kinde => {
            authorize_machine(&tenant, &parameters, client)
        }
        (Some(_), Client::Machine(..)) => Err(TokenError::UnauthorizedClient("A machine has client credentials only")),
        (Some("authorization_code"), _) => exchange_code(&tenant, &parameters),
        (Some("refresh_token"), _) if tenant.state().settings.refresh_grant => refresh(&tenant, &parameters),
        (Some(_), _) => Err(TokenError::UnsupportedGrantType),
        (None, _) => Err(TokenError::InvalidRequest("The grant_type is missing")),
    }
}

fn exchange_code(tenant: &EmulatedTenant, parameters: &Parameters) -> Result<Response, TokenError> {
    let code = parameters.filled("code").ok_or(TokenError::InvalidRequest("The code is missing"))?;
    let mut state = tenant.state();
    let now = state.now();
    let redirect_uri = parameters.filled("redirect_uri");
    let verifier = parameters.filled("code_verifier");
    let grant = state.grants.redeem(code, redirect_uri, verifier, now)?;
    let access_token = new_access_token(tenant, &mut state, grant, Occasion::SignIn)?;
    respond(tenant, &mut state, grant, access_token, Occasion::SignIn)
}

fn refresh(tenant: &EmulatedTenant, parameters: &Parameters) -> Result<Response, TokenError> {
    let token = parameters.filled("refresh_token").ok_or(TokenError::InvalidRequest("The refresh_token is missing"))?;
    let mut state = tenant.state();
    let now = state.now();
    let overlap = state.settings.refresh_overlap;
    let grant = state.grants.refresh(token, overlap, now)?;
    let session = state.grants.get(grant).session.clone();
    state.use_session(&session);
    let at_hand = state.grants.get(grant).access_token.clone();
    let reuses = state.settings.reuse_access_token && !state.faults.change_access_tokens();
    let access_token = match at_hand.filter(|token| reuses && token.times.expires_at > now) {
        Some(token) => token,
        None => new_access_token(tenant, &mut state, grant, Occasion::Refresh)?,
    };
    respond(tenant, &mut state, grant, access_token, Occasion::Refresh)
}

fn new_access_token(
    tenant: &EmulatedTenant,
    state: &mut TenantState,
    id: GrantId,
    occasion: Occasion,
) -> Result<AccessToken, TokenError> {
    let grant = state.grants.get(id).clone();
    let person = state.active_person(&grant.person).cloned().ok_or(PERSON_IS_GONE)?;
    let token = access_token::issue(tenant, state, &grant, &person, occasion);
    state.grants.set_access_token(id, token.clone());
    Ok(token)
}

const PERSON_IS_GONE: TokenError = TokenError::InvalidGrant("The person does not exist anymore, or is suspended");

fn respond(
    tenant: &EmulatedTenant,
    state: &mut TenantState,
    id: GrantId,
    access_token: AccessToken,
    occasion: Occasion,
) -> Result<Response, TokenError> {
    let grant = state.grants.get(id).clone();
    let person = state.active_person(&grant.person).cloned().ok_or(PERSON_IS_GONE)?;
    let token = &access_token.token;
    let id_token =
        grant.request.has_scope("openid").then(|| id_token::issue(tenant, state, &grant, &person, token, occasion));
    let now = state.now();
    let tokens = Tokens {
        expires_in: access_token.times.expires_at - now,
        access_token: access_token.token,
        id_token,
        refresh_token: refresh_token(tenant, state, id),
        scope: grant.request.scope.join(" "),
        token_type: token_type(tenant.shape),
    };
    Ok(token_response::respond(state, tokens, occasion))
}

/// Returns the type of access tokens. Kinde writes it in lower case; clients must ignore the case.
fn token_type(shape: Shape) -> &'static str {
    match shape {
        Shape::Kinde => "bearer",
        Shape::Plain => "Bearer",
    }
}

/// Issues a refresh token for the scope of the setting `refresh_scope`. Kinde ignores the standard's `offline_access`.
fn refresh_token(tenant: &EmulatedTenant, state: &mut TenantState, id: GrantId) -> Option<String> {
    let issued_at = state.now();
    let times = Times { issued_at, expires_at: issued_at + state.settings.refresh_token_lifetime };
    let request = &state.grants.get(id).request;
    let is_granted = state.settings.refresh_scope.as_ref().is_some_and(|scope| request.has_scope(scope));
    is_granted.then(|| state.grants.issue_refresh_token(id, times, &tenant.random))
}

/// Issues a token for a machine. The client that signs users in may request every audience and every scope.
fn authorize_machine(tenant: &EmulatedTenant, parameters: &Parameters, client: Client) -> Result<Response, TokenError> {
    let words = |name| -> Vec<String> {
        let text = parameters.form(name).unwrap_or_default();
        text.split_whitespace().map(str::to_owned).collect()
    };
    let (audience, scope) = (words("audience"), words("scope"));
    let (client_id, authorization) = match client {
        Client::Registered => {
            let everything = Authorization { audience: audience.clone(), scopes: scope.clone(), org_code: None };
            (tenant.client.id.clone(), everything)
        }
        Client::Machine(id, authorization) => (id, authorization),
    };
    let scope = authorization.grant(&audience, scope)?;
    let mut state = tenant.state();
    let now = state.now();
    let times = (now, now + MACHINE_TOKEN_LIFETIME);
    let machine = Machine {
        client_id: &client_id,
        org_code: authorization.org_code.as_deref(),
        audience: &audience,
        scope: &scope,
    };
    let claims = access_token::machine_claims(tenant, &machine, times);
    let tokens = Tokens {
        expires_in: MACHINE_TOKEN_LIFETIME,
        access_token: state.sign_jwt(&claims),
        id_token: None,
        refresh_token: None,
        scope: scope.join(" "),
        token_type: token_type(tenant.shape),
    };
    Ok(token_response::respond(&mut state, tokens, Occasion::SignIn))
}
