//! Sign-ins, refreshes, and what begins and ends sessions.

use std::num::NonZeroUsize;
use std::time::Duration;

use kinde_leptos::auth::paths::{CALLBACK, END_SESSION, LOGIN, LOGOUT, LOGOUT_EVERYWHERE};
use serde_json::json;
use time::OffsetDateTime;

use super::scrape::growth;
use super::{
    ISSUER_DURATIONS, ISSUER_REQUESTS, OPERATION_DURATIONS, OPERATIONS, REFRESHES, REQUESTS, SESSIONS_BEGUN,
    SESSIONS_ENDED, SIGN_INS, SIGN_INS_BEGUN,
};
use crate::harness::{Browser, Site, person};

#[tokio::test]
async fn a_sign_in_and_a_sign_out_are_counted_where_they_pass() {
    let site = Site::start().await;
    let start = site.scrape();
    let mut browser = Browser::new();
    assert_eq!(browser.sign_in(&site, "ada", "/").await.status, 200);
    let signed_in = site.scrape();
    let success = [("outcome=success reason=none", 1.0)];
    assert_eq!(signed_in.since(&start, SIGN_INS_BEGUN), growth(success));
    assert_eq!(signed_in.since(&start, SIGN_INS), growth(success));
    assert_eq!(signed_in.since(&start, SESSIONS_BEGUN), growth([("", 1.0)]));
    let once = ["discovery", "keys", "token"].map(|endpoint| format!("endpoint={endpoint}"));
    let requests = once.each_ref().map(|endpoint| (format!("{endpoint} outcome=success"), 1.0));
    assert_eq!(signed_in.since(&start, ISSUER_REQUESTS), requests.into());
    assert_eq!(signed_in.since(&start, ISSUER_DURATIONS), once.map(|endpoint| (endpoint, 1.0)).into());
    // The pending authorization, and the tokens, claims and session.
    assert_eq!(signed_in.sum(OPERATIONS, &[("operation", "create"), ("outcome", "success"), ("store", "sqlite")]), 4.0);
    assert_eq!(signed_in.sum(OPERATION_DURATIONS, &[("operation", "create"), ("store", "sqlite")]), 4.0);
    for (route, status) in [("/", "303"), (LOGIN, "303"), (CALLBACK, "303"), ("/", "200")] {
        let labels = [("route", route), ("method", "GET"), ("status", status)];
        assert_eq!(signed_in.sum(REQUESTS, &labels), 1.0, "{route} {status}");
    }

    browser.get(&site.at(LOGOUT)).await;
    let signed_out = site.scrape();
    assert_eq!(signed_out.since(&signed_in, SESSIONS_ENDED), growth([("cause=sign_out", 1.0)]));
    let revoked = growth([("endpoint=revocation outcome=success", 1.0)]);
    assert_eq!(signed_out.since(&signed_in, ISSUER_REQUESTS), revoked);
}

#[tokio::test]
async fn a_failed_sign_in_is_counted_with_its_reason() {
    for (fault, reason) in [
        ("cb_access_denied", "access_denied"),
        ("cb_wrong_state", "no_pending_authorization"),
        ("id_wrong_nonce", "id_token"),
        ("token_invalid_client", "client_refused"),
        ("token_invalid_grant", "code_refused"),
        ("token_wrong_type", "token_response"),
        ("token_500", "issuer_response"),
        ("token_429", "issuer_limited"),
        ("token_drop_mid", "issuer_unreachable"),
    ] {
        let site = Site::start().await;
        site.tenant.fault(fault).await;
        Browser::new().sign_in(&site, "ada", "/").await;
        let (start, now) = (super::Scrape::read(""), site.scrape());
        let failure = format!("outcome=failure reason={reason}");
        assert_eq!(now.since(&start, SIGN_INS), growth([(failure.as_str(), 1.0)]), "{fault}");
        assert_eq!(now.since(&start, SIGN_INS_BEGUN), growth([("outcome=success reason=none", 1.0)]), "{fault}");
        assert_eq!(now.sum(SESSIONS_BEGUN, &[]), 0.0, "{fault}");
    }
}

