//! Tests of what each outcome of a refresh does with the session (RF-4, 5, 7 to 10 and 12).

use std::time::Duration;

use serde_json::json;

use super::{PAUSE, breakable_site, expire, pass, refreshes, session, site};
use crate::harness::{Browser, Log, Site, person};

/// How long a request may take that does not wait for a refresh. The waiting ones wait two seconds.
const PROMPT: Duration = Duration::from_secs(1);

// RF-5
#[tokio::test]
async fn trouble_at_the_issuer_signs_nobody_out() {
    for fault in ["refresh_500", "refresh_503", "refresh_drop", "refresh_malformed", "refresh_html", "refresh_empty"] {
        let site = site().await;
        // With some of these faults the tenant has used the refresh token. Kinde accepts it again for a moment.
        site.tenant.settings(json!({"refresh_overlap": 3600})).await;
        let mut browser = site.signed_in("ada").await;
        expire(&site).await;
        site.tenant.fault(fault).await;
        browser.greeted(&site).await.unwrap();
        // A request that is lost on a connection that was used before is sent once more.
        let tries = refreshes(&site).await;
        assert!(matches!(tries, 1 | 2), "{fault}: {tries}");
        for _ in 0..5 {
            assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"), "{fault}");
        }
        assert_eq!(refreshes(&site).await, tries, "{fault}: the pause");
        site.tenant.clear_faults().await;
        pass(&site, PAUSE).await;
        assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"), "{fault}");
        assert_eq!(refreshes(&site).await, tries + 1, "{fault}");
        assert!(has_good_token(&site).await, "{fault}");
    }
}

// RF-5
#[tokio::test]
async fn a_refusal_that_another_try_will_not_change_pauses_for_a_minute() {
    for fault in ["refresh_invalid_client", "refresh_unauthorized_client", "refresh_invalid_request"] {
        let site = site().await;
        let mut browser = site.signed_in("ada").await;
        expire(&site).await;
        site.tenant.fault(fault).await;
        for (time, tries) in [(0, 1), (55, 1), (8, 2)] {
            pass(&site, Duration::from_secs(time)).await;
            assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"), "{fault}");
            assert_eq!(refreshes(&site).await, tries, "{fault}");
        }
    }
}

#[tokio::test]
async fn a_limit_of_the_issuer_is_kept() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    expire(&site).await;
    site.tenant.fault("refresh_429").await;
    browser.greeted(&site).await.unwrap();
    // The tenant asks for seven seconds.
    pass(&site, Duration::from_secs(6)).await;
    browser.greeted(&site).await.unwrap();
    assert_eq!(refreshes(&site).await, 1);
}

// RF-4
#[tokio::test]
async fn a_refresh_token_that_the_issuer_refuses_ends_the_session_once() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    let mut other = Browser::with_session(&browser.session().unwrap());
    expire(&site).await;
    site.tenant.fault("refresh_invalid_grant").await;
    let response = browser.get(&site.at("/items/7?q=x")).await;
    assert_eq!(response.status, 303);
    assert!(response.location().unwrap().as_str().contains("/api/auth/login?post_login_redirect_url=%2Fitems%2F7"));
    assert_eq!(other.get_json(&site.at("/")).await.status, 401);
    assert_eq!(refreshes(&site).await, 1);
    let page = browser.sign_in(&site, "ada", "/items/7?q=x").await;
    assert_eq!(page.status, 200, "signing in again does not loop");
}

// RF-8
#[tokio::test]
async fn tokens_of_another_user_or_issuer_end_the_session_and_are_revoked() {
    for fault in ["refresh_id_sub_other", "refresh_wrong_iss", "refresh_access_sub_other"] {
        let site = site().await;
        let mut browser = site.signed_in("ada").await;
        expire(&site).await;
        site.tenant.fault(fault).await;
        assert_eq!(browser.greeted(&site).await, Err(401), "{fault}");
        site.auth.finish().await;
        assert!(site.tenant.requests_at("/oauth2/revoke").await >= 1, "{fault}");
    }
}

#[tokio::test]
async fn each_outcome_is_a_line_of_the_audit_log_with_user_and_reason() {
    for (fault, event, reason) in [
        (None, "refreshed", ""),
        (Some("refresh_500"), "refresh_failed", "500"),
        (Some("refresh_invalid_client"), "refresh_failed", "check the client id and the client secret"),
        (Some("refresh_invalid_grant"), "refresh_refused", "refused the refresh token"),
    ] {
        let site = site().await;
        let mut browser = site.signed_in("ada").await;
        expire(&site).await;
        if let Some(fault) = fault {
            site.tenant.fault(fault).await;
        }
        let log = Log::capture();
        let _ = browser.greeted(&site).await;
        site.auth.finish().await;
        let lines = log.lines_with(&format!("event=\"{event}\""));
        assert_eq!(lines.len(), 1, "{}", log.text());
        assert!(lines[0].contains(&person("ada").subject) && lines[0].contains(reason), "{}", lines[0]);
    }
}

