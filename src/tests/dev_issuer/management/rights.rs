//! Roles and permissions, and what users have of them in tokens, in the account API and in a seed.

use reqwest::Method;
use serde_json::{Value, json};

use super::super::harness::{TenantClient, callback, claims, json, listed};
use super::{Machine, each, tenant, text};
use crate::harness::person;

/// Ada's organization.
fn org_code() -> String {
    person("ada").organizations[0].code.clone()
}

fn of_grace(kind: &str) -> String {
    format!("/api/v1/organizations/{}/users/{}/{kind}", org_code(), person("grace").subject)
}

#[tokio::test]
async fn a_role_gives_its_permissions_to_whoever_has_it() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let role = machine.new_role("reporter", &["create:reports", "delete:reports"]).await;
    let before = tenant.tokens_for("grace", &[]).await;
    machine.post(&of_grace("roles"), json!({"role_id": role})).await;
    let account = listed(&tenant, &before, "permissions?page_size=100").await;
    let keys = each(&account["data"]["permissions"], "key");
    assert!(keys.contains(&"delete:reports".to_owned()) && keys.contains(&"read:items".to_owned()), "{keys:?}");
    let access = claims(&tenant.tokens_for("grace", &[("prompt", "login")]).await["access_token"]);
    assert_eq!(access["roles"], json!([{"id": role, "key": "reporter", "name": "reporter"}]));
    assert!(access["permissions"].as_array().unwrap().contains(&json!("create:reports")));
    let account = listed(&tenant, &before, "roles").await;
    assert_eq!(account["data"]["roles"][0]["id"], format!("role_{}", role.replace('-', "")));
    let permissions = machine.get(&format!("{}?expand=roles", of_grace("permissions"))).await;
    let of_role: Vec<&Value> = permissions["permissions"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|permission| permission["roles"] == json!([{"id": role, "key": "reporter"}]))
        .collect();
    assert_eq!(of_role.len(), 2);
    let by_name = machine.get(&format!("/api/v1/roles/{role}/permissions?sort=name_asc")).await;
    let removed = text(&by_name["permissions"][0]["id"]);
    machine.delete(&format!("/api/v1/roles/{role}/permissions/{removed}")).await;
    let access = claims(&tenant.tokens_for("grace", &[("prompt", "login")]).await["access_token"]);
    assert!(!access["permissions"].as_array().unwrap().contains(&json!("create:reports")));
    machine.delete(&format!("{}/{role}", of_grace("roles"))).await;
    let access = claims(&tenant.tokens_for("grace", &[("prompt", "login")]).await["access_token"]);
    assert!(!access.contains_key("roles") && !access["permissions"].to_string().contains("reports"));
}

#[tokio::test]
async fn a_role_of_one_organization_is_none_of_another() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    let role = machine.new_role("reporter", &[]).await;
    let [first, second] = [0, 1].map(|index| person("katherine").organizations[index].code.clone());
    let id = person("katherine").subject;
    machine.post(&format!("/api/v1/organizations/{second}/users/{id}/roles"), json!({"role_id": role})).await;
    let with_role = machine.get(&format!("/api/v1/organizations/{second}/roles/{role}/users")).await;
    assert_eq!(each(&with_role["users"], "id"), [id.as_str()]);
    let with_role = machine.get(&format!("/api/v1/organizations/{first}/roles/{role}/users")).await;
    assert_eq!(with_role["users"], json!([]));
    let users = machine.get(&format!("/api/v1/roles/{role}/users")).await;
    assert_eq!(users["users"], json!([{"id": id, "org_codes": [second]}]));
    let roles = machine.get(&format!("/api/v1/organizations/{second}/users/{id}/roles")).await;
    assert_eq!(each(&roles["roles"], "key"), ["computer", "reporter"], "she kept what she had");
}

#[tokio::test]
async fn a_permission_is_given_and_taken_one_by_one() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let new = machine.post("/api/v1/permissions", json!({"key": "create:reports", "name": "Create reports"})).await;
    let id = text(&new["permission"]["id"]);
    machine.post(&of_grace("permissions"), json!({"permission_id": id})).await;
    let access = claims(&tenant.tokens_for("grace", &[]).await["access_token"]);
    assert_eq!(access["permissions"], json!(["read:items", "read:members", "create:reports"]));
    machine.delete(&format!("{}/{id}", of_grace("permissions"))).await;
    let access = claims(&tenant.tokens_for("grace", &[("prompt", "login")]).await["access_token"]);
    assert_eq!(access["permissions"], json!(["read:items", "read:members"]));
}

