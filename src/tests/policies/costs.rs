//! What policies and access tokens cost: operations of the store, and requests to the issuer.

use std::time::Duration;

use kinde_leptos::auth::Policy;
use time::OffsetDateTime;

use super::{API, asked_for, with_token, without_claims};
use crate::harness::{Site, person};

async fn minted(site: &Site) -> String {
    site.tenant.token_for("ada", API).await
}

/// A page without a policy reads the session; one with a policy its claims and the marks as well, at once.
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

/// Asking the account API also reads the access token, and keeps the response; then a policy costs one read again.
#[tokio::test]
async fn rights_that_were_asked_for_cost_two_operations_more_once() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    without_claims(&site, "ada").await;
    let mut browser = site.signed_in("ada").await;
    let mut costs = Vec::new();
    for _ in 0..3 {
        let operations = store.operations();
        assert_eq!(browser.get(&site.at("/members")).await.status, 200);
        costs.push((store.operations() - operations, asked_for(&site, "permissions").await));
    }
    assert_eq!(costs, [(4, 1), (2, 1), (2, 1)]);
}

/// The mark of a program's user is read once a second.
#[tokio::test]
async fn a_programs_requests_cost_one_read_a_second() {
    let (site, store) = Site::start_breakable(|config| *config = config.clone().with_api_audiences([API])).await;
    let token = minted(&site).await;
    let mut costs = Vec::new();
    for _ in 0..3 {
        let operations = store.operations();
        for _ in 0..5 {
            assert_eq!(with_token(&site, "/members", &token).await.0, 200);
        }
        costs.push(store.operations() - operations);
        site.advance(Duration::from_secs(1));
    }
    assert!(costs.iter().all(|cost| *cost == 1), "{costs:?}");
}

/// What one process is told, another one on the same store heeds within a second.
#[tokio::test]
async fn another_process_refuses_the_tokens_of_a_suspended_user_a_second_later() {
    let site = Site::start_with(|config| *config = config.clone().with_api_audiences([API])).await;
    let twin = site.twin(std::sync::Arc::clone(&site.store)).await;
    let token = minted(&site).await;
    let status = async || {
        let request = crate::harness::client().get(format!("{}/api/greeting", twin.url)).bearer_auth(&token);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(status().await, 200);
    site.auth.end_access_of(&person("ada").subject, OffsetDateTime::now_utc()).await.unwrap();
    site.advance(Duration::from_secs(1));
    assert_eq!(status().await, 401);
}

/// A policy that nothing has to be looked up for still costs its read, and no request.
#[tokio::test]
async fn a_policy_of_claims_alone_asks_nothing() {
    let site = super::site(Policy::any_organization()).await;
    let mut browser = site.signed_in("ada").await;
    site.tenant.clear_log().await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 200);
    assert_eq!(site.tenant.log().await.len(), 0);
}
