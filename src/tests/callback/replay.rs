//! Callbacks that are repeated, simultaneous or late (CB-5, 7, 8).
//! Callbacks in another browser are tested in `ownership`.

use std::time::Duration;

use kinde_leptos::auth::PENDING_LIFETIME;

use super::{about_to_return, assert_rejected, assert_serves, code_exchanges};
use crate::harness::{Records, Site};

// CB-5
#[tokio::test]
async fn a_reload_of_the_callback_spends_nothing_and_signs_nobody_out() {
    let site = Site::start().await;
    let (mut browser, callback) = about_to_return(&site).await;
    assert_eq!(browser.visit(&callback).await.status, 200);
    let session = browser.session();
    for _ in 0..2 {
        let again = browser.get(&callback).await;
        assert_eq!((again.status, again.header("location")), (303, "/"));
        assert_eq!(browser.session(), session);
        assert!(browser.is_signed_in(&site).await);
    }
    assert_eq!(code_exchanges(&site).await, 1);
}

// CB-5, CB-7: even for a browser that sends the cookie again
#[tokio::test]
async fn an_attempt_is_used_up_on_the_server_and_not_only_in_the_browser() {
    let site = Site::start().await;
    let (mut browser, callback) = about_to_return(&site).await;
    let mut with_old_cookies = browser.clone();
    assert_eq!(browser.visit(&callback).await.status, 200);
    assert_rejected(&with_old_cookies.get(&callback).await);
    assert_eq!(code_exchanges(&site).await, 1);
}

// CB-5
#[tokio::test]
async fn a_used_callback_is_explained_to_a_user_who_is_not_signed_in() {
    let site = Site::start().await;
    let (mut browser, callback) = about_to_return(&site).await;
    assert_eq!(browser.visit(&callback).await.status, 200);
    assert_eq!(browser.post(&site.at("/api/auth/logout"), &[]).await.status, 303);
    assert_rejected(&browser.get(&callback).await);
}

// CB-7
#[tokio::test]
async fn ten_identical_callbacks_at_once_sign_in_once() {
    let site = Site::start().await;
    let (browser, callback) = about_to_return(&site).await;
    let visits: Vec<_> = (0..10)
        .map(|_| {
            let (mut browser, callback) = (browser.clone(), callback.clone());
            tokio::spawn(async move {
                let status = browser.get(&callback).await.status;
                (status, browser)
            })
        })
        .collect();
    let mut winners = Vec::new();
    for visit in visits {
        match visit.await.unwrap() {
            (303, browser) => winners.push(browser),
            (status, browser) => assert_eq!((status, browser.session()), (400, None)),
        }
    }
    assert_eq!(winners.len(), 1);
    assert!(winners[0].is_signed_in(&site).await);
    assert_eq!(code_exchanges(&site).await, 1);
    assert_eq!(Records::open(&site.store_file()).await.count().await, 3, "one session with its tokens and claims");
}

// CB-8
#[tokio::test]
async fn a_sign_in_may_take_fifteen_minutes_and_no_more() {
    let site = Site::start().await;
    let (mut late, too_late) = about_to_return(&site).await;
    let (mut slow, in_time) = about_to_return(&site).await;
    site.advance(PENDING_LIFETIME - Duration::from_secs(30));
    assert_eq!(slow.visit(&in_time).await.status, 200);
    site.advance(Duration::from_secs(31));
    let response = late.get(&too_late).await;
    assert_rejected(&response);
    assert!(response.body.contains("too old"));
    assert_eq!(code_exchanges(&site).await, 1);
    assert_serves(&site).await;
}
