//! What a test sets for one person while the tenant runs: custom claims, properties and the persistence of sessions.

use serde_json::json;

use super::harness::{TenantClient, change, claims, json, listed};

#[tokio::test]
async fn seeded_people_have_properties_and_persistence() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    let (access, id) = (claims(&tokens["access_token"]), claims(&tokens["id_token"]));
    assert_eq!(access["user_properties"], json!({"city": {"v": "London"}}));
    assert_eq!(access["organization_properties"], json!({"industry": {"v": "engines"}}));
    assert_eq!(access["application_properties"], json!({"theme": {"v": "brass"}}));
    assert_eq!(id["user_properties"], access["user_properties"]);
    assert_eq!(id["organization_properties"], access["organization_properties"]);
    assert!(!id.contains_key("application_properties") && !access.contains_key("ksp"));
    let listed = listed(&tenant, &tokens, "properties").await["data"]["properties"].clone();
    assert_eq!((&listed[0]["key"], &listed[0]["value"]), (&json!("city"), &json!("London")));
    assert_eq!(listed[1]["key"], "industry");
    let tokens = tenant.tokens_for("augusta", &[("prompt", "login")]).await;
    assert_eq!(claims(&tokens["access_token"])["ksp"], json!({"persistent": false}));
}

#[tokio::test]
async fn the_organizations_of_a_person_are_replaced_with_what_differs_in_them() {
    let tenant = TenantClient::start().await;
    let changes = json!({
        "organizations": ["Navy", {"code": "org_fleet", "name": "Fleet"}],
        "organization_rights": {"org_fleet": {"roles": ["captain"]}},
    });
    let changed = json(change(&tenant, "grace", changes).await).await;
    assert_eq!((&changed["organizations"][0]["name"], &changed["org_codes"][1]), (&json!("Navy"), &json!("org_fleet")));
    let tokens = tenant.tokens_for("grace", &[("org_code", "org_fleet")]).await;
    assert_eq!(claims(&tokens["access_token"])["roles"][0]["key"], "captain");
    let changed = json(change(&tenant, "grace", json!({"organizations": ["Navy"]})).await).await;
    assert_eq!(changed["organization_rights"], json!({}), "of an organization that the person has left");
    for refused in [json!([]), json!([{"code": "org_fleet"}]), json!(["Navy", {"code": "org_1", "name": 7}])] {
        let response = change(&tenant, "grace", json!({"organizations": refused})).await;
        assert_eq!(response.status(), 400, "{refused}");
    }
}

#[tokio::test]
async fn changes_show_in_new_tokens_and_not_in_the_one_that_a_refresh_reuses() {
    let tenant = TenantClient::start().await;
    let first = tenant.tokens_for("grace", &[]).await;
    for claim in ["user_properties", "organization_properties", "application_properties", "ksp"] {
        assert!(!claims(&first["access_token"]).contains_key(claim), "{claim}");
    }
    let changes = json!({
        "given_name": null,
        "family_name": "Hopper",
        "email": "hopper@example.com",
        "permissions": ["read:ships"],
        "roles": ["admiral"],
        "feature_flags": {"nautical": {"t": "b", "v": true}},
        "claims": {"rank": "admiral", "org_name": null, "external_org_id": "navy"},
        "id_token_claims": {"preferred_username": "amazing", "org_codes": null},
        "user_properties": {"ship": {"v": "Missouri"}},
        "organization_properties": {},
        "persistent": true,
    });
    let changed = change(&tenant, "grace", changes).await;
    assert_eq!(changed.status(), 200);
    assert_eq!(json(changed).await["name"], "Hopper");
    let second = json(tenant.refresh(&first).await).await;
    assert_eq!(second["access_token"], first["access_token"], "Kinde returns it until it expires");
    tenant.set(json!({"reuse_access_token": false})).await;
    let third = json(tenant.refresh(&second).await).await;
    let (access, id) = (claims(&third["access_token"]), claims(&third["id_token"]));
    for (claim, value) in [
        ("permissions", json!(["read:ships"])),
        ("feature_flags", json!({"nautical": {"t": "b", "v": true}})),
        ("rank", json!("admiral")),
        ("external_org_id", json!("navy")),
        ("user_properties", json!({"ship": {"v": "Missouri"}})),
        ("organization_properties", json!({})),
        ("ksp", json!({"persistent": true})),
    ] {
        assert_eq!(access[claim], value);
    }
    assert_eq!(access["roles"][0]["key"], "admiral");
    assert!(!access.contains_key("org_name") && !id.contains_key("org_codes"));
    for (claim, value) in [("name", "Hopper"), ("email", "hopper@example.com"), ("preferred_username", "amazing")] {
        assert_eq!(id[claim], value);
    }
    assert!(!id.contains_key("given_name"));
}

#[tokio::test]
async fn null_takes_properties_and_persistence_away() {
    let tenant = TenantClient::start().await;
    let nothing = json!({
        "user_properties": null,
        "organization_properties": null,
        "application_properties": null,
        "persistent": null,
    });
    for person in ["ada", "augusta"] {
        change(&tenant, person, nothing.clone()).await;
        let tokens = tenant.tokens_for(person, &[("prompt", "login")]).await;
        let access = claims(&tokens["access_token"]);
        for claim in nothing.as_object().unwrap().keys().map(String::as_str).chain(["ksp"]) {
            assert!(!access.contains_key(claim), "{person}: {claim}");
        }
    }
}

#[tokio::test]
async fn a_change_that_is_not_understood_changes_nothing() {
    let tenant = TenantClient::start().await;
    let before = json(tenant.get("/dev/people").send().await.unwrap()).await;
    for refused in [
        json!({"user_propertys": {}}),
        json!({"email": "new@example.com", "sub": "kp_other"}),
        json!({"persistent": "no"}),
        json!({"permissions": null}),
        json!([]),
    ] {
        assert_eq!(change(&tenant, "ada", refused.clone()).await.status(), 400, "{refused}");
    }
    assert_eq!(change(&tenant, "nobody", json!({})).await.status(), 404);
    assert_eq!(json(tenant.get("/dev/people").send().await.unwrap()).await, before);
}

#[tokio::test]
async fn properties_have_hasura_names_when_the_mapping_is_on() {
    let tenant = TenantClient::start().await;
    tenant.set(json!({"hasura_mapping": true})).await;
    let access = claims(&tenant.tokens_for("ada", &[]).await["access_token"]);
    assert_eq!(access["x-hasura-user_properties"], json!({"city": {"v": "London"}}));
    assert_eq!(access["x-hasura-organization_properties"], json!({"industry": {"v": "engines"}}));
    assert!(!access.contains_key("user_properties"));
}

#[tokio::test]
async fn custom_claims_show_in_the_tokens_of_a_plain_issuer_and_properties_do_not() {
    let tenant = TenantClient::start_plain().await;
    tenant.set(json!({"opaque_access_tokens": false})).await;
    change(&tenant, "ada", json!({"claims": {"groups": ["engine"]}, "id_token_claims": {"locale": "en"}})).await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    let (access, id) = (claims(&tokens["access_token"]), claims(&tokens["id_token"]));
    assert_eq!((&access["groups"], &id["locale"]), (&json!(["engine"]), &json!("en")));
    assert!(!access.contains_key("user_properties") && !id.contains_key("user_properties"));
}
