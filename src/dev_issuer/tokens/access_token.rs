//! The access tokens of users, correct or changed by the faults that are on, and the claims of access tokens, for users
//! and for machines.
//!
//! Kinde documentation "About access tokens", "Token structure and claims" (machine to machine); RFC 9068 §2.2 for a
//! plain issuer.

use serde_json::{Map, Value, json};

use super::{occasion::Occasion, signature::sign};
use crate::dev_issuer::basics::{clock::Seconds, random::as_uuid};
use crate::dev_issuer::faults::fault::Document;
use crate::dev_issuer::people::person::{Person, artificial_digits};
use crate::dev_issuer::protocol::{
    grants::{AccessToken, Grant},
    shape::Shape,
};
use crate::dev_issuer::state::tenant::{EmulatedTenant, TenantState};

/// The length of an opaque access token.
const OPAQUE_TOKEN_LENGTH: usize = 43;

/// Returns a new access token for the user of the grant: a JWT, or an opaque text that no fault changes.
pub(crate) fn issue(
    tenant: &EmulatedTenant,
    state: &mut TenantState,
    grant: &Grant,
    person: &Person,
    occasion: Occasion,
) -> AccessToken {
    let now = state.now();
    let expires_at = now + state.settings.access_token_lifetime;
    if state.settings.opaque_access_tokens {
        return AccessToken { token: tenant.random.alphanumeric(OPAQUE_TOKEN_LENGTH), expires_at };
    }
    let access = Access { org_code: &grant.org_code, audience: &grant.request.audience, scope: &grant.request.scope };
    let mut claims = claims(tenant, person, &access, (now, expires_at));
    if state.settings.hasura_mapping {
        claims = with_hasura_names(claims);
    }
    let mut alterations = state.faults.alterations(Document::AccessToken);
    if occasion == Occasion::Refresh {
        alterations.extend(state.faults.alterations(Document::RefreshedAccessToken));
    }
    for alteration in alterations {
        alteration.apply(&mut claims, now);
    }
    let forgery = state.faults.access_token_forgery();
    AccessToken { token: sign(tenant, state, &claims, forgery), expires_at }
}

/// The granted organization, audience and scope.
pub(crate) struct Access<'a> {
    pub(crate) org_code: &'a str,
    pub(crate) audience: &'a [String],
    pub(crate) scope: &'a [String],
}

/// Returns the claims of a user's access token.
pub(crate) fn claims(
    tenant: &EmulatedTenant,
    person: &Person,
    access: &Access<'_>,
    times: (Seconds, Seconds),
) -> Map<String, Value> {
    let mut claims = match tenant.shape {
        Shape::Kinde => kinde_claims(tenant, person, access, times),
        Shape::Plain => plain_claims(tenant, person, access, times),
    };
    replace_claims(&mut claims, &person.claims);
    claims
}

fn kinde_claims(
    tenant: &EmulatedTenant,
    person: &Person,
    access: &Access<'_>,
    times: (Seconds, Seconds),
) -> Map<String, Value> {
    let organization = person.organization(Some(access.org_code));
    let org_name = organization.map(|org| org.name.as_str());
    let mut claims = base(tenant, access.audience, times);
    claims.insert("sub".to_owned(), person.subject.as_str().into());
    claims.insert("org_code".to_owned(), access.org_code.into());
    claims.insert("org_name".to_owned(), org_name.into());
    claims.insert("permissions".to_owned(), person.permissions_in(access.org_code).to_vec().into());
    claims.insert("feature_flags".to_owned(), person.feature_flags.clone());
    claims.insert("scp".to_owned(), access.scope.to_vec().into());
    let role_keys = person.roles_in(access.org_code);
    if !role_keys.is_empty() {
        claims.insert("roles".to_owned(), roles(role_keys));
    }
    insert_properties(
        &mut claims,
        [
            ("user_properties", &person.user_properties),
            ("organization_properties", &person.organization_properties),
            ("application_properties", &person.application_properties),
        ],
    );
    if let Some(persistent) = person.persistent {
        claims.insert("ksp".to_owned(), json!({"persistent": persistent}));
    }
    claims
}

