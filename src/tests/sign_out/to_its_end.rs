//! Tests that a sign-out is completed even when the client disconnects, and that it revokes the tokens (LO-2).
//! Where it redirects to is tested in `sign_out`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use kinde_leptos::auth::paths::LOGOUT;
use kinde_leptos::auth::{SealingKeys, Store};
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;

use crate::harness::{BreakableStore, Browser, Records, Site, person};
use crate::stores::every_store;

const ROUNDS: usize = 200;
/// The number of clients that hang up at the same time.
const AT_ONCE: usize = 20;
/// How long a distant store may take for one operation.
const SLOW: Duration = Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_hangs_up_is_signed_out_all_the_same() {
    for tested in every_store().await {
        let store = Arc::new(BreakableStore::new(Arc::clone(&tested.store)));
        let site = Site::start_on(Arc::clone(&store) as Arc<dyn Store>, |config| {
            config.sessions_per_user = ROUNDS.try_into().unwrap();
        })
        .await;
        site.tenant.settings(serde_json::json!({"auto_sign_in": "ada"})).await;
        let mut browsers = Vec::new();
        for _ in 0..ROUNDS {
            let mut browser = Browser::new();
            assert_eq!(browser.visit(&site.at("/")).await.status, 200);
            browsers.push(browser);
        }
        store.slow(SLOW);
        let mut left = ROUNDS;
        for browsers in browsers.chunks(AT_ONCE) {
            let mut hung_up = JoinSet::new();
            for browser in browsers {
                let (cookie, mut connection) = (browser.session().unwrap(), site.connect().await);
                let request =
                    format!("POST {LOGOUT} HTTP/1.1\r\nhost: localhost\r\ncookie: kinde_session={cookie}\r\n\r\n");
                hung_up.spawn(async move { connection.write_all(request.as_bytes()).await.unwrap() });
            }
            hung_up.join_all().await;
            left -= browsers.len();
            until_left(&site, left, tested.name).await;
        }
        store.repair();
        for mut browser in browsers {
            assert!(!browser.is_signed_in(&site).await, "{}", tested.name);
        }
        println!("{}: {ROUNDS} clients hung up during their sign-out, 0 stayed signed in", tested.name);
    }
}

async fn until_left(site: &Site, expected: usize, name: &str) {
    let begun = Instant::now();
    loop {
        let left = site.auth.sessions_of(&person("ada").subject).await.unwrap().len();
        if left == expected {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(15), "{name}: {left} are signed in, and not {expected}");
    }
}

