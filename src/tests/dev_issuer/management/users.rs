//! Users: who they are, whom lists contain, and what their end ends.

use reqwest::Method;
use serde_json::{Value, json};

use super::super::harness::{TenantClient, claims, json};
use super::{Machine, each, tenant, text};
use crate::harness::person;

fn new_user(email: &str) -> Value {
    json!({
        "profile": {"given_name": "Lise", "family_name": "Meitner", "picture": "https://pictures.example/lise"},
        "provided_id": "physics-1",
        "identities": [
            {"type": "email", "details": {"email": email}},
            {"type": "username", "details": {"username": "lise"}},
        ],
    })
}

#[tokio::test]
async fn a_new_user_is_listed_and_signs_in_with_what_the_request_says_and_no_rights() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let created = machine.post("/api/v1/user", new_user("lise@example.com")).await;
    assert_eq!((&created["created"], created["identities"].as_array().unwrap().len()), (&json!(true), 2));
    let id = text(&created["id"]);
    assert!(id.starts_with("kp_") && id.len() == 35, "{id}");
    let user = machine.get(&format!("/api/v1/user?id={id}&expand=organizations,identities")).await;
    for (member, value) in [
        ("preferred_email", json!("lise@example.com")),
        ("first_name", json!("Lise")),
        ("last_name", json!("Meitner")),
        ("username", json!("lise")),
        ("provided_id", json!("physics-1")),
        ("picture", json!("https://pictures.example/lise")),
        ("is_suspended", json!(false)),
        ("total_sign_ins", json!(0)),
        ("last_signed_in", Value::Null),
        ("organizations", json!([person("ada").organizations[0].code])),
    ] {
        assert_eq!(user[member], value, "{member}");
    }
    assert_eq!(user["identities"][1], json!({"type": "username", "identity": "lise"}));
    let people = json(tenant.get("/dev/people").send().await.unwrap()).await;
    let key = people.as_array().unwrap().iter().find(|person| person["sub"] == id).unwrap()["person"].clone();
    let tokens = tenant.tokens_for(key.as_str().unwrap(), &[]).await;
    let (access, identity) = (claims(&tokens["access_token"]), claims(&tokens["id_token"]));
    assert_eq!((&access["sub"], &access["permissions"]), (&json!(id), &json!([])));
    assert_eq!((&identity["email"], &identity["picture"]), (&json!("lise@example.com"), &user["picture"]));
    assert_eq!(identity["preferred_username"], "lise");
    let profile = tenant.get("/oauth2/v2/user_profile").bearer_auth(tokens["access_token"].as_str().unwrap());
    let profile = json(profile.send().await.unwrap()).await;
    assert_eq!((&profile["provided_id"], &profile["preferred_username"]), (&json!("physics-1"), &json!("lise")));
    let user = machine.get(&format!("/api/v1/user?id={id}")).await;
    assert_eq!((&user["total_sign_ins"], user["last_signed_in"].is_string()), (&json!(1), true));
    assert!(user.get("organizations").is_none() && user.get("identities").is_none(), "not expanded: {user}");
}

#[tokio::test]
async fn a_list_has_whom_its_filters_name() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let (ada, grace) = (person("ada"), person("grace"));
    let listed = async |query: &str| {
        let mut ids = each(&machine.get(&format!("/api/v1/users?page_size=100&{query}")).await["users"], "id");
        ids.sort();
        ids
    };
    let mut two = vec![ada.subject.clone(), grace.subject.clone()];
    two.sort();
    assert_eq!(listed(&format!("user_id={},{}", ada.subject, grace.subject)).await, two);
    assert_eq!(listed("email=GRACE@example.com").await, [grace.subject.as_str()]);
    assert_eq!(listed("email=ada@example.com").await.len(), 2, "Augusta has the same address");
    assert!(listed("username=ada").await.is_empty() && listed("phone=1").await.is_empty());
    tenant.tokens_for("grace", &[]).await;
    assert_eq!(listed("active_since=2024-01-01T00:00:00Z").await, [grace.subject.as_str()]);
    let code = &grace.organizations[0].code;
    machine.delete(&format!("/api/v1/organizations/{code}/users/{}", grace.subject)).await;
    assert_eq!(listed("has_organization=false").await, [grace.subject.as_str()]);
    let results = machine.get("/api/v1/search/users?query=lovel").await;
    assert_eq!(each(&results["results"], "id"), [ada.subject.as_str()]);
}

