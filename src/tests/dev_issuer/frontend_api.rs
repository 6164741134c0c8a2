//! Every operation of Kinde's front-end API against Kinde's OpenAPI file of it, "Kinde Account API" version 1: statuses
//! and shapes of the responses, errors included. The shapes are written here in short.
//! Pages and values of the account API are tested in `account_api`.

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use super::harness::{TenantClient, account_api, change, claims, json};

/// Every operation that lists or returns something about the user, with the shape of its 200.
///
/// A member whose name ends with `?` may be absent. A type is one of those that [`fits`] knows, or several. A type
/// such as `perm_` is Kinde's id of that prefix.
fn operations() -> Vec<(&'static str, Value)> {
    let named = |id: &str| json!([{"id": id, "name": "text", "key": "text"}]);
    let metadata = |id: &str| json!({"has_more": "boolean", "next_page_starting_after?": id});
    let entitlement = json!({
        "id": "entitlement_",
        "fixed_charge": "integer null",
        "price_name": "text",
        "unit_amount": "integer null",
        "feature_key": "text",
        "feature_name": "text",
        "entitlement_limit_max": "integer null",
        "entitlement_limit_min": "integer null",
    });
    let flag = json!({
        "id": "flag_", "name": "text", "key": "text", "type": "text", "value": "text boolean integer object",
    });
    let property = json!({"id": "prop_", "name": "text", "key": "text", "value": "text boolean integer"});
    let plans = json!([{"key": "text", "subscribed_on": "time"}]);
    vec![
        (
            "/account_api/v1/entitlements",
            json!({
                "data": {"org_code": "text", "plans": plans, "entitlements": [entitlement.clone()]},
                "metadata": metadata("entitlement_"),
            }),
        ),
        (
            "/account_api/v1/entitlement?key=items",
            json!({"data": {"org_code": "text", "entitlement": entitlement}, "metadata": {}}),
        ),
        (
            "/account_api/v1/feature_flags",
            // The file lists the parameters of pages and no metadata, by which Kinde's SDKs page flags nevertheless.
            json!({"data": {"feature_flags": [flag]}, "metadata": metadata("flag_")}),
        ),
        (
            "/account_api/v1/permissions",
            json!({"data": {"org_code": "text", "permissions": named("perm_")}, "metadata": metadata("perm_")}),
        ),
        ("/account_api/v1/portal_link", json!({"url": "text"})),
        ("/account_api/v1/properties", json!({"data": {"properties": [property]}, "metadata": metadata("prop_")})),
        (
            "/account_api/v1/roles",
            json!({"data": {"org_code": "text", "roles": named("role_")}, "metadata": metadata("role_")}),
        ),
        (
            "/oauth2/v2/user_profile",
            json!({
                "sub": "kp_",
                "provided_id": "text null",
                "name?": "text",
                "given_name?": "text",
                "family_name?": "text",
                "updated_at": "integer",
                "email": "text",
                "email_verified": "boolean",
                "picture": "text null",
                "preferred_username": "text null",
                "id": "kp_",
            }),
        ),
    ]
}

fn introspection() -> Value {
    json!({"active": "boolean", "aud?": ["text"], "client_id?": "text", "exp?": "integer", "iat?": "integer"})
}

fn token_error() -> Value {
    json!({"error": "text", "error_description": "text"})
}

fn api_error() -> Value {
    json!({"errors": [{"code": "text", "message": "text"}]})
}

/// What a response has that its shape does not allow, each with its place.
fn differences(place: &str, value: &Value, shape: &Value) -> Vec<String> {
    match (value, shape) {
        (Value::Object(members), Value::Object(shapes)) => {
            let shape_of = |name: &str| shapes.get(name).or_else(|| shapes.get(&format!("{name}?")));
            let missing = shapes.keys().filter(|name| !name.ends_with('?') && !members.contains_key(*name));
            let mut found: Vec<_> = missing.map(|name| format!("{place}.{name} is missing")).collect();
            for (name, member) in members {
                let place = format!("{place}.{name}");
                match shape_of(name) {
                    Some(shape) => found.extend(differences(&place, member, shape)),
                    None => found.push(format!("{place} is not described")),
                }
            }
            found
        }
        (Value::Array(items), Value::Array(shapes)) => {
            items.iter().flat_map(|item| differences(&format!("{place}[]"), item, &shapes[0])).collect()
        }
        (value, Value::String(types)) if types.split(' ').any(|kind| fits(value, kind)) => vec![],
        (value, shape) => vec![format!("{place} is {value} and should be {shape}")],
    }
}

