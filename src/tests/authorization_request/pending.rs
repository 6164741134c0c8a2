//! Sign-ins that have begun and whose callback has not come yet (AR-11 to AR-13).
//! Late and repeated callbacks are tested in `callback`.

use super::LOGIN;
use crate::harness::{Browser, Records, Site};

// AR-11
#[tokio::test]
async fn two_tabs_finish_in_either_order() {
    let site = Site::start().await;
    for newest_first in [false, true] {
        let mut browser = Browser::new();
        let mut callbacks = [
            browser.sign_in_up_to_callback(&site, "ada", "/items/1").await,
            browser.sign_in_up_to_callback(&site, "ada", "/items/2").await,
        ];
        if newest_first {
            callbacks.reverse();
        }
        for callback in callbacks {
            assert_eq!(browser.visit(&callback).await.status, 200);
            assert!(browser.is_signed_in(&site).await);
        }
    }
}

// AR-12
#[tokio::test]
async fn abandoned_attempts_crowd_out_neither_cookies_nor_the_next_attempt() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    for _ in 0..200 {
        browser.get(&site.at(LOGIN)).await;
        let cookies = browser.cookie_header(&site.at("/").parse().unwrap());
        assert!(cookies.len() < 4_096, "{} bytes of cookies", cookies.len());
    }
    let kept = Records::open(&site.store_file()).await.count().await;
    assert!(kept <= 10, "{kept} records of one browser");
    assert_eq!(browser.sign_in(&site, "ada", "/").await.status, 200);
}

// AR-12
#[tokio::test]
async fn an_attempt_is_stored_for_no_longer_than_its_lifetime() {
    use kinde_leptos::auth::PENDING_LIFETIME;
    let site = Site::start().await;
    Browser::new().get(&site.at(LOGIN)).await;
    let mut records = Records::open(&site.store_file()).await;
    let latest = time::OffsetDateTime::now_utc() + PENDING_LIFETIME;
    records.run("delete from kinde_sessions where expires_at > unixepoch() + 15 * 60").await;
    assert_eq!(records.count().await, 1, "kept beyond {latest}");
}

// AR-13
#[tokio::test]
async fn a_session_stays_until_the_next_sign_in_succeeds_and_ends_then() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let former = browser.session().unwrap();
    browser.leave_tenant();
    let page = browser.visit(&site.at(LOGIN)).await;
    assert_eq!(browser.session().as_ref(), Some(&former));
    assert!(browser.is_signed_in(&site).await, "an attempt ends no session");
    let callback = browser.choose(&site, &page, &[("person", "grace")]).await;
    assert!(browser.visit(&callback).await.body.contains("Grace"));
    assert_ne!(browser.session().unwrap(), former);
    assert!(!Browser::with_session(&former).is_signed_in(&site).await);
}
