//! Where rights come from: the claims first, then Kinde's account API, each list once a request; and what trouble there
//! means. A role that changes is tested in `marks`.

use std::time::Duration;

use kinde_leptos::auth::{Caller, Error, Policy};
use serde_json::json;

use super::{Place, asked_for, get_with, pass, session_of, shorten_lives, site, token_of, without_claims};
use crate::harness::Log;

#[tokio::test]
async fn claims_decide_without_a_request() {
    let site = site(Policy::all([Policy::permission("read:members"), Policy::flag("theme", "pink")])).await;
    let mut browser = site.signed_in("ada").await;
    site.tenant.fault("account_500").await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 200);
    assert_eq!(asked_for(&site, "permissions").await + asked_for(&site, "feature_flags").await, 0);
}

#[tokio::test]
async fn only_lists_that_a_policy_names_are_asked_for_and_kept_until_the_next_token() {
    let policy = Policy::all([
        Policy::permission("read:members"),
        Policy::role("admin"),
        Policy::any([Policy::permission("read:items"), Policy::permission("other")]),
    ]);
    let site = site(policy).await;
    without_claims(&site, "ada").await;
    let mut browser = site.signed_in("ada").await;
    for _ in 0..3 {
        assert_eq!(browser.get(&site.at("/route")).await.status, 200);
    }
    let asked = [asked_for(&site, "permissions").await, asked_for(&site, "roles").await];
    assert_eq!(asked, [1, 1]);
    assert_eq!(asked_for(&site, "feature_flags").await + asked_for(&site, "entitlements").await, 0);
}

/// Nothing is asked where one rule has decided already.
#[tokio::test]
async fn a_policy_that_is_decided_asks_nothing() {
    let site = site(Policy::any([Policy::any_organization(), Policy::entitlement("items").into()])).await;
    let mut browser = site.signed_in("ada").await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 200);
    assert_eq!(asked_for(&site, "entitlements").await, 0);
}

#[tokio::test]
async fn each_list_is_asked_for_once_a_request_whatever_the_number_of_checks() {
    let site = site(Policy::all([])).await;
    without_claims(&site, "ada").await;
    site.signed_in("ada").await;
    let session = session_of(&site, "ada").await;
    let caller = Caller::of_session(&site.auth, session);
    for policy in [Policy::permission("read:members"), Policy::permission("read:items").fresh()] {
        for _ in 0..3 {
            assert!(caller.check(&policy).await.is_ok(), "{policy}");
        }
    }
    assert!(matches!(caller.check(&Policy::permission("other")).await, Err(Error::Forbidden(_))));
    assert_eq!(asked_for(&site, "permissions").await, 1);
    // A failure is not repeated in the same request either.
    site.tenant.fault("account_500").await;
    for _ in 0..3 {
        assert!(matches!(caller.check(&Policy::role("admin")).await, Err(Error::RightsUnknown)));
    }
    assert_eq!(asked_for(&site, "roles").await, 1);
}

#[tokio::test]
async fn entitlements_count_for_a_minute_and_then_as_long_as_no_others_are_to_be_had() {
    let site = site(Policy::entitlement("items").at_least(100)).await;
    let mut browser = site.signed_in("ada").await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 200);
    site.tenant.change_person("ada", json!({"entitlements": {}})).await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 200);
    assert_eq!(asked_for(&site, "entitlements").await, 1);
    site.advance(Duration::from_secs(61));
    site.tenant.fault("account_429").await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 200);
    site.tenant.clear_faults().await;
    // After a 429 one request goes out at a time, once the wait that it asked for is over.
    let until = std::time::Instant::now() + Duration::from_secs(20);
    while browser.get(&site.at("/route")).await.status != 403 {
        assert!(std::time::Instant::now() < until, "the old entitlements still count");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_fresh_policy_asks_for_each_request() {
    let site = site(Policy::permission("read:members").fresh()).await;
    let mut browser = site.signed_in("ada").await;
    for asked in 1..=3 {
        assert_eq!(browser.get(&site.at("/route")).await.status, 200);
        assert_eq!(asked_for(&site, "permissions").await, asked);
    }
    site.tenant.change_person("ada", json!({"permissions": []})).await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 403);
}

/// The table of trouble: a refusal is no right, for this request alone; anything else is not known.
#[tokio::test]
async fn trouble_at_the_account_api_signs_nobody_out_and_grants_nothing() {
    for (fault, status) in [
        ("account_401", 403),
        ("account_403", 403),
        ("account_404", 503),
        ("account_429", 503),
        ("account_500", 503),
        ("account_drop", 503),
        ("account_drop_mid", 503),
        ("account_redirect", 503),
        ("account_malformed", 503),
        ("account_empty", 503),
        ("account_html", 503),
        ("account_huge", 503),
        ("account_held", 503),
    ] {
        let log = Log::capture();
        let site = site(Policy::all([Policy::permission("read:members"), Policy::role("admin")])).await;
        without_claims(&site, "ada").await;
        let mut browser = site.signed_in("ada").await;
        site.tenant.fault(fault).await;
        let refused = browser.get(&site.at("/route")).await;
        assert_eq!(refused.status, status, "{fault}: {}", refused.body);
        assert_eq!(refused.header("retry-after").is_empty(), status != 503, "{fault}");
        assert_eq!(browser.get(&site.at("/")).await.status, 200, "{fault}");
        assert!(browser.session().is_some(), "{fault}");
        let refusals = log.lines_with("the account API refuses a user's rights");
        assert_eq!(refusals.len(), usize::from(status == 403), "{fault}: {}", log.text());
        if matches!(fault, "account_401" | "account_403") {
            site.tenant.clear_faults().await;
            assert_eq!(browser.get(&site.at("/route")).await.status, 200, "{fault}");
        }
    }
}

