//! Two processes on one store: a logout that one of them learns of ends sessions in both.

use serde_json::json;

use super::order;
use crate::harness::{Browser, Kind, Site, StoreServer};
use crate::stores::open;

// LO-12
#[tokio::test]
async fn a_logout_told_to_one_process_ends_the_session_in_both() {
    for kind in [Kind::Redis, Kind::Postgres] {
        let url = StoreServer::shared(kind).database().await;
        let site = Site::start_plain_on(open(&url).await).await;
        let twin = site.twin(open(&url).await).await;
        site.tenant.delivers_to(&twin.url).await;
        for members in [json!({"sid": true}), json!({})] {
            let (browser, mut other) = (site.signed_in("ada").await, site.signed_in("grace").await);
            let statuses = async || {
                let mut statuses = Vec::new();
                for url in [&site.url, &twin.url] {
                    let mut browser = Browser::with_session(&browser.session().unwrap());
                    statuses.push(browser.get(&format!("{url}/")).await.status);
                }
                statuses
            };
            assert_eq!(statuses().await, [200, 200], "{kind:?}");
            assert_eq!(site.tenant.send_logout_token(order(members.clone())).await[0].0, 200);
            assert_eq!(statuses().await, [303, 303], "{kind:?} {members}");
            assert!(other.is_signed_in(&site).await);
        }
    }
}
