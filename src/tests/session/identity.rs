//! Which ids there are, and that none of them comes from outside (SE-3, 4, 5, 17).
//! It leaves out what an id looks like in a cookie.

use std::collections::BTreeSet;

use kinde_leptos::paths::{LOGIN, LOGOUT};
use tower_sessions::session::Id;

use super::status_with;
use crate::harness::{Browser, Site};

// SE-3
#[tokio::test]
async fn sign_in_gives_a_new_id_and_ends_the_one_before() {
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
    let planted = Id::default().to_string();
    let mut victim = Browser::with_session(&planted);
    victim.get(&site.at(LOGIN)).await;
    assert_eq!(victim.session().as_deref(), Some(planted.as_str()), "beginning sets no session");
    assert_eq!(victim.sign_in(&site, "ada", "/").await.status, 200);
    assert_ne!(victim.session().unwrap(), planted);
    assert!(!Browser::with_session(&planted).is_signed_in(&site).await);
}

// SE-5: the ids are tower-sessions'; the sessions of a few sign-ins show that they are used
#[tokio::test]
async fn ids_cannot_be_guessed() {
    let ids: BTreeSet<String> = (0..10_000).map(|_| Id::default().to_string()).collect();
    assert_eq!(ids.len(), 10_000);
    assert!(ids.iter().all(|id| id.len() >= 22));
    let starts: BTreeSet<&str> = ids.iter().map(|id| &id[..4]).collect();
    assert!(starts.len() > 9_900, "{} different beginnings of four characters", starts.len());
    let site = Site::start().await;
    let mut seen = BTreeSet::new();
    for _ in 0..5 {
        let id = site.signed_in("ada").await.session().unwrap();
        assert_eq!(id.parse::<Id>().unwrap().to_string(), id);
        assert!(seen.insert(id));
    }
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

// SE-17: signing out with it disturbs nothing either
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

/// The cookies that beginning a sign-in set: their values, the values' parts, and what their names end in.
fn values_before_sign_in(browser: &Browser) -> Vec<String> {
    let cookies = browser.cookies_at("localhost");
    assert_eq!(cookies.len(), 1);
    let (name, value) = &cookies[0];
    let parts = value.split('.').chain([value.as_str(), name, name.trim_start_matches("kinde_attempt_")]);
    parts.map(str::to_owned).collect()
}
