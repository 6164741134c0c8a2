//! A user of one process ends a session that another process on the same store serves.

use std::sync::Arc;

use kinde_leptos::auth::paths::ACCOUNT;

use super::{end, own_id};
use crate::harness::Site;
use crate::stores::every_store;

// SE-25
#[tokio::test]
async fn a_session_ends_in_every_process_on_the_store() {
    for tested in every_store().await {
        let site = Site::start_on(Arc::clone(&tested.store), |_| {}).await;
        let twin = site.twin(Arc::clone(&tested.store)).await;
        let mut phone = site.signed_in("ada").await;
        let mut here = site.signed_in("ada").await;
        let at_twin = |path: &str| format!("{}{path}", twin.url);
        assert_eq!(phone.get_json(&at_twin("/")).await.status, 200, "{}", tested.name);
        let id = own_id(&site, &mut phone).await;
        assert_eq!(end(&site, &mut here, &id).await.status, 303, "{}", tested.name);
        assert_eq!(phone.get_json(&at_twin("/")).await.status, 401, "{}", tested.name);
        let left = here.get_json(&at_twin(ACCOUNT)).await.json();
        assert_eq!(left["sessions"].as_array().unwrap().len(), 1, "{}", tested.name);
    }
}
