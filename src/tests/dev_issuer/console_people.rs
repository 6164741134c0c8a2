//! The console's pages of people: adding, changing, suspending and deleting them, and ending their sessions.

use serde_json::{Value, json};

use super::harness::{TenantClient, change, claims, json, location};

/// A form that changes nobody: the present values of a person, as the page has them, with `changes`.
async fn form_of(tenant: &TenantClient, key: &str, changes: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let person = described(tenant, key).await;
    let text = |name: &str| person[name].as_str().unwrap_or_default().to_owned();
    let lines = |name: &str| {
        let lines: Vec<_> = person[name].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        lines.join("\r\n")
    };
    let or_empty = |name: &str| if person[name].is_null() { String::new() } else { person[name].to_string() };
    let mut form = vec![
        ("given_name", text("given_name")),
        ("family_name", text("family_name")),
        ("email", text("email")),
        ("organizations", person["organizations"].to_string()),
        ("permissions", lines("permissions")),
        ("roles", lines("roles")),
    ];
    for name in ["organization_rights", "feature_flags", "entitlements", "claims", "id_token_claims"] {
        form.push((name, person[name].to_string()));
    }
    for name in ["user_properties", "organization_properties", "application_properties", "persistent"] {
        form.push((name, or_empty(name)));
    }
    for (name, value) in changes {
        form.iter_mut().find(|(field, _)| field == name).unwrap().1 = (*value).to_owned();
    }
    form
}

async fn described(tenant: &TenantClient, key: &str) -> Value {
    let people = json(tenant.get("/dev/people").send().await.unwrap()).await;
    let person = people.as_array().unwrap().iter().find(|person| person["person"] == key);
    person.unwrap_or_else(|| panic!("{key} is not there")).clone()
}

