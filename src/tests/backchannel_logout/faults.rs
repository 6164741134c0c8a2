//! Logout tokens that are refused, and what happens when something fails.

use std::time::Duration;

use kinde_leptos::auth::paths::BACKCHANNEL_LOGOUT;
use serde_json::{Value, json};

use super::{order, post, sessions_of, site};
use crate::harness::{Browser, Site};

const FORM: &str = "application/x-www-form-urlencoded";

#[track_caller]
fn assert_refused((status, body): &(u64, Value), what: &str) {
    assert!(*status == 400 && body["error"] == "invalid_request", "{what}: {status} {body}");
}

// LO-12
#[tokio::test]
async fn each_wrong_logout_token_is_refused_and_ends_nothing() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    for fault in ["bad_signature", "alg_none", "unknown_kid", "stale", "ahead", "other_issuer"] {
        let sent = site.tenant.send_logout_token(order(json!({"fault": fault}))).await;
        assert_refused(&sent[0], fault);
    }
    assert_eq!(site.tenant.send_logout_token(order(json!({"fault": "huge"}))).await[0].0, 413);
    let event = "http://schemas.openid.net/event/backchannel-logout";
    for claims in [
        json!({"iss": null}),
        json!({"aud": null}),
        json!({"aud": "another client"}),
        json!({"iat": null}),
        json!({"exp": 1}),
        json!({"jti": null}),
        json!({"events": null}),
        json!({"events": {}}),
        json!({"events": {event: true}}),
        json!({"events": [event]}),
        json!({"nonce": "x"}),
        json!({"sub": null}),
        json!({"sub": "", "sid": ""}),
        json!({"sub": 1}),
    ] {
        let sent = site.tenant.send_logout_token(order(json!({ "claims": claims }))).await;
        assert_refused(&sent[0], &claims.to_string());
    }
    for typ in ["at+jwt", "secevent+jwt", "id_token"] {
        assert_refused(&site.tenant.send_logout_token(order(json!({ "typ": typ }))).await[0], typ);
    }
    assert!(browser.is_signed_in(&site).await);
}

#[tokio::test]
async fn each_right_form_of_a_logout_token_is_accepted() {
    for members in [
        json!({"typ": "JWT"}),
        json!({"typ": ""}),
        json!({"claims": {"exp": null}}),
        json!({"claims": {"aud": ["another client", "this client"]}}),
    ] {
        let site = site().await;
        let mut browser = site.signed_in("ada").await;
        let members = members.to_string().replace("this client", site.tenant.client_id());
        let sent = site.tenant.send_logout_token(order(serde_json::from_str(&members).unwrap())).await;
        assert_eq!((sent[0].0, browser.is_signed_in(&site).await), (200, false), "{members}");
    }
}

// LO-12: an ID token of this client has the same issuer, audience, subject and keys.
#[tokio::test]
async fn an_id_token_is_no_logout_token() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    let tokens = crate::harness::Records::open(&site.store_file()).await.tokens().await;
    let id_token = tokens["id_token"].as_str().unwrap();
    let response = post(&site, FORM, &format!("logout_token={id_token}")).await;
    assert_eq!((response.status, &response.json()["error"]), (400, &json!("invalid_request")));
    assert!(browser.is_signed_in(&site).await);
}

#[tokio::test]
async fn what_is_no_form_with_one_logout_token_is_refused() {
    let site = site().await;
    for (content_type, body) in [
        (FORM, ""),
        (FORM, "logout_token="),
        (FORM, "logout_token=x"),
        (FORM, "logout_token=a.b.c&logout_token=a.b.c"),
        (FORM, "other=a.b.c"),
        ("application/json", "{\"logout_token\":\"a.b.c\"}"),
        ("text/plain", "logout_token=a.b.c"),
    ] {
        let response = post(&site, content_type, body).await;
        assert_eq!((response.status, &response.json()["error"]), (400, &json!("invalid_request")), "{body}");
        assert!(response.header("content-type").starts_with("application/json"));
        assert_eq!(response.header("cache-control"), "no-store");
    }
    let url = site.at(BACKCHANNEL_LOGOUT);
    assert_eq!(Browser::new().get(&url).await.status, 405);
    let response = Browser::new()
        .send(reqwest::Method::POST, &url, &[("content-type", FORM), ("origin", "https://evil.example")], None)
        .await;
    assert_eq!(response.status, 403, "another site's form");
}

