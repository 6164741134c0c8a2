//! The lifetime of a session, and how often it writes to the store (SE-9, 10, 22; SE-21 over HTTP).
//! Sign-out is tested in `sign_out`.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kinde_leptos::auth::{SealingKeys, SessionLifetime};

use crate::harness::{Browser, Records, Site};

const IDLE: Duration = Duration::from_secs(1_000);
const ABSOLUTE: Duration = Duration::from_secs(3_300);
/// How long the test itself may take.
const SLACK: Duration = Duration::from_secs(20);

async fn short_lived() -> Site {
    Site::start_with(|config| config.lifetime = SessionLifetime::new(IDLE, ABSOLUTE)).await
}

// SE-9
#[tokio::test]
async fn a_session_ends_after_its_idle_time() {
    let site = short_lived().await;
    let mut browser = site.signed_in("ada").await;
    site.advance(IDLE - SLACK);
    assert!(browser.is_signed_in(&site).await);
    site.advance(IDLE + Duration::from_secs(1));
    let response = browser.get(&site.at("/")).await;
    assert_eq!((response.status, browser.session()), (303, None));
}

// SE-9, SE-10
#[tokio::test]
async fn activity_keeps_a_session_until_its_absolute_end() {
    let site = short_lived().await;
    let mut browser = site.signed_in("ada").await;
    let half = IDLE / 2;
    for number in 1..=6 {
        site.advance(half);
        assert!(browser.is_signed_in(&site).await, "after {:?}", half * number);
    }
    site.advance(ABSOLUTE - half * 6 - SLACK);
    assert!(browser.is_signed_in(&site).await, "shortly before the end");
    site.advance(SLACK + Duration::from_secs(1));
    assert!(!browser.is_signed_in(&site).await, "beyond the absolute end");
}

// SE-10: whatever expiry the store has
#[tokio::test]
async fn the_absolute_end_does_not_depend_on_the_store() {
    let site = short_lived().await;
    let mut browser = site.signed_in("ada").await;
    site.spoil("update kinde_sessions set expires_at = expires_at + 1000000").await;
    site.advance(ABSOLUTE - SLACK);
    assert!(browser.is_signed_in(&site).await);
    site.advance(SLACK + Duration::from_secs(1));
    assert!(!browser.is_signed_in(&site).await);
}

// SE-21: nothing of a session is stored beyond its absolute lifetime
#[tokio::test]
async fn no_record_outlives_its_session() {
    let site = short_lived().await;
    let mut browser = site.signed_in("ada").await;
    for _ in 0..6 {
        site.advance(IDLE / 2);
        assert!(browser.is_signed_in(&site).await);
    }
    let mut records = Records::open(&site.store_file()).await;
    assert_eq!(records.count().await, 3, "session, tokens and claims");
    records.run("delete from kinde_sessions where expires_at <= unixepoch() + 3300").await;
    assert_eq!(records.count().await, 0);
}

// SE-22
#[tokio::test]
async fn reading_pages_sets_no_cookie_and_writes_next_to_nothing() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let mut records = Records::open(&site.store_file()).await;
    records.count_writes().await;
    for _ in 0..100 {
        assert!(browser.get(&site.at("/")).await.set_cookies().is_empty());
    }
    assert_eq!(records.writes().await, 0, "the store was written to");
    site.advance(Duration::from_secs(301));
    let mut writes = 0;
    let mut last = 0;
    for _ in 0..100 {
        assert!(browser.get(&site.at("/")).await.set_cookies().is_empty());
        let now = records.writes().await;
        writes += i32::from(now != last);
        last = now;
    }
    assert_eq!(writes, 1, "one touch in five minutes");
}

/// While processes get a new key one after the other, some do not have it yet.
#[tokio::test]
async fn a_session_that_another_key_opens_is_not_removed() {
    let keys = [random_keys(), random_keys()];
    let mut site = Site::start_with(|config| config.sealing_keys = Arc::clone(&keys[0])).await;
    let cookie = site.signed_in("ada").await.session().unwrap();
    for (number, status) in [(1, 303), (0, 200)] {
        site.config.sealing_keys = Arc::clone(&keys[number]);
        site = site.restarted().await;
        assert_eq!(Browser::with_session(&cookie).get(&site.at("/")).await.status, status);
    }
}

fn random_keys() -> Arc<SealingKeys> {
    let mut key = [0; 32];
    aws_lc_rs::rand::fill(&mut key).unwrap();
    Arc::new(SealingKeys::parse(&STANDARD.encode(key)).unwrap())
}
