//! Applications, their URLs and tokens, and the environment.

use reqwest::Method;
use serde_json::{Value, json};

use super::super::harness::{CALLBACK, SIGNED_OUT, TenantClient, claims, json, location};
use super::{Machine, each, new_client, tenant};

const PREVIEW: &str = "http://localhost:9000/callback";

#[tokio::test]
async fn a_callback_that_a_program_adds_is_allowed_until_it_is_removed() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let path = format!("/api/v1/applications/{}/auth_redirect_urls", tenant.server.client_id());
    assert_eq!(machine.get(&path).await["redirect_urls"], json!([CALLBACK]));
    let status = async || tenant.authorize(&[("redirect_uri", PREVIEW)]).await.status().as_u16();
    assert_eq!(status().await, 400);
    machine.post(&path, json!({"urls": [PREVIEW, CALLBACK]})).await;
    assert_eq!(machine.get(&path).await["redirect_urls"], json!([CALLBACK, PREVIEW]));
    assert_eq!(status().await, 200);
    machine.delete(&format!("{path}?urls={PREVIEW}")).await;
    assert_eq!(status().await, 400);
    machine.put(&path, json!({"urls": [PREVIEW]})).await;
    assert_eq!((status().await, tenant.authorize(&[]).await.status().as_u16()), (200, 400));
    assert_eq!(tenant.write(tenant.post("/dev/reset"), "{}".to_owned()).await.status(), 204);
    assert_eq!(machine.get(&path).await["redirect_urls"], json!([CALLBACK]), "a reset goes back");
}

#[tokio::test]
async fn a_logout_url_that_a_program_adds_is_allowed_until_it_is_removed() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let path = format!("/api/v1/applications/{}/auth_logout_urls", tenant.server.client_id());
    assert_eq!(machine.get(&path).await["logout_urls"], json!([SIGNED_OUT]));
    let status = async || tenant.get("/logout").query(&[("redirect", PREVIEW)]).send().await.unwrap().status().as_u16();
    assert_eq!(status().await, 400);
    machine.post(&path, json!({"urls": [PREVIEW]})).await;
    assert_eq!(status().await, 302);
    machine.put(&path, json!({"urls": [SIGNED_OUT]})).await;
    assert_eq!(status().await, 400);
    machine.delete(&format!("{path}?urls={SIGNED_OUT}")).await;
    assert_eq!(machine.get(&path).await["logout_urls"], json!([]));
}

#[tokio::test]
async fn the_application_and_the_clients_of_machines_are_listed_and_changed() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let client = new_client(&tenant).await;
    let (own, other) = (tenant.server.client_id(), client["client_id"].as_str().unwrap());
    let applications = machine.get("/api/v1/applications").await["applications"].clone();
    assert_eq!(each(&applications, "id"), [own, other]);
    assert_eq!(each(&applications, "type"), ["reg", "m2m"]);
    let changes = json!({"name": "Shop", "login_uri": "http://localhost:9000/login", "redirect_uris": [PREVIEW]});
    machine.patch(&format!("/api/v1/applications/{own}"), changes).await;
    machine.patch(&format!("/api/v1/applications/{other}"), json!({"name": "Nightly"})).await;
    let application = machine.get(&format!("/api/v1/applications/{own}")).await["application"].clone();
    assert_eq!((&application["name"], &application["client_id"]), (&json!("Shop"), &json!(own)));
    assert_eq!(application["client_secret"], tenant.server.client_secret());
    let organization = crate::harness::person("ada").organizations[0].code.clone();
    let invite = json!({"email": "new@example.com", "roles": []});
    let invite = machine.post(&format!("/api/v1/organization/{organization}/invites"), invite).await;
    let link = invite["invite"]["invite_link"].as_str().unwrap().strip_prefix(tenant.server.origin()).unwrap();
    let opened = tenant.get(link).send().await.unwrap();
    assert!(location(&opened).starts_with("http://localhost:9000/login?"), "{}", location(&opened));
    let application = machine.get(&format!("/api/v1/applications/{other}")).await["application"].clone();
    assert_eq!((&application["name"], &application["type"]), (&json!("Nightly"), &json!("m2m")));
    machine.delete(&format!("/api/v1/applications/{other}")).await;
    machine.refused(Method::GET, &format!("/api/v1/applications/{other}"), Value::Null).await;
    machine.refused(Method::DELETE, &format!("/api/v1/applications/{own}"), Value::Null).await;
}

#[tokio::test]
async fn lifetimes_and_names_of_claims_change_with_the_tokens_of_the_application() {
    let tenant = TenantClient::start().await;
    let machine = Machine::of_client(&tenant).await;
    let path = format!("/api/v1/applications/{}/tokens", tenant.server.client_id());
    machine.patch(&path, json!({"access_token_lifetime": 60, "is_hasura_mapping_enabled": true})).await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    let access = claims(&tokens["access_token"]);
    assert_eq!((&tokens["expires_in"], access.contains_key("x-hasura-org-code")), (&json!(60), true));
    let settings = json(tenant.get("/dev/settings").send().await.unwrap()).await;
    assert_eq!(settings["access_token_lifetime"], 60);
    for (body, named) in [
        (json!({"access_token_lifetime": 0}), "access_token_lifetime: "),
        (json!({"authenticated_session_lifetime": 60}), "authenticated_session_lifetime: "),
    ] {
        let message = machine.refused(Method::PATCH, &path, body).await;
        assert!(message.starts_with(named), "{message}");
    }
}

#[tokio::test]
async fn what_is_no_url_or_another_application_is_refused() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    let own = format!("/api/v1/applications/{}", tenant.client_id());
    for (method, path, body, named) in [
        (Method::POST, format!("{own}/auth_redirect_urls"), json!({"urls": ["callback"]}), "urls: "),
        (Method::PUT, format!("{own}/auth_redirect_urls"), json!({}), "urls: "),
        (Method::DELETE, format!("{own}/auth_redirect_urls"), Value::Null, "urls: "),
        (Method::PATCH, own.clone(), json!({"login_uri": "login"}), "login_uri: "),
        (Method::PATCH, own.clone(), json!({"language_key": "en"}), "language_key: "),
        (Method::GET, "/api/v1/applications/other/auth_redirect_urls".to_owned(), Value::Null, "There is no such"),
        (Method::PATCH, "/api/v1/applications/other/tokens".to_owned(), json!({}), "There is no such"),
    ] {
        let message = machine.refused(method, &path, body).await;
        assert!(message.starts_with(named), "{path}: {message}");
    }
}

#[tokio::test]
async fn the_environment_is_the_tenant() {
    let tenant = tenant().await;
    let environment = Machine::of(&tenant).await.get("/api/v1/environment").await["environment"].clone();
    assert_eq!((&environment["is_live"], &environment["kinde_domain"]), (&json!(false), &json!(tenant.origin())));
}