/// Sends a request on a connection of its own, and hangs up as soon as a store operation has begun.
async fn send_and_hang_up(site: &Site, store: &BreakableStore, request: &str) {
    let before = store.operations();
    let mut connection = site.connect().await;
    connection.write_all(request.as_bytes()).await.unwrap();
    while store.operations() == before {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_the_process_waits_for_sign_outs_under_way() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let cookie = site.signed_in("ada").await.session().unwrap();
    store.slow(SLOW);
    let request = format!("POST {LOGOUT} HTTP/1.1\r\nhost: localhost\r\ncookie: kinde_session={cookie}\r\n\r\n");
    send_and_hang_up(&site, &store, &request).await;
    site.auth.finish().await;
    store.repair();
    assert!(!Browser::with_session(&cookie).is_signed_in(&site).await);
    assert_eq!(Records::open(&site.store_file()).await.count().await, 0, "the tokens are gone, too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callback_whose_client_hangs_up_runs_to_its_end() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(&site, "ada", "/").await;
    let path = callback.strip_prefix(&site.url).unwrap();
    let cookies = browser.cookie_header(&callback.parse().unwrap());
    store.slow(SLOW);
    send_and_hang_up(&site, &store, &format!("GET {path} HTTP/1.1\r\nhost: localhost\r\ncookie: {cookies}\r\n\r\n"))
        .await;
    site.auth.finish().await;
    store.repair();
    assert_eq!(site.auth.sessions_of(&person("ada").subject).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ending_all_sessions_runs_to_its_end_when_its_caller_is_dropped() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut browser = site.signed_in("ada").await;
    store.slow(SLOW);
    assert!(site.auth.end_sessions_of(&person("ada").subject).now_or_never().is_none());
    site.auth.finish().await;
    store.repair();
    assert!(!browser.is_signed_in(&site).await);
}

// LO-2
#[tokio::test]
async fn sign_out_revokes_the_refresh_token() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let tokens = Records::open(&site.store_file()).await.tokens().await;
    let refresh_token = tokens["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!(browser.get(&site.at(LOGOUT)).await.status, 303);
    site.auth.finish().await;
    assert_eq!(revoked(&site).await, ["refresh_token"]);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
        ("client_id", site.tenant.client_id()),
        ("client_secret", site.tenant.client_secret()),
    ];
    let response = Browser::new().post(&format!("{}/oauth2/token", site.tenant.issuer()), &form).await;
    assert_eq!((response.status, response.json()["error"].as_str()), (400, Some("invalid_grant")));
}

// LO-2: the user does not notice
#[tokio::test]
async fn an_issuer_that_revokes_nothing_keeps_nobody_signed_in() {
    for fault in ["all_down", "all_500"] {
        let site = Site::start_with(|config| config.sealing_keys = Arc::new(SealingKeys::default())).await;
        let mut browser = site.signed_in("ada").await;
        site.tenant.fault(fault).await;
        assert_eq!(browser.get(&site.at(LOGOUT)).await.status, 303, "{fault}");
        site.auth.finish().await;
        assert_eq!(Records::open(&site.store_file()).await.count().await, 0, "{fault}");
    }
}

/// The kinds of the tokens that the tenant was told to revoke.
async fn revoked(site: &Site) -> Vec<String> {
    let log = site.tenant.log().await.into_iter().filter(|entry| entry["path"] == "/oauth2/revoke");
    log.map(|entry| entry["form"]["token_type_hint"].as_str().unwrap().to_owned()).collect()
}

// LO-2: without a refresh token
#[tokio::test]
async fn sign_out_revokes_the_access_token_of_a_session_without_a_refresh_token() {
    let site = Site::start_with(|config| config.scope = "openid profile".to_owned()).await;
    let mut browser = site.signed_in("ada").await;
    let tokens = Records::open(&site.store_file()).await.tokens().await;
    let access_token = tokens["access_token"].as_str().unwrap();
    assert_eq!(profile_status(&site, access_token).await, 200);
    assert_eq!(browser.get(&site.at(LOGOUT)).await.status, 303);
    site.auth.finish().await;
    assert_eq!(revoked(&site).await, ["access_token"]);
    assert_eq!(profile_status(&site, access_token).await, 403);
}

/// The status with which the tenant responds to a request for the profile of a token's user.
async fn profile_status(site: &Site, access_token: &str) -> u16 {
    let url = format!("{}/oauth2/v2/user_profile", site.tenant.issuer());
    let authorization = format!("Bearer {access_token}");
    Browser::new().send(reqwest::Method::GET, &url, &[("authorization", &authorization)], None).await.status
}

// LO-2: whatever ends a session
#[tokio::test]
async fn sessions_that_the_application_ends_and_those_beyond_the_limit_are_revoked_too() {
    let site = Site::start_with(|config| config.sessions_per_user = 1.try_into().unwrap()).await;
    site.signed_in("ada").await;
    site.signed_in("ada").await;
    site.auth.end_sessions_of(&person("ada").subject).await.unwrap();
    site.auth.finish().await;
    assert_eq!(revoked(&site).await.len(), 2);
}

// LO-2: a revocation has usually happened when the user reads that the session has ended
#[tokio::test]
async fn sign_out_waits_a_second_for_a_slow_revocation_and_no_longer() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    site.tenant.fault("revoke_slow").await;
    let began = Instant::now();
    let response = browser.get(&site.at(LOGOUT)).await;
    let waited = began.elapsed();
    assert!((Duration::from_secs(1)..Duration::from_secs(3)).contains(&waited), "{waited:?}");
    assert_eq!(response.location().unwrap().path(), "/logout");
}
