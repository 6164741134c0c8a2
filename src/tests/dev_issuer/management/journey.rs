//! A program prepares a user for the application, and takes everything away again.

use kinde_leptos::auth::Policy;
use kinde_leptos::dev_issuer::Shape;
use serde_json::json;

use super::{Machine, each, text};
use crate::harness::{Browser, Site, person};
use crate::policies;

#[tokio::test]
async fn a_user_whom_a_program_makes_signs_in_may_what_their_role_allows_and_is_out_when_suspended() {
    let routes = |client: &_| policies::routes(client, Policy::permission("create:reports"));
    let site = Site::start_with_routes(Shape::Kinde, |_| {}, routes).await;
    let machine = Machine::with_scopes(
        &site.tenant,
        &[
            "create:users",
            "update:users",
            "create:roles",
            "create:permissions",
            "update:role_permissions",
            "create:organization_user_roles",
            "create:webhooks",
        ],
    )
    .await;
    let endpoint = site.at(kinde_leptos::auth::paths::WEBHOOKS);
    let webhook = json!({"name": "The site", "endpoint": endpoint, "event_types": ["user.created", "user.updated"]});
    machine.post("/api/v1/webhooks", webhook).await;
    let user = json!({
        "profile": {"given_name": "Lise", "family_name": "Meitner"},
        "identities": [{"type": "email", "details": {"email": "lise@example.com"}}],
    });
    let id = text(&machine.post("/api/v1/user", user).await["id"]);
    let people = site.tenant.people().await;
    let key = text(&people.iter().find(|person| person["sub"] == id).unwrap()["person"]);

    let mut lise = Browser::new();
    lise.sign_in(&site, &key, "/").await;
    assert_eq!(lise.greeted(&site).await, Ok("Lise Meitner".to_owned()));
    assert_eq!(lise.get(&site.at("/route")).await.status, 403);

    let role = machine.new_role("reporter", &["create:reports"]).await;
    let code = &person("ada").organizations[0].code;
    machine.post(&format!("/api/v1/organizations/{code}/users/{id}/roles"), json!({"role_id": role})).await;
    site.tenant.until_delivered().await;
    assert_eq!(lise.get(&site.at("/route")).await.status, 200, "the event lets the site ask for her rights");

    machine.patch(&format!("/api/v1/user?id={id}"), json!({"is_suspended": true})).await;
    site.tenant.until_delivered().await;
    assert_eq!(lise.get(&site.at("/route")).await.status, 303, "the event ends her session");
    let deliveries = json!(site.tenant.deliveries().await);
    assert_eq!(each(&deliveries, "type"), ["user.created", "user.updated", "user.updated"]);
    let mut browser = Browser::new();
    let page = browser.visit(&site.at("/")).await;
    let refused = site.tenant.login(&key).cookie().await;
    assert!(page.body.contains("Lise") && refused.is_err(), "nobody signs her in again");
}
