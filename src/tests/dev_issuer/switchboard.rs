//! The switchboard's log and guard, and the start of the tenant. The documentation of `kinde_leptos::dev_issuer`
//! describes the switchboard.
//! The faults that it switches are tested in `faults`.

use kinde_leptos::dev_issuer::{self, Options, StartError};
use serde_json::json;

use super::harness::{TenantClient, claims, header, json};

#[tokio::test]
async fn the_log_shows_requests_without_the_client_secret() {
    let tenant = TenantClient::start().await;
    tenant.tokens_for("ada", &[("audience", "https://api.example")]).await;
    let log = json(tenant.get("/dev/log").send().await.unwrap()).await;
    assert_eq!(log[0]["query"]["audience"], "https://api.example");
    assert_eq!(log[2]["form"]["client_secret"], "[redacted]");
    assert!(!log.to_string().contains(tenant.server.client_secret()));
    assert_eq!(tenant.logged_paths().await, ["/oauth2/auth", "/sign-in", "/oauth2/token"]);
    tenant.delete("/dev/log").send().await.unwrap();
    assert!(tenant.logged_paths().await.is_empty());
}

#[tokio::test]
async fn the_switchboard_refuses_other_sites_and_bodies_that_are_not_json() {
    let tenant = TenantClient::start().await;
    for (name, value) in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("host", "evil.example")] {
        let response = tenant.get("/dev/log").header(name, value).send().await.unwrap();
        assert_eq!(response.status(), 403, "{name}: {value}");
    }
    let form = tenant.post("/dev/faults").form(&[("fault", "all_down")]);
    assert_eq!(form.send().await.unwrap().status(), 415);
    let unknown = tenant.write(tenant.post("/dev/keys/rotate"), "{\"drop\":true}".to_owned()).await;
    assert!(unknown.status().is_client_error());
}

#[tokio::test]
async fn a_port_in_use_is_an_error_of_its_own() {
    let tenant = TenantClient::start().await;
    let port = tenant.server.issuer().rsplit(':').next().unwrap().parse().unwrap();
    let second = dev_issuer::start(Options::new_client(port, vec![], vec![])).await;
    assert!(matches!(second, Err(StartError::PortInUse(taken)) if taken == port));
}

#[tokio::test]
async fn access_tokens_are_made_to_order() {
    let tenant = TenantClient::start().await;
    let order = json!({"person": "ada", "audience": ["api"], "claims": {"exp": 1, "azp": null}});
    let response = tenant.write(tenant.post("/dev/tokens"), order.to_string());
    let token = json(response.await).await["access_token"].clone();
    let claims = claims(&token);
    assert_eq!(claims["aud"], json!(["api"]));
    assert_eq!(claims["exp"], 1);
    assert!(!claims.contains_key("azp"));
    let forged = json!({"fault": "id_alg_none"}).to_string();
    let response = tenant.write(tenant.post("/dev/tokens"), forged).await;
    assert_eq!(header(&json(response).await["access_token"])["alg"], "none");
    let unfit = json!({"fault": "token_500"}).to_string();
    let response = tenant.write(tenant.post("/dev/tokens"), unfit).await;
    assert_eq!(response.status(), 400);
}
