//! The feature flags of the management API: their definitions, and the values that the environment, an organization or
//! a user has instead of the default.

use serde_json::{Map, Value, json};

use super::{
    answer::{Answer, Refusal, created, ok},
    call::{Call, key_of, organization},
    input::Input,
};
use crate::dev_issuer::people::feature_flag::{FeatureFlag, FlagType, OverrideLevel};
use crate::dev_issuer::state::tenant::TenantState;

const TYPE_RULE: &str = "this is none of str, int and bool";
const LEVEL_RULE: &str = "this is none of env, org and usr";
const VALUE_RULE: &str = "this is no value of the flag's type";

/// `POST /api/v1/feature_flags`
pub(super) async fn create(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let key = input.needed_text("key")?;
    if state.catalogue.feature_flags.by_key(&key).is_some() {
        return Err(input.wrong("key", "another flag has it"));
    }
    let kind = FlagType::find(&input.needed_text("type")?).ok_or_else(|| input.wrong("type", TYPE_RULE))?;
    let flag = FeatureFlag {
        key,
        name: input.needed_text("name")?,
        description: input.text("description")?,
        kind,
        default_value: Some(read_default(&mut input, kind)?),
        environment_value: None,
        allow_override_level: match input.text("allow_override_level")? {
            Some(level) => {
                OverrideLevel::find(&level).ok_or_else(|| input.wrong("allow_override_level", LEVEL_RULE))?
            }
            None => OverrideLevel::default(),
        },
    };
    input.end()?;
    state.catalogue.feature_flags.add(flag);
    created(json!({}))
}

fn read_default(input: &mut Input, kind: FlagType) -> Result<Value, Refusal> {
    let text = input.text("default_value")?.ok_or_else(|| input.wrong("default_value", "a text is needed"))?;
    kind.read(&text).ok_or_else(|| input.wrong("default_value", VALUE_RULE))
}

/// `PUT /api/v1/feature_flags/{feature_flag_key}`, with everything in the query. Values of another type are forgotten.
pub(super) async fn update(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let before = flag(&state, &call)?.clone();
    let kind = FlagType::find(call.needed("type")?).ok_or_else(|| Refusal::field("type", TYPE_RULE))?;
    let level = OverrideLevel::find(call.needed("allow_override_level")?)
        .ok_or_else(|| Refusal::field("allow_override_level", LEVEL_RULE))?;
    let default = kind.read(call.needed("default_value")?);
    let changed = FeatureFlag {
        key: before.key.clone(),
        name: call.needed("name")?.to_owned(),
        description: Some(call.query("description").unwrap_or_default().to_owned()),
        kind,
        default_value: Some(default.ok_or_else(|| Refusal::field("default_value", VALUE_RULE))?),
        environment_value: before.environment_value.filter(|_| kind == before.kind),
        allow_override_level: level,
    };
    if kind != before.kind {
        forget_values(&mut state, &before.key);
    }
    if let Some(flag) = state.catalogue.feature_flags.find_mut(&before.key) {
        *flag = changed;
    }
    ok(json!({}))
}

/// `DELETE /api/v1/feature_flags/{feature_flag_key}`. Nobody has the flag afterwards.
pub(super) async fn delete(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let key = flag(&state, &call)?.key.clone();
    forget_values(&mut state, &key);
    state.catalogue.feature_flags.remove(&key);
    ok(json!({}))
}

/// Returns the flag that the path names.
fn flag<'a>(state: &'a TenantState, call: &Call) -> Result<&'a FeatureFlag, Refusal> {
    state.catalogue.feature_flags.by_key(call.path("feature_flag_key")).ok_or(Refusal::Unknown("feature flag"))
}

/// Forgets the values that organizations and people have of a flag.
fn forget_values(state: &mut TenantState, key: &str) {
    state.organizations.change_all(|record| drop(record.feature_flags.remove(key)));
    for flags in state.people.all_mut().iter_mut().filter_map(|person| person.feature_flags.as_object_mut()) {
        flags.remove(key);
    }
}

/// Reads a value for a level, in the format of tokens, with the key of the flag.
fn read_value(state: &TenantState, call: &Call, level: OverrideLevel, text: &str) -> Result<(String, Value), Refusal> {
    let flag = flag(state, call)?;
    if level > flag.allow_override_level {
        return Err(Refusal::field("feature_flag_key", "the flag does not allow values of this level"));
    }
    let value = flag.kind.read(text).ok_or_else(|| Refusal::field("value", VALUE_RULE))?;
    Ok((flag.key.clone(), flag.token_form(value)))
}

