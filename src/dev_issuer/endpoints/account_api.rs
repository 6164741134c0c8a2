//! The account API: the permissions, roles, feature flags and properties of the user of an access token. Its values are
//! current, while those in the token are as old as the token.
//!
//! There is no paging, because each result fits on one page, and nothing can be changed through it. Kinde's OpenAPI
//! file of the account API.

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::user_profile::authorized;
use crate::dev_issuer::basics::{parameters::Parameters, random::random_hexadecimal};
use crate::dev_issuer::people::person::{Person, artificial_digits};
use crate::dev_issuer::protocol::{grants::Grant, token_error::TokenError};
use crate::dev_issuer::state::tenant::SharedTenant;

/// `GET /account_api/v1/{resource}`
pub(crate) async fn resource(
    State(tenant): State<SharedTenant>,
    Path(resource): Path<String>,
    headers: HeaderMap,
) -> Result<Response, TokenError> {
    let state = tenant.state();
    let (grant, person) = authorized(&state, &headers)?;
    let metadata = json!({"has_more": false, "next_page_starting_after": null});
    Ok(match data(&resource, grant, person) {
        Some(data) => Json(json!({"data": data, "metadata": metadata})).into_response(),
        None => (StatusCode::NOT_FOUND, Json(errors("NOT_FOUND", "No such resource"))).into_response(),
    })
}

fn data(resource: &str, grant: &Grant, person: &Person) -> Option<Value> {
    let org_code = &grant.org_code;
    let data = match resource {
        "permissions" => {
            json!({"org_code": org_code, "permissions": items("perm", person.permissions_in(org_code))})
        }
        "roles" => json!({"org_code": org_code, "roles": items("role", person.roles_in(org_code))}),
        "feature_flags" => json!({"feature_flags": feature_flags(&person.feature_flags)}),
        "properties" => json!({"properties": properties(person)}),
        "entitlements" => json!({
            "org_code": org_code,
            "plans": [{"key": "free", "subscribed_on": "2024-01-01T00:00:00Z"}],
            "entitlements": [entitlement("items")],
        }),
        _ => return None,
    };
    Some(data)
}

fn items(kind: &str, keys: &[String]) -> Vec<Value> {
    let item = |key: &String| json!({"id": id(kind, key), "name": key, "key": key});
    keys.iter().map(item).collect()
}

fn id(kind: &str, key: &str) -> String {
    format!("{kind}_{}", artificial_digits(key, 16))
}

/// Converts the feature flags. The account API uses full names for the types that tokens abbreviate.
fn feature_flags(flags: &Value) -> Vec<Value> {
    let long_type = |short: &str| match short {
        "b" => "boolean",
        "i" => "integer",
        "j" => "object",
        _ => "string",
    };
    let flag = |(key, flag): (&String, &Value)| {
        let kind = long_type(flag["t"].as_str().unwrap_or_default());
        json!({"id": id("flag", key), "name": key, "key": key, "type": kind, "value": flag["v"]})
    };
    flags.as_object().into_iter().flatten().map(flag).collect()
}

/// Converts the properties of the person and the organization from the format of tokens.
fn properties(person: &Person) -> Vec<Value> {
    let all = [&person.user_properties, &person.organization_properties].into_iter().flatten().flatten();
    let property = |(key, property): (&String, &Value)| {
        let value = &property["v"];
        json!({"id": id("prop", key), "name": key, "key": key, "value": value})
    };
    all.map(property).collect()
}

fn entitlement(key: &str) -> Value {
    json!({
        "id": id("entitlement", key),
        "fixed_charge": null,
        "price_name": "Free",
        "unit_amount": null,
        "feature_key": key,
        "feature_name": "Items",
        "entitlement_limit_max": 100,
        "entitlement_limit_min": null,
    })
}

/// `GET /account_api/v1/portal_link`
pub(crate) async fn portal_link(
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
) -> Result<Json<Value>, TokenError> {
    authorized(&tenant.state(), &headers)?;
    let url = format!("{}/portal_redirect?key={}", tenant.issuer, random_hexadecimal(16));
    Ok(Json(json!({"url": url})))
}

/// `GET /account_api/v1/entitlement/{key}`, and with `?key=`
pub(crate) async fn one_entitlement(
    State(tenant): State<SharedTenant>,
    key: Option<Path<String>>,
    Extension(parameters): Extension<Parameters>,
    headers: HeaderMap,
) -> Result<Json<Value>, TokenError> {
    let state = tenant.state();
    let (grant, _) = authorized(&state, &headers)?;
    let key = match &key {
        Some(Path(key)) => key,
        None => parameters.query("key").unwrap_or("items"),
    };
    let data = json!({"org_code": grant.org_code, "entitlement": entitlement(key)});
    Ok(Json(json!({"data": data, "metadata": {}})))
}

fn errors(code: &str, message: &str) -> Value {
    json!({"errors": [{"code": code, "message": message}]})
}