#[tokio::test]
async fn kinde_sends_webhooks_and_no_logout_tokens() {
    let site = Site::start().await;
    let response = post(&site, FORM, "logout_token=x").await;
    assert_eq!((response.status, response.header("cache-control")), (404, "no-store"));
}

// LO-12
#[tokio::test]
async fn a_logout_token_works_once() {
    let site = site().await;
    let once = order(json!({"claims": {"jti": "1"}}));
    assert_eq!(site.tenant.send_logout_token(once.clone()).await[0].0, 200);
    let mut browser = site.signed_in("ada").await;
    assert_refused(&site.tenant.send_logout_token(once).await[0], "the same jti");
    assert!(browser.is_signed_in(&site).await);
    let twice = site.tenant.send_logout_token(order(json!({"fault": "twice"}))).await;
    assert!(twice.iter().any(|(status, _)| *status == 200), "{twice:?}");
    assert!(!browser.is_signed_in(&site).await);
}

/// §2.8 has one status for all failures: the issuer may send another token.
// LO-12
#[tokio::test]
async fn wherever_the_store_fails_it_is_400_and_the_next_one_ends_the_sessions() {
    for sid in [false, true] {
        let mut failures = 0;
        for changes in 0.. {
            let (site, store) = Site::start_breakable_plain(|_| {}).await;
            site.tenant.delivers_to(&site.url).await;
            let mut browser = site.signed_in("ada").await;
            let order = order(json!({"sid": sid, "claims": {"jti": "1"}}));
            store.die_after(changes);
            let sent = site.tenant.send_logout_token(order.clone()).await;
            store.repair();
            if sent[0].0 == 200 {
                break;
            }
            failures += 1;
            assert_refused(&sent[0], &format!("after {changes} changes"));
            assert_eq!(site.tenant.send_logout_token(order).await[0].0, 200);
            assert!(!browser.is_signed_in(&site).await, "after {changes} changes");
        }
        assert!(failures >= 2, "sid {sid}: {failures}");
    }
}

// LO-12
#[tokio::test]
async fn a_key_that_is_new_here_signs_as_well_with_a_name_and_without() {
    for kid in [true, false] {
        let site = site().await;
        site.tenant.settings(json!({ "kid": kid })).await;
        site.signed_in("ada").await;
        site.tenant.rotate_keys().await;
        assert_eq!(site.tenant.send_logout_token(order(json!({}))).await[0].0, 200, "kid {kid}");
        assert_eq!(sessions_of(&site, "ada").await, 0);
    }
}

// LO-12
#[tokio::test]
async fn forgeries_cause_one_fetch_of_keys_in_half_a_minute() {
    for kid in [true, false] {
        let site = site().await;
        site.tenant.settings(json!({ "kid": kid })).await;
        assert_eq!(site.tenant.send_logout_token(order(json!({}))).await[0].0, 200);
        site.advance(Duration::from_secs(31));
        site.tenant.settings(json!({"clock_offset": 31})).await;
        site.tenant.clear_log().await;
        for fault in ["unknown_kid", "bad_signature", "unknown_kid", "bad_signature", "unknown_kid"] {
            assert_refused(&site.tenant.send_logout_token(order(json!({ "fault": fault }))).await[0], fault);
        }
        assert!(site.tenant.requests_at("/realms/plain/keys").await <= 1, "kid {kid}");
        assert_eq!(site.tenant.send_logout_token(order(json!({}))).await[0].0, 200);
    }
}
