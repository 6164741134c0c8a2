//! How long the session still lives: what a browser is told, how it stays signed in, and where pages say it.
//! The end itself is tested in `lifetime`, the script of the notice in `end2end`.

use std::time::Duration;

use kinde_leptos::auth::SessionLifetime;
use kinde_leptos::auth::paths::{LOGIN, SESSION, SIGNED_OUT};
use reqwest::Method;
use serde_json::json;

use crate::harness::{Browser, Response, Site};

const IDLE: Duration = Duration::from_secs(1_000);
const ABSOLUTE: Duration = Duration::from_secs(3_300);
/// How long the test itself may take, in seconds.
const SLACK: u64 = 20;

async fn short_lived() -> Site {
    Site::start_with(|config| config.lifetime = SessionLifetime::new(IDLE, ABSOLUTE)).await
}

/// `seconds_left` and `seconds_left_at_most` of a response.
fn times(response: &Response) -> [u64; 2] {
    assert_eq!(response.status, 200, "{}", response.body);
    let json = response.json();
    [&json["seconds_left"], &json["seconds_left_at_most"]].map(|seconds| seconds.as_u64().unwrap())
}

fn assert_about(found: u64, expected: u64) {
    assert!(found <= expected && found + SLACK > expected, "{found} is not about {expected}");
}

async fn post_for_json(browser: &mut Browser, site: &Site) -> Response {
    browser.send(Method::POST, &site.at(SESSION), &[("accept", "application/json")], None).await
}

#[tokio::test]
async fn asking_for_the_time_left_prolongs_nothing() {
    let site = short_lived().await;
    let mut ada = site.signed_in("ada").await;
    for passed in [0, 250, 500, 750] {
        for ask in [Method::GET, Method::HEAD] {
            let response = ada.send(ask.clone(), &site.at(SESSION), &[("accept", "*/*")], None).await;
            assert!(response.header("cache-control").contains("no-store") && response.set_cookies().is_empty());
            assert_eq!(response.header("content-type"), "application/json", "{ask}");
            if ask == Method::GET {
                let [left, at_most] = times(&response);
                assert_about(left, 1_000 - passed);
                assert_about(at_most, 3_300 - passed);
            }
        }
        site.advance(Duration::from_secs(250));
    }
    site.advance(Duration::from_secs(1));
    let response = ada.get(&site.at(SESSION)).await;
    assert_eq!((response.status, response.json()), (401, json!({"detail": "Not authenticated"})));
    assert!(ada.session().is_some(), "another tab may be signing in");
    assert!(!ada.is_signed_in(&site).await);
}

#[tokio::test]
async fn nothing_prolongs_a_session_beyond_its_absolute_end() {
    let site = short_lived().await;
    let mut ada = site.signed_in("ada").await;
    for _ in 0..5 {
        site.advance(IDLE / 2);
        assert!(ada.is_signed_in(&site).await);
    }
    for response in [ada.get_json(&site.at(SESSION)).await, post_for_json(&mut ada, &site).await] {
        let [left, at_most] = times(&response);
        assert_eq!(left, at_most);
        assert_about(left, 800);
    }
}

#[tokio::test]
async fn staying_signed_in_prolongs_at_once_and_leads_back_to_the_page() {
    let site = short_lived().await;
    let mut ada = site.signed_in("ada").await;
    // Less than after which a page prolongs.
    site.advance(Duration::from_secs(200));
    assert_about(times(&ada.get_json(&site.at(SESSION)).await)[0], 800);
    let back = ada.post(&site.at(SESSION), &[("post_login_redirect_url", "/items/1?q=a%26b")]).await;
    assert_eq!((back.status, back.header("location")), (303, "/items/1?q=a%26b"));
    assert_about(times(&ada.get_json(&site.at(SESSION)).await)[0], 1_000);
    site.advance(Duration::from_secs(200));
    assert_about(times(&post_for_json(&mut ada, &site).await)[0], 1_000);
}

#[tokio::test]
async fn staying_signed_in_leads_to_no_other_site() {
    let site = short_lived().await;
    let mut ada = site.signed_in("ada").await;
    for target in ["https://evil.example/", "//evil.example", "/\\evil.example", "/api/auth/logout", ""] {
        let response = ada.post(&site.at(SESSION), &[("post_login_redirect_url", target)]).await;
        assert_eq!((response.status, response.header("location")), (303, "/"), "{target}");
    }
    assert_eq!(ada.post(&site.at(SESSION), &[]).await.header("location"), "/");
    let without_form = ada.send(Method::POST, &site.at(SESSION), &[("accept", "text/html")], None).await;
    assert_eq!((without_form.status, without_form.header("location")), (303, "/"));
}

