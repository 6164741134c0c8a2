//! Signing in and out at the tenant: the authorization request, the page, the callback and logout (OIDC Core §3.1.2,
//! RP-Initiated Logout §2 and §3).
//! Tokens are tested in `tokens`.

use base64::{Engine, engine::general_purpose::STANDARD};
use kinde_leptos::dev_issuer::NOTICE;
use serde_json::{Value, json};

use super::harness::{CALLBACK, SIGNED_OUT, STATE, TenantClient, auth_time, callback, claims, json, location};

#[tokio::test]
async fn the_callback_carries_code_scope_and_state_and_no_issuer() {
    let tenant = TenantClient::start().await;
    let response = tenant.decide(&[], &[("person", "ada")]).await;
    assert_eq!(response.status(), 303);
    let parameters = callback(&response);
    assert_eq!(parameters["state"], STATE);
    assert_eq!(parameters["scope"], "openid profile email offline");
    assert!(!parameters.contains_key("iss"));
}

#[tokio::test]
async fn an_unknown_client_or_callback_gets_a_page_and_no_redirect() {
    let tenant = TenantClient::start().await;
    for change in [
        ("redirect_uri", "http://localhost:8000/api/auth/kinde_callback/"),
        ("redirect_uri", "https://evil.example/callback"),
        ("redirect_uri", ""),
        ("client_id", "another-client"),
    ] {
        let response = tenant.authorize(&[change]).await;
        assert_eq!(response.status(), 400);
        assert!(!response.headers().contains_key("location"));
        assert!(response.text().await.unwrap().contains(NOTICE));
    }
}

#[tokio::test]
async fn a_refusal_says_what_the_app_sent_and_what_it_has_to_send() {
    let tenant = TenantClient::start().await;
    for (change, parts) in [
        (("client_id", "an\"other"), ["The app sent <code>an&quot;other</code>", tenant.server.client_id()]),
        (("redirect_uri", "https://evil.example/"), ["<code>https://evil.example/</code>", CALLBACK]),
    ] {
        let page = tenant.authorize(&[change]).await.text().await.unwrap();
        for part in parts {
            assert!(page.contains(part), "{part} is missing: {page}");
        }
        assert!(!page.contains("href=\"http"), "no address of the request is a link: {page}");
    }
}

/// The keys of the people on a sign-in page, in order, and the headings between them.
fn choices(page: &str) -> Vec<&str> {
    let parts = page.split("name=\"person\" value=\"").flat_map(|part| part.split("<h2>"));
    parts.skip(1).map(|part| part.split(['"', '<']).next().unwrap()).collect()
}

#[tokio::test]
async fn people_for_tests_stand_below_those_for_a_first_look() {
    let tenant = TenantClient::start().await;
    let page = tenant.authorize(&[]).await.text().await.unwrap();
    assert_eq!(choices(&page)[..4], ["ada", "grace", "For tests", "nameless"]);
    let hinted = tenant.authorize(&[("login_hint", "dorothy")]).await.text().await.unwrap();
    assert_eq!(choices(&hinted)[..4], ["dorothy", "ada", "grace", "For tests"]);
    let seed =
        json!({"people": [{"person": "rosalind"}, {"person": "atlas"}, {"person": "max", "is_suspended": true}]});
    let replaced = tenant.write(tenant.request(reqwest::Method::PUT, "/dev/seed"), seed.to_string()).await;
    assert_eq!(replaced.status(), 204);
    let own = tenant.authorize(&[]).await.text().await.unwrap();
    assert_eq!(choices(&own)[..3], ["rosalind", "atlas", "max"], "whoever a seed names is not for our tests");
    assert_eq!(own.matches(">suspended<").count(), 1, "{own}");
}

#[tokio::test]
async fn prompt_decides_whether_a_page_is_shown() {
    let tenant = TenantClient::start().await;
    let silent = tenant.authorize(&[("prompt", "none")]).await;
    assert_eq!(callback(&silent)["error"], "login_required");
    tenant.code_for("ada", &[]).await;
    for change in [("prompt", "none"), ("prompt", "")] {
        assert!(callback(&tenant.authorize(&[change]).await).contains_key("code"));
    }
    assert_eq!(tenant.authorize(&[("prompt", "login")]).await.status(), 200);
    for change in [("prompt", "create"), ("start_page", "registration")] {
        let page = tenant.authorize(&[change]).await.text().await.unwrap();
        assert!(page.contains("<h1>Create an account</h1>"));
    }
}