/// While there is no usable access token, nothing can be asked; rights that are known still decide.
#[tokio::test]
async fn without_an_access_token_known_rights_decide_and_others_are_not_known() {
    for (has_claims, status) in [(true, 200), (false, 503)] {
        let site = site(Policy::permission("read:members")).await;
        shorten_lives(&site).await;
        if !has_claims {
            without_claims(&site, "ada").await;
        }
        let mut browser = site.signed_in("ada").await;
        site.tenant.fault("refresh_500").await;
        pass(&site, Duration::from_secs(61)).await;
        assert_eq!(browser.get(&site.at("/route")).await.status, status);
    }
}

/// One list that does not come hides no other, and what came is kept.
#[tokio::test]
async fn a_silent_list_does_not_hide_the_others() {
    let site = site(Policy::any([Policy::permission("read:members"), Policy::role("admin")])).await;
    without_claims(&site, "ada").await;
    let mut browser = site.signed_in("ada").await;
    site.tenant.fault_times("account_held", 1).await;
    for _ in 0..2 {
        assert_eq!(browser.get(&site.at("/route")).await.status, 200);
    }
    assert_eq!(asked_for(&site, "permissions").await + asked_for(&site, "roles").await, 2);
}

#[tokio::test]
async fn lists_are_asked_for_at_the_same_time() {
    let site = site(Policy::all([Policy::permission("read:members"), Policy::role("admin")])).await;
    without_claims(&site, "ada").await;
    let mut browser = site.signed_in("ada").await;
    site.tenant.fault_times("account_held", 2).await;
    let url = site.at("/route");
    let asking = tokio::spawn(async move { browser.get(&url).await.status });
    site.tenant.until_held(2).await;
    site.tenant.release().await;
    assert_eq!(asking.await.unwrap(), 200);
}

/// Entitlements that have become old decide only after they were asked for, also in a request that asked for others.
#[tokio::test]
async fn old_entitlements_decide_nothing_beside_lists_that_were_asked_for() {
    let site = site(Policy::all([])).await;
    without_claims(&site, "ada").await;
    site.signed_in("ada").await;
    let caller = || async { Caller::of_session(&site.auth, session_of(&site, "ada").await) };
    let entitled: Policy = Policy::entitlement("items").into();
    assert!(caller().await.check(&entitled).await.is_ok());
    site.tenant.change_person("ada", json!({"entitlements": {}})).await;
    site.advance(Duration::from_secs(61));
    let caller = caller().await;
    assert!(caller.check(&Policy::role("admin")).await.is_ok());
    assert!(matches!(caller.check(&entitled).await, Err(Error::Forbidden(_))));
}

/// Trouble at the account API holds no sign-in back.
#[tokio::test]
async fn sign_ins_go_on_while_the_account_api_limits_requests() {
    let site = site(Policy::entitlement("items").into()).await;
    let mut browser = site.signed_in("ada").await;
    site.tenant.settings(json!({"retry_after": 60, "rate_limit_reset": 60})).await;
    site.tenant.fault("account_429").await;
    for _ in 0..3 {
        assert_eq!(browser.get(&site.at("/route")).await.status, 503);
    }
    for _ in 0..3 {
        site.signed_in("grace").await;
    }
}

/// A flag of another type is one warning for a request.
#[tokio::test]
async fn a_flag_of_another_type_is_logged_once() {
    let log = Log::capture();
    let site = site(Policy::flag("theme", true)).await;
    let mut browser = site.signed_in("ada").await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 403);
    assert_eq!(log.lines_with("another type").len(), 1, "{}", log.text());
}

/// A program's token is asked with, too, and its rights are kept in the process.
#[tokio::test]
async fn the_rights_of_a_users_token_are_asked_for_once() {
    let site = site(Policy::permission("read:members")).await;
    without_claims(&site, "ada").await;
    let mut browser = site.signed_in("ada").await;
    let token = token_of(&site, "ada").await;
    for _ in 0..3 {
        assert_eq!(Place::Bearer.status(&site, &mut browser, &token).await, 200);
    }
    assert_eq!(asked_for(&site, "permissions").await, 1);
    let (status, ..) = get_with(&site, "/function", &[("authorization", &format!("Bearer {token}"))]).await;
    assert_eq!((status, asked_for(&site, "permissions").await), (200, 1));
}
