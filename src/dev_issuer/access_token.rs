//! The claims of access tokens, for people and for machines.
//!
//! It leaves out the ID token. Documents: Kinde documentation "About access tokens", "Token structure and claims"
//! (machine to machine).

use serde_json::{Map, Value, json};

use super::{
    grants::Grant,
    people::Person,
    random::random_uuid,
    tenant::{Seconds, Tenant},
};

/// The claims of a person's access token.
pub(super) fn claims(tenant: &Tenant, grant: &Grant, person: &Person, times: (Seconds, Seconds)) -> Map<String, Value> {
    let organization = person.organization(Some(&grant.org_code));
    let mut claims = base(tenant, &grant.request.audience, times);
    claims.insert("sub".to_owned(), person.subject.as_str().into());
    claims.insert("org_code".to_owned(), grant.org_code.as_str().into());
    claims.insert("org_name".to_owned(), organization.map(|org| org.name.as_str()).into());
    claims.insert("permissions".to_owned(), person.permissions.clone().into());
    claims.insert("feature_flags".to_owned(), person.feature_flags.clone());
    claims.insert("scp".to_owned(), grant.request.scope.clone().into());
    if !person.roles.is_empty() {
        claims.insert("roles".to_owned(), roles(person));
    }
    claims
}

/// The claims of a machine's access token.
pub(super) fn machine_claims(
    tenant: &Tenant,
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

fn base(tenant: &Tenant, audience: &[String], (now, expires_at): (Seconds, Seconds)) -> Map<String, Value> {
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

/// Kinde's role ids inside tokens are UUIDs; these differ from token to token, so nobody can rely on them.
fn roles(person: &Person) -> Value {
    let role = |key: &String| json!({"id": random_uuid(), "key": key, "name": key});
    person.roles.iter().map(role).collect()
}

/// The claims under the names that Kinde gives them when Hasura mapping is on.
pub(super) fn with_hasura_names(claims: Map<String, Value>) -> Map<String, Value> {
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
