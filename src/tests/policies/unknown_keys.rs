//! Access tokens whose keys are not known (BA-7): what they cause, and when they are accepted.

use std::time::Duration;

use kinde_leptos::auth::Policy;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{API, site, with_token};
use crate::harness::{Site, client};

async fn api() -> Site {
    site(Policy::all([])).await
}

async fn mint(site: &Site, claims: Value) -> String {
    let order = json!({"person": "ada", "audience": [API], "claims": claims});
    site.tenant.mint(order).await
}

fn base64_url(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}

/// The claims of a token under the header of a key that does not exist.
fn with_key(token: &str, kid: &str) -> String {
    let header = base64_url(&format!(r#"{{"alg":"RS256","typ":"JWT","kid":"{kid}"}}"#));
    format!("{header}.{}.AAAA", token.split('.').nth(1).unwrap())
}

async fn fetches(site: &Site) -> usize {
    let log = site.tenant.log().await;
    log.iter().filter(|entry| entry["path"].as_str().unwrap().contains("jwks")).count()
}

async fn at_once(site: &Site, tokens: impl Iterator<Item = String>) -> Vec<u16> {
    let requests: Vec<_> = tokens
        .map(|token| {
            let url = site.at("/");
            tokio::spawn(async move {
                let request = client().get(url).header("accept", "application/json").bearer_auth(token);
                request.send().await.unwrap().status().as_u16()
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for request in requests {
        statuses.push(request.await.unwrap());
    }
    statuses
}

// BA-7
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_key_ids_cause_one_fetch_of_keys_and_good_tokens_go_on() {
    let site = api().await;
    let good = mint(&site, json!({})).await;
    assert_eq!(with_token(&site, "/", &good).await.0, 200);
    site.tenant.clear_log().await;
    let statuses = at_once(&site, (0..1000).map(|number| with_key(&good, &format!("random-{number}")))).await;
    assert!(statuses.iter().all(|status| *status == 401), "{statuses:?}");
    assert_eq!(with_token(&site, "/", &good).await.0, 200);
    assert!(fetches(&site).await <= 1);
}

/// The same where no keys are known, because the issuer does not respond.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tokens_cause_few_requests_while_no_keys_are_to_be_had() {
    let site = api().await;
    let good = mint(&site, json!({})).await;
    site.tenant.fault("jwks_500").await;
    let statuses = at_once(&site, (0..200).map(|_| good.clone())).await;
    assert!(statuses.iter().all(|status| *status == 503), "{statuses:?}");
    assert_eq!(fetches(&site).await, 1);
    site.tenant.clear_faults().await;
    assert_eq!(with_token(&site, "/", &good).await.0, 503);
    site.advance(Duration::from_secs(5));
    assert_eq!(with_token(&site, "/", &good).await.0, 200);
}

/// Claims are checked first: nothing is known of the issuer yet, and nothing is asked.
#[tokio::test]
async fn a_token_that_is_not_for_this_api_causes_no_request_at_all() {
    let site = api().await;
    let past = OffsetDateTime::now_utc().unix_timestamp() - 120;
    for claims in [
        json!({"iss": "https://evil.example"}),
        json!({"aud": ["https://other.example"]}),
        json!({"aud": null}),
        json!({"exp": past}),
        json!({"nonce": "x"}),
    ] {
        let token = with_key(&mint(&site, claims.clone()).await, "unknown");
        assert_eq!(with_token(&site, "/", &token).await.0, 401, "{claims}");
    }
    assert_eq!(site.tenant.log().await.len(), 0);
}

#[tokio::test]
async fn a_token_of_a_new_key_is_accepted_half_a_minute_after_the_last_fetch_for_a_token() {
    let site = api().await;
    let former = mint(&site, json!({})).await;
    assert_eq!(with_token(&site, "/", &former).await.0, 200);
    site.advance(Duration::from_secs(31));
    site.tenant.rotate_keys().await;
    assert_eq!(with_token(&site, "/", &mint(&site, json!({})).await).await.0, 200);
    site.tenant.rotate_keys().await;
    let new = mint(&site, json!({})).await;
    assert_eq!(with_token(&site, "/", &new).await.0, 401);
    site.advance(Duration::from_secs(31));
    assert_eq!(with_token(&site, "/", &new).await.0, 200);
}

/// Keys that are needed and not to be had are no fault of the token's.
#[tokio::test]
async fn without_keys_it_is_not_known_who_asks() {
    for fault in ["jwks_500", "jwks_drop", "discovery_500"] {
        let site = api().await;
        let token = mint(&site, json!({})).await;
        site.tenant.fault(fault).await;
        let (status, headers, body) = with_token(&site, "/", &token).await;
        assert_eq!((status, headers.get("www-authenticate")), (503, None), "{fault}: {body}");
        assert!(headers.contains_key("retry-after"), "{fault}");
    }
}
