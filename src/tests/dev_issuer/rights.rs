//! The permissions and roles of the tenant's people, in tokens and in the account API, by organization.
//! The other members of a person are tested in `people`, the pages of the account API in `account_api`.

use serde_json::{Value, json};

use super::harness::{TenantClient, change, claims, json, listed};

async fn people(tenant: &TenantClient) -> Vec<Value> {
    json(tenant.get("/dev/people").send().await.unwrap()).await.as_array().unwrap().clone()
}

/// The codes of Katherine's two organizations.
async fn katherines_organizations(tenant: &TenantClient) -> [String; 2] {
    let people = people(tenant).await;
    let katherine = people.iter().find(|person| person["person"] == "katherine").unwrap();
    let code = |index: usize| katherine["org_codes"][index].as_str().unwrap().to_owned();
    [code(0), code(1)]
}

fn keys(items: &Value) -> Vec<&str> {
    items.as_array().into_iter().flatten().map(|item| item["key"].as_str().unwrap()).collect()
}

/// The tokens of Katherine in an organization.
async fn katherine_in(tenant: &TenantClient, org_code: &str) -> Value {
    tenant.tokens_for("katherine", &[("org_code", org_code), ("prompt", "login")]).await
}

/// The keys of the permissions and roles of an access token, which the account API lists too.
async fn rights(tenant: &TenantClient, tokens: &Value) -> (Value, Value) {
    let token = claims(&tokens["access_token"]);
    let roles = keys(&token.get("roles").cloned().unwrap_or_default()).into();
    let rights = (token["permissions"].clone(), roles);
    for (resource, expected) in [("permissions", &rights.0), ("roles", &rights.1)] {
        let data = listed(tenant, tokens, resource).await["data"].clone();
        assert_eq!(&Value::from(keys(&data[resource])), expected);
        assert_eq!(data["org_code"], token["org_code"]);
    }
    rights
}

#[tokio::test]
async fn everyone_but_dorothy_may_read_members_and_ada_alone_may_invite() {
    let tenant = TenantClient::start().await;
    for person in people(&tenant).await {
        let key = person["person"].as_str().unwrap();
        for org_code in person["org_codes"].as_array().unwrap() {
            let changes = [("org_code", org_code.as_str().unwrap()), ("prompt", "login")];
            let token = claims(&tenant.tokens_for(key, &changes).await["access_token"]);
            let has = |permission: &str| token["permissions"].as_array().unwrap().contains(&permission.into());
            assert_eq!((has("read:members"), has("org:write:members")), (key != "dorothy", key == "ada"), "{key}");
        }
    }
}

#[tokio::test]
async fn katherine_has_other_permissions_and_roles_in_her_second_organization() {
    let tenant = TenantClient::start().await;
    let [first, second] = katherines_organizations(&tenant).await;
    let in_first = rights(&tenant, &katherine_in(&tenant, &first).await).await;
    assert_eq!(in_first, (json!(["read:items", "read:members"]), json!([])));
    let in_second = rights(&tenant, &katherine_in(&tenant, &second).await).await;
    assert_eq!(in_second, (json!(["read:items", "read:members", "create:orbits"]), json!(["computer"])));
}

#[tokio::test]
async fn the_rights_in_one_organization_change_without_those_in_another() {
    let tenant = TenantClient::start().await;
    let [first, second] = katherines_organizations(&tenant).await;
    let own = json!({"organization_rights": {&first: {"permissions": ["read:stars"]}, &second: {"roles": ["lead"]}}});
    let changed = json(change(&tenant, "katherine", own.clone()).await).await;
    let shown = &changed["organization_rights"];
    assert_eq!(shown[&first], json!({"permissions": ["read:stars"], "roles": null}));
    change(&tenant, "katherine", json!({"permissions": ["read:moon"], "roles": ["pilot"]})).await;
    let in_first = rights(&tenant, &katherine_in(&tenant, &first).await).await;
    assert_eq!(in_first, (json!(["read:stars"]), json!(["pilot"])));
    let in_second = rights(&tenant, &katherine_in(&tenant, &second).await).await;
    assert_eq!(in_second, (json!(["read:moon"]), json!(["lead"])));
    change(&tenant, "katherine", json!({"organization_rights": {&first: null}})).await;
    assert_eq!(rights(&tenant, &katherine_in(&tenant, &first).await).await, (json!(["read:moon"]), json!(["pilot"])));
    assert_eq!(rights(&tenant, &katherine_in(&tenant, &second).await).await, in_second);
}

#[tokio::test]
async fn a_change_of_rights_that_does_not_fit_the_person_changes_nothing() {
    let tenant = TenantClient::start().await;
    let [first, _] = katherines_organizations(&tenant).await;
    let before = people(&tenant).await;
    for (person, refused) in [
        ("ada", json!({"organization_rights": {&first: {"permissions": []}}, "email": "new@example.com"})),
        ("katherine", json!({"organization_rights": {&first: {"permission": []}}})),
        ("katherine", json!({"organization_rights": {&first: {"permissions": "all"}}})),
        ("katherine", json!({"organization_rights": null})),
    ] {
        assert_eq!(change(&tenant, person, refused.clone()).await.status(), 400, "{refused}");
    }
    assert_eq!(people(&tenant).await, before);
}

#[tokio::test]
async fn tokens_to_order_are_for_the_ordered_organization() {
    let tenant = TenantClient::start().await;
    let [first, second] = katherines_organizations(&tenant).await;
    for (order, org_code, permissions) in
        [(json!({"person": "katherine"}), &first, 2), (json!({"person": "katherine", "org_code": second}), &second, 3)]
    {
        let response = tenant.write(tenant.post("/dev/tokens"), order.to_string()).await;
        let token = claims(&json(response).await["access_token"]);
        assert_eq!(
            (&token["org_code"], token["permissions"].as_array().unwrap().len()),
            (&json!(org_code), permissions)
        );
    }
    let foreign = json!({"person": "ada", "org_code": second}).to_string();
    assert_eq!(tenant.write(tenant.post("/dev/tokens"), foreign).await.status(), 400);
}
