//! Events that are refused, and what they cost.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Bytes;
use http_body_util::StreamBody;
use hyper::body::Frame;
use kinde_leptos::auth::paths::WEBHOOKS;
use reqwest::Method;
use serde_json::{Value, json};

use super::{event, post, sessions_of, site, token, with};
use crate::harness::{Browser, Site, person};

// WH-2, WH-5
#[tokio::test]
async fn each_fault_is_refused_and_ends_nothing() {
    let site = site().await;
    let mut browser = site.signed_in("ada").await;
    for (fault, status, part) in [
        ("bad_signature", 400, "not signed with a key"),
        ("alg_none", 400, "no signed JWT"),
        ("unknown_kid", 400, "not signed with a key"),
        ("stale", 400, "too old"),
        ("ahead", 400, "lies ahead"),
        ("huge", 413, ""),
        ("other_issuer", 400, "another sign-in service"),
    ] {
        let sent = site.tenant.send_event(with(event("user.deleted", "ada"), json!({"fault": fault}))).await;
        let detail = sent[0].1["detail"].as_str().unwrap();
        assert!(sent[0].0 == status && detail.contains(part), "{fault}: {sent:?}");
        assert!(browser.is_signed_in(&site).await, "{fault}");
    }
    for claims in [
        json!({"event_id": null}),
        json!({"event_id": ""}),
        json!({"event_id": 1}),
        json!({"type": null}),
        json!({"timestamp": null}),
        json!({"timestamp": "yesterday"}),
        json!({"timestamp": 1_700_000_000}),
    ] {
        let sent = site.tenant.send_event(with(event("user.deleted", "ada"), json!({ "claims": claims }))).await;
        assert!(sent[0].0 == 400 && sent[0].1["detail"].is_string(), "{claims}: {sent:?}");
    }
    assert!(browser.is_signed_in(&site).await);
    // Of the right issuer, with or without the slash at the end of its name.
    for iss in [site.tenant.issuer().to_owned(), format!("{}/", site.tenant.issuer())] {
        let order = with(event("user.created", "ada"), json!({"claims": {"iss": iss}}));
        assert_eq!(site.tenant.send_event(order).await[0].0, 200);
    }
}

// WH-2
#[tokio::test]
async fn other_tokens_of_the_issuer_are_no_events() {
    let site = site().await;
    site.signed_in("ada").await;
    for body in [token(&site, "ada").await, String::new(), "x".to_owned(), "a.b.c".to_owned(), "{}".to_owned()] {
        assert_eq!(post(&site, "application/jwt", body).await.0, 400);
    }
    let binary = post(&site, "application/jwt", vec![0xff, 0xfe]).await;
    assert_eq!(binary.0, 400, "{}", binary.1);
}

// WH-2
#[tokio::test]
async fn only_the_type_of_kindes_events_is_taken() {
    let site = site().await;
    for content_type in ["application/json", "text/plain", "application/jwt+x", "nonsense", ""] {
        let (status, body) = post(&site, content_type, "x").await;
        assert!(status == 415 && body.contains("detail"), "{content_type:?}: {status} {body}");
    }
    for content_type in ["application/jwt", "Application/JWT", "application/jwt; charset=utf-8"] {
        assert_eq!(post(&site, content_type, "x").await.0, 400, "{content_type}");
    }
}

// WH-2, DL-1
#[tokio::test]
async fn an_event_of_256_kib_is_read_and_one_byte_more_is_not() {
    let site = site().await;
    let limit = 256 * 1024;
    for (length, status) in [(limit, 400), (limit + 1, 413)] {
        assert_eq!(post(&site, "application/jwt", "x".repeat(length)).await.0, status, "{length}");
        // Without a stated length.
        let piece = Frame::data(Bytes::from("x".repeat(length)));
        let pieces = StreamBody::new(futures_util::stream::iter([Ok::<_, Infallible>(piece)]));
        let (chunked, body) = post(&site, "application/jwt", reqwest::Body::wrap(pieces)).await;
        assert!(chunked == status && body.contains("detail"), "{length}: {chunked} {body}");
    }
    let padding = "x".repeat(180_000);
    let large = with(event("user.deleted", "ada"), json!({"claims": { "padding": padding }}));
    assert_eq!(site.tenant.send_event(large).await[0].0, 200, "larger than any other route takes");
}