fn fits(value: &Value, kind: &str) -> bool {
    match (kind, value) {
        ("null", Value::Null) | ("boolean", Value::Bool(_)) | ("object", Value::Object(_)) => true,
        ("integer", value) => value.is_i64(),
        ("text", Value::String(text)) => !text.is_empty(),
        ("time", Value::String(text)) => text.len() == 20 && text.ends_with('Z') && text.contains('T'),
        (kind, Value::String(id)) if kind.ends_with('_') => {
            let digits = id.strip_prefix(kind).unwrap_or_default();
            digits.len() == 32 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        }
        _ => false,
    }
}

/// Fails unless the response has the status, the media type and the shape.
async fn assert_is(response: Response, status: u16, shape: &Value, operation: &str) {
    assert_eq!(response.status(), status, "{operation}");
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("application/json"), "{operation}");
    let found = differences("", &json(response).await, shape);
    assert!(found.is_empty(), "{operation}: {found:#?}");
}

#[test]
fn a_response_of_another_shape_is_found() {
    let shape = json!({"id": "perm_", "name": "text", "limit": "integer null", "nickname?": "text", "list": ["text"]});
    let id = format!("perm_{}", "0a".repeat(16));
    let good = json!({"id": id, "name": "a", "limit": null, "list": ["a", "b"]});
    assert_eq!(differences("", &good, &shape), Vec::<String>::new());
    for (member, value) in [
        ("id", json!("perm_1")),
        ("id", json!(id.replace("perm", "role"))),
        ("name", Value::Null),
        ("limit", json!("5")),
        ("limit", json!(1.5)),
        ("nickname", Value::Null),
        ("list", json!(["a", 1])),
        ("list", json!({})),
        ("more", json!("a")),
    ] {
        let mut other = good.clone();
        other[member] = value;
        assert_eq!(differences("", &other, &shape).len(), 1, "{other}");
    }
    assert_eq!(differences("", &json!({"name": "a", "limit": 1, "list": []}), &shape), [".id is missing"]);
}

#[tokio::test]
async fn every_response_about_every_person_is_as_described() {
    let tenant = TenantClient::start().await;
    let flags = json!({"t": {"t": "s", "v": "a"}, "b": {"t": "b", "v": true}, "o": {"t": "j", "v": {}}});
    let properties = json!({"text": {"v": "a"}, "number": {"v": 1}, "switch": {"v": false}});
    let seats = json!({"seats": {"entitlement_limit_max": 5, "unit_amount": 250}, "items": {}});
    let everything = json!({"feature_flags": flags, "user_properties": properties, "entitlements": seats});
    change(&tenant, "hypatia", everything).await;
    let people = json(tenant.get("/dev/people").send().await.unwrap()).await;
    for person in people.as_array().unwrap() {
        let key = person["person"].as_str().unwrap();
        let org_code = person["org_codes"][0].as_str().unwrap();
        let tokens = tenant.tokens_for(key, &[("prompt", "login"), ("org_code", org_code)]).await;
        let has_items = !person["entitlements"]["items"].is_null();
        for (path, shape) in operations().into_iter().filter(|(path, _)| has_items || !path.contains("key=items")) {
            let request = tenant.get(path).bearer_auth(tokens["access_token"].as_str().unwrap());
            assert_is(request.send().await.unwrap(), 200, &shape, &format!("{path} of {key}")).await;
        }
    }
}

#[tokio::test]
async fn invalid_credentials_are_forbidden_everywhere() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    let revoked = tokens["access_token"].as_str().unwrap();
    let form = credentials(&tenant, revoked);
    assert_eq!(tenant.post("/oauth2/revoke").form(&form).send().await.unwrap().status(), 200);
    for (path, _) in operations() {
        let shape = if path.starts_with("/oauth2") { token_error() } else { api_error() };
        let with = |token: &str| tenant.get(path).bearer_auth(token);
        for (request, why) in [(tenant.get(path), "none"), (with("invented"), "invented"), (with(revoked), "revoked")] {
            assert_is(request.send().await.unwrap(), 403, &shape, &format!("{path}, token: {why}")).await;
        }
    }
    let introspect = |token: &str| tenant.post("/oauth2/introspect").bearer_auth(token).form(&[("token", "any")]);
    for token in ["invented", revoked] {
        assert_is(introspect(token).send().await.unwrap(), 403, &token_error(), "introspect").await;
    }
    let revoke = |token: &str| tenant.post("/oauth2/revoke").bearer_auth(token).form(&[("token", "any")]);
    for token in ["invented", revoked] {
        assert_is(revoke(token).send().await.unwrap(), 403, &api_error(), "revoke").await;
    }
    let by_nobody = tenant.post("/oauth2/revoke").form(&[("token", "any")]).send().await.unwrap();
    assert_is(by_nobody, 403, &api_error(), "revoke without a token or a client").await;
    let by_nobody = tenant.post("/oauth2/introspect").form(&[("token", "any")]).send().await.unwrap();
    assert_is(by_nobody, 403, &token_error(), "introspect without a token or a client").await;
}