#[tokio::test]
async fn every_end_of_a_session_has_its_cause() {
    let site = Site::start().await;
    let subject = &person("ada").subject;
    let mut before = site.scrape();
    let mut ended_by = |cause: &[(&str, f64)]| {
        let now = site.scrape();
        let expected = cause.iter().map(|(cause, count)| (format!("cause={cause}"), *count)).collect();
        assert_eq!(now.since(&before, SESSIONS_ENDED), expected);
        before = now;
    };
    let mut browser = site.signed_in("ada").await;
    browser.sign_in(&site, "ada", LOGIN).await;
    ended_by(&[("new_sign_in", 1.0)]);

    let other = site.signed_in("ada").await;
    let account = browser.get_json(&site.at("/account")).await.json();
    let listed = account["sessions"].as_array().unwrap().iter().find(|session| session["current"] == false).unwrap();
    browser.post(&site.at(END_SESSION), &[("session", listed["id"].as_str().unwrap())]).await;
    ended_by(&[("other_browser", 1.0)]);
    assert!(!other.clone().is_signed_in(&site).await);

    site.signed_in("ada").await;
    browser.post(&site.at(LOGOUT_EVERYWHERE), &[]).await;
    ended_by(&[("other_browser", 1.0), ("sign_out", 1.0)]);

    for _ in 0..2 {
        site.signed_in("ada").await;
    }
    assert_eq!(site.auth.end_sessions_of(subject).await.unwrap(), 2);
    ended_by(&[("application", 2.0)]);

    site.signed_in("ada").await;
    assert_eq!(site.auth.end_access_of(subject, OffsetDateTime::now_utc()).await.unwrap(), 1);
    ended_by(&[("access_ended", 1.0)]);
    assert_eq!(site.scrape().sum(SESSIONS_BEGUN, &[]), 7.0);
    assert_eq!(site.scrape().sum(SESSIONS_ENDED, &[]), 7.0);
}

#[tokio::test]
async fn a_user_with_too_many_sessions_loses_the_oldest_as_surplus() {
    let site = Site::start_with(|config| config.sessions_per_user = NonZeroUsize::MIN).await;
    site.signed_in("ada").await;
    site.signed_in("ada").await;
    assert_eq!(site.scrape().sum(SESSIONS_ENDED, &[("cause", "surplus")]), 1.0);
}

#[tokio::test]
async fn a_logout_at_another_issuer_is_its_own_cause() {
    let site = Site::start_plain(|_| {}).await;
    site.tenant.delivers_to(&site.url).await;
    let mut browser = site.signed_in("ada").await;
    browser.get(&format!("{}/end_session", site.tenant.issuer())).await;
    site.tenant.until_delivered().await;
    assert_eq!(site.scrape().sum(SESSIONS_ENDED, &[("cause", "issuer_logout")]), 1.0);
}

#[tokio::test]
async fn a_sign_in_that_its_users_access_forbids_ends_the_session_that_it_began() {
    let site = Site::start().await;
    site.auth.end_access_of(&person("ada").subject, OffsetDateTime::now_utc()).await.unwrap();
    assert_eq!(Browser::new().sign_in(&site, "ada", "/").await.status, 400);
    let now = site.scrape();
    assert_eq!(now.sum(SIGN_INS, &[("outcome", "failure"), ("reason", "access_denied")]), 1.0);
    assert_eq!(now.sum(SESSIONS_BEGUN, &[]), 1.0);
    assert_eq!(now.sum(SESSIONS_ENDED, &[("cause", "failed_sign_in")]), 1.0);
}

#[tokio::test]
async fn refreshes_are_counted_by_what_became_of_them() {
    let site = Site::start().await;
    site.tenant.settings(json!({"access_token_lifetime": 60, "refresh_overlap": 0})).await;
    let mut browser = site.signed_in("ada").await;
    let (mut before, mut passed) = (site.scrape(), 0);
    for (fault, outcome) in
        [(None, "success"), (Some("refresh_500"), "failure"), (Some("refresh_invalid_grant"), "refused")]
    {
        site.advance(Duration::from_secs(70));
        passed += 70;
        site.tenant.settings(json!({"clock_offset": passed})).await;
        site.tenant.clear_faults().await;
        if let Some(fault) = fault {
            site.tenant.fault(fault).await;
        }
        let is_signed_in = browser.is_signed_in(&site).await;
        let now = site.scrape();
        assert_eq!(is_signed_in, outcome != "refused");
        assert_eq!(now.since(&before, REFRESHES), growth([(format!("outcome={outcome}").as_str(), 1.0)]));
        before = now;
    }
    assert_eq!(before.sum(SESSIONS_ENDED, &[("cause", "refresh_refused")]), 1.0);
}
