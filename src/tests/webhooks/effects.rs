//! What each event changes here.

use std::time::Duration;

use kinde_leptos::auth::Policy;
use kinde_leptos::dev_issuer::Shape;
use serde_json::json;

use super::{API, event, sessions_of, site, status_with_token, token, with, with_api};
use crate::harness::{Browser, Log, Site, person};
use crate::policies;

// WH-1
#[tokio::test]
async fn a_deleted_users_sessions_and_tokens_end() {
    let site = site().await;
    let (mut first, mut second) = (site.signed_in("ada").await, site.signed_in("ada").await);
    let mut other = site.signed_in("grace").await;
    let token = token(&site, "ada").await;
    assert_eq!(status_with_token(&site.url, &token).await, 200);
    let log = Log::capture();
    site.tenant.delete_person("ada").await;
    site.tenant.until_delivered().await;
    assert_eq!((first.get(&site.at("/")).await.status, second.get(&site.at("/")).await.status), (303, 303));
    assert_eq!((sessions_of(&site, "ada").await, status_with_token(&site.url, &token).await), (0, 401));
    assert!(other.is_signed_in(&site).await, "somebody else stays");
    assert_eq!(site.tenant.deliveries().await[0]["type"], "user.deleted");
    site.auth.finish().await;
    assert_eq!(site.tenant.requests_at("/oauth2/revoke").await, 2, "the tokens of both sessions are revoked");
    let audit = log.lines_with("access_ended");
    assert!(audit.len() == 1 && audit[0].contains(&person("ada").subject), "{}", log.text());
    assert_eq!(log.lines_with("session_ended").len(), 2);
}

// WH-1
#[tokio::test]
async fn a_suspended_users_sessions_and_tokens_end_and_whom_kinde_lets_in_again_is_let_in() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    let token = token(&site, "ada").await;
    site.tenant.change_person("ada", json!({"is_suspended": true})).await;
    site.tenant.until_delivered().await;
    assert_eq!((browser.get(&site.at("/")).await.status, status_with_token(&site.url, &token).await), (303, 401));
    site.tenant.settings(json!({"auto_sign_in": "ada"})).await;
    let refused = Browser::new().visit(&site.at("/")).await;
    assert_eq!((refused.status, refused.body.contains("suspended")), (403, true), "the tenant lets nobody in");
    site.tenant.settings(json!({"auto_sign_in": null})).await;
    site.tenant.change_person("ada", json!({"is_suspended": false})).await;
    site.tenant.until_delivered().await;
    policies::pass(&site, Duration::from_secs(120)).await;
    assert!(site.signed_in("ada").await.is_signed_in(&site).await);
    assert_eq!(status_with_token(&site.url, &token).await, 401, "the old token is still refused");
}

/// A site with a policy, of which nothing is known but what tokens say.
async fn guarded() -> Site {
    let routes = |client: &_| policies::routes(client, Policy::permission("read:members"));
    let site = Site::start_with_routes(Shape::Kinde, with_api, routes).await;
    site.tenant.delivers_to(&site.url).await;
    site
}

// WH-1
#[tokio::test]
async fn another_change_of_a_user_lets_their_rights_be_asked_for() {
    let site = guarded().await;
    let (mut browser, mut other) = (site.signed_in("ada").await, site.signed_in("grace").await);
    assert_eq!(browser.get(&site.at("/route")).await.status, 200);
    site.tenant.change_person("ada", json!({"permissions": []})).await;
    site.tenant.until_delivered().await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 403);
    assert!(browser.is_signed_in(&site).await, "nobody is signed out");
    assert_eq!((other.get(&site.at("/route")).await.status, asked(&site).await), (200, 1));
}

async fn asked(site: &Site) -> usize {
    site.tenant.requests_at("/account_api/v1/permissions").await
}

