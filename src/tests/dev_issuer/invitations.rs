//! Invitations to an organization: the link, the sign-in with it, and who may use it.

use kinde_leptos::dev_issuer::Options;
use reqwest::Response;
use serde_json::{Map, Value, json};

use super::harness::{TenantClient, callback, claims, json, location};

const EMAIL: &str = "guest@example.com";

async fn invite(tenant: &TenantClient, body: Value) -> Response {
    tenant.write(tenant.post("/dev/invitations"), body.to_string()).await
}

async fn person(tenant: &TenantClient, key: &str) -> Value {
    let people = json(tenant.get("/dev/people").send().await.unwrap()).await;
    people.as_array().unwrap().iter().find(|person| person["person"] == key).unwrap().clone()
}

/// The second organization of Katherine, to which nobody else belongs.
async fn organization(tenant: &TenantClient) -> String {
    person(tenant, "katherine").await["org_codes"][1].as_str().unwrap().to_owned()
}

/// The code of an invitation for this address to that organization.
async fn code_for(tenant: &TenantClient, email: &str) -> String {
    let org_code = organization(tenant).await;
    let invitation = json(invite(tenant, json!({"email": email, "org_code": org_code})).await).await;
    invitation["code"].as_str().unwrap().to_owned()
}

fn with_code(code: &str) -> [(&str, &str); 3] {
    [("invitation_code", code), ("is_invitation", "true"), ("prompt", "create")]
}

async fn access_claims(tenant: &TenantClient, response: &Response) -> Map<String, Value> {
    let tokens = json(tenant.exchange(&callback(response)["code"], &[]).await).await;
    claims(&tokens["access_token"])
}

#[tokio::test]
async fn the_link_of_an_invitation_leads_to_the_login_uri_with_its_code() {
    for (login_url, expected) in [
        (None, "http://localhost:8000/api/auth/login"),
        (Some("https://app.example/start"), "https://app.example/start"),
    ] {
        let mut options = TenantClient::options();
        if let Some(url) = login_url {
            options.login_url = Some(url.to_owned());
        }
        let tenant = TenantClient::start_with(options).await;
        let body = json!({"email": EMAIL, "org_code": organization(&tenant).await});
        let invitation = json(invite(&tenant, body).await).await;
        let code = invitation["code"].as_str().unwrap();
        assert!(code.starts_with("inv_"));
        let path = format!("/team_invitation?code={code}");
        assert_eq!(invitation["invite_link"], format!("{}{path}", tenant.server.issuer()));
        let response = tenant.get(&path).send().await.unwrap();
        assert_eq!(response.status(), 302);
        assert_eq!(location(&response), format!("{expected}?invitation_code={code}"));
        let unknown = tenant.get("/team_invitation?code=inv_unknown").send().await.unwrap();
        assert_eq!(unknown.status(), 400);
    }
}

