//! A person as JSON: what the switchboard shows and a seed contains.

use serde_json::{Value, json};

use super::person::Person;

/// Returns everything that is known of a person, in the form of a seed.
pub(crate) fn describe(person: &Person) -> Value {
    let organizations = person.organizations.iter().map(|org| json!({"code": org.code, "name": org.name}));
    json!({
        "person": person.key,
        "about": person.about,
        "sub": person.subject,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
        "username": person.username,
        "phone": person.phone,
        "picture": person.picture,
        "provided_id": person.provided_id,
        "known_to_id_token": person.known_to_id_token,
        "organizations": organizations.collect::<Vec<_>>(),
        "permissions": person.permissions,
        "roles": person.roles,
        "organization_rights": person.organization_rights,
        "feature_flags": person.feature_flags,
        "entitlements": person.entitlements,
        "claims": person.claims,
        "id_token_claims": person.id_token_claims,
        "user_properties": person.user_properties,
        "organization_properties": person.organization_properties,
        "application_properties": person.application_properties,
        "persistent": person.persistent,
        "is_suspended": person.suspended,
    })
}
