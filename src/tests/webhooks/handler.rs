//! The application's own part of an event.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use kinde_leptos::auth::{self, Client, WebhookEvent, WebhookKind, WebhookSource};
use kinde_leptos::dev_issuer::Shape;
use serde_json::json;

use super::{event, with, with_api};
use crate::harness::{Log, Site, person};

/// What the application's part saw: the event, and how many sessions its user had then.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(WebhookEvent, usize)>>>);

impl Seen {
    fn all(&self) -> Vec<(WebhookEvent, usize)> {
        self.0.lock().unwrap().clone()
    }
}

/// A site whose part fails so many times first.
async fn site(seen: &Seen, failures: usize) -> Site {
    let seen = seen.clone();
    let routes = |client: &Client| {
        let of_handler = client.clone();
        auth::webhooks(client.clone(), move |event: WebhookEvent| {
            let (seen, client) = (seen.clone(), of_handler.clone());
            async move {
                let sessions = client.sessions_of(&person("ada").subject).await.unwrap().len();
                let mut all = seen.0.lock().unwrap();
                all.push((event, sessions));
                if all.len() <= failures { Err("the list of newsletters is down") } else { Ok(()) }
            }
        })
    };
    let site = Site::start_with_routes(Shape::Kinde, with_api, routes).await;
    site.tenant.delivers_to(&site.url).await;
    site
}

#[tokio::test]
async fn the_application_gets_each_event_after_its_effect_and_before_the_response() {
    let seen = Seen::default();
    let site = site(&seen, 0).await;
    site.signed_in("ada").await;
    site.tenant.change_person("ada", json!({"is_suspended": true, "family_name": null})).await;
    site.tenant.until_delivered().await;
    let unknown = json!({"type": "customer.plan_changed", "data": {"plan": "pro"}, "claims": {"source": "billing"}});
    assert_eq!(site.tenant.send_event(unknown).await[0].0, 200);
    let seen = seen.all();
    let (first, sessions) = &seen[0];
    let WebhookKind::UserUpdated(user) = &first.kind else { panic!("{first:?}") };
    assert_eq!((&user.id, user.is_suspended, *sessions), (&person("ada").subject, true, 0));
    assert_eq!((user.first_name.as_deref(), user.last_name.as_deref()), (Some("Ada"), Some("")));
    let organization = &user.organizations[0];
    assert_eq!((&organization.roles[..], organization.permissions.len()), (&["admin".to_owned()][..], 5));
    assert!(first.id.starts_with("event_") && first.source == WebhookSource::Admin, "{first:?}");
    assert!((time::OffsetDateTime::now_utc() - first.at).abs() < Duration::from_secs(60));
    let (second, _) = &seen[1];
    assert_eq!(second.source, WebhookSource::Other("billing".to_owned()));
    let kind = WebhookKind::Unknown { r#type: "customer.plan_changed".to_owned(), data: json!({"plan": "pro"}) };
    assert_eq!(second.kind, kind);
}

// WH-6
#[tokio::test]
async fn an_event_that_the_application_fails_at_comes_again() {
    let seen = Seen::default();
    let site = site(&seen, 2).await;
    site.signed_in("ada").await;
    let log = Log::capture();
    let order = with(event("user.deleted", "ada"), json!({"claims": {"event_id": "1"}}));
    for _ in 0..2 {
        let (status, body) = site.tenant.send_event(order.clone()).await.remove(0);
        assert_eq!((status, body.to_string().contains("newsletters")), (503, false), "{body}");
    }
    assert_eq!(log.lines_with("newsletters").len(), 2, "{}", log.text());
    assert_eq!(site.tenant.send_event(order.clone()).await[0].1["status"], "accepted");
    assert_eq!(site.tenant.send_event(order).await[0].1["status"], "duplicate");
    assert_eq!(seen.all().iter().map(|(_, sessions)| *sessions).collect::<Vec<_>>(), [0, 0, 0]);
}

/// Events that are refused do not reach it.
#[tokio::test]
async fn the_application_gets_no_event_that_kinde_did_not_sign() {
    let seen = Seen::default();
    let site = site(&seen, 0).await;
    for fault in ["bad_signature", "alg_none", "unknown_kid", "stale", "huge", "other_issuer"] {
        let sent = site.tenant.send_event(with(event("user.deleted", "ada"), json!({"fault": fault}))).await;
        assert!(sent[0].0 >= 400, "{fault}");
    }
    assert!(seen.all().is_empty());
}