#[tokio::test]
async fn a_renamed_key_is_the_same_role_and_permission_for_everybody() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let roles = machine.get("/api/v1/roles").await["roles"].clone();
    let admin = roles.as_array().unwrap().iter().find(|role| role["key"] == "admin").unwrap();
    let path = format!("/api/v1/roles/{}", text(&admin["id"]));
    machine.patch(&path, json!({"key": "owner", "name": "Owner", "description": "Owns it"})).await;
    let permissions = machine.get("/api/v1/permissions?page_size=9999").await["permissions"].clone();
    let read = permissions.as_array().unwrap().iter().find(|permission| permission["key"] == "read:items").unwrap();
    machine.patch(&format!("/api/v1/permissions/{}", text(&read["id"])), json!({"key": "view:items"})).await;
    let access = claims(&tenant.tokens_for("ada", &[]).await["access_token"]);
    assert_eq!(access["roles"], json!([{"id": admin["id"], "key": "owner", "name": "Owner"}]));
    let keys = access["permissions"].to_string();
    assert!(keys.contains("view:items") && !keys.contains("read:items"), "{keys}");
    let role = machine.get(&path).await["role"].clone();
    assert_eq!((&role["key"], &role["description"]), (&json!("owner"), &json!("Owns it")));
    let seed = json(tenant.get("/dev/seed").send().await.unwrap()).await;
    assert_eq!((&seed["roles"][0]["id"], &seed["roles"][0]["key"]), (&admin["id"], &json!("owner")));
    let seed = seed.to_string();
    assert_eq!(tenant.write(tenant.request(Method::PUT, "/dev/seed"), seed).await.status(), 204);
    assert_eq!(machine.get(&path).await["role"], role, "the seed has it all");
}

#[tokio::test]
async fn what_is_deleted_nobody_has_any_more() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let roles = machine.get("/api/v1/roles").await["roles"].clone();
    let permissions = machine.get("/api/v1/permissions?page_size=9999").await["permissions"].clone();
    let id_of = |list: &Value, key: &str| {
        text(&list.as_array().unwrap().iter().find(|record| record["key"] == key).unwrap()["id"])
    };
    machine.delete(&format!("/api/v1/roles/{}", id_of(&roles, "admin"))).await;
    machine.delete(&format!("/api/v1/permissions/{}", id_of(&permissions, "read:items"))).await;
    let access = claims(&tenant.tokens_for("ada", &[]).await["access_token"]);
    assert!(!access.contains_key("roles") && !access["permissions"].to_string().contains("read:items"));
    assert_eq!(each(&machine.get("/api/v1/roles").await["roles"], "key"), ["computer"]);
}

#[tokio::test]
async fn a_new_member_gets_the_default_roles_unless_the_request_names_some() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    machine.post("/api/v1/roles", json!({"key": "member", "name": "Member", "is_default_role": true})).await;
    machine.new_role("lead", &[]).await;
    let path = format!("/api/v1/organizations/{}/users", person("katherine").organizations[0].code);
    let users = json!({"users": [{"id": person("ada").subject}, {"id": person("grace").subject, "roles": ["lead"]}]});
    machine.post(&path, users).await;
    let members = machine.get(&path).await["organization_users"].clone();
    let roles: Vec<&Value> = members.as_array().unwrap().iter().map(|member| &member["roles"]).collect();
    assert_eq!(roles, [&json!(["member"]), &json!(["lead"]), &json!([])], "Katherine was there before");
}

#[tokio::test]
async fn whoever_signs_up_gets_the_default_roles() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    machine.post("/api/v1/roles", json!({"key": "member", "name": "Member", "is_default_role": true})).await;
    let decision = [("action", "create"), ("email", "new@example.com")];
    let signed_up = tenant.decide(&[("prompt", "create")], &decision).await;
    let tokens = json(tenant.exchange(&callback(&signed_up)["code"], &[]).await).await;
    assert_eq!(claims(&tokens["access_token"])["roles"][0]["name"], "Member");
}

#[tokio::test]
async fn definitions_that_cannot_be_are_refused_by_the_name_of_the_member() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    let role = machine.new_role("lead", &[]).await;
    let permissions = format!("/api/v1/roles/{role}/permissions");
    for (method, path, body, named) in [
        (Method::POST, "/api/v1/roles", json!({"name": "A"}), "key: "),
        (Method::POST, "/api/v1/roles", json!({"key": "a"}), "name: "),
        (Method::POST, "/api/v1/roles", json!({"key": "admin", "name": "A"}), "key: "),
        (Method::POST, "/api/v1/roles", json!({"key": "a", "name": "A", "is_default_role": 1}), "is_default_role: "),
        (Method::PATCH, &format!("/api/v1/roles/{role}"), json!({"key": "admin", "name": "A"}), "key: "),
        (Method::POST, "/api/v1/permissions", json!({"key": "read:items", "name": "A"}), "key: "),
        (Method::POST, "/api/v1/permissions", json!({"key": "a", "name": "A", "scope": "b"}), "scope: "),
        (Method::PATCH, &permissions, json!({"permissions": [{"id": "none"}]}), "permissions[0].id: "),
        (Method::PATCH, &permissions, json!({"permissions": {}}), "permissions: "),
        (Method::POST, &of_grace("roles"), json!({}), "role_id: "),
        (Method::POST, &of_grace("roles"), json!({"role_id": "none"}), "role_id: "),
        (Method::POST, &of_grace("permissions"), json!({"permission_id": "none"}), "permission_id: "),
    ] {
        let message = machine.refused(method, path, body.clone()).await;
        assert!(message.starts_with(named), "{path} {body}: {message}");
    }
}
