//! Time and trouble: the clock moves on request, endpoints are late or lossy, and keys rotate by a button.

use axum::http::Method;
use serde_json::{Value, json};

use super::harness::{JWKS, TenantClient, change, json};
use crate::harness::{TestTenant, client};

async fn forward(tenant: &TenantClient, seconds: i64) -> reqwest::Response {
    tenant.write(tenant.post("/dev/clock"), json!({"forward_seconds": seconds}).to_string()).await
}

async fn set_conditions(tenant: &TenantClient, conditions: Value) -> reqwest::Response {
    tenant.write(tenant.request(Method::PUT, "/dev/conditions"), conditions.to_string()).await
}

async fn read(tenant: &TenantClient, path: &str) -> Value {
    json(tenant.get(path).send().await.unwrap()).await
}

#[tokio::test]
async fn what_ends_by_a_move_of_the_clock_is_counted() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    tenant.code_for("ada", &[("prompt", "login")]).await;
    tenant.authorize(&[("prompt", "login")]).await;
    let moved = json(forward(&tenant, 15 * 60 + 60).await).await;
    assert_eq!(moved["clock_offset"], 960);
    let ended = json!({
        "sign_in_pages": 1, "codes": 1, "access_tokens": 0, "refresh_tokens": 0, "sessions": 0,
        "pauses_of_deliveries": 0,
    });
    assert_eq!(moved["ended"], ended);
    let moved = json(forward(&tenant, 1_296_000).await).await;
    assert_eq!((&moved["ended"]["access_tokens"], &moved["ended"]["refresh_tokens"]), (&json!(1), &json!(1)));
    assert_eq!(moved["ended"]["sessions"], 2);
    assert_eq!(tenant.refresh(&tokens).await.status(), 400);
    let profile = tenant.get("/oauth2/v2/user_profile").bearer_auth(tokens["access_token"].as_str().unwrap());
    assert_eq!(profile.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn the_clock_moves_forward_and_back_to_the_machine_only() {
    let tenant = TenantClient::start().await;
    for seconds in [0, -1, i64::MAX, 400_000_000] {
        assert_eq!(forward(&tenant, seconds).await.status(), 400, "{seconds}");
    }
    assert_eq!(read(&tenant, "/dev/clock").await["clock_offset"], 0);
    forward(&tenant, 100).await;
    assert_eq!(json(forward(&tenant, 50).await).await["clock_offset"], 150);
    let now = json(tenant.delete("/dev/clock").send().await.unwrap()).await;
    assert_eq!(now["clock_offset"], 0);
    let machine = time::OffsetDateTime::now_utc().unix_timestamp();
    assert!((machine - 60..=machine).contains(&now["now"].as_i64().unwrap()), "{now} {machine}");
}

#[tokio::test]
async fn the_setting_of_the_clock_has_the_same_limit_in_both_directions() {
    let tenant = TenantClient::start().await;
    let before = read(&tenant, "/dev/clock").await;
    for offset in [i64::MAX, i64::MIN, 315_360_001, -315_360_001] {
        let body = json!({ "clock_offset": offset }).to_string();
        let response = tenant.write(tenant.patch("/dev/settings"), body).await;
        assert_eq!(response.status(), 400, "{offset}");
        assert!(response.text().await.unwrap().contains("ten years at most"), "{offset}");
    }
    assert_eq!(read(&tenant, "/dev/clock").await["clock_offset"], before["clock_offset"]);
}

#[tokio::test]
async fn the_console_moves_the_clock_and_says_what_ended() {
    let tenant = TenantClient::start().await;
    tenant.tokens_for("ada", &[]).await;
    let moved = tenant.submit("/conditions/clock", &[("forward_seconds", "86400")]).await;
    assert_eq!(moved.status(), 200);
    assert!(moved.text().await.unwrap().contains("access tokens: 1"));
    let page = tenant.page("/conditions").await;
    assert!(page.contains("86400 seconds ahead") && page.contains("The app's own clock does not move"));
    for wrong in ["", "soon", "-5"] {
        assert_eq!(tenant.submit("/conditions/clock", &[("forward_seconds", wrong)]).await.status(), 400, "{wrong}");
    }
    tenant.submit("/conditions/clock/back", &[]).await;
    assert_eq!(read(&tenant, "/dev/clock").await["clock_offset"], 0);
}

#[tokio::test]
async fn the_test_kit_moves_the_clock_and_loses_requests() {
    let tenant = TestTenant::start("http://localhost:1").await;
    tenant.token_for("ada", "https://api.example").await;
    assert_eq!(tenant.forward_clock(86_400).await["access_tokens"], 1);
    tenant.conditions(json!({"jwks": {"loss": 1}})).await;
    let key_set = format!("{}{JWKS}", tenant.origin());
    assert!(client().get(&key_set).send().await.is_err());
    tenant.conditions(json!({})).await;
    assert_eq!(client().get(&key_set).send().await.unwrap().status(), 200);
}

/// The second attempt of a delivery is due after an hour, which nobody waits for.
#[tokio::test]
async fn the_retries_of_deliveries_come_due_by_the_tenants_clock() {
    let tenant = TenantClient::start().await;
    tenant.set(json!({"webhook_url": "http://127.0.0.1:1/", "delivery_pauses": [3_600]})).await;
    change(&tenant, "ada", json!({"family_name": "King"})).await;
    let until_attempts = async |wanted: u64| {
        while read(&tenant, "/dev/deliveries").await[0]["attempts"] != wanted {
            tokio::task::yield_now().await;
        }
    };
    until_attempts(1).await;
    while !tenant.page("/webhooks/1").await.contains("The next attempt is due") {
        tokio::task::yield_now().await;
    }
    let moved = json(forward(&tenant, 3_600).await).await;
    assert_eq!(moved["ended"]["pauses_of_deliveries"], 1);
    until_attempts(2).await;
}

#[tokio::test]
async fn a_request_that_is_lost_at_a_page_of_the_sign_in_leaves_the_others_alone() {
    let tenant = TenantClient::start().await;
    for (endpoint, lost) in
        [("authorization", "/oauth2/auth"), ("sign_in", "/sign-in"), ("logout", "/logout"), ("jwks", JWKS)]
    {
        assert_eq!(set_conditions(&tenant, json!({endpoint: {"loss": 1}})).await.status(), 200, "{endpoint}");
        assert!(tenant.page("/conditions").await.contains(&format!("name=\"{endpoint}.latency_ms\"")), "{endpoint}");
        for path in ["/oauth2/auth", "/logout", JWKS] {
            assert_eq!(tenant.get(path).send().await.is_err(), path == lost, "{endpoint}: {path}");
        }
        let decided = tenant.post("/sign-in").form(&[("person", "ada")]).send().await;
        assert_eq!(decided.is_err(), lost == "/sign-in", "{endpoint}");
    }
}

#[tokio::test]
async fn the_console_sets_lifetimes_and_keeps_wrong_input() {
    let tenant = TenantClient::start().await;
    let form = [("access_token_lifetime", "60"), ("authenticated_session_lifetime", " 120 ")];
    assert_eq!(tenant.submit("/conditions/lifetimes", &form).await.status(), 303);
    let settings = read(&tenant, "/dev/settings").await;
    assert_eq!(
        (&settings["access_token_lifetime"], &settings["authenticated_session_lifetime"]),
        (&json!(60), &json!(120))
    );
    assert_eq!(tenant.tokens_for("ada", &[]).await["expires_in"], 60);
    for wrong in ["", "0", "-1", "1.5", "soon\"", "315360001"] {
        let form = [("access_token_lifetime", wrong), ("authenticated_session_lifetime", "7")];
        let refused = tenant.submit("/conditions/lifetimes", &form).await;
        assert_eq!(refused.status(), 400, "{wrong}");
        let page = refused.text().await.unwrap();
        assert!(page.contains("id=\"access_token_lifetime-problem\""), "{wrong}");
        assert!(page.contains(&format!("value=\"{}\"", wrong.replace('"', "&quot;"))), "{wrong}");
    }
    assert_eq!(read(&tenant, "/dev/settings").await, settings, "nothing is changed by halves");
}

#[tokio::test]
async fn the_console_exports_the_state_as_a_seed() {
    let tenant = TenantClient::start().await;
    change(&tenant, "ada", json!({"given_name": "Augusta"})).await;
    assert!(
        tenant.page("/conditions").await.contains("<a class=\"button\" href=\"/dev/seed\" download=\"seed.json\">")
    );
    // As a browser follows a link of the page.
    let exported = tenant.get("/dev/seed").header("sec-fetch-site", "same-origin").send().await.unwrap();
    assert_eq!(exported.status(), 200);
    assert_eq!(json(exported).await["people"][0]["given_name"], "Augusta");
}

#[tokio::test]
async fn the_console_resets_the_state_after_a_question() {
    let tenant = TenantClient::start().await;
    change(&tenant, "ada", json!({"given_name": "Augusta"})).await;
    tenant.tokens_for("ada", &[]).await;
    forward(&tenant, 60).await;
    let question = tenant.page("/conditions/reset").await;
    assert!(question.contains("the seed that is built in") && question.contains("action=\"/conditions/reset\""));
    let name = async || read(&tenant, "/dev/people").await[0]["given_name"].clone();
    assert_eq!(name().await, "Augusta", "the question changes nothing");
    let elsewhere = tenant.post("/conditions/reset").header("origin", "http://evil.example");
    assert_eq!(elsewhere.send().await.unwrap().status(), 403);
    assert_eq!(name().await, "Augusta");
    assert_eq!(tenant.submit("/conditions/reset", &[]).await.status(), 303);
    assert_eq!(name().await, "Ada");
    assert_eq!(read(&tenant, "/dev/clock").await["clock_offset"], 0);
    assert!(tenant.page("/people/ada").await.contains("There is none."), "a session is left");
}

#[tokio::test]
async fn the_date_of_each_response_is_the_tenants() {
    let tenant = TenantClient::start().await;
    forward(&tenant, 86_400).await;
    let now = read(&tenant, "/dev/clock").await["now"].as_i64().unwrap();
    let paths =
        [JWKS, "/.well-known/openid-configuration", "/oauth2/auth", "/oauth2/token", "/api/v1/users", "/nowhere"];
    for path in paths {
        let response = tenant.get(path).send().await.unwrap();
        let date = response.headers()["date"].to_str().unwrap();
        let date = time::OffsetDateTime::parse(date, &time::format_description::well_known::Rfc2822).unwrap();
        assert!((now..now + 60).contains(&date.unix_timestamp()), "{path}: {date}");
        assert_eq!(response.headers().get_all("date").iter().count(), 1, "{path}");
    }
}

#[tokio::test]
async fn keys_rotate_by_a_button() {
    let tenant = TenantClient::start().await;
    let keys = async || read(&tenant, JWKS).await["keys"].as_array().unwrap().clone();
    let first = keys().await;
    tenant.submit("/conditions/keys", &[]).await;
    let both = keys().await;
    assert!(both.len() == 2 && both.contains(&first[0]));
    tenant.submit("/conditions/keys", &[("drop_old", "true")]).await;
    assert_eq!(keys().await.len(), 1);
}

#[tokio::test]
async fn a_request_that_is_lost_gets_no_response_and_only_at_its_endpoint() {
    let tenant = TenantClient::start().await;
    let code = tenant.code_for("ada", &[]).await;
    let conditions = json!({"token": {"latency_ms": 0, "loss": 1.0}});
    assert_eq!(json(set_conditions(&tenant, conditions.clone()).await).await, conditions);
    assert_eq!(read(&tenant, "/dev/conditions").await, conditions);
    let form = [("grant_type", "authorization_code"), ("code", code.as_str())];
    assert!(tenant.token_request(&form).await.is_err(), "the connection is cut");
    assert_eq!(tenant.get(JWKS).send().await.unwrap().status(), 200);
    set_conditions(&tenant, json!({})).await;
    assert_eq!(tenant.exchange(&code, &[]).await.status(), 200, "the lost request did not use the code");
}

#[tokio::test]
async fn a_late_response_comes_after_the_latency() {
    let tenant = TenantClient::start().await;
    set_conditions(&tenant, json!({"any": {"latency_ms": 200}, "discovery": {}})).await;
    let began = std::time::Instant::now();
    assert_eq!(tenant.get(JWKS).send().await.unwrap().status(), 200);
    assert!(began.elapsed().as_millis() >= 200);
    set_conditions(&tenant, json!({"any": {"latency_ms": 60_000}, "discovery": {}})).await;
    let discovery = tenant.get("/.well-known/openid-configuration").send().await.unwrap();
    assert_eq!(discovery.status(), 200, "an endpoint with a condition of its own does not wait");
}

#[tokio::test]
async fn conditions_that_cannot_be_used_are_all_named_and_change_nothing() {
    let tenant = TenantClient::start().await;
    let before = json!({"jwks": {"latency_ms": 1, "loss": 0.0}});
    set_conditions(&tenant, before.clone()).await;
    let refused = set_conditions(&tenant, json!({"token": {"loss": 2, "latency_ms": 1.5}, "nowhere": {}})).await;
    assert_eq!(refused.status(), 400);
    let problems = json(refused).await["problems"].to_string();
    for place in ["token.loss:", "token.latency_ms:", "nowhere:"] {
        assert!(problems.contains(place), "{problems}");
    }
    assert_eq!(set_conditions(&tenant, json!([])).await.status(), 400);
    assert_eq!(read(&tenant, "/dev/conditions").await, before);
    tenant.write(tenant.post("/dev/reset"), "{}".to_owned()).await;
    assert_eq!(read(&tenant, "/dev/conditions").await, json!({}), "a reset ends them");
}

#[tokio::test]
async fn the_console_sets_conditions_and_keeps_wrong_input() {
    let tenant = TenantClient::start().await;
    let set = tenant.submit("/conditions/endpoints", &[("token.latency_ms", "250"), ("refresh.loss", "0.5")]).await;
    assert_eq!(set.status(), 303);
    let expected = json!({"token": {"latency_ms": 250, "loss": 0.0}, "refresh": {"latency_ms": 0, "loss": 0.5}});
    assert_eq!(read(&tenant, "/dev/conditions").await, expected);
    assert!(tenant.page("/conditions").await.contains("name=\"token.latency_ms\""));
    let form = [("token.latency_ms", "soon<script>"), ("jwks.loss", "7")];
    let refused = tenant.submit("/conditions/endpoints", &form).await;
    assert_eq!(refused.status(), 400);
    let page = refused.text().await.unwrap();
    for part in ["id=\"token.latency_ms-problem\"", "id=\"jwks.loss-problem\"", "value=\"soon&lt;script&gt;\""] {
        assert!(page.contains(part), "{part}");
    }
    assert!(page.contains(">write milliseconds, 0 to ") && !page.contains("token.latency_ms: "), "{page}");
    assert_eq!(read(&tenant, "/dev/conditions").await, expected);
}
