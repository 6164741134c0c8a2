//! The requests that a client sends to the tenant without a browser: tokens, refreshes, profiles, keys and revocation
//! (RFC 6749 §4 to §6, RFC 7636, OIDC Core §3.1.3).
//! Signing in is tested in `sign_in`.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use super::harness::{CALLBACK, JWKS, NONCE, TenantClient, callback, claims, header, json, verify};

#[tokio::test]
async fn signing_in_returns_tokens_whose_id_token_verifies() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    assert_eq!(tokens["token_type"], "bearer");
    // A day, less the seconds since the sign-in page was submitted.
    let expires_in = tokens["expires_in"].as_i64().unwrap();
    assert!((86_340..=86_400).contains(&expires_in), "{expires_in}");
    let claims = verify(&tenant, &tokens["id_token"]).await.unwrap();
    assert_eq!(claims["name"], "Ada Lovelace");
    assert_eq!(claims["nonce"], NONCE);
    assert_eq!(claims["azp"], tenant.server.client_id());
    let access_token = tokens["access_token"].as_str().unwrap();
    let half = &digest(&SHA256, access_token.as_bytes()).as_ref()[..16].to_vec();
    assert_eq!(claims["at_hash"], URL_SAFE_NO_PAD.encode(half));
}

#[tokio::test]
async fn identifiers_have_kindes_formats() {
    let is_hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let tenant = TenantClient::start().await;
    assert!(tenant.server.client_id().len() == 32 && is_hex(tenant.server.client_id()));
    let secret = tenant.server.client_secret();
    assert!(secret.len() == 48 && secret.bytes().all(|b| b.is_ascii_alphanumeric()));
    let tokens = tenant.tokens_for("ada", &[]).await;
    let claims = claims(&tokens["access_token"]);
    let subject = claims["sub"].as_str().unwrap().strip_prefix("kp_").unwrap();
    assert!(subject.len() == 32 && is_hex(subject));
    let org_code = claims["org_code"].as_str().unwrap().strip_prefix("org_").unwrap();
    assert!(org_code.len() == 12 && is_hex(org_code));
    let kid = header(&tokens["id_token"])["kid"].as_str().unwrap().to_owned();
    assert!(kid.len() == 47 && kid.split(':').all(|pair| pair.len() == 2 && is_hex(pair)));
}

#[tokio::test]
async fn pkce_is_verified_when_a_challenge_was_sent() {
    let tenant = TenantClient::start().await;
    let verifier = "a-code-verifier-of-at-least-forty-three-characters";
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    let pkce = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    for (more, status) in
        [(vec![("code_verifier", verifier)], 200), (vec![("code_verifier", "another-verifier")], 400), (vec![], 400)]
    {
        let code = tenant.code_for("ada", &[&pkce[..], &[("prompt", "login")]].concat()).await;
        assert_eq!(tenant.exchange(&code, &more).await.status(), status);
    }
    let plain = [("code_challenge", verifier), ("code_challenge_method", "plain"), ("prompt", "login")];
    let refused = tenant.authorize(&plain).await;
    assert_eq!(callback(&refused)["error"], "invalid_request");
}

#[tokio::test]
async fn a_code_works_once_and_its_reuse_ends_the_grant() {
    let tenant = TenantClient::start().await;
    let code = tenant.code_for("ada", &[]).await;
    let tokens = json(tenant.exchange(&code, &[]).await).await;
    let second = tenant.exchange(&code, &[]).await;
    assert_eq!(second.status(), 400);
    assert_eq!(json(second).await["error"], "invalid_grant");
    assert_eq!(tenant.refresh(&tokens).await.status(), 400);
}

#[tokio::test]
async fn the_client_authenticates_in_the_body_or_by_basic_and_not_otherwise() {
    let tenant = TenantClient::start().await;
    let form = |code| [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
    let code = tenant.code_for("ada", &[]).await;
    let (id, secret) = (tenant.server.client_id(), tenant.server.client_secret());
    for (credentials, status) in [(format!("{id}:wrong"), 401), (format!("{id}:{secret}"), 200)] {
        let basic = format!("Basic {}", STANDARD.encode(credentials));
        let request = tenant.post("/oauth2/token").header("authorization", basic);
        let response = request.form(&form(&code)).send().await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["cache-control"], "no-store");
    }
    let anonymous = tenant.post("/oauth2/token").form(&form(&code)).send().await.unwrap();
    assert_eq!(json(anonymous).await["error"], "invalid_client");
}

#[tokio::test]
async fn offline_returns_a_refresh_token_and_offline_access_returns_none() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[("scope", "openid offline")]).await;
    assert!(tokens["refresh_token"].is_string());
    assert!(claims(&tokens["id_token"]).get("name").is_none(), "no profile without its scope");
    let relogin = [("scope", "offline_access"), ("prompt", "login")];
    let tokens = tenant.tokens_for("ada", &relogin).await;
    assert!(tokens.get("refresh_token").is_none());
    assert!(tokens.get("id_token").is_none(), "no ID token without openid");
}

