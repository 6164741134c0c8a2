//! A person of a seed. Only the key is needed; an absent member has the value that most people have.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::members::Members;
use crate::dev_issuer::people::{
    entitlement::Entitlements,
    organization_name::OrganizationName,
    person::{Organization, Person},
    rights::OrganizationRights,
};

/// The longest key.
const MAX_KEY_BYTES: usize = 64;

/// Reads a person. A value that cannot be used is noted as a problem.
pub(super) fn read(place: &str, value: Value, problems: &mut Vec<String>) -> Option<Person> {
    let mut members = Members::of(place, value, problems)?;
    let key = key(&mut members, problems);
    let mut person = Person::new(&key, "", (None, None));
    macro_rules! take {
        ($($name:literal => $target:expr),+ $(,)?) => {
            $(if let Some(value) = members.take($name, problems) { $target = value; })+
        };
    }
    take!(
        "about" => person.about,
        "sub" => person.subject,
        "given_name" => person.given_name,
        "family_name" => person.family_name,
        "email" => person.email,
        "known_to_id_token" => person.known_to_id_token,
        "permissions" => person.permissions,
        "roles" => person.roles,
        "claims" => person.claims,
        "id_token_claims" => person.id_token_claims,
        "persistent" => person.persistent,
        "is_suspended" => person.suspended,
    );
    if let Some(entitlements) = members.take::<Entitlements>("entitlements", problems) {
        person.entitlements = entitlements;
    }
    take_organizations(&mut person, &mut members, problems);
    take_flags(&mut person, &mut members, problems);
    for (name, target) in [
        ("user_properties", &mut person.user_properties),
        ("organization_properties", &mut person.organization_properties),
        ("application_properties", &mut person.application_properties),
    ] {
        if let Some(properties) = members.take::<Option<Map<String, Value>>>(name, problems) {
            let is_property = |value: &Value| value.as_object().is_some_and(|value| value.contains_key("v"));
            for (key, _) in properties.iter().flatten().filter(|(_, value)| !is_property(value)) {
                problems.push(members.problem(&format!("{name}.{key}"), "a property is written {\"v\":…}"));
            }
            *target = properties;
        }
    }
    check_texts(&person, &members, problems);
    members.end(problems);
    Some(person)
}

fn key(members: &mut Members, problems: &mut Vec<String>) -> String {
    let is_usable = |key: &String| {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
        (1..=MAX_KEY_BYTES).contains(&key.len()) && key.bytes().all(is_plain)
    };
    let before = problems.len();
    let key: Option<String> = members.take("person", problems);
    if problems.len() == before && !key.as_ref().is_some_and(is_usable) {
        let rule = "a key of 1 to 64 lower-case letters, digits, hyphens, underscores or dots is needed";
        problems.push(members.problem("person", rule));
    }
    key.unwrap_or_default()
}

fn take_organizations(person: &mut Person, members: &mut Members, problems: &mut Vec<String>) {
    if let Some(organizations) = members.take::<Vec<OrganizationName>>("organizations", problems) {
        if organizations.is_empty() {
            problems.push(members.problem("organizations", "a person is in at least one organization"));
        }
        person.organizations = organizations.into_iter().map(Organization::from).collect();
    }
    let rights = members.take::<BTreeMap<String, OrganizationRights>>("organization_rights", problems);
    person.organization_rights = rights.unwrap_or_default();
    for code in person.organization_rights.keys().filter(|code| person.organization(Some(code)).is_none()) {
        let place = format!("organization_rights.{code}");
        problems.push(members.problem(&place, "the person is no member of this organization"));
    }
}

/// Kinde's format: the type `b`, `s`, `i` or `j`, and a value of it.
fn take_flags(person: &mut Person, members: &mut Members, problems: &mut Vec<String>) {
    let Some(flags) = members.take::<Map<String, Value>>("feature_flags", problems) else { return };
    for (key, flag) in &flags {
        let fits = match flag["t"].as_str() {
            Some("b") => flag["v"].is_boolean(),
            Some("s") => flag["v"].is_string(),
            Some("i") => flag["v"].is_i64(),
            Some("j") => !flag["v"].is_null(),
            _ => false,
        };
        if !fits {
            let rule = "a flag is written {\"t\":\"b\",\"v\":true}, with t one of b, s, i, j and a value of that type";
            problems.push(members.problem(&format!("feature_flags.{key}"), rule));
        }
    }
    person.feature_flags = Value::Object(flags);
}

fn check_texts(person: &Person, members: &Members, problems: &mut Vec<String>) {
    if person.subject.is_empty() || person.subject.len() > 255 {
        problems.push(members.problem("sub", "a subject has 1 to 255 bytes"));
    }
    if !person.email.contains('@') {
        problems.push(members.problem("email", "this is no e-mail address"));
    }
}