/// `PATCH /api/v1/users/{user_id}/feature_flags/{feature_flag_key}?value=`
pub(super) async fn set_for_user(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let person = key_of(&state, call.path("user_id"))?;
    let (key, value) = read_value(&state, &call, OverrideLevel::User, call.needed("value")?)?;
    if let Some(flags) = state.people.find_mut(&person).and_then(|person| person.feature_flags.as_object_mut()) {
        flags.insert(key, value);
    }
    ok(json!({}))
}

/// `GET /api/v1/organizations/{org_code}/feature_flags`
pub(super) async fn list_of_organization(call: Call) -> Answer {
    let state = call.tenant.state();
    let record = state.organizations.find(call.path("org_code")).ok_or(Refusal::Unknown("organization"))?;
    let shown = |(key, flag): (&String, &Value)| {
        let kind = state.catalogue.feature_flags.by_key(key)?.kind;
        Some((key.clone(), shown(kind, &flag["v"])))
    };
    let flags: Map<String, Value> = record.feature_flags.iter().filter_map(shown).collect();
    ok(json!({"feature_flags": flags}))
}

/// Returns a value as Kinde describes it: as text, whatever its type.
fn shown(kind: FlagType, value: &Value) -> Value {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    json!({"type": kind.name(), "value": text})
}

/// `PATCH /api/v1/organizations/{org_code}/feature_flags/{feature_flag_key}?value=`
pub(super) async fn set_for_organization(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let code = organization(&state, call.path("org_code"))?.code;
    let (key, value) = read_value(&state, &call, OverrideLevel::Organization, call.needed("value")?)?;
    if let Some(record) = state.organizations.find_mut(&code) {
        record.feature_flags.insert(key, value);
    }
    ok(json!({}))
}

/// `DELETE /api/v1/organizations/{org_code}/feature_flags/{feature_flag_key}`
pub(super) async fn clear_for_organization(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let record = state.organizations.find_mut(call.path("org_code")).ok_or(Refusal::Unknown("organization"))?;
    record.feature_flags.remove(call.path("feature_flag_key")).ok_or(Refusal::Unknown("feature flag"))?;
    ok(json!({}))
}

/// `DELETE /api/v1/organizations/{org_code}/feature_flags`
pub(super) async fn clear_all_for_organization(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let record = state.organizations.find_mut(call.path("org_code")).ok_or(Refusal::Unknown("organization"))?;
    record.feature_flags.clear();
    ok(json!({}))
}

/// `GET /api/v1/environment/feature_flags`: the values that everybody has unless an organization or a user differs
pub(super) async fn list_of_environment(call: Call) -> Answer {
    let state = call.tenant.state();
    let value = |flag: &FeatureFlag| {
        let value = flag.environment_value.as_ref().or(flag.default_value.as_ref())?;
        Some((flag.key.clone(), shown(flag.kind, value)))
    };
    let flags: Map<String, Value> = state.catalogue.feature_flags.all().iter().filter_map(value).collect();
    ok(json!({"feature_flags": flags, "next_token": null}))
}

/// `PATCH /api/v1/environment/feature_flags/{feature_flag_key}`
pub(super) async fn set_for_environment(call: Call) -> Answer {
    let mut input = call.input()?;
    let mut state = call.tenant.state();
    let kind = flag(&state, &call)?.kind;
    let text = input.text("value")?.ok_or_else(|| input.wrong("value", "a text is needed"))?;
    let value = kind.read(&text).ok_or_else(|| input.wrong("value", VALUE_RULE))?;
    input.end()?;
    if let Some(flag) = state.catalogue.feature_flags.find_mut(call.path("feature_flag_key")) {
        flag.environment_value = Some(value);
    }
    ok(json!({}))
}

/// `DELETE /api/v1/environment/feature_flags/{feature_flag_key}`
pub(super) async fn clear_for_environment(call: Call) -> Answer {
    let mut state = call.tenant.state();
    let flag = state.catalogue.feature_flags.find_mut(call.path("feature_flag_key"));
    flag.ok_or(Refusal::Unknown("feature flag"))?.environment_value = None;
    ok(json!({}))
}

/// `DELETE /api/v1/environment/feature_flags`
pub(super) async fn clear_all_for_environment(call: Call) -> Answer {
    call.tenant.state().catalogue.feature_flags.all_mut().for_each(|flag| flag.environment_value = None);
    ok(json!({}))
}
