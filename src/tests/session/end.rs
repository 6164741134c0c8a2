//! Tests that an ended session stays ended, and that no other session ends with it (SE-11, 12, 13, 15, 20).
//! Where sign-out redirects to is tested in `sign_out`.

use std::sync::Arc;
use std::time::Duration;

use kinde_leptos::auth::Client;
use kinde_leptos::auth::paths::{LOGIN, LOGOUT, SIGNED_OUT};

use crate::harness::{Browser, GREETING_FUNCTION, Site, person, session_id};

// SE-11
#[tokio::test]
async fn a_saved_cookie_opens_nothing_after_sign_out() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let mut saved = Browser::with_session(&browser.session().unwrap());
    assert!(saved.is_signed_in(&site).await);
    browser.get(&site.at(LOGOUT)).await;
    assert_eq!(saved.clone().get(&site.at("/")).await.status, 303);
    assert_eq!(saved.get_json(&site.at("/")).await.status, 401);
}

// SE-12: 200 rounds against the store are in `stores`
#[tokio::test]
async fn a_request_under_way_brings_no_session_back() {
    let site = Site::start().await;
    for round in 0..20 {
        let browser = site.signed_in("ada").await;
        // Long enough that each request extends the idle time.
        site.advance(Duration::from_secs(301));
        let requests: Vec<_> = ["/", LOGOUT, "/items/1", GREETING_FUNCTION]
            .map(|path| {
                let (mut browser, url) = (browser.clone(), site.at(path));
                tokio::spawn(async move {
                    browser.get(&url).await;
                    browser
                })
            })
            .into();
        let mut browsers = vec![browser];
        for request in requests {
            browsers.push(request.await.unwrap());
        }
        for mut browser in browsers {
            assert!(!browser.is_signed_in(&site).await, "round {round}");
        }
        site.tenant.settings(serde_json::json!({"clock_offset": (round + 1) * 301})).await;
    }
}

// SE-12
#[tokio::test]
async fn a_record_touched_late_brings_no_session_back() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let old = browser.session().unwrap();
    let id = session_id(&site.tenant, &old);
    let held = site.store.load(&id).await.unwrap().unwrap();
    browser.get(&site.at(LOGOUT)).await;
    site.store.touch(&[id], held.expires_at).await.unwrap();
    assert!(!Browser::with_session(&old).is_signed_in(&site).await);
}

// SE-13
#[tokio::test]
async fn a_failed_sign_in_has_used_its_attempt_up() {
    // A request on a dropped connection is sent twice.
    for (fault, times, status) in
        [("token_500", 1, 502), ("token_429", 1, 503), ("token_drop", 2, 502), ("id_wrong_nonce", 1, 400)]
    {
        let site = Site::start().await;
        let mut browser = Browser::new();
        let callback = browser.sign_in_up_to_callback(&site, "ada", "/").await;
        let mut with_old_cookies = browser.clone();
        site.tenant.fault_times(fault, times).await;
        assert_eq!(browser.get(&callback).await.status, status, "{fault}");
        let requests = site.tenant.requests_at("/oauth2/token").await;
        for replaying in [&mut browser, &mut with_old_cookies] {
            assert_eq!(replaying.get(&callback).await.status, 400, "{fault}");
            assert_eq!(replaying.session(), None, "{fault}");
        }
        assert_eq!(site.tenant.requests_at("/oauth2/token").await, requests, "{fault}");
    }
}

// SE-15
#[tokio::test]
async fn the_next_user_of_a_browser_sees_nothing_of_the_one_before() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    assert!(browser.get(&site.at("/")).await.body.contains("Ada Lovelace"));
    let mut responses = vec![browser.visit(&site.at(LOGOUT)).await];
    responses.push(browser.get(&site.at("/")).await);
    let page = browser.visit(&site.at(LOGIN)).await;
    let callback = browser.choose(&site, &page, &[("person", "grace")]).await;
    responses.push(browser.get(&callback).await);
    for path in ["/", "/items/1", GREETING_FUNCTION, SIGNED_OUT, "/nowhere"] {
        responses.push(browser.get(&site.at(path)).await);
        responses.push(browser.get_json(&site.at(path)).await);
    }
    assert!(responses.iter().any(|response| response.body.contains("Grace")));
    for response in responses {
        // The whole family name: three letters also turn up in random cookies and nonces.
        assert!(!format!("{response:?}").contains("Lovelace"), "{}", response.url);
    }
}

// SE-20
#[tokio::test]
async fn two_browsers_of_one_user_sign_out_one_by_one() {
    let site = Site::start().await;
    let (mut first, mut second) = (site.signed_in("ada").await, site.signed_in("ada").await);
    assert!(first.is_signed_in(&site).await && second.is_signed_in(&site).await);
    first.get(&site.at(LOGOUT)).await;
    assert!(!first.is_signed_in(&site).await);
    assert!(second.is_signed_in(&site).await);
}

#[tokio::test]
async fn all_sessions_of_a_user_can_be_listed_and_ended_by_another_process() {
    let site = Site::start().await;
    let mut browsers = [site.signed_in("ada").await, site.signed_in("ada").await, site.signed_in("grace").await];
    let other = Client::new(site.config.clone(), Arc::clone(&site.store)).unwrap();
    let ada = &person("ada").subject;
    let found = other.sessions_of(ada).await.unwrap();
    assert_eq!(found.iter().map(|session| &session.user().subject).collect::<Vec<_>>(), [ada, ada]);
    assert_eq!(other.end_sessions_of(ada).await.unwrap(), 2);
    let mut signed_in = Vec::new();
    for browser in &mut browsers {
        signed_in.push(browser.is_signed_in(&site).await);
    }
    assert_eq!(signed_in, [false, false, true]);
    assert_eq!(other.sessions_of(ada).await.unwrap().len(), 0);
    assert_eq!(other.sessions_of("nobody").await.unwrap().len(), 0);
    assert_eq!(other.end_sessions_of(ada).await.unwrap(), 0);
}

/// The users of another application are other users, even with the same store and subject.
#[tokio::test]
async fn sessions_at_another_issuer_are_another_users() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let mut config = site.config.clone();
    config.issuer_url = "https://example.kinde.com".to_owned();
    let other = Client::new(config, Arc::clone(&site.store)).unwrap();
    assert_eq!(other.end_sessions_of(&person("ada").subject).await.unwrap(), 0);
    assert!(browser.is_signed_in(&site).await);
}
