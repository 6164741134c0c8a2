//! Two processes on one store: what Kinde tells the one holds in both.

use std::time::Duration;

use serde_json::json;

use super::{status_with_token, token, with_api};
use crate::harness::{Browser, Kind, Site, StoreServer, Twin, session_id};
use crate::stores::open;

/// A site and another process of it, each with a connection of its own to a server of each kind.
async fn pairs() -> Vec<(Kind, Site, Twin)> {
    let mut pairs = Vec::new();
    for kind in [Kind::Redis, Kind::Postgres] {
        let url = StoreServer::shared(kind).database().await;
        let site = Site::start_on(open(&url).await, with_api).await;
        let twin = site.twin(open(&url).await).await;
        pairs.push((kind, site, twin));
    }
    pairs
}

// WH-7
#[tokio::test]
async fn a_suspension_told_to_one_process_ends_sessions_and_tokens_in_both() {
    for (kind, site, twin) in pairs().await {
        site.tenant.delivers_to(&twin.url).await;
        let browser = site.signed_in("ada").await;
        let token = token(&site, "ada").await;
        let statuses = async || {
            let mut statuses = Vec::new();
            for url in [&site.url, &twin.url] {
                let mut browser = Browser::with_session(&browser.session().unwrap());
                statuses.push(browser.get(&format!("{url}/")).await.status);
                statuses.push(status_with_token(url, &token).await);
            }
            statuses
        };
        assert_eq!(statuses().await, [200; 4], "{kind:?}");
        site.tenant.change_person("ada", json!({"is_suspended": true})).await;
        site.tenant.until_delivered().await;
        // So long another process may go by marks that it has read.
        site.advance(Duration::from_secs(1));
        assert_eq!(statuses().await, [303, 401, 303, 401], "{kind:?}");
    }
}

// WH-7
#[tokio::test]
async fn a_deletion_told_to_one_process_during_a_sign_in_at_the_other_leaves_no_session() {
    for (kind, site, twin) in pairs().await {
        site.tenant.delivers_to(&twin.url).await;
        let signing_in = Browser::new().sign_in_slowly(&site, "ada", "/oauth2/token").await;
        let subject = crate::harness::person("ada").subject;
        let order = json!({"type": "user.deleted", "data": {"user": {"id": subject}}});
        assert_eq!(site.tenant.send_event(order).await[0].0, 200);
        let (status, browser) = signing_in.await.unwrap();
        assert_eq!((status, browser.session()), (400, None), "{kind:?}");
        assert_eq!(site.auth.sessions_of(&subject).await.unwrap().len(), 0, "{kind:?}");
    }
}

/// An event that both processes get is carried out by one of them, or by both; afterwards both know it.
#[tokio::test]
async fn an_event_that_one_process_carried_out_is_a_duplicate_in_the_other() {
    for (kind, site, twin) in pairs().await {
        let order = json!({"type": "user.created", "data": {}, "claims": {"event_id": "1"}});
        for (url, status) in [(&site.url, "accepted"), (&twin.url, "duplicate"), (&site.url, "duplicate")] {
            site.tenant.delivers_to(url).await;
            let sent = site.tenant.send_event(order.clone()).await;
            assert_eq!(sent, [(200, json!({"status": status}))], "{kind:?}");
        }
    }
}

/// What a process leaves that is killed while it ends a session: the session's record is gone, its tokens are not, and in
/// Redis the owner's set still names the session.
#[tokio::test]
async fn a_suspension_ends_the_tokens_too_that_a_killed_process_left_without_their_session() {
    for kind in [Kind::Redis, Kind::Postgres] {
        let server = StoreServer::shared(kind);
        let url = server.database().await;
        let site = Site::start_on(open(&url).await, with_api).await;
        site.tenant.delivers_to(&site.url).await;
        let (browser, other) = (site.signed_in("ada").await, site.signed_in("grace").await);
        let id = session_id(&site.tenant, &browser.session().unwrap());
        server
            .administer(
                &url,
                &match kind {
                    Kind::Redis => format!("DEL kinde:record:{id}"),
                    Kind::Postgres => format!("delete from kinde_sessions where id = '{id}'"),
                },
            )
            .await;
        site.tenant.change_person("ada", json!({"is_suspended": true})).await;
        site.tenant.until_delivered().await;
        site.auth.finish().await;
        assert_eq!(site.tenant.requests_at("/oauth2/revoke").await, 1, "{kind:?}");
        assert!(Browser::with_session(&other.session().unwrap()).is_signed_in(&site).await, "{kind:?}");
    }
}