#[tokio::test]
async fn a_changed_user_is_changed_everywhere() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let id = person("ada").subject;
    let changes = json!({"given_name": "Augusta Ada", "picture": "https://pictures.example/ada", "provided_id": "1"});
    let changed = machine.patch(&format!("/api/v1/user?id={id}"), changes).await;
    assert_eq!((&changed["given_name"], &changed["family_name"]), (&json!("Augusta Ada"), &json!("Lovelace")));
    let page = tenant.authorize(&[]).await.text().await.unwrap();
    assert!(page.contains("Augusta Ada Lovelace"), "{page}");
    let tokens = tenant.tokens_for("ada", &[("prompt", "login")]).await;
    assert_eq!(claims(&tokens["id_token"])["name"], "Augusta Ada Lovelace");
    let seed = json(tenant.get("/dev/seed").send().await.unwrap()).await;
    assert_eq!((&seed["people"][0]["picture"], &seed["people"][0]["provided_id"]), (&changed["picture"], &json!("1")));
}

#[tokio::test]
async fn sessions_are_listed_and_end_with_their_refresh_tokens() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let path = format!("/api/v1/users/{}/sessions", person("ada").subject);
    let tokens = tenant.tokens_for("ada", &[]).await;
    let sessions = machine.get(&path).await["sessions"].clone();
    assert_eq!(sessions.as_array().unwrap().len(), 1);
    assert!(text(&sessions[0]["session_id"]).starts_with("session_0x"), "{sessions}");
    assert_eq!(sessions[0]["client_id"], tenant.server.client_id());
    let time = |name: &str| {
        let format = &time::format_description::well_known::Rfc3339;
        time::OffsetDateTime::parse(&text(&sessions[0][name]), format).unwrap().unix_timestamp()
    };
    assert_eq!(time("expires_on") - time("updated_on"), 86_400, "{sessions}");
    machine.delete(&path).await;
    assert_eq!(machine.get(&path).await["sessions"], json!([]));
    assert_eq!(tenant.refresh(&tokens).await.status(), 400);
    let (status, _) = machine.send(Method::GET, "/api/v1/users/kp_nobody/sessions", &Value::Null).await;
    assert_eq!(status, 404, "Kinde describes 404 here");
}

#[tokio::test]
async fn refreshed_claims_are_in_the_next_access_token_of_a_refresh() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    let id = person("ada").subject;
    machine.patch(&format!("/api/v1/users/{id}/feature_flags/theme?value=blue"), Value::Null).await;
    let before = json(tenant.refresh(&tokens).await).await;
    assert_eq!(before["access_token"], tokens["access_token"], "Kinde returns the current one");
    machine.post(&format!("/api/v1/users/{id}/refresh_claims"), Value::Null).await;
    let after = json(tenant.refresh(&before).await).await;
    assert_eq!(claims(&after["access_token"])["feature_flags"]["theme"]["v"], "blue");
}

#[tokio::test]
async fn a_deleted_user_signs_in_no_more() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let id = person("ada").subject;
    machine.delete(&format!("/api/v1/user?id={id}&is_delete_profile=true")).await;
    assert_eq!(tenant.decide(&[], &[("person", "ada")]).await.status(), 400);
    machine.refused(Method::GET, &format!("/api/v1/user?id={id}"), Value::Null).await;
}

#[tokio::test]
async fn input_that_cannot_be_used_is_refused_by_its_name_and_changes_nothing() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    let before = tenant.seed().await;
    let with = |member: &str, value: Value| {
        let mut user = new_user("lise@example.com");
        user[member] = value;
        user
    };
    let email = |details: Value| json!([{"type": "email", "details": details}]);
    for (body, named) in [
        (json!({}), "identities: "),
        (with("identities", json!("lise@example.com")), "identities: "),
        (with("identities", json!([{"type": "username", "details": {"username": "lise"}}])), "identities: "),
        (with("identities", email(json!({"email": "nowhere"}))), "identities[0].details.email: "),
        (with("identities", email(json!({"email": 1}))), "identities[0].details.email: "),
        (with("identities", email(json!({"email": "Ada@example.com"}))), "identities[0].details.email: "),
        (with("identities", email(json!({}))), "identities[0].details.email: "),
        (with("identities", json!([{"type": "email"}])), "identities[0].details: "),
        (with("identities", json!([{"details": {}}])), "identities[0].type: "),
        (with("profile", json!({"given_name": ["Lise"]})), "profile.given_name: "),
        (with("profile", json!({"first_name": "Lise"})), "profile.first_name: "),
        (with("organization_code", json!("org_elsewhere")), "organization_code: "),
        (with("password", json!("secret")), "password: "),
    ] {
        let message = machine.refused(Method::POST, "/api/v1/user", body.clone()).await;
        assert!(message.starts_with(named), "{body}: {message}");
    }
    let id = person("ada").subject;
    for (body, named) in [
        (json!({"is_suspended": "yes"}), "is_suspended: "),
        (json!({"is_password_reset_requested": true}), "is_password_reset_requested: "),
        (json!({"email": "other@example.com"}), "email: "),
        (json!([1]), "The body"),
    ] {
        let message = machine.refused(Method::PATCH, &format!("/api/v1/user?id={id}"), body.clone()).await;
        assert!(message.starts_with(named), "{body}: {message}");
    }
    assert_eq!(tenant.seed().await, before);
}
