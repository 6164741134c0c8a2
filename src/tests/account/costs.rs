//! What the account costs: operations of the store. What other pages cost is tested in `policies::costs`.

use kinde_leptos::api::account::ReadAccount;
use kinde_leptos::auth::paths::ACCOUNT;
use leptos::server_fn::ServerFn;

use super::{end, end_everywhere, own_id};
use crate::harness::Site;

#[tokio::test]
async fn the_account_costs_three_operations_whatever_the_number_of_sessions() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    for _ in 0..5 {
        site.signed_in("ada").await;
    }
    let mut ada = site.signed_in("ada").await;
    site.tenant.clear_log().await;
    let mut costs = Vec::new();
    for path in [ACCOUNT, ReadAccount::PATH] {
        let operations = store.operations();
        assert_eq!(ada.get(&site.at(path)).await.status, 200);
        costs.push(store.operations() - operations);
    }
    assert_eq!(costs, [3, 3], "the session; its claims with the marks; the user's sessions");
    assert_eq!(site.tenant.log().await.len(), 0);
}

#[tokio::test]
async fn the_end_of_a_session_costs_five_operations_and_that_of_all_two() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let id = own_id(&site, &mut site.signed_in("ada").await).await;
    let mut ada = site.signed_in("ada").await;
    let operations = store.operations();
    assert_eq!(end(&site, &mut ada, &id).await.status, 303);
    assert_eq!(store.operations() - operations, 5, "who asks; the user's sessions; session, tokens and claims");
    let operations = store.operations();
    assert_eq!(end_everywhere(&site, &mut ada).await.status, 303);
    assert_eq!(store.operations() - operations, 2, "who asks; all of the user's records");
}
