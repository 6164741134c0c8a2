//! Marks of changed rights: what is known to be old decides nothing, and nobody is signed out for it.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use kinde_leptos::auth::paths::CALLBACK;
use kinde_leptos::auth::{Caller, Client, Config, Error, Policy, SealingKeys, SessionLifetime};
use kinde_leptos::dev_issuer::Shape;
use serde_json::json;
use time::OffsetDateTime;

use super::{API, asked_for, pass, session_of, shorten_lives, site, site_with, with_token};
use crate::harness::{Browser, Site, person};
use crate::stores::every_store;

const ROUNDS: usize = 200;

fn policy() -> Policy {
    Policy::permission("read:members")
}

async fn set_permissions(site: &Site, permissions: &[&str]) {
    site.tenant.change_person("ada", json!({ "permissions": permissions })).await;
}

/// Whether the policy holds for a new request of the session.
async fn holds(site: &Site) -> bool {
    let caller = Caller::of_session(&site.auth, session_of(site, "ada").await);
    match caller.check(&policy()).await {
        Ok(()) => true,
        Err(Error::Forbidden(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

/// While Kinde is asked, the rights change and the mark moves: the answer that was under way is not kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_mark_that_moves_while_rights_are_asked_for_leaves_no_stale_decision() {
    for tested in every_store().await {
        let site = Site::start_on(Arc::clone(&tested.store), |_| {}).await;
        site.tenant.change_person("ada", json!({"claims": {"permissions": null}})).await;
        site.signed_in("ada").await;
        let subject = person("ada").subject;
        let mut stale = 0;
        for round in 0..ROUNDS {
            let may = round.is_multiple_of(2);
            let is_held = round % 4 < 2;
            if is_held {
                site.tenant.fault_times("account_held", 1).await;
            }
            let caller = Caller::of_session(&site.auth, session_of(&site, "ada").await);
            let asking = tokio::spawn(async move { caller.check(&policy().fresh()).await.is_ok() });
            if is_held {
                site.tenant.until_held(1).await;
            }
            set_permissions(&site, if may { &["read:members"] } else { &[] }).await;
            if round.is_multiple_of(3) {
                site.auth.invalidate_all_rights().await.unwrap();
            } else {
                site.auth.invalidate_rights_of(&subject).await.unwrap();
            }
            site.tenant.release().await;
            asking.await.unwrap();
            for _ in 0..2 {
                stale += usize::from(holds(&site).await != may);
            }
        }
        assert_eq!(stale, 0, "{}", tested.name);
        println!("{}: a mark moved during {ROUNDS} requests for rights, 0 stale decisions", tested.name);
    }
}

/// Of many who move a mark at once each succeeds; what was known before decides nothing, and the last end stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn marks_that_many_move_at_once_all_count() {
    for tested in every_store().await {
        let adapt = |config: &mut Config| *config = config.clone().with_api_audiences([API]);
        let site = Site::start_on(Arc::clone(&tested.store), adapt).await;
        let token = site.tenant.token_for("ada", API).await;
        assert_eq!(with_token(&site, "/", &token).await.0, 200, "{}", tested.name);
        let now = OffsetDateTime::now_utc();
        let moves: Vec<_> = (0..20)
            .map(|number| {
                let (auth, subject) = (site.auth.clone(), person("ada").subject);
                // One end in the future of the token, and others long before it.
                let ended_at = if number == 7 { now } else { now - Duration::from_secs(3600 + number) };
                tokio::spawn(async move {
                    match number % 2 {
                        0 => auth.invalidate_rights_of(&subject).await.unwrap(),
                        _ => drop(auth.end_access_of(&subject, ended_at).await.unwrap()),
                    }
                })
            })
            .collect();
        for moved in moves {
            moved.await.unwrap();
        }
        assert_eq!(with_token(&site, "/", &token).await.0, 401, "{}", tested.name);
    }
}

/// A mark lives on with each move: sessions that began before the last one are still held against it.
#[tokio::test]
async fn a_mark_lives_as_long_as_a_session_from_its_last_move_on() {
    for tested in every_store().await {
        let adapt = |config: &mut Config| {
            let month = Duration::from_secs(30 * 24 * 3600);
            *config = config.clone().with_lifetime(SessionLifetime::new(month, month));
        };
        let site = Site::start_on(Arc::clone(&tested.store), adapt).await;
        let day = Duration::from_secs(24 * 3600);
        let subject = person("ada").subject;
        site.auth.invalidate_rights_of(&subject).await.unwrap();
        pass(&site, 29 * day).await;
        site.signed_in("ada").await;
        assert!(holds(&site).await, "{}", tested.name);
        set_permissions(&site, &[]).await;
        site.auth.invalidate_rights_of(&subject).await.unwrap();
        site.advance(2 * day);
        site.tenant.fault("refresh_500").await;
        let caller = Caller::of_session(&site.auth, session_of(&site, "ada").await);
        assert!(caller.check(&policy()).await.is_err(), "{}", tested.name);
    }
}

/// Processes get a new sealing key one after the other; marks are read and moved by all of them.
#[tokio::test]
async fn processes_with_different_sealing_keys_heed_each_others_marks() {
    let key = |seed: u8| {
        let bytes: Vec<u8> = (0..32).map(|byte| byte ^ seed).collect();
        Arc::new(SealingKeys::parse(&base64::engine::general_purpose::STANDARD.encode(bytes)).unwrap())
    };
    let adapt = |config: &mut Config| {
        *config = config.clone().with_api_audiences([API]).with_sealing_keys(key(1));
    };
    let site = Site::start_with(adapt).await;
    let other = Client::new(site.config.clone().with_sealing_keys(key(2)), Arc::clone(&site.store)).unwrap();
    let token = site.tenant.token_for("ada", API).await;
    other.end_access_of(&person("ada").subject, OffsetDateTime::now_utc()).await.unwrap();
    assert_eq!(with_token(&site, "/", &token).await.0, 401);
    site.auth.invalidate_rights_of(&person("ada").subject).await.unwrap();
    assert_eq!(with_token(&site, "/", &token).await.0, 401);
}

/// Who tells of an end may hang up.
#[tokio::test]
async fn an_end_of_access_completes_when_its_caller_is_dropped() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    site.signed_in("ada").await;
    store.slow(Duration::from_millis(200));
    let (auth, subject) = (site.auth.clone(), person("ada").subject);
    let ending =
        tokio::time::timeout(Duration::from_millis(50), auth.end_access_of(&subject, OffsetDateTime::now_utc()));
    assert!(ending.await.is_err());
    site.auth.finish().await;
    store.repair();
    assert_eq!(site.auth.sessions_of(&subject).await.unwrap().len(), 0);
}

/// A role that changes is a change of everybody who has it.
#[tokio::test]
async fn a_changed_role_holds_from_the_next_request_without_a_sign_in() {
    let site = site(Policy::role("admin")).await;
    let mut browser = site.signed_in("ada").await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 200);
    site.tenant.change_person("ada", json!({"roles": []})).await;
    site.auth.invalidate_all_rights().await.unwrap();
    assert_eq!(browser.get(&site.at("/route")).await.status, 403);
    site.tenant.change_person("ada", json!({"roles": ["admin"]})).await;
    site.auth.invalidate_rights_of(&person("ada").subject).await.unwrap();
    assert_eq!(browser.get(&site.at("/route")).await.status, 200);
}

