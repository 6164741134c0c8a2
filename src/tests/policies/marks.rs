//! Marks of changed rights: what is known to be old decides nothing, and nobody is signed out for it.

use std::sync::Arc;
use std::time::Duration;

use kinde_leptos::auth::paths::CALLBACK;
use kinde_leptos::auth::{Caller, Error, Policy};
use serde_json::json;
use time::OffsetDateTime;

use super::{asked_for, session_of, site};
use crate::harness::{BreakableStore, Browser, Site, person};
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

/// Of many who move a mark at once each succeeds, and what was known before decides nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn marks_that_many_move_at_once_all_count() {
    for tested in every_store().await {
        let site = Site::start_on(Arc::clone(&tested.store), |_| {}).await;
        site.signed_in("ada").await;
        assert!(holds(&site).await);
        set_permissions(&site, &[]).await;
        let moves: Vec<_> = (0..20)
            .map(|number| {
                let (auth, subject) = (site.auth.clone(), person("ada").subject);
                let ended_at = OffsetDateTime::UNIX_EPOCH + Duration::from_secs(number);
                tokio::spawn(async move {
                    match number % 2 {
                        0 => auth.invalidate_rights_of(&subject).await.unwrap(),
                        _ => drop(auth.end_access_of("kp_another", ended_at).await.unwrap()),
                    }
                })
            })
            .collect();
        for moved in moves {
            moved.await.unwrap();
        }
        assert!(!holds(&site).await, "{}", tested.name);
    }
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
    site.tenant.settings(json!({"access_token_lifetime": 60, "refresh_overlap": 0})).await;
    let mut browser = site.signed_in("ada").await;
    let cached = json!({"permissions": [], "claims": {"permissions": ["read:members"]}});
    site.tenant.change_person("ada", cached).await;
    site.auth.invalidate_all_rights().await.unwrap();
    assert_eq!(browser.get(&site.at("/route")).await.status, 403);
    site.advance(Duration::from_secs(61));
    site.tenant.settings(json!({"clock_offset": site.seconds_ahead()})).await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 403, "after a refresh");
    let mut again = site.signed_in("ada").await;
    assert_eq!(again.get(&site.at("/route")).await.status, 403, "after a sign-in");
}

/// A user's own change drops Kinde's cache: a token that was issued after it decides again.
#[tokio::test]
async fn a_new_token_decides_after_a_change_of_its_user_alone() {
    let site = site(policy()).await;
    site.tenant.settings(json!({"access_token_lifetime": 60, "refresh_overlap": 0})).await;
    let mut browser = site.signed_in("ada").await;
    site.auth.invalidate_rights_of(&person("ada").subject).await.unwrap();
    site.advance(Duration::from_secs(61));
    site.tenant.settings(json!({"clock_offset": site.seconds_ahead()})).await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 200);
    assert_eq!(asked_for(&site, "permissions").await, 0);
}

/// The tokens of a refresh belong to the marks that were read before it was asked for.
#[tokio::test]
async fn a_change_during_a_refresh_is_not_lost() {
    let site = site(policy()).await;
    site.tenant.settings(json!({"access_token_lifetime": 60, "refresh_overlap": 0})).await;
    let mut browser = site.signed_in("ada").await;
    site.advance(Duration::from_secs(61));
    site.tenant.settings(json!({"clock_offset": site.seconds_ahead()})).await;
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

/// Where a user's access ends while a sign-in is under way, the sign-in does not outlive it.
#[tokio::test]
async fn a_sign_in_during_which_access_ends_begins_no_session() {
    for tested in every_store().await {
        let store = Arc::new(BreakableStore::new(Arc::clone(&tested.store)));
        let site = Site::start_on(Arc::clone(&store) as _, |_| {}).await;
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
        site.advance(Duration::from_secs(120));
        site.tenant.settings(json!({"clock_offset": 120})).await;
        site.signed_in("ada").await;
    }
}

/// What a policy costs: one round trip of the store for the claims and the marks, and none on pages without a policy.
#[tokio::test]
async fn a_policy_costs_one_read_and_a_page_without_one_none() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut browser = site.signed_in("ada").await;
    let mut costs = Vec::new();
    for path in ["/", "/members"] {
        let operations = store.operations();
        assert_eq!(browser.get(&site.at(path)).await.status, 200);
        costs.push(store.operations() - operations);
    }
    assert_eq!(costs, [1, 2], "the session; the session, and its claims with the marks");
}
