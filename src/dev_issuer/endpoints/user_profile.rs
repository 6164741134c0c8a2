//! The user profile endpoints (userinfo), in Kinde's second and first version, and that of a plain issuer. There is no
//! `/oauth2/userinfo`, because Kinde has none.
//!
//! OIDC Core §5.3 and §5.4, Kinde's OpenAPI file of the account API.

use axum::{Json, extract::State, http::HeaderMap};
use serde_json::{Map, Value, json};

use crate::dev_issuer::basics::bearer_token::bearer_token;
use crate::dev_issuer::faults::{alteration::members, fault::Document};
use crate::dev_issuer::people::person::Person;
use crate::dev_issuer::protocol::{grants::Grant, shape::Shape, token_error::TokenError};
use crate::dev_issuer::state::tenant::{SharedTenant, TenantState};
use crate::dev_issuer::tokens::id_token::grant_claims;

type Profile = Json<Map<String, Value>>;

/// `GET /oauth2/v2/user_profile`. It leaves out the names that the person does not have, because Kinde describes no
/// null for them.
pub(crate) async fn user_profile(
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
) -> Result<Profile, TokenError> {
    respond(&tenant, &headers, |grant, person| {
        let names = [
            ("name", person.full_name()),
            ("given_name", person.given_name.clone()),
            ("family_name", person.family_name.clone()),
        ];
        let names = names.into_iter().filter_map(|(member, name)| Some((member.to_owned(), name?.into())));
        let mut profile = members(json!({
            "sub": person.subject,
            "id": person.subject,
            "provided_id": person.provided_id,
            "updated_at": grant.authenticated_at,
            "email": person.email,
            "email_verified": true,
            "picture": person.picture,
            "preferred_username": person.username,
        }));
        profile.extend(names);
        profile.into()
    })
}

/// `GET /oauth2/user_profile`
pub(crate) async fn user_profile_v1(
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
) -> Result<Profile, TokenError> {
    respond(&tenant, &headers, |_, person| {
        json!({
            "id": person.subject,
            "preferred_email": person.email,
            "username": person.username,
            "provided_id": person.provided_id,
            "last_name": person.family_name,
            "first_name": person.given_name,
            "picture": person.picture,
        })
    })
}

/// `GET {issuer}/userinfo` at a plain issuer: the claims of the granted scope.
pub(crate) async fn userinfo(State(tenant): State<SharedTenant>, headers: HeaderMap) -> Result<Profile, TokenError> {
    respond(&tenant, &headers, |grant, person| {
        let mut profile = grant_claims(grant, person);
        profile.insert("sub".to_owned(), person.subject.as_str().into());
        Value::Object(profile)
    })
}

fn respond(
    tenant: &SharedTenant,
    headers: &HeaderMap,
    profile: impl Fn(&Grant, &Person) -> Value,
) -> Result<Profile, TokenError> {
    let mut state = tenant.state();
    let now = state.now();
    let (grant, person) = authorized(&state, headers).ok_or(invalid_token(tenant.shape))?;
    let mut document = members(profile(grant, person));
    for alteration in state.faults.alterations(Document::UserProfile) {
        alteration.apply(&mut document, now);
    }
    Ok(Json(document))
}

/// Returns the grant and the person of the access token in the request, or none if there is no such token or it is not
/// valid.
pub(crate) fn authorized<'a>(state: &'a TenantState, headers: &HeaderMap) -> Option<(&'a Grant, &'a Person)> {
    let token = bearer_token(headers)?;
    let (grant, _) = state.grants.by_access_token(token, state.now())?;
    let person = state.people.find(&grant.person)?;
    Some((grant, person))
}

/// Returns the error for a request without a valid access token.
pub(crate) fn invalid_token(shape: Shape) -> TokenError {
    match shape {
        Shape::Kinde => TokenError::InvalidCredentials,
        Shape::Plain => TokenError::InvalidToken,
    }
}
