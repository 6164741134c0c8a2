//! Sign-ins go on as they would without a diagnosis. (CF-16)

use kinde_leptos::paths::{AUTH_HEALTH, READINESS};
use tokio::task::JoinSet;

use super::diagnosis;
use crate::harness::{Browser, Log, Site};

const DISCOVERY: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn failures_of_a_diagnosis_hold_no_sign_in_back() {
    let site = Site::start().await;
    site.signed_in("ada").await;
    site.tenant.fault("all_down").await;
    for _ in 0..8 {
        assert_eq!(diagnosis(&site).await["issuer"]["reachable"], false);
    }
    site.tenant.clear_faults().await;
    let readiness = Browser::new().get(&site.at(READINESS)).await.json();
    assert_eq!(readiness["issuer"], "reachable", "a diagnosis says nothing of what sign-ins met");
    site.signed_in("grace").await;
}

#[tokio::test]
async fn a_made_up_code_leaves_no_trace_in_the_log() {
    let site = Site::start().await;
    let log = Log::capture();
    diagnosis(&site).await;
    assert_eq!(log.lines_with("audit"), [""; 0]);
    assert_eq!(log.lines_with("WARN"), [""; 0]);
}

#[tokio::test]
async fn the_issuer_is_asked_anew_each_time_and_sign_ins_keep_what_they_know() {
    let site = Site::start().await;
    site.signed_in("ada").await;
    let before = site.tenant.requests_at(DISCOVERY).await;
    for _ in 0..3 {
        diagnosis(&site).await;
    }
    assert_eq!(site.tenant.requests_at(DISCOVERY).await, before + 3);
    site.tenant.fault("discovery_500").await;
    assert_eq!(diagnosis(&site).await["status"], "problems");
    site.signed_in("grace").await;
    site.tenant.clear_faults().await;
    assert_eq!(diagnosis(&site).await["status"], "ok");
}

/// The first runs alone; the others wait and share the next one.
#[tokio::test]
async fn a_crowd_causes_few_diagnoses() {
    const CROWD: usize = 20;
    let site = Site::start().await;
    let url = site.at(AUTH_HEALTH);
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let url = url.clone();
        crowd.spawn(async move { Browser::new().get(&url).await.status });
    }
    assert!(crowd.join_all().await.iter().all(|status| *status == 200));
    let diagnoses = site.tenant.requests_at(DISCOVERY).await;
    assert!(diagnoses < CROWD, "{diagnoses}");
}