#[tokio::test]
async fn other_methods_and_other_sites_are_refused() {
    let site = site().await;
    let mut browser = Browser::new();
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
        let response = browser.send(method.clone(), &site.at(WEBHOOKS), &[], None).await;
        assert_eq!((response.status, response.header("allow")), (405, "POST"), "{method}");
    }
    let headers = [("content-type", "application/jwt"), ("origin", "https://evil.example")];
    let response = browser.send(Method::POST, &site.at(WEBHOOKS), &headers, Some("x".to_owned())).await;
    assert_eq!(response.status, 403);
}

/// How often the tenant's keys were fetched.
async fn fetches(site: &Site) -> usize {
    site.tenant.log().await.iter().filter(|entry| entry["path"].as_str().unwrap().contains("jwks")).count()
}

// WH-3
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn made_up_keys_cause_one_fetch_of_keys_and_events_go_on() {
    let site = site().await;
    assert_eq!(site.tenant.send_event(event("user.created", "ada")).await[0].0, 200);
    site.tenant.clear_log().await;
    for _ in 0..20 {
        let sent = site.tenant.send_event(with(event("user.deleted", "ada"), json!({"fault": "unknown_kid"}))).await;
        assert_eq!(sent[0].0, 400);
    }
    assert_eq!(site.tenant.send_event(event("user.created", "ada")).await[0].0, 200);
    assert!(fetches(&site).await <= 1);
}

/// What would be refused anyway causes no request for keys.
// WH-3
#[tokio::test]
async fn an_event_that_is_stale_or_of_another_issuer_causes_no_fetch_of_keys() {
    let site = site().await;
    for fault in ["stale", "ahead", "other_issuer", "alg_none"] {
        let sent = site.tenant.send_event(with(event("user.deleted", "ada"), json!({"fault": fault}))).await;
        assert_eq!(sent[0].0, 400, "{fault}");
    }
    assert_eq!(fetches(&site).await, 0);
}

/// Keys that are not to be had are no fault of the event's: Kinde delivers it again.
#[tokio::test]
async fn without_keys_an_event_comes_again() {
    let site = site().await;
    site.tenant.fault("jwks_500").await;
    let sent = site.tenant.send_event(event("user.deleted", "ada")).await;
    assert_eq!((sent[0].0, sent[0].1["detail"].is_string()), (503, true));
    site.tenant.clear_faults().await;
    site.advance(Duration::from_secs(5));
    assert_eq!(site.tenant.send_event(event("user.deleted", "ada")).await[0].0, 200);
}

/// A key of Kinde's that is new here.
#[tokio::test]
async fn an_event_of_a_new_key_is_accepted() {
    let site = site().await;
    site.signed_in("ada").await;
    site.tenant.rotate_keys().await;
    assert_eq!(site.tenant.send_event(event("user.deleted", "ada")).await[0].0, 200);
    assert_eq!(sessions_of(&site, "ada").await, 0);
}

/// A refusal holds nothing of what was sent.
#[tokio::test]
async fn a_refusal_repeats_nothing_that_was_sent() {
    let site = site().await;
    let claims = json!({"timestamp": "<b>never</b>", "event_id": person("ada").subject});
    let order = json!({"type": "<script>", "data": {}, "claims": claims});
    let sent = site.tenant.send_event(order).await;
    let detail: &Value = &sent[0].1["detail"];
    assert!(sent[0].0 == 400 && !detail.to_string().contains('<') && !detail.to_string().contains("kp_"), "{detail}");
}
