//! The console's pages of tokens: reading one, issuing one to order, and calling a route of the app with it.

use axum::Router;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Redirect;
use axum::routing::{get, post};
use kinde_leptos::dev_issuer::Options;
use serde_json::json;

use super::harness::{Parameters, TenantClient};

async fn read(tenant: &TenantClient, token: &str) -> String {
    let response = tenant.submit("/tokens/read", &[("token", token)]).await;
    assert_eq!(response.status(), 200);
    response.text().await.unwrap()
}

/// The token on a page.
fn token_on(page: &str) -> String {
    page.split("name=\"token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn issued(tenant: &TenantClient, order: &[(&str, &str)]) -> String {
    let response = tenant.submit("/tokens/issue", order).await;
    assert_eq!(response.status(), 200);
    response.text().await.unwrap()
}

#[tokio::test]
async fn a_token_is_decoded_and_its_claims_are_explained() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    let page = read(&tenant, tokens["id_token"].as_str().unwrap()).await;
    for part in ["RS256", "at_hash", "nonce-of-the-test", "OpenID Connect Core §2", "RFC 7515 §4.1.4", "UTC"] {
        assert!(page.contains(part), "{part} is missing");
    }
    assert!(page.contains("that of the current key") && page.contains("The issuer is this tenant."));
}

#[tokio::test]
async fn the_page_says_whether_a_token_is_still_good() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    assert!(read(&tenant, access).await.contains("as an access token, and it is active"));
    assert!(read(&tenant, refresh).await.contains("as a refresh token, and it is active"));
    tenant.refresh(&tokens).await;
    assert!(read(&tenant, refresh).await.contains("as a refresh token, which was used"));
    tenant.submit("/conditions/clock", &[("forward_seconds", "86400")]).await;
    let expired = read(&tenant, access).await;
    assert!(expired.contains("which has expired") && expired.contains("It has expired at"));
    tenant.submit("/conditions/keys", &[]).await;
    assert!(read(&tenant, access).await.contains("an earlier key, which is still published"));
    tenant.submit("/conditions/keys", &[("drop_old", "true")]).await;
    assert!(read(&tenant, access).await.contains("that of no published key"));
}

#[tokio::test]
async fn a_revoked_token_is_called_revoked() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let client = [("client_id", tenant.server.client_id()), ("client_secret", tenant.server.client_secret())];
    let form = [("token", refresh), client[0], client[1]];
    assert_eq!(tenant.post("/oauth2/revoke").form(&form).send().await.unwrap().status(), 200);
    assert!(read(&tenant, refresh).await.contains("which is revoked"));
}

#[tokio::test]
async fn what_is_no_token_is_refused_beside_the_field() {
    let tenant = TenantClient::start().await;
    for text in ["", "nonsense", "a.b.c", "<script>alert(1)</script>"] {
        let refused = tenant.submit("/tokens/read", &[("token", text)]).await;
        assert_eq!(refused.status(), 400, "{text}");
        let page = refused.text().await.unwrap();
        assert!(page.contains("id=\"token-problem\"") && !page.contains("<script"), "{text}");
    }
    assert_eq!(tenant.get("/tokens/read?token=a.b.c").send().await.unwrap().status(), 405, "never in the address");
}