/// Sends the form of a person with these changes.
async fn submit_change(tenant: &TenantClient, key: &str, changes: &[(&'static str, &str)]) -> reqwest::Response {
    let form = form_of(tenant, key, changes).await;
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    tenant.submit(&format!("/people/{key}"), &form).await
}

#[tokio::test]
async fn a_person_is_added_and_can_sign_in() {
    let tenant = TenantClient::start().await;
    let form = [("person", "rosalind"), ("given_name", "Rosalind"), ("organizations", "King's College\r\nBirkbeck")];
    let added = tenant.submit("/people", &form).await;
    assert_eq!((added.status().as_u16(), location(&added)), (303, "/people/rosalind"));
    let person = described(&tenant, "rosalind").await;
    assert_eq!(
        (&person["email"], &person["organizations"][1]["name"]),
        (&json!("rosalind@example.com"), &json!("Birkbeck"))
    );
    tenant.tokens_for("rosalind", &[]).await;
    assert!(tenant.page("/people").await.contains("href=\"/people/rosalind\""));
    let (with_remark, without) = (tenant.page("/people/ada").await, tenant.page("/people/rosalind").await);
    assert!(with_remark.contains("<dt>About</dt>") && !without.contains("<dt>About</dt>"));
}

#[tokio::test]
async fn what_is_wrong_stands_beside_the_field_and_the_input_is_kept() {
    let tenant = TenantClient::start().await;
    let refused =
        tenant.submit("/people", &[("person", "Ada Lovelace"), ("email", "nowhere"), ("roles", "chief")]).await;
    assert_eq!(refused.status(), 400);
    let page = refused.text().await.unwrap();
    for part in [
        "id=\"person-problem\"",
        "id=\"email-problem\"",
        "href=\"#email\"",
        "value=\"Ada Lovelace\"",
        "value=\"nowhere\"",
        "chief",
    ] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
    let refused = tenant.submit("/people", &[("person", "ada")]).await;
    assert_eq!(refused.status(), 400);
    assert!(refused.text().await.unwrap().contains("Key</a>: the person ada has &quot;ada&quot; too"));
}

#[tokio::test]
async fn everything_that_the_switchboard_changes_can_be_changed() {
    let tenant = TenantClient::start().await;
    let changes = [
        ("given_name", ""),
        ("family_name", "Hopper"),
        ("email", "hopper@example.com"),
        ("organizations", r#"[{"code":"org_navy","name":"Navy"},"Fleet"]"#),
        ("permissions", "read:ships\r\nwrite:ships\r\n"),
        ("roles", "admiral"),
        ("organization_rights", r#"{"org_navy":{"roles":["captain"],"permissions":null}}"#),
        ("feature_flags", r#"{"nautical":{"t":"b","v":true}}"#),
        ("entitlements", r#"{"ships":{"entitlement_limit_max":5}}"#),
        ("user_properties", r#"{"ship":{"v":"Missouri"}}"#),
        ("persistent", "true"),
        ("claims", r#"{"rank":"admiral"}"#),
        ("id_token_claims", r#"{"preferred_username":"amazing"}"#),
    ];
    let saved = submit_change(&tenant, "grace", &changes).await;
    assert_eq!((saved.status().as_u16(), location(&saved)), (303, "/people/grace?saved"));
    let person = described(&tenant, "grace").await;
    for (member, value) in [
        ("given_name", Value::Null),
        ("family_name", json!("Hopper")),
        ("permissions", json!(["read:ships", "write:ships"])),
        ("organization_rights", json!({"org_navy": {"roles": ["captain"], "permissions": null}})),
        ("feature_flags", json!({"nautical": {"t": "b", "v": true}})),
        ("user_properties", json!({"ship": {"v": "Missouri"}})),
        ("persistent", json!(true)),
    ] {
        assert_eq!(person[member], value, "{member}");
    }
    assert_eq!(person["entitlements"]["ships"]["entitlement_limit_max"], 5);
    let tokens = tenant.tokens_for("grace", &[("org_code", "org_navy")]).await;
    let access = claims(&tokens["access_token"]);
    assert_eq!((&access["rank"], &access["roles"][0]["key"]), (&json!("admiral"), &json!("captain")));
    let saved = submit_change(&tenant, "grace", &[("organization_rights", "{}")]).await;
    assert_eq!(saved.status(), 303);
    assert_eq!(described(&tenant, "grace").await["organization_rights"], json!({}), "what is left out is removed");
}

#[tokio::test]
async fn a_change_that_does_not_fit_changes_nothing() {
    let tenant = TenantClient::start().await;
    let before = described(&tenant, "ada").await;
    for (field, value) in [
        ("claims", "{\"rank\":"),
        ("feature_flags", "[]"),
        ("organizations", "[7]"),
        ("organizations", r#"[{"code":"org_1","name":"One","more":1}]"#),
        ("organization_rights", r#"{"org_of_others":{}}"#),
        ("entitlements", r#"{"items":{"limit":3}}"#),
    ] {
        let refused = submit_change(&tenant, "ada", &[("given_name", "Changed"), (field, value)]).await;
        assert_eq!(refused.status(), 400, "{field} {value}");
        let page = refused.text().await.unwrap();
        assert!(page.contains(&format!("id=\"{field}-problem\"")), "{field} {value}: {page}");
        assert!(page.contains("value=\"Changed\""), "the input is kept");
    }
    assert_eq!(described(&tenant, "ada").await, before);
    let of_others = before["organizations"][0]["code"].as_str().unwrap();
    let renamed = json!([{"code": of_others, "name": "Another name"}]).to_string();
    let refused = submit_change(&tenant, "grace", &[("organizations", &renamed)]).await;
    assert_eq!(refused.status(), 400);
}

#[tokio::test]
async fn only_changes_that_the_switchboard_has_an_event_for_cause_one() {
    let tenant = TenantClient::start().await;
    tenant.set(json!({"webhook_url": "http://127.0.0.1:1/", "delivery_pauses": []})).await;
    let deliveries = async || json(tenant.get("/dev/deliveries").send().await.unwrap()).await;
    submit_change(&tenant, "ada", &[]).await;
    submit_change(&tenant, "ada", &[("claims", "{\"a\":1}")]).await;
    assert_eq!(deliveries().await, json!([]));
    submit_change(&tenant, "ada", &[("family_name", "King")]).await;
    tenant.submit("/people/ada/suspend", &[]).await;
    tenant.submit("/people/ada/delete", &[]).await;
    let deliveries = deliveries().await;
    let types: Vec<_> = deliveries.as_array().unwrap().iter().map(|delivery| &delivery["type"]).collect();
    assert_eq!(types, ["user.updated", "user.updated", "user.deleted"]);
}

#[tokio::test]
async fn a_suspended_person_signs_in_again_after_the_suspension() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    assert_eq!(tenant.submit("/people/ada/suspend", &[]).await.status(), 303);
    assert_eq!(tenant.refresh(&tokens).await.status(), 400);
    assert!(tenant.page("/people").await.contains("suspended"));
    assert_eq!(tenant.submit("/people/ada/resume", &[]).await.status(), 303);
    tenant.tokens_for("ada", &[]).await;
}

#[tokio::test]
async fn a_person_is_deleted_only_after_a_question() {
    let tenant = TenantClient::start().await;
    let question = tenant.page("/people/ada/delete").await;
    assert!(question.contains("Delete this person?") && question.contains("action=\"/people/ada/delete\""));
    described(&tenant, "ada").await;
    assert_eq!(location(&tenant.submit("/people/ada/delete", &[]).await), "/people");
    assert_eq!(tenant.get("/people/ada").send().await.unwrap().status(), 404);
    for path in ["/people/ada", "/people/ada/delete", "/people/ada/suspend", "/people/ada/sessions/end"] {
        assert_eq!(tenant.submit(path, &[]).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn one_session_ends_or_all_do() {
    let tenant = TenantClient::start().await;
    let again = [("prompt", "login")];
    let first = tenant.tokens_for("ada", &again).await;
    let (second, third) = (tenant.tokens_for("ada", &again).await, tenant.tokens_for("ada", &again).await);
    let page = tenant.page("/people/ada").await;
    let sids: Vec<_> =
        page.split("name=\"sid\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(sids.len(), 3);
    tenant.submit("/people/ada/sessions/end", &[("sid", sids[0])]).await;
    let mut refreshed = Vec::new();
    for tokens in [&first, &second, &third] {
        refreshed.push(tenant.refresh(tokens).await.status().as_u16());
    }
    refreshed.sort_unstable();
    assert_eq!(refreshed, [200, 200, 400], "one session has ended");
    tenant.submit("/people/ada/sessions/end", &[]).await;
    for tokens in [&first, &second, &third] {
        assert_eq!(tenant.refresh(tokens).await.status(), 400);
    }
    let silent = tenant.authorize(&[("prompt", "none")]).await;
    assert!(location(&silent).contains("login_required"));
}

#[tokio::test]
async fn the_cookie_of_a_session_is_on_no_page() {
    let tenant = TenantClient::start().await;
    let response = tenant.decide(&[], &[("person", "ada")]).await;
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    let secret = cookie.split(['=', ';']).nth(1).unwrap();
    assert!(!tenant.page("/people/ada").await.contains(secret));
}

#[tokio::test]
async fn names_are_shown_as_text() {
    let tenant = TenantClient::start().await;
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let organizations = json!([{"code": "org_</textarea><script>", "name": evil}]);
    let changes = json!({
        "given_name": evil,
        "email": evil,
        "organizations": organizations,
        "permissions": [evil],
        "claims": {"</textarea><script>": evil},
    });
    assert_eq!(change(&tenant, "ada", changes).await.status(), 200);
    for path in ["/people", "/people/ada", "/people/ada/delete", "/tokens"] {
        let page = tenant.page(path).await;
        assert!(!page.contains("<script") && !page.contains("<img"), "{path}: {page}");
    }
    let refused = submit_change(&tenant, "ada", &[("claims", "</textarea><script>")]).await;
    assert!(!refused.text().await.unwrap().contains("<script"));
}
