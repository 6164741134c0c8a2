//! Events that come again: because the first delivery failed, or although it did not.

use std::time::Duration;

use kinde_leptos::auth::paths::WEBHOOKS;
use serde_json::json;

use super::{event, sessions_of, site, with};
use crate::harness::{Site, client};
use crate::policies::pass;

fn numbered(event_type: &str, id: &str) -> serde_json::Value {
    with(event(event_type, "ada"), json!({"claims": {"event_id": id}}))
}

// WH-4
#[tokio::test]
async fn an_event_is_carried_out_once() {
    let site = site().await;
    assert_eq!(site.tenant.send_event(numbered("user.deleted", "1")).await, [(200, json!({"status": "accepted"}))]);
    pass(&site, Duration::from_secs(120)).await;
    site.signed_in("ada").await;
    for _ in 0..2 {
        let again = site.tenant.send_event(numbered("user.deleted", "1")).await;
        assert_eq!(again, [(200, json!({"status": "duplicate"}))]);
    }
    // It is the id that Kinde signed which counts, and the id alone.
    assert_eq!(site.tenant.send_event(numbered("user.created", "1")).await[0].1["status"], "duplicate");
    assert_eq!(site.tenant.send_event(numbered("user.created", "2")).await[0].1["status"], "accepted");
}

// WH-4
#[tokio::test]
async fn a_receipt_is_kept_for_as_long_as_the_event_would_be_accepted() {
    let site = site().await;
    assert_eq!(site.tenant.send_event(numbered("user.created", "1")).await[0].1["status"], "accepted");
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    site.advance(hours(72));
    assert_eq!(site.tenant.send_event(numbered("user.created", "1")).await[0].1["status"], "duplicate");
    site.advance(hours(2));
    assert_eq!(site.tenant.send_event(numbered("user.created", "1")).await[0].0, 400, "too old");
}

// WH-4
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_deliveries_at_once_are_both_accepted() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    let sent = site.tenant.send_event(with(event("user.deleted", "ada"), json!({"fault": "twice"}))).await;
    assert!(sent.len() == 2 && sent.iter().all(|(status, _)| *status == 200), "{sent:?}");
    assert!(!browser.is_signed_in(&site).await);
}

async fn breakable() -> (Site, std::sync::Arc<crate::harness::BreakableStore>) {
    let (site, store) = Site::start_breakable(|_| {}).await;
    site.tenant.delivers_to(&site.url).await;
    (site, store)
}

// WH-6
#[tokio::test]
async fn wherever_the_store_fails_kinde_comes_again_and_the_access_ends() {
    let mut failures = 0;
    for changes in 0.. {
        let (site, store) = breakable().await;
        let mut browser = site.signed_in("ada").await;
        store.die_after(changes);
        let sent = site.tenant.send_event(numbered("user.deleted", "1")).await;
        store.repair();
        if sent[0].0 == 200 {
            break;
        }
        failures += 1;
        assert_eq!((sent[0].0, sent[0].1["detail"].is_string()), (503, true), "after {changes} changes: {sent:?}");
        assert_eq!(site.tenant.send_event(numbered("user.deleted", "1")).await[0].1["status"], "accepted");
        assert!(!browser.is_signed_in(&site).await, "after {changes} changes");
        assert_eq!(site.tenant.send_event(numbered("user.deleted", "1")).await[0].1["status"], "duplicate");
    }
    assert!(failures >= 3, "the mark, the sessions and the receipt are changes: {failures}");
}

// WH-6
#[tokio::test]
async fn the_tenant_repeats_an_event_until_the_store_works_again() {
    let (site, store) = breakable().await;
    let mut browser = site.signed_in("ada").await;
    store.fail();
    site.tenant.settings(json!({"delivery_pauses": [0, 0, 1, 1, 1]})).await;
    site.tenant.change_person("ada", json!({"is_suspended": true})).await;
    let begun = std::time::Instant::now();
    while site.tenant.deliveries().await[0]["attempts"].as_u64().unwrap() < 2 {
        assert!(begun.elapsed().as_secs() < 10);
        tokio::task::yield_now().await;
    }
    store.repair();
    site.tenant.until_delivered().await;
    assert!(!browser.is_signed_in(&site).await);
}

// WH-6
#[tokio::test]
async fn an_event_is_carried_out_although_its_sender_hangs_up() {
    let (site, store) = breakable().await;
    site.signed_in("ada").await;
    // The event itself, so that this client can send it and hang up.
    let receiver = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = receiver.local_addr().unwrap();
    site.tenant.settings(json!({"webhook_url": format!("http://{address}")})).await;
    let (_, body) = tokio::join!(site.tenant.send_event(event("user.deleted", "ada")), received(receiver));
    store.slow(Duration::from_millis(100));
    let request = client().post(site.at(WEBHOOKS)).header("content-type", "application/jwt").body(body);
    let operations = store.operations();
    let sending = tokio::spawn(request.send());
    while store.operations() == operations {
        tokio::task::yield_now().await;
    }
    sending.abort();
    let _ = sending.await;
    site.auth.finish().await;
    store.repair();
    assert_eq!(sessions_of(&site, "ada").await, 0);
}

/// The body of one request, which gets 200.
async fn received(listener: tokio::net::TcpListener) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut received = String::new();
    loop {
        let mut piece = [0; 16_384];
        let read = stream.read(&mut piece).await.unwrap();
        received.push_str(std::str::from_utf8(&piece[..read]).unwrap());
        let Some((head, body)) = received.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() == length.unwrap_or(usize::MAX) {
            let body = body.to_owned();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.unwrap();
            return body;
        }
    }
}