#[tokio::test]
async fn a_token_is_issued_as_ordered() {
    let tenant = TenantClient::start().await;
    let order = [
        ("person", "ada"),
        ("audience", "https://api.example\r\nhttps://other.example"),
        ("scope", "read:items"),
        ("claims", r#"{"rank":"countess"}"#),
    ];
    let page = issued(&tenant, &order).await;
    let claims = super::harness::claims(&json!(token_on(&page)));
    assert_eq!(claims["aud"], json!(["https://api.example", "https://other.example"]));
    assert_eq!((&claims["rank"], &claims["scp"]), (&json!("countess"), &json!(["read:items"])));
    let forged = issued(&tenant, &[("person", "ada"), ("fault", "id_unknown_kid")]).await;
    assert!(forged.contains("that of no published key"));
    for (field, order) in [
        ("claims", [("person", "ada"), ("claims", "[]")]),
        ("org_code", [("person", "ada"), ("org_code", "org_of_others")]),
        ("fault", [("person", "ada"), ("fault", "token_slow")]),
    ] {
        let refused = tenant.submit("/tokens/issue", &order).await;
        assert_eq!(refused.status(), 400, "{field}");
        assert!(refused.text().await.unwrap().contains(&format!("id=\"{field}-problem\"")), "{field}");
    }
}

/// An app that shows what it got, and a tenant whose client it is.
async fn app_and_tenant() -> TenantClient {
    let seen = async |headers: HeaderMap, Query(query): Query<Parameters>| {
        let authorization = headers["authorization"].to_str().unwrap().to_owned();
        (
            StatusCode::CREATED,
            [("www-authenticate", "Bearer realm=\"app\"")],
            format!("<script>{authorization}{query:?}"),
        )
    };
    let echo = async |body: String| body;
    let away = async || Redirect::to("http://127.0.0.1:1/");
    let routes = Router::new().route("/seen", get(seen)).route("/echo", post(echo)).route("/away", get(away));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let callback = format!("http://{}/callback", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
    TenantClient::start_with(Options::new_client(0, vec![callback], Vec::new())).await
}

#[tokio::test]
async fn a_route_of_the_app_is_called_with_the_token_and_its_response_is_shown_as_text() {
    let tenant = app_and_tenant().await;
    let token = token_on(&issued(&tenant, &[("person", "ada")]).await);
    let call = async |form: &[(&str, &str)]| {
        let form = [form, &[("token", token.as_str())]].concat();
        let response = tenant.submit("/tokens/call", &form).await;
        assert_eq!(response.status(), 200, "{form:?}");
        response.text().await.unwrap()
    };
    let page = call(&[("path", "/seen?a=1")]).await;
    assert!(page.contains("201 Created") && page.contains(&format!("&lt;script&gt;Bearer {token}")));
    assert!(page.contains("Bearer realm=&quot;app&quot;") && !page.contains("<script"));
    assert!(
        call(&[("path", "/echo"), ("method", "POST"), ("body", r#"{"a": 1}"#)]).await.contains("{&quot;a&quot;:1}")
    );
    let redirect = call(&[("path", "/away")]).await;
    assert!(redirect.contains("303 See Other") && redirect.contains("http://127.0.0.1:1/"), "it is not followed");
}

#[tokio::test]
async fn a_call_goes_to_the_app_alone() {
    let tenant = app_and_tenant().await;
    let token = token_on(&issued(&tenant, &[("person", "ada")]).await);
    for (field, form) in [
        ("path", &[("path", "http://127.0.0.1:1/")][..]),
        ("path", &[("path", "//127.0.0.1:1/")]),
        ("path", &[("path", "/\\127.0.0.1:1/")]),
        ("path", &[("path", "@127.0.0.1:1/")]),
        ("path", &[]),
        ("method", &[("path", "/seen"), ("method", "DELETE")]),
        ("body", &[("path", "/seen"), ("body", "{}")]),
        ("body", &[("path", "/echo"), ("method", "POST"), ("body", "{")]),
    ] {
        let refused = tenant.submit("/tokens/call", &[form, &[("token", &token)]].concat()).await;
        assert_eq!(refused.status(), 400, "{form:?}");
        assert!(refused.text().await.unwrap().contains(&format!("id=\"{field}-problem\"")), "{form:?}");
    }
}

#[tokio::test]
async fn an_app_that_does_not_run_is_called_so() {
    let tenant =
        TenantClient::start_with(Options::new_client(0, vec!["http://127.0.0.1:1/callback".into()], vec![])).await;
    let token = token_on(&issued(&tenant, &[("person", "ada")]).await);
    let page = tenant.submit("/tokens/call", &[("token", &token), ("path", "/")]).await.text().await.unwrap();
    assert!(page.contains("No response came."));
}
