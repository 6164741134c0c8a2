//! Stores of several servers, under load: one is killed or hangs, and another takes over; keys move to another server
//! (SF-14). Stores of one server are tested in the other modules.

use std::time::Duration;

use super::case::Case;
use super::is_at_length;
use super::load::Load;
use crate::harness::{Kind, RedisCluster, Sentinels, StoreServer};

const EXPECTED: &str = "200 or 503 within 2 s, nobody signed out, no session back, everybody served again";
/// How long a key is between two servers.
const HALF_MOVED: Duration = Duration::from_millis(100);

fn rounds() -> usize {
    if is_at_length() { 10 } else { 1 }
}

fn times() -> String {
    if rounds() == 1 { "once".to_owned() } else { format!("{} times", rounds()) }
}

pub async fn redis_cluster() -> Vec<Case> {
    let mut cluster = RedisCluster::start().await;
    let mut load = Load::start(&cluster.url()).await;
    let mut cases = Vec::new();

    let mut case = Case::new("Redis Cluster", format!("slots move, {}", times()), EXPECTED);
    let mut moved = 0;
    for round in 0..rounds() {
        load.begin().await;
        moved += move_slots_with_keys(&cluster, round % 3, (round + 1) % 3).await;
        load.until_well().await;
        load.end(&mut case).await;
    }
    case.number("slots moved", moved);
    cases.push(case);

    let mut case = Case::new("Redis Cluster", format!("a primary is killed, {}", times()), EXPECTED);
    for _ in 0..rounds() {
        load.begin().await;
        let primary = cluster.fullest_primary().await;
        tokio::task::block_in_place(|| cluster.servers[primary].stop());
        load.until_unwell().await;
        load.until_well().await;
        load.end(&mut case).await;
        tokio::task::block_in_place(|| cluster.servers[primary].start_again());
        cluster.until_whole().await;
    }
    cases.push(case);

    let mut case = Case::new("Redis Cluster", format!("a primary hangs, {}", times()), EXPECTED);
    for _ in 0..rounds() {
        load.begin().await;
        let primary = cluster.fullest_primary().await;
        cluster.servers[primary].freeze();
        load.until_unwell().await;
        load.until_well().await;
        load.end(&mut case).await;
        cluster.servers[primary].thaw();
        cluster.until_whole().await;
    }
    cases.push(case);

    let mut case = Case::new("Redis Cluster", "all servers are killed, then started", EXPECTED);
    load.begin().await;
    tokio::task::block_in_place(|| cluster.servers.iter_mut().for_each(StoreServer::stop));
    load.until_unwell().await;
    tokio::task::block_in_place(|| cluster.servers.iter_mut().for_each(StoreServer::start_again));
    load.until_well().await;
    load.end(&mut case).await;
    cases.push(case);
    cases
}

/// Moves all slots that hold keys from one server to another, as `redis-cli --cluster reshard` does. Returns their number.
async fn move_slots_with_keys(cluster: &RedisCluster, from: usize, to: usize) -> usize {
    let (source, target) = (cluster.id(from).await, cluster.id(to).await);
    let port = cluster.servers[to].port();
    let keys: Vec<String> = cluster.command(from, "KEYS *").await.unwrap();
    let mut slots = Vec::new();
    for key in &keys {
        slots.push(cluster.command::<u16>(from, &format!("CLUSTER KEYSLOT {key}")).await.unwrap());
    }
    slots.sort_unstable();
    slots.dedup();
    for slot in &slots {
        cluster.command::<()>(to, &format!("CLUSTER SETSLOT {slot} IMPORTING {source}")).await.unwrap();
        cluster.command::<()>(from, &format!("CLUSTER SETSLOT {slot} MIGRATING {target}")).await.unwrap();
    }
    tokio::time::sleep(HALF_MOVED).await;
    for slot in &slots {
        loop {
            let keys: Vec<String> = cluster.command(from, &format!("CLUSTER GETKEYSINSLOT {slot} 100")).await.unwrap();
            if keys.is_empty() {
                break;
            }
            for key in keys {
                let moved = format!("MIGRATE 127.0.0.1 {port} {key} 0 5000");
                cluster.command::<redis::Value>(from, &moved).await.unwrap();
            }
        }
    }
    tokio::time::sleep(HALF_MOVED).await;
    for slot in &slots {
        for server in [to, from] {
            cluster.command::<()>(server, &format!("CLUSTER SETSLOT {slot} NODE {target}")).await.unwrap();
        }
    }
    slots.len()
}

pub async fn redis_sentinel() -> Vec<Case> {
    let mut sentinels = Sentinels::start().await;
    let mut load = Load::start(&sentinels.url()).await;
    let mut cases = Vec::new();

    let mut case = Case::new("Redis Sentinel", format!("the primary is killed, {}", times()), EXPECTED);
    for _ in 0..rounds() {
        let primary = sentinels.until_agreed().await;
        load.begin().await;
        tokio::task::block_in_place(|| sentinels.servers[primary].stop());
        load.until_unwell().await;
        load.until_well().await;
        load.end(&mut case).await;
        tokio::task::block_in_place(|| sentinels.servers[primary].start_again());
        // On a busy machine the Sentinels may call the new primary down meanwhile, and the old one takes over again.
        sentinels.until_agreed().await;
    }
    cases.push(case);

    // The Sentinels take their time for this: a primary that is well is told only after some seconds.
    if !is_at_length() {
        return cases;
    }
    let mut case = Case::new("Redis Sentinel", format!("another is made the primary, {}", times()), EXPECTED);
    for _ in 0..rounds() {
        let primary = sentinels.until_agreed().await;
        load.begin().await;
        sentinels.fail_over().await;
        sentinels.until_followed(1 - primary).await;
        load.until_well().await;
        load.end(&mut case).await;
    }
    cases.push(case);

    let mut case = Case::new("Redis Sentinel", "the primary and a Sentinel hang", EXPECTED);
    let primary = sentinels.until_agreed().await;
    load.begin().await;
    sentinels.freeze_sentinel(0);
    sentinels.servers[primary].freeze();
    load.until_unwell().await;
    load.until_well().await;
    load.end(&mut case).await;
    sentinels.thaw_sentinel(0);
    sentinels.servers[primary].thaw();
    cases.push(case);
    cases
}

pub async fn postgresql() -> Vec<Case> {
    let mut case = Case::new("PostgreSQL", format!("the primary is killed, {}", times()), EXPECTED);
    for _ in 0..rounds() {
        let mut primary = tokio::task::block_in_place(|| StoreServer::start(Kind::Postgres));
        let database = primary.database().await;
        let standby = tokio::task::block_in_place(|| primary.start_standby());
        let mut load = Load::start(&StoreServer::url_of_several(&[&primary, &standby], &database)).await;
        load.begin().await;
        primary.wait_for_standby().await;
        tokio::task::block_in_place(|| primary.stop());
        load.until_unwell().await;
        standby.promote().await;
        load.until_well().await;
        load.end(&mut case).await;
    }
    vec![case]
}
