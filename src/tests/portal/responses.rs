//! What the site makes of Kinde's responses to its request for a link to the portal.

use std::time::{Duration, Instant};

use kinde_leptos::auth::paths::PORTAL;
use tokio::task::JoinSet;

use super::{links_requested, open, portal};
use crate::endpoints::STOLEN;
use crate::harness::{Browser, Log, Site};

/// How many users of one address may wait for the issuer.
const MOST_OF_ONE_ADDRESS: usize = 32;

// RD-11
#[tokio::test]
async fn a_portal_elsewhere_is_not_led_to() {
    let site = Site::start().await;
    let log = Log::capture();
    let mut browser = site.signed_in("ada").await;
    for (fault, cause) in [
        ("portal_other_host", "evil.example"),
        ("portal_http", "neither https nor on this machine"),
        ("portal_lookalike", "evilkinde.com"),
        ("portal_user_name", "has a user name"),
        ("portal_script", "javascript"),
        ("portal_no_url", "missing field `url`"),
    ] {
        site.tenant.fault_times(fault, 2).await;
        let page = open(&mut browser, &site.at(PORTAL)).await;
        assert_eq!((page.status, page.location()), (502, None), "{fault}");
        let json = browser.get_json(&site.at(PORTAL)).await;
        assert_eq!((json.status, json.location()), (502, None), "{fault}");
        for response in [&page, &json] {
            assert!(response.body.contains("cannot be reached properly"), "{fault}: {}", response.body);
            for foreign in ["evil", "javascript", "key=", "portal_redirect"] {
                assert!(!response.body.contains(foreign), "{fault}: {}", response.body);
            }
        }
        let lines = log.lines_with("no link to its portal");
        assert!(lines.last().is_some_and(|line| line.contains(cause) && !line.contains("key=")), "{fault}: {lines:?}");
        assert_eq!(open(&mut browser, &site.at(PORTAL)).await.status, 303, "{fault}: works again");
    }
}

#[tokio::test]
async fn an_account_that_may_not_open_the_portal_is_told_so() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    site.tenant.fault("account_403").await;
    let sentence = "Your account may not open this page of the sign-in service.";
    let page = open(&mut browser, &portal(&site, "sub_nav=organization_members")).await;
    assert_eq!((page.status, page.location()), (403, None));
    assert!(page.body.contains(sentence) && page.body.contains("Not open to your account"), "{}", page.body);
    let json = browser.get_json(&site.at(PORTAL)).await;
    assert_eq!((json.status, json.json()["detail"].as_str()), (403, Some(sentence)));
    assert!(browser.is_signed_in(&site).await);
}

#[tokio::test]
async fn a_response_that_cannot_be_used_is_502_and_signs_nobody_out() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for fault in [
        "account_401",
        "account_404",
        "account_500",
        "account_redirect",
        "account_malformed",
        "account_empty",
        "account_html",
        "account_huge",
        "account_drop",
        "account_drop_mid",
    ] {
        site.tenant.fault(fault).await;
        let page = open(&mut browser, &portal(&site, "sub_nav=profile")).await;
        assert_eq!((page.status, page.location()), (502, None), "{fault}");
        assert!(page.body.contains("Not available at the moment"), "{fault}: {}", page.body);
        assert!(page.body.contains("<a href=\"/api/auth/portal?sub_nav=profile\""), "{fault}: {}", page.body);
        site.tenant.clear_faults().await;
        assert!(browser.is_signed_in(&site).await, "{fault}");
        assert_eq!(open(&mut browser, &site.at(PORTAL)).await.status, 303, "{fault}: works again");
    }
    assert_eq!(site.tenant.requests_at(STOLEN).await, 0);
}

#[tokio::test]
async fn a_limit_of_kinde_is_503_with_its_waiting_time() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    site.tenant.fault_times("account_429", 1).await;
    let page = open(&mut browser, &site.at(PORTAL)).await;
    assert_eq!((page.status, page.header("retry-after")), (503, "7"));
    assert_eq!(open(&mut browser, &site.at(PORTAL)).await.status, 303);
}

#[tokio::test]
async fn a_slow_issuer_is_given_up_after_five_seconds() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    site.tenant.fault("account_slow").await;
    let begun = Instant::now();
    let page = open(&mut browser, &site.at(PORTAL)).await;
    assert_eq!((page.status, page.location()), (504, None));
    assert!(begun.elapsed() < Duration::from_secs(7), "{:?}", begun.elapsed());
    assert!(browser.is_signed_in(&site).await);
}

#[tokio::test]
async fn while_nothing_is_known_of_the_issuer_it_is_503() {
    let site = Site::start().await;
    site.tenant.fault("discovery_500").await;
    let page = open(&mut Browser::new(), &site.at(PORTAL)).await;
    assert_eq!((page.status, page.location()), (503, None));
    assert!(!page.header("retry-after").is_empty());
}

// DL-7
#[tokio::test]
async fn users_of_one_address_beyond_a_number_do_not_wait_for_a_slow_issuer() {
    let site = Site::start().await;
    let browser = site.signed_in("ada").await;
    site.tenant.fault("account_held").await;
    let mut visits = JoinSet::new();
    for _ in 0..=MOST_OF_ONE_ADDRESS {
        let (mut browser, url) = (browser.clone(), site.at(PORTAL));
        let headers = [("accept", "text/html"), ("x-forwarded-for", "192.0.2.7")];
        visits.spawn(async move { browser.send(reqwest::Method::GET, &url, &headers, None).await });
    }
    let refused = visits.join_next().await.unwrap().unwrap();
    assert_eq!(refused.status, 503, "{}", refused.body);
    site.tenant.until_held(MOST_OF_ONE_ADDRESS as u64).await;
    assert_eq!(links_requested(&site).await.len(), MOST_OF_ONE_ADDRESS);
    site.tenant.release().await;
    while let Some(visit) = visits.join_next().await {
        assert!(matches!(visit.unwrap().status, 303 | 504));
    }
}
