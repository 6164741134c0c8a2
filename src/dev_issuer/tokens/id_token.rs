//! The claims of ID tokens and their signature, correct or changed by the faults that are on.
//!
//! OIDC Core §2, §3.1.3.6 and §12.2, Kinde documentation "About ID tokens".

use serde_json::{Map, Value, json};

use super::{
    access_token::{insert_properties, replace_claims, with_hasura_names},
    occasion::Occasion,
    signature::sign,
};
use crate::dev_issuer::basics::{clock::Seconds, signing::left_half_hash};
use crate::dev_issuer::faults::{alteration::members, fault::Document};
use crate::dev_issuer::people::person::Person;
use crate::dev_issuer::protocol::{grants::Grant, shape::Shape};
use crate::dev_issuer::state::{
    settings::{Audience, Settings},
    tenant::{EmulatedTenant, TenantState, sid},
};

/// Returns a signed ID token for the user of the grant.
pub(crate) fn issue(
    tenant: &EmulatedTenant,
    state: &mut TenantState,
    grant: &Grant,
    person: &Person,
    access_token: &str,
    occasion: Occasion,
) -> String {
    let now = state.now();
    let mut claims = claims(tenant, state, grant, person, now);
    claims.insert("at_hash".to_owned(), left_half_hash(access_token).into());
    if state.settings.hasura_mapping {
        claims = with_hasura_names(claims);
    }
    let mut alterations = state.faults.alterations(Document::IdToken);
    if occasion == Occasion::Refresh {
        alterations.extend(state.faults.alterations(Document::RefreshedIdToken));
    }
    for alteration in alterations {
        alteration.apply(&mut claims, now);
    }
    let forgery = state.faults.forgery();
    sign(tenant, state, &claims, forgery)
}

fn claims(
    tenant: &EmulatedTenant,
    state: &TenantState,
    grant: &Grant,
    person: &Person,
    now: Seconds,
) -> Map<String, Value> {
    let mut claims = members(json!({
        "aud": audience(tenant, &state.settings),
        "auth_time": grant.authenticated_at,
        "exp": now + state.settings.id_token_lifetime,
        "iat": now,
        "iss": tenant.issuer,
        "jti": tenant.random.uuid(),
        "sub": person.subject,
    }));
    match tenant.shape {
        Shape::Kinde => claims.extend(kinde_claims(tenant, grant, person)),
        Shape::Plain => drop(claims.insert("sid".to_owned(), sid(&grant.session).into())),
    }
    if let Some(nonce) = &grant.request.nonce {
        claims.insert("nonce".to_owned(), nonce.as_str().into());
    }
    if person.known_to_id_token {
        claims.extend(grant_claims(grant, person));
    }
    replace_claims(&mut claims, &person.id_token_claims);
    claims
}

/// Returns the claims of Kinde's ID tokens that OpenID Connect does not require.
fn kinde_claims(tenant: &EmulatedTenant, grant: &Grant, person: &Person) -> Map<String, Value> {
    let mut claims = members(json!({
        "azp": tenant.client.id,
        "org_codes": person.organization_codes(),
        "rat": grant.authenticated_at,
    }));
    let properties =
        [("user_properties", &person.user_properties), ("organization_properties", &person.organization_properties)];
    insert_properties(&mut claims, properties);
    claims
}

fn audience(tenant: &EmulatedTenant, settings: &Settings) -> Value {
    let (issuer, client) = (tenant.issuer.as_str(), tenant.client.id.as_str());
    let one = |audience: &str| if settings.aud_as_text { audience.into() } else { json!([audience]) };
    match settings.aud {
        Audience::ClientId => one(client),
        Audience::Issuer => one(issuer),
        Audience::Both => json!([issuer, client]),
    }
}

/// Returns the claims of the scopes `profile` and `email`, without the names that the person does not have.
pub(crate) fn grant_claims(grant: &Grant, person: &Person) -> Map<String, Value> {
    let mut claims = Map::new();
    if grant.request.has_scope("profile") {
        let names = [
            ("given_name", person.given_name.clone()),
            ("family_name", person.family_name.clone()),
            ("name", person.full_name()),
        ];
        for (name, value) in names {
            if let Some(value) = value {
                claims.insert(name.to_owned(), value.into());
            }
        }
        claims.insert("picture".to_owned(), Value::Null);
        claims.insert("updated_at".to_owned(), grant.authenticated_at.into());
    }
    if grant.request.has_scope("email") {
        claims.insert("email".to_owned(), person.email.as_str().into());
        claims.insert("email_verified".to_owned(), true.into());
    }
    claims
}
