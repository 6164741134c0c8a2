//! What the account costs: operations of the store. What other pages cost is tested in `policies::costs`.

use kinde_leptos::api::account::ReadAccount;
use kinde_leptos::auth::paths::ACCOUNT;
use leptos::server_fn::ServerFn;

use super::{end, end_everywhere, own_id, sessions};
use crate::harness::Site;

#[tokio::test]
async fn the_account_costs_four_operations_whatever_the_number_of_sessions() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    for _ in 0..5 {
        site.signed_in("ada").await;
    }
    let mut ada = site.signed_in("ada").await;
    site.tenant.clear_log().await;
    let mut costs = Vec::new();
    for path in [ACCOUNT, ReadAccount::PATH] {
        let (operations, loads) = (store.operations(), store.loads());
        assert_eq!(ada.get(&site.at(path)).await.status, 200);
        costs.push((store.operations() - operations, store.loads() - loads));
    }
    // The session; its claims with two marks; the ids of the user's records, and its six sessions.
    assert_eq!(costs, [(4, 10), (4, 10)], "operations, and records read");
    assert_eq!(site.tenant.log().await.len(), 0);
}

#[tokio::test]
async fn a_user_with_more_sessions_than_one_operation_reads_sees_them_all() {
    let (site, store) = Site::start_breakable(|config| config.sessions_per_user = 150.try_into().unwrap()).await;
    let mut ada = site.signed_in("ada").await;
    for _ in 1..120 {
        site.signed_in("ada").await;
    }
    let operations = store.operations();
    assert_eq!(sessions(&site, &mut ada).await.len(), 120);
    assert_eq!(store.operations() - operations, 5, "the session; its claims; ids; a hundred sessions; and twenty");
}

#[tokio::test]
async fn the_end_of_a_session_costs_six_operations_and_that_of_all_two() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let id = own_id(&site, &mut site.signed_in("ada").await).await;
    let mut ada = site.signed_in("ada").await;
    let operations = store.operations();
    assert_eq!(end(&site, &mut ada, &id).await.status, 303);
    assert_eq!(
        store.operations() - operations,
        6,
        "who asks; ids, and the session of this name; session, tokens and claims"
    );
    let operations = store.operations();
    assert_eq!(end_everywhere(&site, &mut ada).await.status, 303);
    assert_eq!(store.operations() - operations, 2, "who asks; all of the user's records");
}
