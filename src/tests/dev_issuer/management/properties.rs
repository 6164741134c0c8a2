//! Feature flags and properties: their definitions, and whose value goes before whose.

use reqwest::Method;
use serde_json::{Value, json};

use super::super::harness::{TenantClient, claims, json, listed};
use super::{Machine, each, tenant, text};
use crate::harness::person;

async fn flags_of(tenant: &TenantClient, key: &str) -> Value {
    claims(&tenant.tokens_for(key, &[("prompt", "login")]).await["access_token"])["feature_flags"].clone()
}

fn flag(key: &str, kind: &str, default: &str, level: &str) -> Value {
    json!({"name": key, "key": key, "type": kind, "default_value": default, "allow_override_level": level})
}

#[tokio::test]
async fn a_users_value_goes_before_the_organizations_before_the_environments_before_the_default() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let grace = person("grace");
    let of_organization = format!("/api/v1/organizations/{}/feature_flags", grace.organizations[0].code);
    machine.post("/api/v1/feature_flags", flag("limit", "int", "1", "usr")).await;
    assert_eq!(flags_of(&tenant, "grace").await["limit"], json!({"t": "i", "v": 1}));
    machine.patch("/api/v1/environment/feature_flags/limit", json!({"value": "2"})).await;
    assert_eq!(flags_of(&tenant, "grace").await["limit"]["v"], 2);
    machine.patch(&format!("{of_organization}/limit?value=3"), Value::Null).await;
    assert_eq!(flags_of(&tenant, "grace").await["limit"]["v"], 3);
    assert_eq!(flags_of(&tenant, "katherine").await["limit"]["v"], 2, "she is in another organization");
    machine.patch(&format!("/api/v1/users/{}/feature_flags/limit?value=4", grace.subject), Value::Null).await;
    let tokens = tenant.tokens_for("grace", &[("prompt", "login")]).await;
    let account = listed(&tenant, &tokens, "feature_flags").await["data"]["feature_flags"].clone();
    let limit = account.as_array().unwrap().iter().find(|flag| flag["key"] == "limit").unwrap();
    assert_eq!((&limit["type"], &limit["value"]), (&json!("integer"), &json!(4)));
    let flags = machine.get(&of_organization).await["feature_flags"].clone();
    assert_eq!(flags, json!({"limit": {"type": "int", "value": "3"}}));
    machine.delete(&format!("{of_organization}/limit")).await;
    assert_eq!(machine.get(&of_organization).await["feature_flags"], json!({}));
    let environment = machine.get("/api/v1/environment/feature_flags").await["feature_flags"].clone();
    assert_eq!(environment, json!({"limit": {"type": "int", "value": "2"}}));
    machine.delete("/api/v1/environment/feature_flags/limit").await;
    assert_eq!(flags_of(&tenant, "ada").await["limit"]["v"], 1);
    machine.delete("/api/v1/feature_flags/limit").await;
    assert_eq!(flags_of(&tenant, "grace").await["limit"], Value::Null);
}

#[tokio::test]
async fn overrides_end_all_at_once() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let of_organization = format!("/api/v1/organizations/{}/feature_flags", person("grace").organizations[0].code);
    for key in ["one", "two"] {
        machine.post("/api/v1/feature_flags", flag(key, "bool", "false", "org")).await;
        machine.patch(&format!("{of_organization}/{key}?value=true"), Value::Null).await;
        machine.patch(&format!("/api/v1/environment/feature_flags/{key}"), json!({"value": "true"})).await;
    }
    machine.delete(&of_organization).await;
    assert_eq!(flags_of(&tenant, "grace").await["two"]["v"], true, "the environment's");
    machine.delete("/api/v1/environment/feature_flags").await;
    assert_eq!(flags_of(&tenant, "grace").await["two"]["v"], false);
}

#[tokio::test]
async fn a_flag_of_another_type_forgets_its_values() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let changes = "name=Theme&description=&type=bool&allow_override_level=org&default_value=true";
    machine.put(&format!("/api/v1/feature_flags/theme?{changes}"), Value::Null).await;
    assert_eq!(flags_of(&tenant, "ada").await["theme"], json!({"t": "b", "v": true}));
    let id = person("ada").subject;
    let of_user = format!("/api/v1/users/{id}/feature_flags/theme?value=false");
    let message = machine.refused(Method::PATCH, &of_user, Value::Null).await;
    assert!(message.starts_with("feature_flag_key: "), "its level is that of organizations");
}

#[tokio::test]
async fn flags_that_cannot_be_are_refused_by_the_name_of_the_member() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    let with = |member: &str, value: Value| {
        let mut flag = flag("new", "int", "1", "usr");
        flag[member] = value;
        flag
    };
    for (body, named) in [
        (with("key", json!("theme")), "key: "),
        (with("name", json!("")), "name: "),
        (with("type", json!("json")), "type: "),
        (with("default_value", json!("many")), "default_value: "),
        (with("default_value", Value::Null), "default_value: "),
        (with("allow_override_level", json!("all")), "allow_override_level: "),
    ] {
        let message = machine.refused(Method::POST, "/api/v1/feature_flags", body).await;
        assert!(message.starts_with(named), "{message}");
    }
    let of_user = format!("/api/v1/users/{}/feature_flags", person("ada").subject);
    let message = machine.refused(Method::PATCH, &format!("{of_user}/is_dark_mode?value=dim"), Value::Null).await;
    assert!(message.starts_with("value: "), "{message}");
    machine.refused(Method::PATCH, &format!("{of_user}/unheard-of?value=1"), Value::Null).await;
}

