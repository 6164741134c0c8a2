//! The claims of access tokens, for users and for machines.
//!
//! Kinde documentation "About access tokens", "Token structure and claims" (machine to machine); RFC 9068 §2.2 for a
//! plain issuer.

use serde_json::{Map, Value, json};

use crate::dev_issuer::basics::{
    clock::Seconds,
    random::{as_uuid, random_uuid},
};
use crate::dev_issuer::people::person::{Person, artificial_digits};
use crate::dev_issuer::protocol::shape::Shape;
use crate::dev_issuer::state::tenant::EmulatedTenant;

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
    if tenant.shape == Shape::Plain {
        return plain_claims(tenant, person, access, times);
    }
    let organization = person.organization(Some(access.org_code));
    let org_name = organization.map(|org| org.name.as_str());
    let mut claims = base(tenant, access.audience, times);
    claims.insert("sub".to_owned(), person.subject.as_str().into());
    claims.insert("org_code".to_owned(), access.org_code.into());
    claims.insert("org_name".to_owned(), org_name.into());
    claims.insert("permissions".to_owned(), person.permissions.clone().into());
    claims.insert("feature_flags".to_owned(), person.feature_flags.clone());
    claims.insert("scp".to_owned(), access.scope.to_vec().into());
    if !person.roles.is_empty() {
        claims.insert("roles".to_owned(), roles(person));
    }
    claims
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

/// Returns the claims of a machine's access token.
pub(crate) fn machine_claims(
    tenant: &EmulatedTenant,
    audience: &[String],
    scope: &[String],
    times: (Seconds, Seconds),
) -> Map<String, Value> {
    let mut claims = base(tenant, audience, times);
    claims.insert("gty".to_owned(), json!(["client_credentials"]));
    claims.insert("scope".to_owned(), scope.join(" ").into());
    claims.insert("scp".to_owned(), scope.to_vec().into());
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
        ("jti", random_uuid().into()),
    ];
    claims.map(|(name, value): (_, Value)| (name.to_owned(), value)).into_iter().collect()
}

/// Returns the claim `roles`. In tokens, Kinde's role ids are UUIDs.
fn roles(person: &Person) -> Value {
    let id = |key: &str| as_uuid(&artificial_digits(key, 16));
    let role = |key: &String| json!({"id": id(key), "key": key, "name": key});
    person.roles.iter().map(role).collect()
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
        "organizations" => "x-hasura-organizations".to_owned(),
        _ => name,
    };
    claims.into_iter().map(|(name, value)| (renamed(name), value)).collect()
}
