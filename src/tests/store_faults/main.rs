//! The `store_faults` test target: every fault of a session store, one by one, against the program as a process of its
//! own: how it responds during the fault and afterwards, as a table (section SF of the security catalogue).
//! It is a test target of its own because at full length, by `make faults`, it takes minutes and needs the machine for
//! itself. Stores without faults are tested in `stores`, in the `http` target.

// A panic is how a test reports.
#![allow(clippy::unwrap_used)]
// It limits the size of running processes' files and reads `/proc`, which only Linux has.
#![cfg(target_os = "linux")]

// Files of the `http` target. The submodules of a file loaded by `#[path]` are searched in its own folder, which is why
// the harness is a `mod.rs`.
#[path = "../endpoints.rs"]
#[allow(dead_code, reason = "the `http` target uses the rest")]
mod endpoints;
#[path = "../harness/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the `http` target uses the rest")]
mod harness;

mod case;
mod contents;
mod crowd;
mod failovers;
mod full_disk;
mod kills;
mod load;
mod outages;
mod processes;
mod records;
mod stage;
mod store;
mod writes;

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use self::case::Case;
use self::store::{Kind, Store};

/// Set to run the faults at full length.
const AT_LENGTH: &str = "STORE_FAULTS_AT_LENGTH";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_of_sqlite_end_as_the_table_says() {
    run(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_of_redis_end_as_the_table_says() {
    run(Kind::Redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_of_postgresql_end_as_the_table_says() {
    run(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_cluster_signs_nobody_out() {
    judge(&failovers::redis_cluster().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_primary_that_sentinels_name_signs_nobody_out() {
    judge(&failovers::redis_sentinel().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promoted_postgresql_standby_signs_nobody_out() {
    judge(&failovers::postgresql().await);
}

async fn run(kind: Kind) {
    let (mut store, mut cases) = (Store::start(kind).await, Vec::new());
    for fault in store.outages() {
        cases.push(whole(kind, outages::run(&mut store, fault)).await);
    }
    for fault in store.refusals_to_write() {
        cases.push(whole(kind, writes::run(&mut store, fault)).await);
    }
    cases.push(whole(kind, records::wiped(&mut store)).await);
    cases.push(whole(kind, records::corrupt(&mut store)).await);
    cases.push(whole(kind, records::of_another_version(&mut store)).await);
    cases.push(whole(kind, records::expired(&mut store)).await);
    cases.push(whole(kind, processes::restart(&mut store)).await);
    cases.push(whole(kind, processes::second_process(&mut store)).await);
    if kind != Kind::Sqlite {
        cases.push(whole(kind, processes::rolling_restart(&mut store)).await);
    }
    cases.push(whole(kind, kills::run(&mut store, if is_at_length() { 50 } else { 5 })).await);
    if is_at_length() {
        cases.push(whole(kind, crowd::run(&mut store)).await);
    }
    judge(&cases);
}

fn judge(cases: &[Case]) {
    print(cases);
    let wrong: Vec<String> = cases.iter().flat_map(Case::deviations).collect();
    assert!(wrong.is_empty(), "{} deviations:\n{}", wrong.len(), wrong.join("\n"));
}

/// A panic in a case is a deviation like any other.
async fn whole(kind: Kind, case: impl Future<Output = Case>) -> Case {
    AssertUnwindSafe(case).catch_unwind().await.unwrap_or_else(|panic| {
        let text = panic.downcast::<String>().map_or_else(|_| "panicked".to_owned(), |text| *text);
        let mut case = Case::new(kind, "a case that did not come to its end", "to come to its end");
        case.expect(false, text);
        case
    })
}

fn is_at_length() -> bool {
    std::env::var_os(AT_LENGTH).is_some()
}

/// Prints everything in one call, so that the tables of two tests do not mix.
fn print(cases: &[Case]) {
    let lines: Vec<String> = cases.iter().map(Case::to_string).collect();
    let right = cases.iter().filter(|case| case.deviations().is_empty()).count();
    println!("\n{}\n{}\n{} cases, {right} right\n", Case::HEADER, lines.join("\n"), cases.len());
}