/// A new property, with a category of its own.
async fn new_property(machine: &Machine, key: &str, context: &str, is_private: bool) -> String {
    let category = json!({"name": format!("Of {key}"), "context": context});
    let category = machine.post("/api/v1/property_categories", category).await["category"]["id"].clone();
    let property = json!({
        "name": key, "key": key, "type": "single_line_text", "context": context, "is_private": is_private,
        "category_id": category,
    });
    text(&machine.post("/api/v1/properties", property).await["property"]["id"])
}

#[tokio::test]
async fn values_of_properties_are_in_tokens_and_the_account_api_unless_they_are_private() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let (ada, application) = (person("ada"), tenant.server.client_id().to_owned());
    for (key, context, is_private) in
        [("team", "usr", false), ("salary", "usr", true), ("plan", "org", false), ("region", "app", false)]
    {
        new_property(&machine, key, context, is_private).await;
    }
    let of_user = format!("/api/v1/users/{}/properties", ada.subject);
    machine.patch(&of_user, json!({"properties": {"team": "red", "salary": "100"}})).await;
    machine.put(&format!("{of_user}/team?value=blue"), Value::Null).await;
    let of_organization = format!("/api/v1/organizations/{}/properties", ada.organizations[0].code);
    machine.patch(&of_organization, json!({"properties": {"plan": "free"}})).await;
    machine.put(&format!("{of_organization}/plan?value=pro"), Value::Null).await;
    let of_application = format!("/api/v1/applications/{application}/properties");
    machine.put(&format!("{of_application}/region"), json!({"value": "eu"})).await;
    for (path, key, value) in
        [(&of_user, "salary", "100"), (&of_organization, "plan", "pro"), (&of_application, "region", "eu")]
    {
        let values = machine.get(path).await["properties"].clone();
        let found = values.as_array().unwrap().iter().find(|property| property["key"] == key);
        assert_eq!(found.unwrap()["value"], value, "{path}");
    }
    let tokens = tenant.tokens_for("ada", &[]).await;
    let access = claims(&tokens["access_token"]);
    assert_eq!(access["user_properties"], json!({"city": {"v": "London"}, "team": {"v": "blue"}}));
    assert_eq!(access["organization_properties"], json!({"industry": {"v": "engines"}, "plan": {"v": "pro"}}));
    assert_eq!(access["application_properties"], json!({"theme": {"v": "brass"}, "region": {"v": "eu"}}));
    let account = listed(&tenant, &tokens, "properties").await["data"]["properties"].clone();
    assert_eq!(each(&account, "key"), ["city", "team", "industry", "plan"].map(str::to_owned).to_vec());
    let seed = json(tenant.get("/dev/seed").send().await.unwrap()).await;
    assert_eq!(seed["organizations"][0]["properties"], json!({"plan": {"v": "pro"}}));
    let seed = seed.to_string();
    assert_eq!(tenant.write(tenant.request(Method::PUT, "/dev/seed"), seed).await.status(), 204);
    let again = claims(&tenant.tokens_for("ada", &[("prompt", "login")]).await["access_token"]);
    assert_eq!(again["organization_properties"], access["organization_properties"], "the seed has it all");
}

#[tokio::test]
async fn a_changed_and_a_deleted_property_are_so_for_everybody() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let id = new_property(&machine, "team", "usr", false).await;
    let of_user = format!("/api/v1/users/{}/properties", person("ada").subject);
    machine.put(&format!("{of_user}/team?value=red"), Value::Null).await;
    let categories = machine.get("/api/v1/property_categories?context=usr").await["categories"].clone();
    let category = text(&categories[0]["id"]);
    machine.put(&format!("/api/v1/property_categories/{category}"), json!({"name": "Work"})).await;
    assert_eq!(machine.get("/api/v1/property_categories").await["categories"][0]["name"], "Work");
    let changes = json!({"name": "Team", "is_private": true, "category_id": category});
    machine.put(&format!("/api/v1/properties/{id}"), changes).await;
    let of_ada = async || {
        let access = claims(&tenant.tokens_for("ada", &[("prompt", "login")]).await["access_token"]);
        access["user_properties"].clone()
    };
    assert_eq!(of_ada().await, json!({"city": {"v": "London"}}), "it is private now");
    machine.delete(&format!("/api/v1/properties/{id}")).await;
    assert_eq!(each(&machine.get(&of_user).await["properties"], "key"), ["city"]);
}

#[tokio::test]
async fn properties_that_cannot_be_are_refused_by_the_name_of_the_member() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    let category = json!({"name": "More", "context": "usr"});
    let category = machine.post("/api/v1/property_categories", category).await["category"]["id"].clone();
    let with = |member: &str, value: Value| {
        let mut property = json!({
            "name": "Team", "key": "team", "type": "single_line_text", "context": "usr", "is_private": false,
            "category_id": category,
        });
        property[member] = value;
        property
    };
    for (body, named) in [
        (with("key", json!("city")), "key: "),
        (with("type", json!("number")), "type: "),
        (with("context", json!("all")), "context: "),
        (with("is_private", Value::Null), "is_private: "),
        (with("category_id", json!("category_x")), "category_id: "),
        (with("context", json!("org")), "category_id: "),
    ] {
        let message = machine.refused(Method::POST, "/api/v1/properties", body).await;
        assert!(message.starts_with(named), "{message}");
    }
    let of_user = format!("/api/v1/users/{}/properties", person("ada").subject);
    for (body, named) in [
        (json!({}), "properties: "),
        (json!({"properties": {"unheard-of": "1"}}), "unheard-of: "),
        (json!({"properties": {"city": {}}}), "properties.city: "),
    ] {
        let message = machine.refused(Method::PATCH, &of_user, body).await;
        assert!(message.starts_with(named), "{message}");
    }
}
