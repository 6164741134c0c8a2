//! The test kit, as the tests of another project use it: sign-ins, tokens, and what goes wrong with them.
//! All other tests drive their tenant by it, too.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn_with_state;
use axum::response::Redirect;
use axum::routing::get;
use http::Request;
use http::header::COOKIE;
use kinde_leptos::auth::paths::{CALLBACK, LOGIN};
use kinde_leptos::auth::{self, Client, CurrentUser, Paths};
use kinde_leptos::test_kit::{LoginError, Shape, TestTenant};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::harness::{Browser, Site, client, person};

const API: &str = "https://api.example";
const SITE: &str = "http://localhost:3000";

async fn for_programs() -> Site {
    Site::start_with(|config| *config = config.clone().with_api_audiences([API])).await
}

/// Status and name of a greeting with an access token.
async fn greeted_with(site: &Site, token: &str) -> (u16, Value) {
    let response = client().get(site.at("/api/greeting")).bearer_auth(token).send().await.unwrap();
    let status = response.status().as_u16();
    let greeting: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    (status, greeting["user_info"].clone())
}

/// What a task panics with.
async fn panic_of(task: impl Future<Output = ()> + Send + 'static) -> String {
    let panic = tokio::spawn(task).await.expect_err("the task did not panic").into_panic();
    let literal = panic.downcast_ref::<&str>().copied().map(str::to_owned);
    literal.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap()
}

#[tokio::test]
async fn a_person_signs_in_where_the_app_listens_and_the_cookie_opens_their_page() {
    let site = Site::start().await;
    let cookie = site.tenant.login_as("grace").await;
    let request = client().get(site.at("/")).header("accept", "application/json").header(COOKIE, &cookie);
    let greeting: Value = serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap();
    assert_eq!(greeting["user_info"], "Grace");
    assert_eq!(cookie.header(), format!("{}={}", cookie.name(), cookie.value()).as_str());
    assert!(!format!("{cookie:?} {:?}", cookie.header()).contains(cookie.value()), "it never prints its value");
}

#[tokio::test]
async fn a_person_signs_in_at_a_router_with_paths_and_cookies_of_its_own_that_listens_nowhere() {
    // The site's folder holds the file of its store.
    let site = Site::start().await;
    for url in [SITE, "https://app.example"] {
        let tenant = TestTenant::start_with(url, Paths::below("/auth"), |_| {}).await;
        let client = Client::new(tenant.config().with_cookie_prefix("notes"), Arc::clone(&site.store)).unwrap();
        let app = Router::new()
            .route("/notes", get(async |user: CurrentUser| user.display_name().to_owned()))
            .route_layer(from_fn_with_state(client.clone(), auth::require_login))
            .merge(auth::router(client));
        let cookie = tenant.login("ada").in_process(&app).cookie().await.unwrap();
        let name = if url == SITE { "notes_session" } else { "__Host-notes_session" };
        assert_eq!(cookie.name(), name);
        let request = Request::get("/notes").header(COOKIE, &cookie).body(Body::empty()).unwrap();
        let response = app.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        let body = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
        assert_eq!(body, "Ada Lovelace");
    }
}

#[tokio::test]
async fn a_person_of_two_organizations_signs_in_to_the_chosen_one() {
    let site = for_programs().await;
    let second = &person("katherine").organizations[1].code;
    let cookie = site.tenant.login("katherine").organization(second).cookie().await.unwrap();
    let account = Browser::with_session(cookie.value()).get_json(&site.at("/api/account")).await.json();
    assert_eq!(account["organization"]["code"], second.as_str());

    let token = site.tenant.login("katherine").organization(second).token(API).await.unwrap();
    let request = client().get(site.at("/api/account")).bearer_auth(token);
    let account: Value = serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap();
    assert_eq!(account["organization"]["code"], second.as_str());

    let foreign = site.tenant.login("ada").organization(second).cookie().await.unwrap_err();
    assert!(matches!(&foreign, LoginError::Tenant { status: 403, .. }), "{foreign}");
    assert!(foreign.to_string().contains("does not belong to the requested organization"), "{foreign}");
}

#[tokio::test]
async fn people_of_an_issuer_that_is_not_kinde_sign_in_too() {
    let site = Site::start_plain(|config| *config = config.clone().with_api_audiences([API])).await;
    let cookie = site.tenant.login_as("ada").await;
    assert_eq!(Browser::with_session(cookie.value()).greeted(&site).await.as_deref(), Ok("Ada Lovelace"));
    assert_eq!(greeted_with(&site, &site.tenant.token_for("ada", API).await).await.0, 200);
}

