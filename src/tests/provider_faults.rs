//! Every fault of the emulated tenant that concerns sign-in, one by one: the response, and what is left afterwards.
//! Outages that are more than one fault are tested in `provider_outages`.

mod case;
mod table;

use std::collections::BTreeSet;

use futures_util::StreamExt;

use self::case::Outcome;
use self::table::{NOT_ABOUT_SIGN_IN, Row};
use super::harness::Site;

/// How many cases run at once. With more of them, a case could miss its time limit because of the others.
const AT_ONCE: usize = 4;

#[tokio::test]
async fn every_fault_of_the_tenant_is_in_the_table_or_not_about_sign_in() {
    let site = Site::start().await;
    let known: BTreeSet<String> = site.tenant.fault_names().await.into_iter().collect();
    let tested: BTreeSet<String> = table::rows().map(|row| row.fault.to_owned()).collect();
    let others: BTreeSet<String> = NOT_ABOUT_SIGN_IN.iter().map(|&fault| fault.to_owned()).collect();
    assert_eq!(known, &tested | &others, "left: the tenant's faults, right: those that are tested or excluded here");
    assert!(tested.is_disjoint(&others));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_fault_ends_as_the_table_says() {
    // The slow ones wait instead of computing, so all of them can run at once, after the others.
    let (slow, quick): (Vec<_>, Vec<_>) = table::rows().partition(|row| row.is_slow());
    let waiting = slow.len();
    let mut outcomes = run(quick, AT_ONCE).await;
    outcomes.extend(run(slow, waiting).await);
    print(&outcomes);
    let wrong: Vec<String> = outcomes.iter().flat_map(Outcome::deviations).collect();
    assert!(wrong.is_empty(), "{} deviations:\n{}", wrong.len(), wrong.join("\n"));
}

async fn run(rows: Vec<&'static Row>, at_once: usize) -> Vec<Outcome> {
    futures_util::stream::iter(rows).map(case::run).buffered(at_once).collect().await
}

fn print(outcomes: &[Outcome]) {
    println!("{:<6} {:<28} {:<24} {:<20} {:<34} {:<5} {:>6}", "id", "fault", "setup", "expected", "got", "", "ms");
    for outcome in outcomes {
        println!("{outcome}");
    }
    println!("{} cases, {} right", outcomes.len(), outcomes.iter().filter(|outcome| outcome.is_right()).count());
}