#[tokio::test]
async fn another_site_prolongs_nothing() {
    let site = short_lived().await;
    let mut ada = site.signed_in("ada").await;
    site.advance(Duration::from_secs(200));
    let foreign = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    for accept in ["text/html", "application/json"] {
        let headers = [&foreign[..], &[("accept", accept)]].concat();
        assert_eq!(ada.send(Method::POST, &site.at(SESSION), &headers, None).await.status, 403);
    }
    assert_about(times(&ada.get_json(&site.at(SESSION)).await)[0], 800);
}

#[tokio::test]
async fn a_form_that_is_sent_too_late_leads_through_sign_in_to_the_page() {
    let site = short_lived().await;
    let mut ada = site.signed_in("ada").await;
    site.advance(IDLE + Duration::from_secs(1));
    assert_eq!(post_for_json(&mut ada, &site).await.status, 401);
    let led = ada.post(&site.at(SESSION), &[("post_login_redirect_url", "/items/1?q=x")]).await;
    let target = led.location().unwrap();
    assert_eq!((led.status, target.path()), (303, LOGIN));
    assert_eq!(target.query(), Some("post_login_redirect_url=%2Fitems%2F1%3Fq%3Dx"));
}

#[tokio::test]
async fn without_the_store_nobody_is_told_a_time_and_nobody_is_signed_out() {
    let (site, store) = Site::start_breakable(|config| config.lifetime = SessionLifetime::new(IDLE, ABSOLUTE)).await;
    let mut ada = site.signed_in("ada").await;
    store.fail();
    for response in [ada.get(&site.at(SESSION)).await, post_for_json(&mut ada, &site).await] {
        assert_eq!(response.status, 503);
        assert!(response.json()["detail"].is_string() && response.set_cookies().is_empty(), "{}", response.body);
    }
    store.repair();
    assert_eq!(ada.get(&site.at(SESSION)).await.status, 200);
}

#[tokio::test]
async fn every_page_of_a_signed_in_user_says_when_a_short_session_ends() {
    let site = short_lived().await;
    let mut ada = site.signed_in("ada").await;
    for path in ["/", "/items/1", "/items/abc", "/members", "/account", "/setup", SIGNED_OUT, "/nothing-here"] {
        let page = ada.get(&site.at(path)).await;
        assert!(page.body.contains(">in 16 minutes</time>"), "{path}: {}", page.body);
        assert!(page.body.contains(&format!("name=\"post_login_redirect_url\" value=\"{path}\"")), "{path}");
        assert!(page.header("cache-control").contains("no-store"), "{path}");
        let (_, nonce) = page.header("content-security-policy").split_once("script-src 'nonce-").unwrap();
        let nonce = nonce.split('\'').next().unwrap();
        let script = format!("<script nonce=\"{nonce}\" src=\"/assets/session_end.");
        assert!(page.body.contains(&script), "{path}: {}", page.body);
    }
}

#[tokio::test]
async fn pages_say_nothing_of_an_end_that_is_far_or_of_no_session() {
    const TWENTY_HOURS: Duration = Duration::from_secs(20 * 60 * 60);
    for idle in [TWENTY_HOURS, SessionLifetime::default().idle] {
        let site = Site::start_with(|config| config.lifetime.idle = idle).await;
        let page = site.signed_in("ada").await.get(&site.at("/")).await;
        assert!(page.status == 200 && !page.body.contains("session-end"), "{idle:?}: {}", page.body);
        assert!(!page.header("content-security-policy").contains("connect-src"), "{idle:?}");
    }
    let page = Browser::new().get(&short_lived().await.at(SIGNED_OUT)).await;
    assert!(page.status == 200 && !page.body.contains("session-end"), "{}", page.body);
}

/// A short lifetime is as much an end as a short idle time is.
#[tokio::test]
async fn pages_say_when_a_session_ends_that_nothing_can_prolong() {
    let site = Site::start_with(|config| {
        config.lifetime = SessionLifetime::new(Duration::from_secs(100_000), Duration::from_secs(7_250));
    })
    .await;
    let page = site.signed_in("ada").await.get(&site.at("/")).await;
    assert!(page.body.contains(">in 2 hours</time>"), "{}", page.body);
    assert!(page.body.contains(">Sign in again</a>"), "{}", page.body);
}