#[tokio::test]
async fn an_application_without_login_uri_has_no_way_from_the_link() {
    let options = Options { login_url: None, ..TenantClient::options() };
    let tenant = TenantClient::start_with(options).await;
    let code = code_for(&tenant, EMAIL).await;
    let response = tenant.get(&format!("/team_invitation?code={code}")).send().await.unwrap();
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn a_new_person_accepts_and_signs_in_to_the_organization_once() {
    let tenant = TenantClient::start().await;
    let code = code_for(&tenant, EMAIL).await;
    let page = tenant.authorize(&with_code(&code)).await.text().await.unwrap();
    assert!(page.contains("<h1>Accept the invitation</h1>"));
    assert!(page.contains("<strong>guest@example.com</strong> is invited to <strong>Space Task Group</strong>"));
    assert!(page.contains("value=\"guest@example.com\" readonly"));
    assert!(!page.contains("name=\"person\""), "nobody else can choose to sign in");
    let created = [("action", "create"), ("email", EMAIL), ("given_name", "Guest")];
    let response = tenant.decide(&with_code(&code), &created).await;
    assert_eq!(response.status(), 303);
    assert_eq!(access_claims(&tenant, &response).await["org_code"], organization(&tenant).await);
    assert_eq!(tenant.authorize(&with_code(&code)).await.status(), 400, "the code was used");
    let link = tenant.get(&format!("/team_invitation?code={code}")).send().await.unwrap();
    assert_eq!(link.status(), 400);
}

#[tokio::test]
async fn an_existing_person_becomes_a_member_and_keeps_the_other_organizations() {
    let tenant = TenantClient::start().await;
    for decision in [vec![("person", "grace")], vec![("action", "create"), ("email", "Grace@Example.com")]] {
        let code = code_for(&tenant, "grace@example.com").await;
        let page = tenant.authorize(&with_code(&code)).await.text().await.unwrap();
        assert!(page.contains("value=\"grace\"") && !page.contains("value=\"ada\""));
        let response = tenant.decide(&with_code(&code), &decision).await;
        let claims = access_claims(&tenant, &response).await;
        let grace = person(&tenant, "grace").await;
        assert_eq!(claims["sub"], grace["sub"]);
        assert_eq!(claims["org_code"], organization(&tenant).await);
        assert_eq!(grace["org_codes"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn another_e_mail_address_is_refused_and_leaves_the_invitation_open() {
    let tenant = TenantClient::start().await;
    let code = code_for(&tenant, EMAIL).await;
    for decision in [vec![("person", "ada")], vec![("action", "create"), ("email", "other@example.com")]] {
        let response = tenant.decide(&with_code(&code), &decision).await;
        assert_eq!(response.status(), 403);
        assert!(!response.headers().contains_key("location"));
    }
    let people = json(tenant.get("/dev/people").send().await.unwrap()).await;
    assert!(people.as_array().unwrap().iter().all(|person| person["email"] != "other@example.com"));
    assert_eq!(person(&tenant, "ada").await["org_codes"].as_array().unwrap().len(), 1);
    let response = tenant.decide(&with_code(&code), &[("action", "create"), ("email", EMAIL)]).await;
    assert_eq!(response.status(), 303);
}

#[tokio::test]
async fn two_pages_with_one_code_accept_it_once() {
    let tenant = TenantClient::start().await;
    let code = code_for(&tenant, "grace@example.com").await;
    let mut transactions = Vec::new();
    for _ in 0..2 {
        let page = tenant.authorize(&with_code(&code)).await;
        transactions.push(page.headers()["x-dev-transaction"].to_str().unwrap().to_owned());
    }
    for (transaction, status) in transactions.iter().zip([303, 403]) {
        let form = [("transaction", transaction.as_str()), ("person", "grace")];
        assert_eq!(tenant.post("/sign-in").form(&form).send().await.unwrap().status(), status);
    }
}

#[tokio::test]
async fn a_code_needs_its_two_companions_and_must_be_known() {
    let tenant = TenantClient::start().await;
    let code = code_for(&tenant, EMAIL).await;
    let whole = with_code(&code);
    for parameters in [
        vec![whole[0]],
        vec![whole[0], whole[1]],
        vec![whole[0], whole[2]],
        vec![whole[0], ("is_invitation", "false"), whole[2]],
        with_code("inv_unknown").to_vec(),
    ] {
        assert_eq!(tenant.authorize(&parameters).await.status(), 400, "{parameters:?}");
    }
}

#[tokio::test]
async fn automatic_sign_in_accepts_as_the_invited_person() {
    let tenant = TenantClient::start().await;
    tenant.set(json!({"auto_sign_in": "ada"})).await;
    for (email, name) in [(EMAIL, "New Person"), ("grace@example.com", "Grace")] {
        let code = code_for(&tenant, email).await;
        let response = tenant.authorize(&with_code(&code)).await;
        let tokens = json(tenant.exchange(&callback(&response)["code"], &[]).await).await;
        assert_eq!(claims(&tokens["access_token"])["org_code"], organization(&tenant).await);
        assert_eq!(claims(&tokens["id_token"])["name"], name);
    }
}

#[tokio::test]
async fn an_order_for_an_unknown_organization_or_with_other_members_is_refused() {
    let tenant = TenantClient::start().await;
    let org_code = organization(&tenant).await;
    for body in [
        json!({"email": EMAIL, "org_code": "org_of_nobody"}),
        json!({"email": EMAIL}),
        json!({"email": EMAIL, "org_code": org_code, "role": "admin"}),
    ] {
        assert_eq!(invite(&tenant, body.clone()).await.status(), 400, "{body}");
    }
}

#[tokio::test]
async fn a_plain_issuer_has_no_invitations() {
    let tenant = TenantClient::start_plain().await;
    let body = json!({"email": EMAIL, "org_code": organization(&tenant).await});
    assert_eq!(invite(&tenant, body).await.status(), 400);
    let ignored = [("invitation_code", "inv_unknown"), ("is_invitation", "true")];
    assert_eq!(tenant.authorize(&ignored).await.status(), 200);
}