#[tokio::test]
async fn prompt_login_asks_again_and_renews_the_time_of_the_authentication() {
    for tenant in [TenantClient::start().await, TenantClient::start_plain().await] {
        let first = auth_time(&tenant, &tenant.code_for("ada", &[]).await).await;
        tenant.set(json!({"clock_offset": 60})).await;
        let silent = callback(&tenant.authorize(&[]).await);
        assert_eq!(auth_time(&tenant, &silent["code"]).await, first);
        let second = auth_time(&tenant, &tenant.code_for("ada", &[("prompt", "login")]).await).await;
        assert!(second >= first + 60, "{first} {second}");
        let silent = callback(&tenant.authorize(&[]).await);
        assert_eq!(auth_time(&tenant, &silent["code"]).await, second);
    }
}

#[tokio::test]
async fn kinde_has_no_max_age() {
    let tenant = TenantClient::start().await;
    tenant.code_for("ada", &[]).await;
    assert!(callback(&tenant.authorize(&[("max_age", "0")]).await).contains_key("code"));
}

#[tokio::test]
async fn cancelling_and_an_expired_link_come_back_as_errors() {
    let tenant = TenantClient::start().await;
    let cancelled = callback(&tenant.decide(&[], &[("action", "cancel")]).await);
    assert_eq!(cancelled["error"], "access_denied");
    assert_eq!(cancelled["state"], STATE);
    let expired = callback(&tenant.decide(&[("lang", "en")], &[("action", "expire")]).await);
    assert_eq!(expired["error"], "login_link_expired");
    assert_eq!(expired["state"], STATE);
    tenant.switch_on("cb_missing_state").await;
    let stateless = callback(&tenant.decide(&[], &[("action", "expire")]).await);
    assert!(stateless.contains_key("reauth_state") && !stateless.contains_key("state"));
    let reauth_state = STANDARD.decode(&expired["reauth_state"]).unwrap();
    let reauth_state: Value = serde_json::from_slice(&reauth_state).unwrap();
    assert_eq!(reauth_state["lang"], "en");
}

#[tokio::test]
async fn a_new_account_may_lack_names_and_a_page_is_decided_once() {
    let tenant = TenantClient::start().await;
    let decision = [("action", "create"), ("email", "new@example.com"), ("given_name", "")];
    let response = tenant.decide(&[("prompt", "create")], &decision).await;
    let tokens = json(tenant.exchange(&callback(&response)["code"], &[]).await).await;
    let claims = claims(&tokens["id_token"]);
    assert_eq!(claims["email"], "new@example.com");
    assert!(claims.get("name").is_none());
    let page = tenant.authorize(&[("prompt", "login")]).await;
    let transaction = page.headers()["x-dev-transaction"].to_str().unwrap();
    for status in [303, 400] {
        let form = [("transaction", transaction), ("person", "ada")];
        assert_eq!(tenant.post("/sign-in").form(&form).send().await.unwrap().status(), status);
    }
}