/// A refresh that brings the same access token brings no newer rights.
#[tokio::test]
async fn a_refresh_that_returns_the_same_token_keeps_its_marks() {
    let site = site(policy()).await;
    shorten_lives(&site).await;
    let mut browser = site.signed_in("ada").await;
    set_permissions(&site, &[]).await;
    site.auth.invalidate_rights_of(&person("ada").subject).await.unwrap();
    // By the tenant's clock the token has not ended.
    site.advance(Duration::from_secs(61));
    assert_eq!(browser.get(&site.at("/")).await.status, 200);
    let is_refresh = |entry: &serde_json::Value| entry["form"]["grant_type"] == "refresh_token";
    assert!(site.tenant.log().await.iter().any(is_refresh));
    assert_eq!(browser.get(&site.at("/route")).await.status, 403);
}

/// Another issuer than Kinde has only its tokens to say it: a refresh brings the rights that count.
#[tokio::test]
async fn at_another_issuer_a_change_leads_to_a_refresh() {
    let site = site_with(Shape::Plain, Policy::permission("read")).await;
    site.tenant.settings(json!({"opaque_access_tokens": false})).await;
    site.tenant.change_person("ada", json!({"claims": {"permissions": ["read"]}})).await;
    let mut browser = site.signed_in("ada").await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 200);
    site.tenant.change_person("ada", json!({"claims": {"permissions": []}})).await;
    site.advance(Duration::from_secs(120));
    site.auth.invalidate_rights_of(&person("ada").subject).await.unwrap();
    assert_eq!(browser.get(&site.at("/route")).await.status, 403);
}

#[tokio::test]
async fn a_change_of_a_users_rights_holds_from_the_next_request_without_a_sign_in() {
    let site = site(policy()).await;
    let mut browser = site.signed_in("ada").await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 200);
    set_permissions(&site, &[]).await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 200, "nobody has said so yet");
    site.auth.invalidate_rights_of(&person("ada").subject).await.unwrap();
    assert_eq!(browser.get(&site.at("/route")).await.status, 403);
    assert_eq!(browser.get(&site.at("/route")).await.status, 403);
    assert_eq!(asked_for(&site, "permissions").await, 1);
    assert_eq!(browser.get(&site.at("/")).await.status, 200);
    // Others are not concerned.
    let mut grace = site.signed_in("grace").await;
    assert_eq!((grace.get(&site.at("/route")).await.status, asked_for(&site, "permissions").await), (200, 1));
}

