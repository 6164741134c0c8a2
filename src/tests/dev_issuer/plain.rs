//! The plain shape: an issuer of OpenID Connect that is not Kinde (OIDC Core, OpenID Connect Discovery §4,
//! RP-Initiated Logout §2 and §3, RFC 9207).
//! Kinde's shape is tested in `sign_in` and `tokens`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use kinde_leptos::dev_issuer::{Options, Shape};
use serde_json::{Map, Value, json};

use super::harness::{CALLBACK, SIGNED_OUT, TenantClient, auth_time, callback, claims, header, json, location};

const DISCOVERY: &str = "/realms/plain/.well-known/openid-configuration";
const KEYS: &str = "/realms/plain/keys";
const TOKEN: &str = "/realms/plain/token";
const USERINFO: &str = "/realms/plain/userinfo";
const REVOKE: &str = "/realms/plain/revoke";
const LOGOUT: &str = "/realms/plain/end_session";

const OFFLINE: (&str, &str) = ("scope", "openid profile email offline_access");
const AGAIN: (&str, &str) = ("prompt", "login");

async fn discovered(tenant: &TenantClient) -> Value {
    json(tenant.get(DISCOVERY).send().await.unwrap()).await
}

async fn userinfo(tenant: &TenantClient, tokens: &Value) -> Value {
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    json(tenant.get(USERINFO).header("authorization", bearer).send().await.unwrap()).await
}

/// Verifies an ID token whose header names no key by the only key.
async fn verify(tenant: &TenantClient, id_token: &Value) -> Result<Map<String, Value>, String> {
    let keys = tenant.get(KEYS).send().await.unwrap().text().await.unwrap();
    let keys: JwkSet = serde_json::from_str(&keys).unwrap();
    assert_eq!(keys.keys.len(), 1);
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[tenant.server.client_id()]);
    validation.set_issuer(&[tenant.server.issuer()]);
    let key = DecodingKey::from_jwk(&keys.keys[0]).unwrap();
    let data = jsonwebtoken::decode(id_token.as_str().unwrap(), &key, &validation).map_err(|e| e.to_string())?;
    Ok(data.claims)
}

#[tokio::test]
async fn discovery_announces_an_issuer_with_a_path_and_its_endpoints() {
    let tenant = TenantClient::start_plain().await;
    let issuer = tenant.server.issuer();
    assert_eq!(issuer, format!("{}/realms/plain", tenant.server.origin()));
    let document = discovered(&tenant).await;
    assert_eq!(document["issuer"], issuer);
    for (endpoint, path) in [
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("userinfo_endpoint", "/userinfo"),
        ("jwks_uri", "/keys"),
        ("end_session_endpoint", "/end_session"),
    ] {
        assert_eq!(document[endpoint], format!("{issuer}{path}"));
    }
    assert!(document.get("revocation_endpoint").is_none());
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    assert_eq!(document["token_endpoint_auth_methods_supported"], json!(["client_secret_basic"]));
    assert_eq!(document["scopes_supported"], json!(["openid", "profile", "email", "offline_access"]));
    assert_eq!(document["prompt_values_supported"], json!(["none", "login", "consent"]));
}

#[tokio::test]
async fn kindes_paths_do_not_exist() {
    let tenant = TenantClient::start_plain().await;
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/jwks",
        "/.well-known/jwks.json",
        "/oauth2/auth",
        "/oauth2/v2/user_profile",
        "/realms/plain/oauth2/v2/user_profile",
        "/account_api/v1/permissions",
        "/account_api/v1/portal_link",
        "/portal_redirect",
        "/logout",
    ] {
        assert_eq!(tenant.get(path).send().await.unwrap().status(), 404, "{path}");
    }
}

#[tokio::test]
async fn signing_in_returns_plain_tokens_and_names_the_issuer() {
    let tenant = TenantClient::start_plain().await;
    let parameters = callback(&tenant.decide(&[], &[("person", "katherine")]).await);
    assert_eq!(parameters["iss"], tenant.server.issuer());
    assert!(!parameters.contains_key("scope"));
    let tokens = json(tenant.exchange(&parameters["code"], &[]).await).await;
    assert_eq!(tokens["token_type"], "Bearer");
    assert!(!tokens["access_token"].as_str().unwrap().contains('.'), "the access token is opaque");
    assert!(header(&tokens["id_token"]).get("kid").is_none());
    let claims = verify(&tenant, &tokens["id_token"]).await.unwrap();
    assert_eq!(claims["aud"], tenant.server.client_id());
    assert_eq!(claims["name"], "Katherine Johnson");
    for kindes in ["azp", "org_codes", "rat"] {
        assert!(!claims.contains_key(kindes), "{kindes}");
    }
    let profile = userinfo(&tenant, &tokens).await;
    assert_eq!((&profile["sub"], &profile["email"]), (&claims["sub"], &json!("katherine@example.com")));
}

