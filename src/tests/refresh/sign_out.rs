//! Tests that a refresh brings no session back that ended meanwhile, and leaves no token behind (RF-11).

use std::sync::Arc;

use kinde_leptos::auth::paths::LOGOUT;
use serde_json::json;

use super::{expire, shorten_lives, site};
use crate::harness::{Browser, Site, person, session_id};
use crate::stores::every_store;

const ROUNDS: usize = 200;

// RF-11
#[tokio::test]
async fn a_sign_out_during_a_slow_refresh_ends_the_session_and_the_new_tokens() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    let mut other = Browser::with_session(&browser.session().unwrap());
    expire(&site).await;
    site.tenant.fault("refresh_held").await;
    let url = site.at("/");
    let page = tokio::spawn(async move { other.get_json(&url).await.status });
    site.tenant.until_held(1).await;
    browser.post(&site.at(LOGOUT), &[]).await;
    site.tenant.release().await;
    assert_eq!(page.await.unwrap(), 401);
    site.auth.finish().await;
    assert_eq!(site.auth.sessions_of(&person("ada").subject).await.unwrap().len(), 0);
    let revoked = site.tenant.requests_at("/oauth2/revoke").await;
    assert_eq!(revoked, 2, "the refresh token of the session, and the one that came after its end");
}

// RF-11
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_refresh_that_races_a_sign_out_brings_a_record_back() {
    for tested in every_store().await {
        let site = Site::start_on(Arc::clone(&tested.store), |_| {}).await;
        shorten_lives(&site).await;
        site.tenant.settings(json!({"auto_sign_in": "ada"})).await;
        for round in 0..ROUNDS {
            let mut browser = Browser::new();
            assert_eq!(browser.visit(&site.at("/")).await.status, 200, "{}, round {round}", tested.name);
            let cookie = browser.session().unwrap();
            let record = tested.store.load(&session_id(&site.tenant, &cookie)).await.unwrap().unwrap();
            expire(&site).await;
            let (mut reading, url, sign_out) = (Browser::with_session(&cookie), site.at("/"), site.at(LOGOUT));
            let read = tokio::spawn(async move { reading.get_json(&url).await.status });
            let end = tokio::spawn(async move { browser.post(&sign_out, &[]).await.status });
            let (read, ended) = (read.await.unwrap(), end.await.unwrap());
            assert!(matches!((read, ended), (200 | 401, 303)), "{}, round {round}: {read} {ended}", tested.name);
            assert_eq!(Browser::with_session(&cookie).greeted(&site).await, Err(401), "{}, round {round}", tested.name);
            let ids = tested.store.owned_ids(&record.owner.unwrap()).await.unwrap();
            let left = tested.store.load_many(&ids).await.unwrap();
            assert!(left.iter().all(Option::is_none), "{}, round {round}: {left:?}", tested.name);
        }
        println!("{}: {ROUNDS} sign-outs during a refresh, 0 records left", tested.name);
    }
}
