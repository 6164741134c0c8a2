//! Whose sessions a logout token ends.

use std::time::Duration;

use serde_json::json;

use super::{order, sessions_of, sign_out_at_issuer, site};
use crate::harness::{Browser, Log, Records, Site, person};
use crate::policies::pass;

// LO-12
#[tokio::test]
async fn a_sign_out_at_the_issuer_ends_the_sessions_that_began_there_and_no_others() {
    let site = site().await;
    let (mut here, mut elsewhere) = (site.signed_in("ada").await, site.signed_in("ada").await);
    let mut other = site.signed_in("grace").await;
    let log = Log::capture();
    sign_out_at_issuer(&site, &mut here).await;
    assert_eq!((here.is_signed_in(&site).await, elsewhere.is_signed_in(&site).await), (false, true));
    assert!(other.is_signed_in(&site).await);
    let audit = log.lines_with("session_ended");
    assert!(audit.len() == 1 && audit[0].contains(&person("ada").subject), "{}", log.text());
}

/// A browser that lost this site's cookie has two sessions in one session of the issuer's.
// LO-12
#[tokio::test]
async fn all_sessions_that_began_in_one_session_of_the_issuer_end_with_it() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    let mut first = Browser::with_session(&browser.session().unwrap());
    browser.set_cookie("localhost", crate::harness::SESSION_COOKIE, "lost");
    assert_eq!(browser.visit(&site.at("/")).await.status, 200);
    assert_eq!(sessions_of(&site, "ada").await, 2);
    sign_out_at_issuer(&site, &mut browser).await;
    assert_eq!((browser.is_signed_in(&site).await, first.is_signed_in(&site).await), (false, false));
}

// LO-12
#[tokio::test]
async fn a_token_with_the_user_alone_ends_all_of_the_users_sessions() {
    let site = site().await;
    let (mut first, mut second) = (site.signed_in("ada").await, site.signed_in("ada").await);
    let mut other = site.signed_in("grace").await;
    assert_eq!(site.tenant.send_logout_token(order(json!({}))).await[0].0, 200);
    assert_eq!((first.is_signed_in(&site).await, second.is_signed_in(&site).await), (false, false));
    assert!(other.is_signed_in(&site).await);
    // Nothing keeps the user out.
    assert!(site.signed_in("ada").await.is_signed_in(&site).await);
}

// LO-12
#[tokio::test]
async fn a_token_that_names_a_session_of_somebody_else_ends_nothing() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    let of_grace = json!({"sid": true, "claims": {"sub": person("grace").subject}});
    assert_eq!(site.tenant.send_logout_token(order(of_grace)).await[0].0, 200);
    assert!(browser.is_signed_in(&site).await);
    assert_eq!(site.tenant.send_logout_token(order(json!({"sub": false, "sid": true}))).await[0].0, 200);
    assert!(!browser.is_signed_in(&site).await);
}

#[tokio::test]
async fn who_has_signed_out_already_is_no_error() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    sign_out_at_issuer(&site, &mut browser).await;
    for members in [json!({}), json!({"sub": false, "claims": {"sid": "of no session"}})] {
        assert_eq!(site.tenant.send_logout_token(order(members.clone())).await[0].0, 200, "{members}");
    }
}

/// The session keeps the issuer's session through refreshes and for as long as it lives.
// LO-12
#[tokio::test]
async fn a_session_is_found_by_the_issuers_after_refreshes_and_days() {
    let site = site().await;
    site.tenant.settings(json!({"access_token_lifetime": 60})).await;
    let mut browser = site.signed_in("ada").await;
    for _ in 0..3 {
        pass(&site, Duration::from_secs(20 * 3600)).await;
        assert!(browser.is_signed_in(&site).await);
    }
    let refreshes =
        site.tenant.log().await.iter().filter(|entry| entry["form"]["grant_type"] == "refresh_token").count();
    assert!(refreshes >= 2, "{refreshes} refreshes");
    sign_out_at_issuer(&site, &mut browser).await;
    assert!(!browser.is_signed_in(&site).await);
}

/// Whatever ends a session, nothing of it stays.
#[tokio::test]
async fn the_record_that_finds_a_session_ends_with_it() {
    let site = site().await;
    let mut records = Records::open(&site.store_file()).await;
    let index = async |records: &mut Records| {
        let count = records.count().await;
        records.run("delete from kinde_sessions where data like 'receipt %' or data like 'pending%'").await;
        count
    };
    for end in 0..3 {
        let mut browser = site.signed_in("ada").await;
        index(&mut records).await;
        assert_eq!(records.count().await, 4, "session, tokens, claims, and the record that finds it");
        match end {
            0 => drop(browser.post(&site.at("/api/auth/logout"), &[]).await),
            1 => drop(site.auth.end_sessions_of(&person("ada").subject).await.unwrap()),
            _ => sign_out_at_issuer(&site, &mut browser).await,
        }
        index(&mut records).await;
        assert_eq!(records.count().await, 0, "after end {end}");
    }
}

/// Reading a page reads one record, as at Kinde.
#[tokio::test]
async fn a_page_costs_no_more_than_at_kinde() {
    let (kinde, kindes_store) = Site::start_breakable(|_| {}).await;
    let (plain, plains_store) = Site::start_breakable_plain(|_| {}).await;
    for (site, store) in [(kinde, kindes_store), (plain, plains_store)] {
        let mut browser = site.signed_in("ada").await;
        let operations = store.operations();
        assert!(browser.is_signed_in(&site).await);
        assert_eq!(store.operations() - operations, 1);
    }
}

// LO-12
#[tokio::test]
async fn a_sign_out_at_the_issuer_during_the_sign_in_leaves_no_session() {
    let site = site().await;
    let signing_in = Browser::new().sign_in_slowly(&site, "ada", "/realms/plain/token").await;
    assert_eq!(site.tenant.send_logout_token(order(json!({"sid": true}))).await[0].0, 200);
    let (status, browser) = signing_in.await.unwrap();
    assert_eq!((status, browser.session(), sessions_of(&site, "ada").await), (400, None, 0));
}
