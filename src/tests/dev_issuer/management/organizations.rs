//! Organizations, their members and their invitations.

use reqwest::Method;
use serde_json::{Value, json};

use super::super::harness::{TenantClient, callback, claims, json, listed, location};
use super::{Machine, each, tenant, text};
use crate::harness::person;

#[tokio::test]
async fn a_new_organization_exists_before_its_first_member() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let new = json!({"name": "Bletchley", "handle": "huts", "external_id": "station-x"});
    let code = text(&machine.post("/api/v1/organization", new).await["organization"]["code"]);
    assert!(code.starts_with("org_"), "{code}");
    let organization = machine.get(&format!("/api/v1/organization?code={code}")).await;
    assert_eq!((&organization["name"], &organization["handle"]), (&json!("Bletchley"), &json!("huts")));
    assert_eq!((&organization["external_id"], &organization["is_default"]), (&json!("station-x"), &json!(false)));
    let refused = tenant.decide(&[("org_code", &code)], &[("person", "ada")]).await;
    assert_eq!(refused.status(), 403, "the organization is known, and Ada is no member");
    let added = machine
        .post(&format!("/api/v1/organizations/{code}/users"), json!({"users": [{"id": person("ada").subject}]}))
        .await;
    assert_eq!(added["users_added"], json!([person("ada").subject]));
    let request = [("prompt", "login"), ("org_code", code.as_str())];
    let access = claims(&tenant.tokens_for("ada", &request).await["access_token"]);
    assert_eq!((&access["org_code"], &access["org_name"]), (&json!(code), &json!("Bletchley")));
    assert_eq!(access["permissions"], json!([]), "rights elsewhere are not rights here");
}

#[tokio::test]
async fn a_renamed_organization_has_its_new_name_everywhere() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let code = person("katherine").organizations[1].code.clone();
    let invite = json!({"email": "new@example.com", "roles": []});
    let invite = machine.post(&format!("/api/v1/organization/{code}/invites"), invite).await;
    machine.patch(&format!("/api/v1/organization/{code}"), json!({"name": "Mission Control", "handle": "mc"})).await;
    let page = tenant.authorize(&[]).await.text().await.unwrap();
    assert!(page.contains("Mission Control") && !page.contains("Space Task Group"), "{page}");
    let invitation = [
        ("invitation_code", invite["invite"]["code"].as_str().unwrap()),
        ("is_invitation", "true"),
        ("prompt", "create"),
    ];
    assert!(tenant.authorize(&invitation).await.text().await.unwrap().contains("Mission Control"));
    let access = claims(&tenant.tokens_for("katherine", &[("org_code", &code)]).await["access_token"]);
    assert_eq!(access["org_name"], "Mission Control");
    machine.delete(&format!("/api/v1/organization/{code}/handle")).await;
    assert_eq!(machine.get(&format!("/api/v1/organization?code={code}")).await["handle"], Value::Null);
}

#[tokio::test]
async fn a_deleted_organization_has_no_members_left() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let [first, second] = [0, 1].map(|index| person("katherine").organizations[index].code.clone());
    let tokens = tenant.tokens_for("katherine", &[("org_code", &second)]).await;
    machine.delete(&format!("/api/v1/organization/{second}")).await;
    let (status, _) = machine.send(Method::DELETE, &format!("/api/v1/organization/{second}"), &Value::Null).await;
    assert_eq!(status, 404, "Kinde describes 404 here");
    assert_eq!(tenant.refresh(&tokens).await.status(), 400, "a sign-in to it ends");
    assert_eq!(tenant.authorize(&[("org_code", &second)]).await.status(), 400);
    let identity = claims(&tenant.tokens_for("katherine", &[("prompt", "login")]).await["id_token"]);
    assert_eq!(identity["org_codes"], json!([first]));
}

#[tokio::test]
async fn members_come_change_and_go() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    machine.new_role("lead", &["create:reports"]).await;
    let code = person("katherine").organizations[0].code.clone();
    let path = format!("/api/v1/organizations/{code}/users");
    let [ada, grace, katherine] = ["ada", "grace", "katherine"].map(|key| person(key).subject);
    let users = json!({"users": [{"id": ada, "roles": ["lead"], "permissions": ["read:items"]}, {"id": grace}]});
    assert_eq!(machine.post(&path, users.clone()).await["users_added"], json!([ada, grace]));
    assert_eq!(machine.post(&path, users).await["users_added"], json!([]), "they are members already");
    let members =
        async |query: &str| each(&machine.get(&format!("{path}?{query}")).await["organization_users"], "email");
    assert_eq!(members("sort=email_desc").await, ["katherine@example.com", "grace@example.com", "ada@example.com"]);
    assert_eq!(members("roles=lead").await, ["ada@example.com"]);
    assert_eq!(members("permissions=create:reports,read:items").await, ["ada@example.com"], "one is the role's");
    let changes = json!({"users": [
        {"id": ada, "roles": []},
        {"id": grace, "operation": "delete"},
        {"id": person("emmy").subject, "roles": ["lead"]},
    ]});
    let changed = machine.patch(&path, changes).await;
    assert_eq!(
        (&changed["users_added"], &changed["users_updated"], &changed["users_removed"]),
        (&json!([person("emmy").subject]), &json!([ada]), &json!([grace]))
    );
    assert_eq!(members("roles=lead").await, ["emmy@example.com"]);
    assert_eq!(members("permissions=read:items").await, ["ada@example.com", "katherine@example.com"], "she kept it");
    machine.delete(&format!("{path}/{katherine}")).await;
    machine.refused(Method::DELETE, &format!("{path}/{katherine}"), Value::Null).await;
    assert_eq!(members("").await, ["ada@example.com", "emmy@example.com"]);
    for (user, named) in [
        (json!({}), "users[0].id: "),
        (json!({"id": "kp_nobody"}), "users[0].id: "),
        (json!({"id": grace, "roles": ["unheard-of"]}), "users[0].roles: "),
        (json!({"id": grace, "permissions": "read:items"}), "users[0].permissions: "),
        (json!({"id": grace, "operation": "invite"}), "users[0].operation: "),
    ] {
        let message = machine.refused(Method::PATCH, &path, json!({"users": [user]})).await;
        assert!(message.starts_with(named), "{user}: {message}");
    }
}

