//! The account API: the permissions, roles, feature flags, properties and entitlements of the user of an access token,
//! in the organization signed in to. Its values are current, while those in the token are as old as the token.
//!
//! Nothing can be changed through it. Kinde's OpenAPI file of the account API; its description of feature flags has no
//! `metadata`, on which Kinde's SDKs rely there too. How a list is paged is in `paging`, the link to the portal in
//! `portal`.

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::HeaderMap,
};
use serde_json::{Map, Value, json};

use super::{paging::Page, user_profile::authorized};
use crate::dev_issuer::basics::parameters::Parameters;
use crate::dev_issuer::people::{
    catalogue::Catalogue,
    entitlement::Entitlement,
    person::{Person, artificial_digits},
    property::{Property, PropertyContext},
    role::{Permission, Role},
    standing::Standing,
};
use crate::dev_issuer::protocol::{api_error::ApiError, grants::Grant};
use crate::dev_issuer::state::tenant::{SharedTenant, TenantState};

/// `GET /account_api/v1/{resource}`
pub(crate) async fn resource(
    State(tenant): State<SharedTenant>,
    Path(resource): Path<String>,
    Extension(parameters): Extension<Parameters>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let state = tenant.state();
    let (grant, person) = user(&state, &headers)?;
    let standing = state.standing(person, &grant.org_code);
    let records = records(&resource, &standing).ok_or(ApiError::NotFound)?;
    let (records, metadata) = Page::requested(&parameters).cut(records);
    let mut data = beside(&resource, grant);
    data[resource] = records.into();
    Ok(Json(json!({"data": data, "metadata": metadata})))
}

/// Returns the grant and the person of the access token in the request.
///
/// # Errors
///
/// [`ApiError::InvalidCredentials`]: there is no valid access token.
pub(super) fn user<'a>(state: &'a TenantState, headers: &HeaderMap) -> Result<(&'a Grant, &'a Person), ApiError> {
    authorized(state, headers).ok_or(ApiError::InvalidCredentials)
}

/// Returns all records of a resource, or none if there is no such resource.
fn records(resource: &str, standing: &Standing<'_>) -> Option<Vec<Value>> {
    let records = match resource {
        "permissions" => standing.permissions().iter().map(|key| permission(standing.catalogue, key)).collect(),
        "roles" => standing.roles().iter().map(role).collect(),
        "feature_flags" => standing.feature_flags().iter().map(|flag| feature_flag(standing.catalogue, flag)).collect(),
        "properties" => properties(standing),
        "entitlements" => standing.person.entitlements.iter().map(entitlement).collect(),
        _ => return None,
    };
    Some(records)
}

/// Returns what the data of a resource has beside its records.
fn beside(resource: &str, grant: &Grant) -> Value {
    match resource {
        "feature_flags" | "properties" => json!({}),
        "entitlements" => {
            json!({"org_code": grant.org_code, "plans": [{"key": "free", "subscribed_on": "2024-01-01T00:00:00Z"}]})
        }
        _ => json!({"org_code": grant.org_code}),
    }
}

fn permission(catalogue: &Catalogue, key: &str) -> Value {
    let permission = catalogue.permissions.by_key(key).cloned().unwrap_or_else(|| Permission::named(key));
    json!({"id": prefixed("perm", &permission.id), "name": permission.name, "key": permission.key})
}

fn role(role: &Role) -> Value {
    json!({"id": prefixed("role", &role.id), "name": role.name, "key": role.key})
}

/// Returns the id of a definition as the account API has it: a prefix and the digits of the UUID.
fn prefixed(kind: &str, uuid: &str) -> String {
    format!("{kind}_{}", uuid.replace('-', ""))
}

fn id(kind: &str, key: &str) -> String {
    format!("{kind}_{}", artificial_digits(key, 16))
}

/// Converts a feature flag. The account API uses full names for the types that tokens abbreviate.
fn feature_flag(catalogue: &Catalogue, (key, flag): (&String, &Value)) -> Value {
    let long_type = |short: &str| match short {
        "b" => "boolean",
        "i" => "integer",
        "j" => "object",
        _ => "string",
    };
    let kind = long_type(flag["t"].as_str().unwrap_or_default());
    let name = catalogue.feature_flags.by_key(key).map_or(key, |definition| &definition.name);
    json!({"id": id("flag", key), "name": name, "key": key, "type": kind, "value": flag["v"]})
}

/// Converts the properties of the person and the organization from the format of tokens.
fn properties(standing: &Standing<'_>) -> Vec<Value> {
    let all = [
        (PropertyContext::User, standing.user_properties()),
        (PropertyContext::Organization, standing.organization_properties()),
    ];
    let of_owner = |(context, properties): (PropertyContext, Option<Map<String, Value>>)| -> Vec<Value> {
        let property = |(key, value): (&String, &Value)| {
            let defined = standing.catalogue.property(key, context).cloned();
            let property = defined.unwrap_or_else(|| Property::named(key, context));
            json!({"id": property.id, "name": property.name, "key": key, "value": value["v"]})
        };
        properties.iter().flatten().map(property).collect()
    };
    all.into_iter().flat_map(of_owner).collect()
}

fn entitlement((key, entitlement): (&String, &Entitlement)) -> Value {
    json!({
        "id": id("entitlement", key),
        "fixed_charge": entitlement.fixed_charge,
        "price_name": entitlement.price_name,
        "unit_amount": entitlement.unit_amount,
        "feature_key": key,
        "feature_name": entitlement.feature_name.as_ref().unwrap_or(key),
        "entitlement_limit_max": entitlement.entitlement_limit_max,
        "entitlement_limit_min": entitlement.entitlement_limit_min,
    })
}

/// `GET /account_api/v1/entitlement/{key}`, and with `?key=`.
///
/// One of Kinde's SDKs sends no key; it gets the first entitlement. Kinde does not describe the response for a feature
/// that the person is not entitled to; here it is 404.
pub(crate) async fn one_entitlement(
    State(tenant): State<SharedTenant>,
    key: Option<Path<String>>,
    Extension(parameters): Extension<Parameters>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let state = tenant.state();
    let (grant, person) = user(&state, &headers)?;
    let key = key.as_ref().map(|Path(key)| key.as_str()).or_else(|| parameters.query("key"));
    let found = match key {
        Some(key) => person.entitlements.get_key_value(key),
        None => person.entitlements.first_key_value(),
    };
    let entitlement = entitlement(found.ok_or(ApiError::NotFound)?);
    let data = json!({"org_code": grant.org_code, "entitlement": entitlement});
    Ok(Json(json!({"data": data, "metadata": {}})))
}