#[tokio::test]
async fn every_operation_can_be_throttled() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    let token = tokens["access_token"].as_str().unwrap();
    for (path, _) in operations() {
        let (fault, shape) = match path {
            "/oauth2/v2/user_profile" => ("userinfo_429", token_error()),
            _ => ("account_429", api_error()),
        };
        tenant.switch_on(fault).await;
        let request = tenant.get(path).bearer_auth(token);
        assert_is(request.send().await.unwrap(), 429, &shape, path).await;
    }
    for (path, fault, shape) in
        [("/oauth2/introspect", "introspect_429", token_error()), ("/oauth2/revoke", "revoke_429", api_error())]
    {
        tenant.switch_on(fault).await;
        let request = tenant.post(path).form(&credentials(&tenant, token));
        assert_is(request.send().await.unwrap(), 429, &shape, path).await;
    }
    tenant.switch_on("account_403").await;
    assert_is(account_api(&tenant, &tokens, "roles").send().await.unwrap(), 403, &api_error(), "account_403").await;
}

/// The form of a request about a token by the tenant's client.
fn credentials<'a>(tenant: &'a TenantClient, token: &'a str) -> Vec<(&'static str, &'a str)> {
    let (id, secret) = (tenant.server.client_id(), tenant.server.client_secret());
    vec![("token", token), ("client_id", id), ("client_secret", secret)]
}

#[tokio::test]
async fn introspection_and_revocation_respond_as_described() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[("audience", "https://api.example")]).await;
    let [access, refresh] = ["access_token", "refresh_token"].map(|name| tokens[name].as_str().unwrap());
    let post = |path: &str| tenant.post(path).bearer_auth(access);
    let send = async |request: RequestBuilder| request.send().await.unwrap();
    for token in [access, refresh, "unknown"] {
        let request = post("/oauth2/introspect").form(&[("token", token), ("token_type_hint", "access_token")]);
        assert_is(send(request).await, 200, &introspection(), token).await;
    }
    let machine = [("grant_type", "client_credentials"), ("audience", "https://api.example")];
    let machine = json(tenant.token_request(&machine).await.unwrap()).await["access_token"].clone();
    let request = post("/oauth2/introspect").form(&[("token", machine.as_str().unwrap())]);
    let introspected = json(send(request).await).await;
    assert_eq!(differences("", &introspected, &introspection()), Vec::<String>::new());
    assert_eq!(
        (&introspected["active"], &introspected["client_id"]),
        (&json!(true), &json!(tenant.server.client_id()))
    );
    let signed_in_at = claims(&tokens["id_token"])["auth_time"].as_i64().unwrap();
    tenant.set(json!({"clock_offset": 60, "reuse_access_token": false})).await;
    let refreshed = json(tenant.refresh(&tokens).await).await;
    for name in ["access_token", "refresh_token"] {
        let request = post("/oauth2/introspect").form(&[("token", refreshed[name].as_str().unwrap())]);
        let introspected = json(send(request).await).await;
        let issued_at = introspected["iat"].as_i64().unwrap();
        assert!(issued_at >= signed_in_at + 60, "{name}: the token's time, not that of the sign-in");
    }
    let refresh = refreshed["refresh_token"].as_str().unwrap();
    let without_token = post("/oauth2/introspect").form(&[("token_type_hint", "access_token")]);
    assert_is(send(without_token).await, 401, &token_error(), "introspect without a token").await;
    let mut form = credentials(&tenant, refresh);
    form[2].1 = "wrong";
    assert_is(send(tenant.post("/oauth2/revoke").form(&form)).await, 401, &token_error(), "a wrong secret").await;
    let without_token = credentials(&tenant, refresh).split_off(1);
    let refused = send(tenant.post("/oauth2/revoke").form(&without_token)).await;
    assert_is(refused, 400, &api_error(), "revoke without a token").await;
    let revoked = send(tenant.post("/oauth2/revoke").form(&credentials(&tenant, refresh))).await;
    assert_eq!((revoked.status().as_u16(), revoked.text().await.unwrap().as_str()), (200, ""));
}