/// Such a page could sign a browser in as somebody without a question.
#[tokio::test]
async fn a_page_of_another_origin_cannot_decide() {
    for tenant in [TenantClient::start().await, TenantClient::start_plain().await] {
        let own = tenant.server.origin().to_owned();
        let page = tenant.authorize(&[]).await;
        let policy = page.headers()["referrer-policy"].to_str().unwrap().to_owned();
        assert_eq!(policy, "same-origin", "with no-referrer, browsers do not name the origin of a form");
        let transaction = page.headers()["x-dev-transaction"].to_str().unwrap().to_owned();
        let decide = async |headers: &[(&str, &str)]| {
            let mut request = tenant.post("/sign-in").form(&[("transaction", transaction.as_str()), ("person", "ada")]);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            request.send().await.unwrap().status().as_u16()
        };
        for headers in [
            &[("origin", "http://evil.example")][..],
            &[("origin", "null")],
            &[("origin", "http://127.0.0.1:1"), ("sec-fetch-site", "same-site")],
            &[("origin", own.as_str()), ("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "cross-site")],
        ] {
            assert_eq!(decide(headers).await, 403, "{headers:?}");
        }
        assert_eq!(
            decide(&[("origin", &own), ("sec-fetch-site", "same-origin")]).await,
            303,
            "the page can be used yet"
        );
    }
}

#[tokio::test]
async fn an_organization_is_chosen_on_the_page_by_org_code_or_made() {
    let tenant = TenantClient::start().await;
    let people = json(tenant.get("/dev/people").send().await.unwrap()).await;
    let katherine = people.as_array().unwrap().iter().find(|p| p["person"] == "katherine");
    let second = katherine.unwrap()["org_codes"][1].as_str().unwrap().to_owned();
    let chosen = [("person", "katherine"), ("org_code", second.as_str())];
    let response = tenant.decide(&[], &chosen).await;
    let tokens = json(tenant.exchange(&callback(&response)["code"], &[]).await).await;
    assert_eq!(claims(&tokens["access_token"])["org_code"], second);
    let switched = tenant.authorize(&[("prompt", "none"), ("org_code", &second)]).await;
    assert_eq!(token_organization(&tenant, &switched).await, second);
    let others = organization_of(&tenant, "ada").await;
    let foreign = tenant.authorize(&[("prompt", "none"), ("org_code", &others)]).await;
    assert_eq!(callback(&foreign)["error"], "login_required");
    let unknown = tenant.authorize(&[("org_code", "org_of_nobody")]).await;
    assert_eq!(unknown.status(), 400);
    let made = tenant.authorize(&[("is_create_org", "true"), ("org_name", "Moon")]).await;
    let tokens = json(tenant.exchange(&callback(&made)["code"], &[]).await).await;
    assert_eq!(claims(&tokens["access_token"])["org_name"], "Moon");
}

async fn token_organization(tenant: &TenantClient, callback_response: &reqwest::Response) -> String {
    let tokens = json(tenant.exchange(&callback(callback_response)["code"], &[]).await).await;
    claims(&tokens["access_token"])["org_code"].as_str().unwrap().to_owned()
}

async fn organization_of(tenant: &TenantClient, person: &str) -> String {
    let people = json(tenant.get("/dev/people").send().await.unwrap()).await;
    let person = people.as_array().unwrap().iter().find(|p| p["person"] == person).unwrap();
    person["org_codes"][0].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn names_with_markup_are_escaped_on_the_sign_in_page() {
    let tenant = TenantClient::start().await;
    let page = tenant.authorize(&[("login_hint", "\"><script>@")]).await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'"));
    assert!(policy.contains("form-action 'self' http://localhost:8000"));
    let page = page.text().await.unwrap();
    assert!(page.contains("&lt;b onclick=alert(1)&gt;Mallory"));
    assert!(!page.contains("<b onclick") && !page.contains("<script"));
}

#[tokio::test]
async fn automatic_sign_in_redirects_the_authorization_request_at_once() {
    let tenant = TenantClient::start().await;
    tenant.set(json!({"auto_sign_in": "grace"})).await;
    let response = tenant.authorize(&[]).await;
    assert_eq!(response.status(), 302);
    let tokens = json(tenant.exchange(&callback(&response)["code"], &[]).await).await;
    assert_eq!(claims(&tokens["id_token"])["name"], "Grace");
    tenant.set(json!({"auto_sign_in": "ada"})).await;
    let response = tenant.authorize(&[]).await;
    let tokens = json(tenant.exchange(&callback(&response)["code"], &[]).await).await;
    assert_eq!(claims(&tokens["id_token"])["name"], "Ada Lovelace");
    let created = tenant.authorize(&[("prompt", "create")]).await;
    let tokens = json(tenant.exchange(&callback(&created)["code"], &[]).await).await;
    assert_eq!(claims(&tokens["id_token"])["name"], "New Person");
}

#[tokio::test]
async fn logout_goes_to_allowed_urls_only_and_ends_session_and_refresh_tokens() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    let evil = tenant.get("/logout").query(&[("redirect", "https://evil.example/")]);
    assert_eq!(evil.send().await.unwrap().status(), 400);
    let again = [("post_logout_redirect_uri", SIGNED_OUT), ("state", "back")];
    let response = tenant.get("/logout").query(&again).send().await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(location(&response), format!("{SIGNED_OUT}?state=back"));
    let silent = tenant.authorize(&[("prompt", "none")]).await;
    assert_eq!(callback(&silent)["error"], "login_required");
    assert_eq!(tenant.refresh(&tokens).await.status(), 400);
}
