//! The switchboard's log and guard, the check of the `Host` header on all routes, and the start of the tenant. The documentation of `kinde_leptos::dev_issuer`
//! describes the switchboard.
//! The faults that it switches are tested in `faults`.

use kinde_leptos::dev_issuer::{self, Options, StartError};
use serde_json::json;

use super::harness::{JWKS, TenantClient, claims, header, json};

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

/// Any web page can send requests to the tenant.
#[tokio::test]
async fn the_log_keeps_8_megabytes_and_drops_the_oldest_requests() {
    let tenant = TenantClient::start().await;
    let filler = "x".repeat(60_000);
    for number in 0..150 {
        tenant
            .post("/oauth2/token")
            .form(&[("code", number.to_string()), ("filler", filler.clone())])
            .send()
            .await
            .unwrap();
    }
    let response = tenant.get("/dev/log").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    let text = response.text().await.unwrap();
    assert!((7_900_000..=8_000_000).contains(&text.len()), "{} bytes", text.len());
    let log: serde_json::Value = serde_json::from_str(&text).unwrap();
    let codes: Vec<usize> =
        log.as_array().unwrap().iter().map(|entry| entry["form"]["code"].as_str().unwrap().parse().unwrap()).collect();
    let kept: Vec<usize> = (150 - codes.len()..150).collect();
    assert_eq!(codes, kept);
}

#[tokio::test]
async fn a_body_of_64_kib_is_taken_and_one_byte_more_is_not() {
    let tenant = TenantClient::start().await;
    for (length, status) in [(64 * 1024, 401), (64 * 1024 + 1, 413)] {
        let beginning = "grant_type=none&filler=";
        let body = beginning.to_owned() + &"x".repeat(length - beginning.len());
        let request = tenant.post("/oauth2/token").header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(request.body(body).send().await.unwrap().status(), status, "{length} bytes");
    }
    assert_eq!(tenant.logged_paths().await, ["/oauth2/token"], "what is refused is not kept");
}

/// DNS rebinding: a page whose name leads to this machine reaches the tenant with that name as the host.
#[tokio::test]
async fn every_route_refuses_requests_for_another_host() {
    let tenant = TenantClient::start().await;
    let port = tenant.server.issuer().rsplit(':').next().unwrap();
    let own = format!("localhost:{port}");
    let paths = [
        "/.well-known/openid-configuration",
        JWKS,
        "/oauth2/auth",
        "/oauth2/v2/user_profile",
        "/account_api/v1/permissions",
        "/logout",
        "/no/such/path",
        "/dev/people",
        "/dev/style.css",
    ];
    for host in
        ["evil.example", &format!("evil.example:{port}"), &format!("127.0.0.1.evil.example:{port}"), "127.0.0.1:1"]
    {
        for path in paths {
            assert_eq!(tenant.get(path).header("host", host).send().await.unwrap().status(), 403, "{host} {path}");
        }
        for path in ["/oauth2/token", "/oauth2/revoke", "/oauth2/introspect", "/sign-in", "/dev/keys/rotate"] {
            assert_eq!(tenant.post(path).header("host", host).send().await.unwrap().status(), 403, "{host} {path}");
        }
    }
    assert!(tenant.logged_paths().await.is_empty(), "what is refused is not kept");
    for path in paths {
        let body = tenant.get(path).header("host", &own).send().await.unwrap().text().await.unwrap();
        assert!(!body.contains("Host header"), "{path}: {body}");
    }
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
async fn no_page_of_another_origin_reaches_the_switchboard() {
    let tenant = TenantClient::start().await;
    let own = tenant.server.origin().to_owned();
    let clock = async |origin: &str| {
        let request = tenant.post("/dev/clock").header("origin", origin);
        tenant.write(request, json!({"forward_seconds": 60}).to_string()).await.status()
    };
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1", ""] {
        assert_eq!(clock(origin).await, 403, "{origin}");
        assert_eq!(tenant.get("/dev/log").header("origin", origin).send().await.unwrap().status(), 403, "{origin}");
    }
    let offset = async || json(tenant.get("/dev/clock").send().await.unwrap()).await["clock_offset"].clone();
    assert_eq!(offset().await, 0, "nothing is changed");
    assert_eq!(clock(&own).await, 200);
    let port = own.rsplit(':').next().unwrap();
    let other_name = tenant.get("/dev/clock").header("host", format!("localhost:{port}")).header("origin", &own);
    assert_eq!(other_name.send().await.unwrap().status(), 403, "the other name of the host is another origin");
    assert_eq!(offset().await, 60);
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