// RF-7, RF-10
#[tokio::test]
async fn a_response_without_an_id_token_or_a_lifetime_is_enough() {
    for fault in ["refresh_no_id_token", "refresh_minimal"] {
        let site = site().await;
        let mut browser = site.signed_in("ada").await;
        site.tenant.fault(fault).await;
        for expiry in 1..=2 {
            expire(&site).await;
            for _ in 0..3 {
                assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"), "{fault}");
            }
            assert_eq!(refreshes(&site).await, expiry, "{fault}");
        }
        let claims = site.auth.claims(&session(&site).await).await.unwrap().unwrap();
        assert_eq!(claims.id_token.given_name.as_deref(), Some("Ada"), "{fault}");
    }
}

#[tokio::test]
async fn a_response_without_a_refresh_token_keeps_the_former_one() {
    let site = site().await;
    site.tenant.settings(json!({"refresh_overlap": 3600})).await;
    let mut browser = site.signed_in("ada").await;
    site.tenant.fault("refresh_no_refresh_token").await;
    for expiry in 1..=2 {
        expire(&site).await;
        browser.greeted(&site).await.unwrap();
        assert_eq!(refreshes(&site).await, expiry);
    }
}

// RF-9
#[tokio::test]
async fn a_response_that_is_lost_after_the_token_was_used_costs_at_most_one_sign_in() {
    for (overlap, outcome) in [(3600, Ok("Ada Lovelace".to_owned())), (0, Err(401))] {
        let site = site().await;
        site.tenant.settings(json!({ "refresh_overlap": overlap })).await;
        let mut browser = site.signed_in("ada").await;
        expire(&site).await;
        site.tenant.fault_times("refresh_drop_mid", 1).await;
        let first = browser.greeted(&site).await;
        assert!(first.as_deref() == Ok("Ada Lovelace") || overlap == 0, "{first:?}");
        pass(&site, PAUSE).await;
        assert_eq!(browser.greeted(&site).await, outcome);
        browser.visit(&site.at("/")).await;
        assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"));
    }
}

// RF-12
#[tokio::test]
async fn a_silent_issuer_is_tried_once_in_a_pause_and_requests_do_not_wait_for_it() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    expire(&site).await;
    site.tenant.fault("all_down").await;
    browser.greeted(&site).await.unwrap();
    let tries = refreshes(&site).await;
    for _ in 0..50 {
        let response = tokio::time::timeout(PROMPT, browser.greeted(&site)).await;
        assert_eq!(response.expect("it waits for the issuer").as_deref(), Ok("Ada Lovelace"));
    }
    assert_eq!(refreshes(&site).await, tries);
}

#[tokio::test]
async fn a_request_waits_two_seconds_for_a_slow_issuer_and_is_then_served() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    expire(&site).await;
    site.tenant.fault("refresh_held").await;
    assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"));
    assert_eq!(site.tenant.held().await, 1, "the refresh goes on without the request");
    site.tenant.release().await;
    site.auth.finish().await;
    assert!(has_good_token(&site).await);
    assert_eq!(refreshes(&site).await, 1);
}

#[tokio::test]
async fn a_store_that_cannot_write_starts_no_refresh() {
    let (site, store) = breakable_site().await;
    let mut browser = site.signed_in("ada").await;
    expire(&site).await;
    store.fail_to_write();
    browser.greeted(&site).await.unwrap();
    let before = store.operations();
    for _ in 0..5 {
        assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"));
    }
    assert_eq!(store.operations() - before, 5, "each request reads its session, and none tries to take the turn");
    assert_eq!(refreshes(&site).await, 0);
    store.repair();
    pass(&site, PAUSE).await;
    browser.greeted(&site).await.unwrap();
    assert_eq!(refreshes(&site).await, 1);
}

#[tokio::test]
async fn the_same_access_token_is_not_requested_with_every_request() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    // The app's clock is ahead, so that the tenant returns the same token.
    site.advance(super::LIFETIME);
    for _ in 0..5 {
        assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"));
    }
    assert_eq!(refreshes(&site).await, 1);
}

#[tokio::test]
async fn a_refresh_renews_claims_and_user_but_not_the_time_of_the_sign_in() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    let before = session(&site).await;
    let claims = site.auth.claims(&before).await.unwrap().unwrap();
    assert_eq!(claims.access_token.unwrap().feature_flags.unwrap()["theme"].value, "pink");
    let flags = json!({"theme": {"t": "s", "v": "blue"}});
    site.tenant.change_person("ada", json!({"family_name": "Byron", "feature_flags": flags})).await;
    expire(&site).await;
    browser.greeted(&site).await.unwrap();
    assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Byron"));
    let after = session(&site).await;
    let claims = site.auth.claims(&after).await.unwrap().unwrap();
    assert_eq!(claims.access_token.unwrap().feature_flags.unwrap()["theme"].value, "blue");
    assert_eq!(claims.id_token.family_name.as_deref(), Some("Byron"));
    assert_eq!(after.authenticated_at(), before.authenticated_at());
    assert_eq!(after.started_at(), before.started_at());
}

async fn has_good_token(site: &Site) -> bool {
    let tokens = site.auth.tokens(&session(site).await).await.unwrap().unwrap();
    tokens.expires_at.unix_timestamp() > time::OffsetDateTime::now_utc().unix_timestamp() + site.seconds_ahead()
}