#[tokio::test]
async fn settings_bring_back_lists_key_ids_and_access_tokens_with_claims() {
    let tenant = TenantClient::start_plain().await;
    tenant.set(json!({"aud_as_text": false, "kid": true, "opaque_access_tokens": false})).await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    assert_eq!(claims(&tokens["id_token"])["aud"], json!([tenant.server.client_id()]));
    assert!(header(&tokens["id_token"])["kid"].is_string());
    let access = claims(&tokens["access_token"]);
    assert_eq!(access["client_id"], tenant.server.client_id());
    assert_eq!(access["scope"], "openid profile email");
    assert_eq!(access["iss"], tenant.server.issuer());
    for kindes in ["azp", "scp", "org_code", "permissions", "feature_flags"] {
        assert!(!access.contains_key(kindes), "{kindes}");
    }
}

#[tokio::test]
async fn kindes_parameters_have_no_effect() {
    let tenant = TenantClient::start_plain().await;
    let kindes = [
        ("org_code", "org_of_nobody"),
        ("is_create_org", "true"),
        ("org_name", "Moon"),
        ("start_page", "registration"),
    ];
    let page = tenant.authorize(&kindes).await;
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(page.contains("<h1>Choose who signs in</h1>"));
    assert!(!page.contains("name=\"org_code\"") && !page.contains("value=\"expire\""));
    assert_eq!(tenant.decide(&[], &[("action", "expire")]).await.status(), 400);
    tenant.set(json!({"opaque_access_tokens": false})).await;
    let tokens = tenant.tokens_for("ada", &kindes).await;
    assert!(!claims(&tokens["access_token"]).contains_key("org_name"));
}

#[tokio::test]
async fn offline_access_grants_a_refresh_token_and_offline_is_not_known() {
    let tenant = TenantClient::start_plain().await;
    let without = tenant.tokens_for("ada", &[("scope", "openid offline")]).await;
    assert!(without.get("refresh_token").is_none());
    assert_eq!(without["scope"], "openid");
    let with = tenant.tokens_for("ada", &[OFFLINE, AGAIN]).await;
    assert!(with["refresh_token"].is_string());
    tenant.set(json!({"refresh_scope": null})).await;
    assert!(tenant.tokens_for("ada", &[OFFLINE, AGAIN]).await.get("refresh_token").is_none());
    assert_eq!(discovered(&tenant).await["scopes_supported"], json!(["openid", "profile", "email"]));
}

#[tokio::test]
async fn a_refresh_token_may_need_consent() {
    let tenant = TenantClient::start_plain().await;
    tenant.set(json!({"refresh_needs_consent": true})).await;
    let without = tenant.tokens_for("ada", &[OFFLINE]).await;
    assert!(without.get("refresh_token").is_none());
    assert_eq!(without["scope"], "openid profile email");
    for prompt in ["consent", "login consent"] {
        let with = tenant.tokens_for("ada", &[OFFLINE, ("prompt", prompt)]).await;
        assert!(with["refresh_token"].is_string(), "{prompt}");
    }
}

#[tokio::test]
async fn a_refresh_returns_a_new_access_token_and_its_refresh_token_works_once() {
    let tenant = TenantClient::start_plain().await;
    let first = tenant.tokens_for("ada", &[OFFLINE]).await;
    let second = json(tenant.refresh(&first).await).await;
    assert_ne!(first["access_token"], second["access_token"]);
    assert!(verify(&tenant, &second["id_token"]).await.is_ok());
    assert_eq!(tenant.refresh(&first).await.status(), 400);
    assert_eq!(tenant.refresh(&second).await.status(), 400, "the second use ended the grant");
    tenant.set(json!({"refresh_grant": false})).await;
    let tokens = tenant.tokens_for("ada", &[OFFLINE, AGAIN]).await;
    assert_eq!(json(tenant.refresh(&tokens).await).await["error"], "unsupported_grant_type");
}