// WH-1
#[tokio::test]
async fn events_of_roles_permissions_and_organizations_let_everybodys_rights_be_asked_for() {
    for event_type in [
        "role.created",
        "role.updated",
        "role.deleted",
        "role.of_the_future",
        "permission.created",
        "permission.updated",
        "permission.deleted",
        "organization.updated",
        "organization.deleted",
    ] {
        let site = guarded().await;
        let mut browser = site.signed_in("ada").await;
        assert_eq!((browser.get(&site.at("/route")).await.status, asked(&site).await), (200, 0));
        let data = json!({"role": {"id": "1"}, "permission": {"id": "1"}, "organization": {"code": "org_1"}});
        let sent = site.tenant.send_event(json!({"type": event_type, "data": data})).await;
        assert_eq!(sent, [(200, json!({"status": "accepted"}))], "{event_type}");
        assert_eq!((browser.get(&site.at("/route")).await.status, asked(&site).await), (200, 1), "{event_type}");
    }
}

#[tokio::test]
async fn other_events_and_unknown_ones_change_nothing_and_are_logged() {
    let site = guarded().await;
    let mut browser = site.signed_in("ada").await;
    for event_type in [
        "user.created",
        "user.authenticated",
        "user.authentication_failed",
        "organization.created",
        "subscriber.created",
        "access_request.created",
        "passkey.added",
        "customer.plan_changed",
        "anything",
    ] {
        let log = Log::capture();
        let sent = site.tenant.send_event(event(event_type, "ada")).await;
        assert_eq!(sent, [(200, json!({"status": "accepted"}))], "{event_type}");
        assert_eq!(log.lines_with("changes nothing here").len(), 1, "{event_type}: {}", log.text());
        assert_eq!((browser.get(&site.at("/route")).await.status, asked(&site).await), (200, 0), "{event_type}");
    }
    // Data of another form than Kinde's today.
    let log = Log::capture();
    let nobody = site.tenant.send_event(json!({"type": "user.deleted", "data": {"id": "1"}})).await;
    assert_eq!((nobody[0].0, log.lines_with("WARN").len()), (200, 1), "{}", log.text());
    // A user of whom nothing is known.
    let unknown = json!({"type": "user.deleted", "data": {"user": {"id": "kp_unknown"}}});
    assert_eq!(site.tenant.send_event(unknown).await[0].0, 200);
}

// WH-4
#[tokio::test]
async fn a_late_end_of_access_ends_what_began_before_it_and_nothing_later() {
    let site = site().await;
    let mut before = site.signed_in("ada").await;
    let ended_at = time::OffsetDateTime::now_utc();
    // The suspension was lifted, and the event of it arrives after that.
    policies::pass(&site, Duration::from_secs(600)).await;
    let mut after = site.signed_in("ada").await;
    let timestamp = ended_at.format(&time::format_description::well_known::Rfc3339).unwrap();
    let late = with(event("user.deleted", "ada"), json!({"claims": {"timestamp": timestamp}}));
    assert_eq!(site.tenant.send_event(late.clone()).await[0].0, 200);
    assert_eq!((before.is_signed_in(&site).await, after.is_signed_in(&site).await), (false, true));
    // The end moves forward, never back: the token from before a later end stays refused.
    let token = token(&site, "ada").await;
    assert_eq!(status_with_token(&site.url, &token).await, 200);
    assert_eq!(site.tenant.send_event(event("user.deleted", "ada")).await[0].0, 200);
    assert_eq!((after.is_signed_in(&site).await, status_with_token(&site.url, &token).await), (false, 401));
    assert_eq!(site.tenant.send_event(late).await[0].0, 200);
    assert_eq!(status_with_token(&site.url, &token).await, 401);
}

// WH-2
#[tokio::test]
async fn at_another_issuer_there_are_no_webhooks() {
    let site = Site::start_plain(|config| *config = config.clone().with_api_audiences([API])).await;
    let (status, body) = super::post(&site, "application/jwt", "x").await;
    assert_eq!((status, body.contains("detail")), (404, true), "{body}");
}
