//! The identity of users: audiences, people with unusual claims, userinfo, and clocks that differ.
//! Wrong tokens are tested in `provider_faults`.

use kinde_leptos::dev_issuer::DevIssuer;
use serde_json::json;

use super::callback_response;
use crate::endpoints::USERINFO;
use crate::harness::{Browser, Site};

// ID-5
#[tokio::test]
async fn every_audience_that_kinde_documents_signs_in() {
    let site = Site::start().await;
    for audience in ["both", "issuer", "client_id"] {
        site.tenant.settings(json!({ "aud": audience })).await;
        assert_eq!(callback_response(&site, "ada").await.status, 303, "{audience}");
    }
}

// ID-28
#[tokio::test]
async fn every_user_is_greeted_by_name_and_no_name_becomes_markup() {
    let site = Site::start().await;
    for person in DevIssuer::people() {
        let mut browser = site.signed_in(&person.key).await;
        let name = person.full_name().unwrap_or(person.email);
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(browser.greeted(&site).await, Ok(name));
        let page = browser.get(&site.at("/")).await;
        assert!(page.headers.get("x-injected").is_none());
        for stranger in ["<b onclick", ">null<", ">None<", "undefined"] {
            assert!(!page.body.contains(stranger), "{}: the page contains {stranger}", person.key);
        }
    }
}

// ID-29
#[tokio::test]
async fn two_accounts_with_one_e_mail_address_are_two_users() {
    let site = Site::start().await;
    let (mut ada, mut augusta) = (site.signed_in("ada").await, site.signed_in("augusta").await);
    assert_eq!(ada.greeted(&site).await.as_deref(), Ok("Ada Lovelace"));
    assert_eq!(augusta.greeted(&site).await.as_deref(), Ok("Augusta King"));
}

// ID-27
#[tokio::test]
async fn only_users_without_a_name_in_the_id_token_are_looked_up_in_userinfo() {
    let site = Site::start().await;
    for (person, lookups) in [("ada", 0), ("nameless", 0), ("emmy", 1)] {
        site.tenant.clear_log().await;
        site.signed_in(person).await;
        assert_eq!(site.tenant.requests_at(USERINFO).await, lookups, "{person}");
    }
}

// ID-27
#[tokio::test]
async fn userinfo_about_somebody_else_ends_the_sign_in_and_leaves_no_half_session() {
    let site = Site::start().await;
    for fault in ["userinfo_sub_mismatch", "userinfo_missing_sub", "id_sub_other"] {
        let mut browser = Browser::new();
        let callback = browser.sign_in_up_to_callback(&site, "emmy", "/").await;
        site.tenant.fault_times(fault, 1).await;
        let response = browser.get(&callback).await;
        assert_eq!(response.status, 400, "{fault}");
        assert!(response.set_cookies().iter().all(|cookie| cookie.contains("Max-Age=0")), "{fault}");
        assert_eq!(browser.greeted(&site).await, Err(401), "{fault}");
    }
}

// ID-9, CF-7
#[tokio::test]
async fn clocks_may_differ_by_a_minute_and_not_by_more() {
    let site = Site::start().await;
    site.tenant.settings(json!({ "id_token_lifetime": 100 })).await;
    // When the tenant's clock is behind by more than their lifetime, its tokens have expired before they are issued.
    for (offset, status) in [(50, 303), (75, 400), (-150, 303), (-175, 400), (0, 303)] {
        site.tenant.settings(json!({ "clock_offset": offset })).await;
        assert_eq!(callback_response(&site, "ada").await.status, status, "{offset} s");
    }
}