/// Rights that are known to be old grant nothing while Kinde does not say what is right.
#[tokio::test]
async fn old_rights_decide_nothing_while_the_account_api_is_down() {
    let site = site(policy()).await;
    let mut browser = site.signed_in("ada").await;
    site.auth.invalidate_rights_of(&person("ada").subject).await.unwrap();
    site.tenant.fault("account_500").await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 503);
    assert_eq!(browser.get(&site.at("/")).await.status, 200);
    site.tenant.clear_faults().await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 200);
}

/// Kinde caches the claims of tokens, and the change of a role does not drop that cache: a new token has the old claims.
#[tokio::test]
async fn a_new_token_does_not_decide_while_everybodys_mark_stands() {
    let site = site(policy()).await;
    shorten_lives(&site).await;
    let mut browser = site.signed_in("ada").await;
    let cached = json!({"permissions": [], "claims": {"permissions": ["read:members"]}});
    site.tenant.change_person("ada", cached).await;
    site.auth.invalidate_all_rights().await.unwrap();
    assert_eq!(browser.get(&site.at("/route")).await.status, 403);
    pass(&site, Duration::from_secs(61)).await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 403, "after a refresh");
    let mut again = site.signed_in("ada").await;
    assert_eq!(again.get(&site.at("/route")).await.status, 403, "after a sign-in");
}

/// A user's own change drops Kinde's cache: a token that was issued after it decides again.
#[tokio::test]
async fn a_new_token_decides_after_a_change_of_its_user_alone() {
    let site = site(policy()).await;
    shorten_lives(&site).await;
    let mut browser = site.signed_in("ada").await;
    site.auth.invalidate_rights_of(&person("ada").subject).await.unwrap();
    pass(&site, Duration::from_secs(61)).await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 200);
    assert_eq!(asked_for(&site, "permissions").await, 0);
}

/// The tokens of a refresh belong to the marks that were read before it was asked for.
#[tokio::test]
async fn a_change_during_a_refresh_is_not_lost() {
    let site = site(policy()).await;
    shorten_lives(&site).await;
    let mut browser = site.signed_in("ada").await;
    pass(&site, Duration::from_secs(61)).await;
    site.tenant.fault_times("refresh_held", 1).await;
    let mut other = browser.clone();
    let url = site.at("/");
    let refreshing = tokio::spawn(async move { other.get(&url).await.status });
    site.tenant.until_held(1).await;
    set_permissions(&site, &[]).await;
    site.auth.invalidate_rights_of(&person("ada").subject).await.unwrap();
    site.tenant.release().await;
    assert_eq!(refreshing.await.unwrap(), 200);
    assert_eq!(browser.get(&site.at("/route")).await.status, 403);
}

/// The end comes after the sign-in has read the marks, and before it has written its session.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_between_the_last_look_and_the_session_ends_it_as_well() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let subject = person("ada").subject;
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(&site, "ada", "/").await;
    let operations = store.operations();
    // Each operation begins late, so that the end comes between two of them.
    store.slow(Duration::from_millis(100));
    let signing_in = tokio::spawn(async move { (browser.get(&callback).await.status, browser) });
    // The pending authorization is looked at and taken, then the marks are read.
    while store.operations() < operations + 3 {
        tokio::task::yield_now().await;
    }
    let marks_read = store.operations();
    let other = Client::new(site.config.clone(), store.beneath()).unwrap();
    other.end_access_of(&subject, OffsetDateTime::now_utc()).await.unwrap();
    let (status, browser) = signing_in.await.unwrap();
    assert!(store.operations() > marks_read);
    assert_eq!((status, browser.session()), (400, None));
    assert_eq!(site.auth.sessions_of(&subject).await.unwrap().len(), 0);
}

/// Where a user's access ends while a sign-in is under way, the sign-in does not outlive it.
#[tokio::test]
async fn a_sign_in_during_which_access_ends_begins_no_session() {
    for tested in every_store().await {
        let site = Site::start_on(Arc::clone(&tested.store), |_| {}).await;
        let subject = person("ada").subject;
        let mut browser = Browser::new();
        let callback = browser.sign_in_up_to_callback(&site, "ada", "/").await;
        site.tenant.fault_times("token_slow", 1).await;
        site.tenant.settings(json!({"slow_seconds": 1})).await;
        let signing_in = tokio::spawn(async move { (browser.get(&callback).await, browser) });
        let begun = std::time::Instant::now();
        while site.tenant.requests_at("/oauth2/token").await == 0 {
            assert!(begun.elapsed().as_secs() < 10);
            tokio::task::yield_now().await;
        }
        assert_eq!(site.auth.end_access_of(&subject, OffsetDateTime::now_utc()).await.unwrap(), 0);
        let (refused, browser) = signing_in.await.unwrap();
        assert_eq!((refused.status, refused.url.path()), (400, CALLBACK), "{}: {}", tested.name, refused.body);
        assert_eq!(browser.session(), None, "{}", tested.name);
        assert_eq!(site.auth.sessions_of(&subject).await.unwrap().len(), 0, "{}", tested.name);
        // Whom the issuer lets in later is let in.
        pass(&site, Duration::from_secs(120)).await;
        site.signed_in("ada").await;
    }
}
