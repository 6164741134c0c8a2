//! Tests of a process that is killed while it holds the turn to refresh (RF-13): before, between and after its writes.

use serde_json::json;

use super::{TAKEN_OVER, breakable_site, expire, pass, refreshes, session};

/// The writes of a refresh: the turn, the tokens, the claims, the session.
const WRITES: usize = 4;

#[tokio::test]
async fn what_a_killed_holder_left_is_completed_by_the_next_one() {
    for written in 0..=WRITES {
        let (site, store) = breakable_site().await;
        site.tenant.settings(json!({"refresh_overlap": 3600})).await;
        let mut browser = site.signed_in("ada").await;
        expire(&site).await;
        store.die_after(written);
        let _ = browser.greeted(&site).await;
        store.repair();
        for _ in 0..3 {
            assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"), "after {written} writes");
        }
        pass(&site, TAKEN_OVER).await;
        for _ in 0..3 {
            assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"), "after {written} writes");
        }
        let tokens_were_lost = usize::from(written == 1);
        assert_eq!(refreshes(&site).await, 1 + tokens_were_lost, "after {written} writes");
        let access_token = site.auth.claims(&session(&site).await).await.unwrap().unwrap().access_token;
        assert!(access_token.unwrap().exp > time::OffsetDateTime::now_utc() + super::LIFETIME, "{written}");
    }
}

#[tokio::test]
async fn tokens_that_died_with_their_holder_cost_one_sign_in_at_a_strict_issuer() {
    let (site, store) = breakable_site().await;
    let mut browser = site.signed_in("ada").await;
    expire(&site).await;
    store.die_after(1);
    let _ = browser.greeted(&site).await;
    store.repair();
    pass(&site, TAKEN_OVER).await;
    assert_eq!(browser.greeted(&site).await, Err(401));
    browser.sign_in(&site, "ada", "/").await;
    assert_eq!(browser.greeted(&site).await.as_deref(), Ok("Ada Lovelace"));
}