#[tokio::test]
async fn a_refresh_rotates_the_refresh_token_and_keeps_an_unexpired_access_token() {
    let tenant = TenantClient::start().await;
    let first = tenant.tokens_for("ada", &[]).await;
    let second = json(tenant.refresh(&first).await).await;
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(first["access_token"], second["access_token"]);
    tenant.set(json!({"reuse_access_token": false})).await;
    let third = json(tenant.refresh(&second).await).await;
    assert_ne!(second["access_token"], third["access_token"]);
}

#[tokio::test]
async fn a_used_refresh_token_works_until_the_overlap_ends() {
    let tenant = TenantClient::start().await;
    let first = tenant.tokens_for("ada", &[]).await;
    let second = json(tenant.refresh(&first).await).await;
    assert_eq!(tenant.refresh(&first).await.status(), 200);
    tenant.set(json!({"clock_offset": 60})).await;
    assert_eq!(tenant.refresh(&first).await.status(), 400);
    assert_eq!(tenant.refresh(&second).await.status(), 200, "the grant itself lives on");
}

#[tokio::test]
async fn without_overlap_a_second_use_of_a_refresh_token_ends_the_grant() {
    let tenant = TenantClient::start().await;
    tenant.set(json!({"refresh_overlap": 0})).await;
    let first = tenant.tokens_for("ada", &[]).await;
    let second = json(tenant.refresh(&first).await).await;
    assert_eq!(tenant.refresh(&first).await.status(), 400);
    assert_eq!(tenant.refresh(&second).await.status(), 400);
}

#[tokio::test]
async fn a_revoked_refresh_token_ends_its_grant() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    let form = [
        ("token", tokens["refresh_token"].as_str().unwrap()),
        ("client_id", tenant.server.client_id()),
        ("client_secret", tenant.server.client_secret()),
    ];
    for path in ["/oauth2/introspect", "/oauth2/revoke"] {
        let response = tenant.post(path).form(&form).send().await.unwrap();
        assert_eq!(response.status(), 200);
    }
    let response = tenant.post("/oauth2/introspect").form(&form).send().await.unwrap();
    assert_eq!(json(response).await, json!({"active": false}));
    assert_eq!(tenant.refresh(&tokens).await.status(), 400);
}

#[tokio::test]
async fn the_user_profile_has_what_the_id_token_may_lack() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("emmy", &[]).await;
    assert!(claims(&tokens["id_token"]).get("email").is_none());
    let bearer = |token: &Value| format!("Bearer {}", token.as_str().unwrap());
    for (path, member) in [("/oauth2/v2/user_profile", "given_name"), ("/oauth2/user_profile", "first_name")] {
        let request = tenant.get(path).header("authorization", bearer(&tokens["access_token"]));
        assert_eq!(json(request.send().await.unwrap()).await[member], "Emmy");
        let request = tenant.get(path).header("authorization", "Bearer invented");
        assert_eq!(request.send().await.unwrap().status(), 403);
    }
    let request = tenant.get("/account_api/v1/permissions");
    let request = request.header("authorization", bearer(&tokens["access_token"]));
    let permissions = json(request.send().await.unwrap()).await;
    assert_eq!(permissions["data"]["permissions"][0]["key"], "read:items");
}

#[tokio::test]
async fn one_seeded_person_has_about_65_kilobytes_of_claims() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("atlas", &[]).await;
    let length = tokens["access_token"].as_str().unwrap().len();
    assert!((60_000..100_000).contains(&length), "{length}");
}

#[tokio::test]
async fn client_credentials_need_an_audience() {
    let tenant = TenantClient::start().await;
    let machine = ("grant_type", "client_credentials");
    let refused = tenant.token_request(&[machine]).await.unwrap();
    assert_eq!(json(refused).await["error"], "invalid_request");
    let form = [machine, ("audience", "https://api.example")];
    let tokens = json(tenant.token_request(&form).await.unwrap()).await;
    let claims = claims(&tokens["access_token"]);
    assert_eq!(claims["gty"], json!(["client_credentials"]));
    assert!(claims.get("sub").is_none() && tokens.get("refresh_token").is_none());
}

#[tokio::test]
async fn discovery_announces_the_issuer_and_both_key_set_paths_agree() {
    let tenant = TenantClient::start().await;
    let path = "/.well-known/openid-configuration";
    let document = json(tenant.get(path).send().await.unwrap()).await;
    assert_eq!(document["issuer"], tenant.server.issuer());
    assert_eq!(document["jwks_uri"], format!("{}{JWKS}", tenant.server.issuer()));
    let keys = json(tenant.get(JWKS).send().await.unwrap()).await;
    assert_eq!(keys, json(tenant.get("/.well-known/jwks.json").send().await.unwrap()).await);
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_audience_of_the_id_token_follows_the_setting() {
    let tenant = TenantClient::start().await;
    let (issuer, client) = (tenant.server.issuer(), tenant.server.client_id());
    for (setting, audience) in
        [("client_id", json!([client])), ("issuer", json!([issuer])), ("both", json!([issuer, client]))]
    {
        tenant.set(json!({"aud": setting})).await;
        let tokens = tenant.tokens_for("ada", &[("prompt", "login")]).await;
        assert_eq!(claims(&tokens["id_token"])["aud"], audience);
    }
}
