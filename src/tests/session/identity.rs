//! Tests that the site chooses every session id and accepts none from outside (SE-3, 4, 5, 17).
//! The cookie that carries the id is tested in `cookies`.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kinde_leptos::auth::paths::{LOGIN, LOGOUT};

use super::status_with;
use crate::harness::{Browser, Site, random_cookie};

// SE-3
#[tokio::test]
async fn sign_in_creates_a_new_session_and_ends_the_one_before() {
    let site = Site::start().await;
    let attacker = site.signed_in("mallory").await;
    let planted = attacker.session().unwrap();
    let mut victim = Browser::with_session(&planted);
    let page = victim.visit(&site.at(LOGIN)).await;
    let callback = victim.choose(&site, &page, &[("person", "ada")]).await;
    assert!(victim.visit(&callback).await.body.contains("Ada Lovelace"));
    assert_ne!(victim.session().unwrap(), planted);
    assert!(!attacker.clone().is_signed_in(&site).await);
}

// SE-4
#[tokio::test]
async fn an_id_that_somebody_made_up_is_not_adopted() {
    let site = Site::start().await;
    let planted = random_cookie();
    let mut victim = Browser::with_session(&planted);
    victim.get(&site.at(LOGIN)).await;
    assert_eq!(victim.session().as_deref(), Some(planted.as_str()), "beginning sets no session");
    assert_eq!(victim.sign_in(&site, "ada", "/").await.status, 200);
    assert_ne!(victim.session().unwrap(), planted);
    assert!(!Browser::with_session(&planted).is_signed_in(&site).await);
}

// SE-5: 256 random bits
#[tokio::test]
async fn session_cookies_cannot_be_guessed() {
    let site = Site::start().await;
    let (mut seen, mut bits) = (BTreeSet::new(), 0);
    for _ in 0..20 {
        let cookie = site.signed_in("ada").await.session().unwrap();
        let secret = URL_SAFE_NO_PAD.decode(&cookie).unwrap();
        assert_eq!(secret.len(), 32);
        bits += secret.iter().map(|byte| byte.count_ones()).sum::<u32>();
        assert!(seen.insert(cookie));
    }
    // Of 5,120 random bits, 2,560 are expected to be set; ten standard deviations are 358.
    assert!((2_202..=2_918).contains(&bits), "{bits} bits are set");
}

// SE-17
#[tokio::test]
async fn nothing_from_before_the_sign_in_is_a_session() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(&site, "ada", "/").await;
    for value in values_before_sign_in(&browser) {
        for name in ["kinde_session", "__Host-kinde_session", "id"] {
            let (status, _) = status_with(&site, &format!("{name}={value}")).await;
            assert_eq!(status, 303, "{name}={value}");
        }
    }
    assert_eq!(browser.visit(&callback).await.status, 200, "looking disturbs nothing");
}

// SE-17: signing out with it has no effect either
#[tokio::test]
async fn an_attempt_cannot_be_ended_as_if_it_were_a_session() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(&site, "ada", "/").await;
    for value in values_before_sign_in(&browser) {
        Browser::with_session(&value).get(&site.at(LOGOUT)).await;
    }
    assert_eq!(browser.visit(&callback).await.status, 200);
}

/// The values of the cookies that the beginning of a sign-in sets, the parts of these values, and the ends of the
/// cookies' names.
fn values_before_sign_in(browser: &Browser) -> Vec<String> {
    let cookies = browser.cookies_at("localhost");
    assert_eq!(cookies.len(), 1);
    let (name, value) = &cookies[0];
    let parts = value.split('.').chain([value.as_str(), name, name.trim_start_matches("kinde_pending_")]);
    parts.map(str::to_owned).collect()
}