#[tokio::test]
async fn the_client_authenticates_by_basic_with_encoded_parts_only() {
    let options = Options { shape: Shape::Plain, client_secret: "a+b %c:d/é".to_owned(), ..TenantClient::options() };
    let tenant = TenantClient::start_with(options).await;
    let (id, secret) = (tenant.server.client_id(), tenant.server.client_secret());
    let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let code = tenant.code_for("ada", &[]).await;
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", CALLBACK)];
    let in_body = [&form[..], &[("client_id", id), ("client_secret", secret)]].concat();
    let refused = tenant.post(TOKEN).form(&in_body).send().await.unwrap();
    assert_eq!(refused.status(), 401);
    for (password, status) in [(secret, 401), (encoded.as_str(), 200)] {
        let request = tenant.post(TOKEN).basic_auth(id, Some(password)).form(&form);
        assert_eq!(request.send().await.unwrap().status(), status, "{password}");
    }
}

#[tokio::test]
async fn the_methods_in_discovery_and_those_that_work_are_set_apart() {
    let tenant = TenantClient::start_plain().await;
    let methods = "token_endpoint_auth_methods_supported";
    for list in [json!(["client_secret_basic", "client_secret_post"]), json!(["client_secret_post"])] {
        tenant.set(json!({"announced_authentication": list})).await;
        assert_eq!(discovered(&tenant).await[methods], list);
        let in_body = [
            ("grant_type", "authorization_code"),
            ("client_id", tenant.server.client_id()),
            ("client_secret", tenant.server.client_secret()),
        ];
        assert_eq!(tenant.post(TOKEN).form(&in_body).send().await.unwrap().status(), 401);
        tenant.set(json!({"post_authentication": true})).await;
        assert_eq!(tenant.post(TOKEN).form(&in_body).send().await.unwrap().status(), 400, "the code is missing");
        tenant.set(json!({"post_authentication": false})).await;
    }
    tenant.set(json!({"announced_authentication": null})).await;
    assert!(discovered(&tenant).await.get(methods).is_none());
}

#[tokio::test]
async fn a_prompt_that_is_not_listed_is_refused() {
    let tenant = TenantClient::start_plain().await;
    let refused = callback(&tenant.authorize(&[("prompt", "create")]).await);
    assert_eq!(refused["error"], "invalid_request");
    tenant.set(json!({"prompt_values_supported": ["none", "create"]})).await;
    assert_eq!(discovered(&tenant).await["prompt_values_supported"], json!(["none", "create"]));
    let page = tenant.authorize(&[("prompt", "create")]).await.text().await.unwrap();
    assert!(page.contains("<h1>Create an account</h1>"));
    tenant.set(json!({"prompt_values_supported": null})).await;
    assert!(discovered(&tenant).await.get("prompt_values_supported").is_none());
    assert_eq!(tenant.authorize(&[("prompt", "create")]).await.status(), 200);
}

#[tokio::test]
async fn a_session_suffices_for_prompt_none_and_consent_asks_again() {
    let tenant = TenantClient::start_plain().await;
    let silent = ("prompt", "none");
    assert_eq!(callback(&tenant.authorize(&[silent]).await)["error"], "login_required");
    tenant.code_for("ada", &[]).await;
    assert!(callback(&tenant.authorize(&[silent]).await).contains_key("code"));
    assert_eq!(tenant.authorize(&[("prompt", "consent")]).await.status(), 200);
}

#[tokio::test]
async fn a_session_suffices_until_it_is_as_old_as_max_age() {
    let tenant = TenantClient::start_plain().await;
    let silent = ("prompt", "none");
    assert_eq!(callback(&tenant.authorize(&[silent, ("max_age", "300")]).await)["error"], "login_required");
    let first = auth_time(&tenant, &tenant.code_for("ada", &[]).await).await;
    tenant.set(json!({"clock_offset": 200})).await;
    let recent = callback(&tenant.authorize(&[("max_age", "300")]).await);
    assert_eq!(auth_time(&tenant, &recent["code"]).await, first);
    tenant.set(json!({"clock_offset": 300})).await;
    assert_eq!(callback(&tenant.authorize(&[silent, ("max_age", "300")]).await)["error"], "login_required");
    let second = auth_time(&tenant, &tenant.code_for("ada", &[("max_age", "300")]).await).await;
    assert!(second >= first + 300, "{first} {second}");
    let recent = callback(&tenant.authorize(&[("max_age", "300")]).await);
    assert_eq!(auth_time(&tenant, &recent["code"]).await, second);
    assert_eq!(tenant.authorize(&[("max_age", "0")]).await.status(), 200, "no session suffices");
    assert_eq!(tenant.authorize(&[("max_age", "")]).await.status(), 302, "any session suffices");
}

