//! The definitions of a seed: roles, permissions, feature flags, properties and their categories. None is needed: what
//! people have is defined by itself.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::members::Members;
use crate::dev_issuer::people::{
    catalogue::Catalogue,
    definition::{Defined, Definitions},
    feature_flag::{FeatureFlag, FlagType},
};

/// Reads the definitions. What cannot be used is noted as a problem.
pub(super) fn take(members: &mut Members, problems: &mut Vec<String>) -> Catalogue {
    let catalogue = Catalogue {
        roles: take_list(members, "roles", problems),
        permissions: take_list(members, "permissions", problems),
        feature_flags: take_list(members, "feature_flags", problems),
        properties: take_list(members, "properties", problems),
        property_categories: take_list(members, "property_categories", problems),
        application_properties: members.take("application_properties", problems).unwrap_or_default(),
    };
    let roles = catalogue.roles.all().iter().map(|role| ("roles", &role.id, &role.key));
    let permissions =
        catalogue.permissions.all().iter().map(|permission| ("permissions", &permission.id, &permission.key));
    for (list, id, key) in roles.chain(permissions) {
        if !is_uuid(id) {
            problems.push(members.problem(list, &format!("{key}: id: this is no UUID")));
        }
    }
    check_flags(catalogue.feature_flags.all(), members, problems);
    check_properties("application_properties", &catalogue.application_properties, problems);
    catalogue
}

/// Writes the definitions as members of a seed.
pub(super) fn write(catalogue: &Catalogue, seed: &mut Value) {
    fn list<T: Defined + Serialize>(definitions: &Definitions<T>) -> Value {
        json!(definitions.all())
    }
    seed["roles"] = list(&catalogue.roles);
    seed["permissions"] = list(&catalogue.permissions);
    seed["feature_flags"] = list(&catalogue.feature_flags);
    seed["properties"] = list(&catalogue.properties);
    seed["property_categories"] = list(&catalogue.property_categories);
    seed["application_properties"] = json!(catalogue.application_properties);
}

fn take_list<T: Defined + DeserializeOwned>(
    members: &mut Members,
    name: &'static str,
    problems: &mut Vec<String>,
) -> Definitions<T> {
    let mut definitions = Definitions::of(Vec::new());
    for (place, value) in members.take_list(name, problems) {
        match serde_json::from_value::<T>(value) {
            Ok(mut definition) => {
                definition.complete();
                let is_taken = definitions.find(definition.id()).is_some();
                if is_taken || (T::HAS_UNIQUE_KEYS && definitions.by_key(definition.key()).is_some()) {
                    problems.push(format!("{place}: {:?} is defined before", definition.key()));
                }
                definitions.add(definition);
            }
            Err(error) => problems.push(format!("{place}: {error}")),
        }
    }
    definitions
}

fn is_uuid(id: &str) -> bool {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let groups: Vec<&str> = id.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(is_digit))
}

fn check_flags(flags: &[FeatureFlag], members: &Members, problems: &mut Vec<String>) {
    for flag in flags {
        for (name, value) in [("default_value", &flag.default_value), ("environment_value", &flag.environment_value)] {
            if value.as_ref().is_some_and(|value| !flag.kind.fits(value)) {
                let rule = format!("{}: {name}: this is no value of the type {}", flag.key, flag.kind.name());
                problems.push(members.problem("feature_flags", &rule));
            }
        }
    }
}

/// Notes the values of flags that are not in the format of tokens: the type `b`, `s`, `i` or `j`, and a value of it.
pub(super) fn check_flag_values(place: &str, flags: &Map<String, Value>, problems: &mut Vec<String>) {
    let is_flag =
        |flag: &Value| flag["t"].as_str().and_then(FlagType::of_letter).is_some_and(|kind| kind.fits(&flag["v"]));
    for (key, _) in flags.iter().filter(|(_, flag)| !is_flag(flag)) {
        let rule = "a flag is written {\"t\":\"b\",\"v\":true}, with t one of b, s, i, j and a value of that type";
        problems.push(format!("{place}.{key}: {rule}"));
    }
}

/// Notes the properties that are not in the format of tokens.
pub(super) fn check_properties<'a>(
    place: &str,
    properties: impl IntoIterator<Item = (&'a String, &'a Value)>,
    problems: &mut Vec<String>,
) {
    let is_property = |value: &Value| value.as_object().is_some_and(|value| value.contains_key("v"));
    for (key, _) in properties.into_iter().filter(|(_, value)| !is_property(value)) {
        problems.push(format!("{place}.{key}: a property is written {{\"v\":…}}"));
    }
}