#[tokio::test]
async fn a_person_who_left_their_only_organization_cannot_sign_in_until_they_join_one() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let grace = person("grace");
    let path = format!("/api/v1/organizations/{}/users", grace.organizations[0].code);
    machine.delete(&format!("{path}/{}", grace.subject)).await;
    assert_eq!(tenant.decide(&[], &[("person", "grace")]).await.status(), 403);
    let seed = tenant.get("/dev/seed").send().await.unwrap().text().await.unwrap();
    assert_eq!(tenant.write(tenant.request(Method::PUT, "/dev/seed"), seed).await.status(), 204, "it is a seed");
    machine.post(&path, json!({"users": [{"id": grace.subject}]})).await;
    assert_eq!(tenant.decide(&[("prompt", "login")], &[("person", "grace")]).await.status(), 303);
}

#[tokio::test]
async fn a_member_who_is_removed_has_no_rights_there_whatever_their_token_says() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let ada = person("ada");
    let tokens = tenant.tokens_for("ada", &[]).await;
    assert!(!listed(&tenant, &tokens, "permissions").await["data"]["permissions"].as_array().unwrap().is_empty());
    machine.delete(&format!("/api/v1/organizations/{}/users/{}", ada.organizations[0].code, ada.subject)).await;
    for resource in ["permissions", "roles"] {
        assert_eq!(listed(&tenant, &tokens, resource).await["data"][resource], json!([]), "{resource}");
    }
    assert_eq!(tenant.refresh(&tokens).await.status(), 400);
}

#[tokio::test]
async fn an_invitation_of_a_program_makes_a_member_with_its_roles() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    machine.new_role("lead", &[]).await;
    let code = person("ada").organizations[0].code.clone();
    let path = format!("/api/v1/organization/{code}/invites");
    let new = json!({"email": "new@example.com", "first_name": "Mary", "last_name": "Somerville", "roles": ["lead"]});
    let invite = machine.post(&path, new).await["invite"].clone();
    assert_eq!((&invite["full_name"], &invite["is_sent"]), (&json!("Mary Somerville"), &json!(false)));
    assert_eq!(invite["roles"], json!([{"key": "lead", "name": "lead"}]));
    let invite_code = text(&invite["code"]);
    assert_eq!(machine.get(&format!("{path}/{invite_code}")).await["email"], "new@example.com");
    assert_eq!(each(&machine.get(&path).await["invites"], "code"), [invite_code.as_str()]);
    let link = invite["invite_link"].as_str().unwrap().strip_prefix(tenant.server.origin()).unwrap();
    let opened = tenant.send(tenant.get(link)).await;
    assert!(location(&opened).contains(&invite_code), "{}", location(&opened));
    let request = [("invitation_code", invite_code.as_str()), ("is_invitation", "true"), ("prompt", "create")];
    let accepted = tenant.decide(&request, &[("action", "create"), ("email", "new@example.com")]).await;
    let tokens = json(tenant.exchange(&callback(&accepted)["code"], &[]).await).await;
    let access = claims(&tokens["access_token"]);
    assert_eq!((&access["org_code"], &access["roles"][0]["key"]), (&json!(code), &json!("lead")));
    assert_eq!(claims(&tokens["id_token"])["name"], "Mary Somerville");
    let (status, _) = machine.send(Method::GET, &format!("{path}/{invite_code}"), &Value::Null).await;
    assert_eq!(status, 404, "it is accepted");
}

#[tokio::test]
async fn a_revoked_invitation_is_none() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let path = format!("/api/v1/organization/{}/invites", person("ada").organizations[0].code);
    let invite = machine.post(&path, json!({"email": "new@example.com", "roles": [], "send_email": true})).await;
    let code = text(&invite["invite"]["code"]);
    let elsewhere = format!("/api/v1/organization/{}/invites/{code}", person("katherine").organizations[0].code);
    assert_eq!(machine.send(Method::DELETE, &elsewhere, &Value::Null).await.0, 404, "it is to another organization");
    machine.delete(&format!("{path}/{code}")).await;
    assert_eq!(tenant.get(&format!("/team_invitation?code={code}")).send().await.unwrap().status(), 400);
    for (body, named) in [
        (json!({"roles": []}), "email: "),
        (json!({"email": "nowhere"}), "email: "),
        (json!({"email": "new@example.com", "roles": ["unheard-of"]}), "roles: "),
    ] {
        let message = machine.refused(Method::POST, &path, body).await;
        assert!(message.starts_with(named), "{message}");
    }
    machine.refused(Method::GET, &format!("{path}?include_accepted=true"), Value::Null).await;
}