#[tokio::test]
async fn sign_out_returns_only_for_a_client_that_the_request_identifies() {
    let tenant = TenantClient::start_plain().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    let back = ("post_logout_redirect_uri", SIGNED_OUT);
    let hint = tokens["id_token"].as_str().unwrap();
    let forged = format!("{}.{}", hint.rsplit_once('.').unwrap().0, URL_SAFE_NO_PAD.encode([1; 256]));
    let id = tenant.server.client_id();
    for refused in [
        vec![back],
        vec![back, ("client_id", "another-client")],
        vec![back, ("client_id", id), ("id_token_hint", forged.as_str())],
        vec![("post_logout_redirect_uri", "https://evil.example/"), ("client_id", id)],
    ] {
        let response = tenant.get(LOGOUT).query(&refused).send().await.unwrap();
        assert_eq!(response.status(), 400, "{refused:?}");
    }
    for accepted in [("client_id", id), ("id_token_hint", hint)] {
        let query = [back, accepted, ("state", "back")];
        let response = tenant.get(LOGOUT).query(&query).send().await.unwrap();
        assert_eq!(response.status(), 302, "{}", accepted.0);
        assert_eq!(location(&response), format!("{SIGNED_OUT}?state=back"));
    }
    assert_eq!(callback(&tenant.authorize(&[("prompt", "none")]).await)["error"], "login_required");
    let kindes = tenant.get(LOGOUT).query(&[("redirect", SIGNED_OUT)]).send().await.unwrap();
    assert_eq!(kindes.status(), 200, "Kinde's parameter has no effect");
}

#[tokio::test]
async fn the_logout_and_revocation_endpoints_can_be_switched() {
    let tenant = TenantClient::start_plain().await;
    tenant.set(json!({"end_session_endpoint": false})).await;
    assert!(discovered(&tenant).await.get("end_session_endpoint").is_none());
    assert_eq!(tenant.get(LOGOUT).send().await.unwrap().status(), 404);
    let tokens = tenant.tokens_for("ada", &[OFFLINE]).await;
    let (id, secret) = (tenant.server.client_id(), tenant.server.client_secret());
    let form = [("token", tokens["refresh_token"].as_str().unwrap())];
    let revoke = || tenant.post(REVOKE).basic_auth(id, Some(secret)).form(&form).send();
    assert_eq!(revoke().await.unwrap().status(), 404);
    tenant.set(json!({"revocation_endpoint": true})).await;
    assert_eq!(discovered(&tenant).await["revocation_endpoint"], format!("{}/revoke", tenant.server.issuer()));
    assert_eq!(revoke().await.unwrap().status(), 200);
    assert_eq!(tenant.refresh(&tokens).await.status(), 400);
}

#[tokio::test]
async fn faults_reach_the_endpoints_of_this_shape_too() {
    let tenant = TenantClient::start_plain().await;
    for (fault, path) in [("discovery_500", DISCOVERY), ("jwks_500", KEYS), ("userinfo_500", USERINFO)] {
        tenant.switch_on(fault).await;
        assert_eq!(tenant.get(path).send().await.unwrap().status(), 500, "{fault}");
    }
    let tokens = tenant.tokens_for("ada", &[OFFLINE]).await;
    for fault in ["token_500", "refresh_500"] {
        tenant.switch_on(fault).await;
        assert_eq!(tenant.refresh(&tokens).await.status(), 500, "{fault}");
    }
    tenant.switch_on("revoke_500").await;
    assert_eq!(tenant.post(REVOKE).send().await.unwrap().status(), 500);
    tenant.switch_on("id_aud_untrusted_extra").await;
    let refreshed = json(tenant.refresh(&tokens).await).await;
    assert_eq!(claims(&refreshed["id_token"])["aud"], json!([tenant.server.client_id(), "another-client"]));
}