/// Inserts the properties that the person has.
pub(super) fn insert_properties<const N: usize>(
    claims: &mut Map<String, Value>,
    properties: [(&str, &Option<Map<String, Value>>); N],
) {
    for (name, properties) in properties {
        if let Some(properties) = properties {
            claims.insert(name.to_owned(), properties.clone().into());
        }
    }
}

/// Replaces claims by a person's custom claims. The value null removes a claim.
pub(crate) fn replace_claims(claims: &mut Map<String, Value>, custom: &Map<String, Value>) {
    for (name, value) in custom {
        match value {
            Value::Null => claims.remove(name),
            value => claims.insert(name.clone(), value.clone()),
        };
    }
}

fn plain_claims(
    tenant: &EmulatedTenant,
    person: &Person,
    access: &Access<'_>,
    times: (Seconds, Seconds),
) -> Map<String, Value> {
    let mut claims = base(tenant, access.audience, times);
    claims.remove("azp");
    claims.insert("client_id".to_owned(), tenant.client.id.as_str().into());
    claims.insert("scope".to_owned(), access.scope.join(" ").into());
    claims.insert("sub".to_owned(), person.subject.as_str().into());
    claims
}

/// The client of a machine, and what it is granted.
pub(crate) struct Machine<'a> {
    pub(crate) client_id: &'a str,
    /// The organization that the client is bound to.
    pub(crate) org_code: Option<&'a str>,
    pub(crate) audience: &'a [String],
    pub(crate) scope: &'a [String],
}

/// Returns the claims of a machine's access token.
pub(crate) fn machine_claims(
    tenant: &EmulatedTenant,
    machine: &Machine<'_>,
    times: (Seconds, Seconds),
) -> Map<String, Value> {
    let mut claims = base(tenant, machine.audience, times);
    claims.insert("azp".to_owned(), machine.client_id.into());
    claims.insert("gty".to_owned(), json!(["client_credentials"]));
    claims.insert("scope".to_owned(), machine.scope.join(" ").into());
    claims.insert("scp".to_owned(), machine.scope.to_vec().into());
    if let Some(org_code) = machine.org_code {
        claims.insert("org_code".to_owned(), org_code.into());
    }
    claims.insert("v".to_owned(), "2".into());
    claims
}

fn base(tenant: &EmulatedTenant, audience: &[String], (now, expires_at): (Seconds, Seconds)) -> Map<String, Value> {
    let claims = [
        ("aud", audience.to_vec().into()),
        ("azp", tenant.client.id.as_str().into()),
        ("exp", expires_at.into()),
        ("iat", now.into()),
        ("iss", tenant.issuer.as_str().into()),
        ("jti", tenant.random.uuid().into()),
    ];
    claims.map(|(name, value): (_, Value)| (name.to_owned(), value)).into_iter().collect()
}

/// Returns the claim `roles`. In tokens, Kinde's role ids are UUIDs.
fn roles(keys: &[String]) -> Value {
    let id = |key: &str| as_uuid(&artificial_digits(key, 16));
    let role = |key: &String| json!({"id": id(key), "key": key, "name": key});
    keys.iter().map(role).collect()
}

/// Returns the claims under the names that Kinde uses when Hasura mapping is on.
pub(crate) fn with_hasura_names(claims: Map<String, Value>) -> Map<String, Value> {
    let renamed = |name: String| match name.as_str() {
        "org_code" => "x-hasura-org-code".to_owned(),
        "org_name" => "x-hasura-org-name".to_owned(),
        "permissions" => "x-hasura-permissions".to_owned(),
        "roles" => "x-hasura-roles".to_owned(),
        "feature_flags" => "x-hasura-feature-flags".to_owned(),
        "org_codes" => "x-hasura-org-codes".to_owned(),
        "user_properties" => "x-hasura-user_properties".to_owned(),
        "organization_properties" => "x-hasura-organization_properties".to_owned(),
        "organizations" => "x-hasura-organizations".to_owned(),
        _ => name,
    };
    claims.into_iter().map(|(name, value)| (renamed(name), value)).collect()
}
