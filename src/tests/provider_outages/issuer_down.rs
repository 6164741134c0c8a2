//! An issuer that is down, works again, or restarts with new keys: the responses meanwhile, and the recovery.
//! An issuer that is only slow is tested in `overload`.

use std::time::{Duration, Instant};

use kinde_leptos::auth::paths::{LOGIN, SIGNED_OUT};
use tokio::net::{TcpSocket, TcpStream};

use super::{callback_response, pending, until};
use crate::endpoints::{KEYS, TOKEN};
use crate::harness::{Browser, Response, Site};

/// The number of connection failures in a row that opens the circuit.
const FAILURES_THAT_OPEN: usize = 5;

// PF-12
#[tokio::test]
async fn a_site_starts_without_its_issuer_and_signs_in_once_it_is_there() {
    let mut site = Site::start().await;
    let (mut browser, login, signed_out) = (Browser::new(), site.at(LOGIN), site.at(SIGNED_OUT));
    let away = site.tenant.stop().await;
    for _ in 0..3 {
        assert_unavailable(&browser.get(&login).await);
    }
    assert_eq!(browser.get(&signed_out).await.status, 200);
    site.tenant = away.start().await;
    until("sign-in begins again", async || browser.get(&login).await.status == 303).await;
    site.signed_in("ada").await;
}

// PF-18: a listener with a full queue leaves further connections without a response.
#[tokio::test]
async fn an_issuer_that_takes_no_connection_is_given_up_soon() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(taken) = tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        queue.push(taken.unwrap());
    }
    let site = Site::start_with(|config| config.issuer_url = format!("http://{address}")).await;
    let begun = Instant::now();
    assert_unavailable(&Browser::new().get(&site.at(LOGIN)).await);
    assert!(begun.elapsed() < Duration::from_secs(4), "the connect limit is 2 s, the total one 5 s");
}

// PF-15
#[tokio::test]
async fn an_issuer_that_restarts_with_new_keys_signs_nobody_out() {
    let mut site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    let away = site.tenant.stop().await;
    site.tenant = away.start().await;
    assert_eq!(ada.greeted(&site).await.as_deref(), Ok("Ada Lovelace"));
    site.signed_in("grace").await;
    assert_eq!(ada.sign_in(&site, "ada", LOGIN).await.status, 200);
}

// PF-16
#[tokio::test]
async fn signed_in_users_see_their_pages_while_the_issuer_is_away() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    for fault in ["all_down", "all_500", "all_slow"] {
        site.tenant.clear_faults().await;
        site.tenant.fault(fault).await;
        site.tenant.clear_log().await;
        for path in ["/", "/items/42?q=x", "/"] {
            assert_eq!(ada.get(&site.at(path)).await.status, 200, "{fault}: {path}");
        }
        assert!(site.tenant.log().await.is_empty(), "{fault}: a page sent the issuer a request");
    }
}

// PF-17
#[tokio::test]
async fn a_token_endpoint_that_fails_every_other_time_fails_every_other_sign_in() {
    let site = Site::start().await;
    for round in 0..6 {
        site.tenant.fault_times("token_500", 1).await;
        assert_eq!(callback_response(&site, "ada").await.status, 502, "round {round}");
        assert_eq!(callback_response(&site, "ada").await.status, 303, "round {round}");
    }
}

// PF-6: as when the issuer closes an idle connection just as it is used again
#[tokio::test]
async fn a_request_that_is_lost_with_a_reused_connection_is_sent_once_more() {
    let site = Site::start().await;
    site.signed_in("ada").await;
    for (fault, path) in [("token_drop", TOKEN), ("jwks_drop", KEYS)] {
        if path == KEYS {
            site.tenant.rotate_keys().await;
        }
        let before = site.tenant.requests_at(path).await;
        site.tenant.fault_times(fault, 1).await;
        assert_eq!(callback_response(&site, "ada").await.status, 303, "{fault}");
        assert_eq!(site.tenant.requests_at(path).await - before, 2, "{fault}");
    }
}

// PF-6
#[tokio::test]
async fn a_request_that_is_lost_twice_is_not_sent_again() {
    let site = Site::start().await;
    site.signed_in("ada").await;
    site.tenant.clear_log().await;
    site.tenant.fault("token_drop").await;
    assert_eq!(callback_response(&site, "ada").await.status, 502);
    assert_eq!(site.tenant.requests_at(TOKEN).await, 2);
}

// PF-16
#[tokio::test]
async fn after_five_cut_connections_the_issuer_is_left_alone_until_it_responds() {
    let (site, callbacks) = with_open_circuit().await;
    let before = site.tenant.requests_at(TOKEN).await;
    let mut refused = 0;
    for (mut browser, callback) in callbacks {
        let response = browser.get(&callback).await;
        if response.status == 503 {
            assert_unavailable(&response);
            refused += 1;
        }
    }
    // On a slow machine one of them may be the trial request that is sent every two seconds.
    let trials = site.tenant.requests_at(TOKEN).await - before;
    assert!(refused >= 2 && refused + trials == 3, "{refused} refused, {trials} trials");
    site.tenant.clear_faults().await;
    until("sign-in works again", async || signs_in(&site).await).await;
    assert_eq!(callback_response(&site, "ada").await.status, 303, "once closed, the circuit stays closed");
}

// PF-16
#[tokio::test]
async fn while_the_issuer_is_left_alone_nobody_is_sent_there() {
    let (site, _) = with_open_circuit().await;
    assert_unavailable(&Browser::new().get(&site.at(LOGIN)).await);
    site.tenant.clear_faults().await;
    until("sign-in begins again", async || Browser::new().get(&site.at(LOGIN)).await.status == 303).await;
}

/// Whether a complete sign-in in a new browser works.
async fn signs_in(site: &Site) -> bool {
    let begins = Browser::new().get(&site.at(LOGIN)).await.status == 303;
    begins && callback_response(site, "ada").await.status == 303
}

/// A site whose issuer has just cut enough connections to open the circuit, and three more callbacks to request.
async fn with_open_circuit() -> (Site, Vec<(Browser, String)>) {
    let site = Site::start().await;
    site.signed_in("ada").await;
    let mut callbacks = pending(&site, FAILURES_THAT_OPEN + 3).await;
    site.tenant.fault("token_drop").await;
    for (mut browser, callback) in callbacks.drain(..FAILURES_THAT_OPEN) {
        assert_eq!(browser.get(&callback).await.status, 502);
    }
    (site, callbacks)
}

/// Asserts a 503 with `Retry-After`.
fn assert_unavailable(response: &Response) {
    assert_eq!(response.status, 503);
    let seconds = response.header("retry-after");
    assert!(seconds.parse::<u64>().is_ok_and(|seconds| (1..=30).contains(&seconds)), "Retry-After: {seconds:?}");
}