#[tokio::test]
async fn a_person_whom_nobody_knows_is_named_with_those_who_can_sign_in() {
    let site = Site::start().await;
    for error in
        [site.tenant.login("adda").cookie().await.unwrap_err(), site.tenant.login("adda").token(API).await.unwrap_err()]
    {
        assert!(matches!(&error, LoginError::UnknownPerson { person, .. } if person == "adda"), "{error}");
        assert!(error.to_string().contains("the tenant knows ada, grace, "), "{error}");
    }
    let panic = panic_of(async move { drop(site.tenant.login_as("adda").await) }).await;
    assert!(panic.starts_with(r#"nobody with the key "adda" can sign in"#), "{panic}");
}

#[tokio::test]
async fn a_suspended_person_is_refused_until_the_suspension_is_lifted() {
    for site in [Site::start().await, Site::start_plain(|_| {}).await] {
        site.tenant.change_person("ada", json!({"is_suspended": true})).await;
        for error in [
            site.tenant.login("ada").cookie().await.unwrap_err(),
            site.tenant.login("ada").token(API).await.unwrap_err(),
        ] {
            assert!(matches!(&error, LoginError::Suspended { person } if person == "ada"), "{error}");
        }
        site.tenant.change_person("ada", json!({"is_suspended": false})).await;
        site.tenant.login_as("ada").await;
    }
}

#[tokio::test]
async fn an_app_that_refuses_a_faulty_sign_in_is_quoted() {
    let site = Site::start().await;
    site.tenant.fault_times("id_wrong_nonce", 1).await;
    let error = site.tenant.login("ada").cookie().await.unwrap_err();
    let LoginError::App { path, status, text } = &error else { panic!("{error}") };
    assert_eq!((path.as_str(), *status), (CALLBACK, 400));
    assert!(text.contains("sign"), "{text}");
    site.tenant.login_as("ada").await;
}

#[tokio::test]
async fn an_app_without_sign_in_routes_is_named_with_its_status() {
    let tenant = TestTenant::start(SITE).await;
    let error = tenant.login("ada").in_process(&Router::new()).cookie().await.unwrap_err();
    assert!(matches!(&error, LoginError::App { path, status: 404, .. } if path == LOGIN), "{error}");
    let elsewhere = Router::new().route(LOGIN, get(async || Redirect::to("https://example.kinde.com/oauth2/auth")));
    let error = tenant.login("ada").in_process(&elsewhere).cookie().await.unwrap_err();
    assert!(matches!(&error, LoginError::Elsewhere { target, .. } if target == "https://example.kinde.com"), "{error}");
    let circle = Router::new().route(LOGIN, get(async || Redirect::to(LOGIN)));
    let error = tenant.login("ada").in_process(&circle).cookie().await.unwrap_err();
    assert!(matches!(error, LoginError::Endless), "{error}");
}

#[tokio::test]
async fn nobody_signs_in_at_a_site_on_another_machine() {
    for url in ["https://app.example", "http://192.0.2.1:3000"] {
        let tenant = TestTenant::start(url).await;
        let panic = panic_of(async move { drop(tenant.login_as("ada").await) }).await;
        assert!(panic.contains("programs on this machine only"), "{panic}");
    }
    let tenant = TestTenant::start(SITE).await;
    let elsewhere = async move { drop(tenant.login("ada").listening_at("http://192.0.2.1:3000").cookie().await) };
    assert!(panic_of(elsewhere).await.contains("programs on this machine only"));
}

#[tokio::test]
async fn an_app_that_does_not_listen_is_named_without_what_was_sent() {
    let unused = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let tenant = TestTenant::start(&format!("http://{unused}")).await;
    let error = tenant.login("ada").cookie().await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("no response from http://{unused}{LOGIN}: ")), "{error}");
}

#[tokio::test]
async fn the_choice_of_a_person_is_not_taken_away_silently() {
    let site = Site::start().await;
    site.tenant.settings(json!({"auto_sign_in": "grace"})).await;
    let panic = panic_of(async move { drop(site.tenant.login_as("ada").await) }).await;
    assert!(panic.contains("auto_sign_in"), "{panic}");
}

#[tokio::test]
async fn a_persons_token_is_accepted_by_the_app_and_by_the_tenant_itself() {
    let site = for_programs().await;
    let token = site.tenant.token_for("ada", API).await;
    assert_eq!(greeted_with(&site, &token).await.0, 200);
    let permissions = format!("{}/account_api/v1/permissions", site.tenant.origin());
    assert_eq!(client().get(permissions).bearer_auth(&token).send().await.unwrap().status(), 200);
    let other = site.tenant.token_for("ada", "https://other.example").await;
    assert_eq!(greeted_with(&site, &other).await.0, 401);
}

#[tokio::test]
async fn a_machines_token_is_accepted_by_the_app() {
    let site = for_programs().await;
    let machine = site.tenant.machine_client(API, &["read:items"]).await;
    let token = site.tenant.token_of(&machine).await;
    assert_eq!(greeted_with(&site, &token).await, (200, json!(machine.client_id)));
    assert_eq!(greeted_with(&site, &site.tenant.machine_token("https://other.example", &[]).await).await.0, 401);
}

#[tokio::test]
async fn changed_permissions_hold_from_the_next_sign_in() {
    let site = Site::start().await;
    let status = async || {
        let cookie = site.tenant.login_as("dorothy").await;
        Browser::with_session(cookie.value()).get_json(&site.at("/members")).await.status
    };
    assert_eq!(status().await, 403);
    site.tenant.change_person("dorothy", json!({"permissions": ["read:members"]})).await;
    assert_eq!(status().await, 200);
}

#[tokio::test]
async fn what_the_switchboard_refuses_panics_with_its_sentence() {
    let tenant = TestTenant::start_of(Shape::Plain, SITE).await;
    let panic = panic_of(async move { drop(tenant.machine_token(API, &[]).await) }).await;
    assert!(panic.contains("A plain issuer has no clients of machines"), "{panic}");
    let tenant = TestTenant::start(SITE).await;
    let panic = panic_of(async move { tenant.fault("no_such_fault").await }).await;
    assert!(panic.contains("There is no such fault"), "{panic}");
    let panic = panic_of(async { drop(TestTenant::start("localhost").await) }).await;
    assert!(panic.contains("is not the URL of a site"), "{panic}");
}
