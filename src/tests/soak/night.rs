//! A night, compressed: 200 browsers of ten users at full speed, at two processes of which one is killed and one
//! restarts.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::task::{JoinSet, block_in_place};

use super::processes::{Process, Processes};
use super::usage;
use super::visitor::Crowd;
use super::{is_at_length, length};

const BROWSERS: usize = 200;
/// In percent of the mean for each minute, over the second half of the full length. Half of the short form is too short
/// to tell growth from noise.
const MOST_GROWTH: f64 = 1.0;
/// In megabytes, in a debug build: twice what a process needs.
const MOST_MEMORY: f64 = 100.0;
/// Of a process that nobody visits: its listeners, its connections to Redis and to the issuer, standard input and output.
const DESCRIPTORS_AT_REST: usize = 60;
const DEADLINE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_night_signs_nobody_out_shows_nobody_anothers_name_and_leaks_nothing() {
    let length = length();
    let processes = Processes::start(None, &[]).await;
    let ready = processes.watch();
    let crowd = Crowd::of(Arc::clone(&processes)).await;
    let (begun, usage) = (Instant::now(), usage::Watch::over(&processes));
    let mut visitors: JoinSet<()> = (0..BROWSERS).map(|number| Arc::clone(&crowd).visit(number)).collect();

    // Everything that disturbs happens in the first half, so that the second one shows what a process needs.
    wait_until(begun, length / 10).await;
    block_in_place(|| processes.kill(1));
    wait_until(begun, length / 8).await;
    block_in_place(|| processes.start_process(1));
    processes.until_ready(1).await;
    wait_until(begun, length / 4).await;
    let ended = block_in_place(|| processes.stop(0));
    block_in_place(|| processes.start_process(0));
    processes.until_ready(0).await;
    wait_until(begun, length).await;
    let used = usage.between(0.5, 1.0);
    let tenths: Vec<_> =
        (0..10).map(|tenth| usage.between(f64::from(tenth) / 10.0, f64::from(tenth + 1) / 10.0)).collect();

    crowd.is_over.store(true, Ordering::Relaxed);
    while let Some(visitor) = visitors.join_next().await {
        visitor.unwrap();
    }
    drop(ready);
    let seconds = begun.elapsed().as_secs_f64();
    println!("\n{BROWSERS} browsers of {} users, {seconds:.0} s\n\n| what | number |\n| --- | --- |", crowd.users());
    println!("{}", crowd.findings);
    let refreshed = |process: &Process| process.logged().matches("event=\"refreshed\"").count();
    let refreshed: usize = processes.both.iter().map(refreshed).sum();
    println!("| tokens refreshed by the processes that run at the end | {refreshed} |");
    for (index, usage) in used.iter().enumerate() {
        println!("| process {index}, second half | {usage} |");
        let megabytes: Vec<_> = tenths.iter().map(|both| format!("{:.0}", both[index].megabytes)).collect();
        println!("| process {index}, memory in each tenth | {} MB |", megabytes.join(" "));
    }

    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let errors = crowd.findings.errors();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    for what in ["sign-ins", "sign-outs", "pages", "greetings as JSON", "items", "hung up", "a slow request"] {
        assert!(crowd.findings.count(what) > 0, "there were no {what}");
    }
    assert!(refreshed > 0, "no tokens were refreshed");
    for used in &used {
        assert!(used.megabytes < MOST_MEMORY, "much memory: {used}");
        assert!(!is_at_length() || used.growth < MOST_GROWTH, "memory grows: {used}");
    }
    for process in &processes.both {
        let begun = Instant::now();
        while process.descriptors() > DESCRIPTORS_AT_REST {
            assert!(begun.elapsed() < DEADLINE, "{} descriptors stay open", process.descriptors());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn wait_until(begun: Instant, after: Duration) {
    tokio::time::sleep(after.saturating_sub(begun.elapsed())).await;
}
