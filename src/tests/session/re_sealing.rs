//! Sealing all records with a new key while the application works with them.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kinde_leptos::auth::{Client, ReSealing, SealingKeys};
use serde_json::json;

use crate::harness::{Browser, Site};
use crate::stores::every_store;

/// Keys of these numbers, the newest first.
fn keys(numbers: &[u8]) -> Arc<SealingKeys> {
    let key = |number: &u8| STANDARD.encode((0..32).map(|place| place ^ number).collect::<Vec<u8>>());
    Arc::new(SealingKeys::parse(&numbers.iter().map(key).collect::<Vec<_>>().join(",")).unwrap())
}

/// The same application with other keys.
fn with_keys(site: &Site, numbers: &[u8]) -> Client {
    Client::new(site.config.clone().with_sealing_keys(keys(numbers)), Arc::clone(&site.store)).unwrap()
}

async fn re_seal(client: &Client) -> ReSealing {
    client.re_seal(|_| {}).await.unwrap()
}

#[tokio::test]
async fn every_record_is_rewritten_once_and_what_is_no_secret_stays() {
    for tested in every_store().await {
        let site = Site::start_on(Arc::clone(&tested.store), |config| config.sealing_keys = keys(&[1])).await;
        let mut browser = site.signed_in("ada").await;
        Browser::new().sign_in_up_to_callback(&site, "grace", "/").await;
        site.auth.invalidate_all_rights().await.unwrap();
        let other = Site::start_on(Arc::clone(&tested.store), |config| config.sealing_keys = keys(&[1])).await;
        other.signed_in("ada").await;
        // Session, tokens, claims and pending authorization; the mark; the three records of the other application.
        let counts = re_seal(&with_keys(&site, &[2, 1])).await;
        let found = (counts.rewritten, counts.already_new, counts.never_sealed, counts.unreadable, counts.removed);
        assert_eq!(found, (4, 0, 1, 3, 0), "{}", tested.name);
        let counts = re_seal(&with_keys(&site, &[2, 1])).await;
        assert_eq!((counts.rewritten, counts.already_new, counts.records()), (0, 4, 8), "{}", tested.name);
        assert_eq!(re_seal(&with_keys(&site, &[3])).await.unreadable, 7, "{}: another key", tested.name);
        assert!(!browser.is_signed_in(&site).await, "{}: the old key opens nothing", tested.name);
    }
}

#[tokio::test]
async fn a_pending_authorization_completes_under_the_new_key() {
    let site = Site::start_with(|config| config.sealing_keys = keys(&[2, 1])).await;
    let old = with_keys(&site, &[1]);
    drop(old);
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(&site, "ada", "/").await;
    assert_eq!(re_seal(&with_keys(&site, &[3, 2, 1])).await.rewritten, 1);
    assert_eq!(re_seal(&with_keys(&site, &[2, 3])).await.rewritten, 1);
    assert_eq!(browser.get(&callback).await.status, 303);
    assert!(browser.is_signed_in(&site).await);
}

// RF-16
/// The issuer's refresh tokens work once, so a refresh whose result is not stored signs the user out.
#[tokio::test]
async fn a_refresh_under_way_keeps_its_tokens() {
    for tested in every_store().await {
        let site = Site::start_on(Arc::clone(&tested.store), |config| config.sealing_keys = keys(&[1, 2])).await;
        site.tenant.settings(json!({"access_token_lifetime": 60, "refresh_overlap": 0})).await;
        let mut browser = site.signed_in("ada").await;
        let pass_a_minute = || async {
            site.advance(std::time::Duration::from_secs(60));
            site.tenant.settings(json!({"clock_offset": site.seconds_ahead()})).await;
        };
        for round in 1..=2 {
            pass_a_minute().await;
            site.tenant.fault_times("refresh_held", 1).await;
            let page = site.at("/");
            let waiting = browser.get_json(&page);
            let meanwhile = async {
                site.tenant.until_held(1).await;
                // There and back: whichever the process seals with, the records are others afterwards.
                let counts = [re_seal(&with_keys(&site, &[2, 1])).await, re_seal(&with_keys(&site, &[1, 2])).await];
                assert!(counts.iter().any(|counts| counts.rewritten == 3), "{}: {counts:?}", tested.name);
                site.tenant.release().await;
            };
            let (response, ()) = tokio::join!(waiting, meanwhile);
            assert_eq!(response.status, 200, "{}, round {round}", tested.name);
            site.auth.finish().await;
        }
        pass_a_minute().await;
        assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"), "{}", tested.name);
    }
}

#[tokio::test]
async fn without_keys_nothing_is_rewritten() {
    let site = Site::start_with(|config| config.sealing_keys = Arc::default()).await;
    let mut browser = site.signed_in("ada").await;
    let counts = re_seal(&site.auth).await;
    assert_eq!((counts.rewritten, counts.records()), (0, 3), "{counts:?}");
    assert!(browser.is_signed_in(&site).await);
}
