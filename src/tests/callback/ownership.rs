//! Callbacks in a browser that did not begin them, or with the code of another sign-in (CB-3, 4, 6, 9, 14).
//! Repeated callbacks in the right browser are tested in `replay`.

use super::{about_to_return, assert_rejected, assert_serves, code_exchanges, parameter, with_query};
use crate::harness::{Browser, Site};

// CB-3
#[tokio::test]
async fn an_anonymous_victim_is_not_signed_in_as_the_attacker() {
    let site = Site::start().await;
    let (_, trap) = about_to_return(&site).await;
    let mut victim = Browser::new();
    assert_rejected(&victim.get(&trap).await);
    assert!(!victim.is_signed_in(&site).await);
    assert_eq!(code_exchanges(&site).await, 0);
    assert_serves(&site).await;
}

// CB-3
#[tokio::test]
async fn a_victim_with_a_sign_in_under_way_completes_their_own() {
    let site = Site::start().await;
    let (_, trap) = about_to_return(&site).await;
    let mut victim = Browser::new();
    let own = victim.sign_in_up_to_callback(&site, "grace", "/").await;
    assert_rejected(&victim.get(&trap).await);
    assert_eq!(code_exchanges(&site).await, 0);
    assert!(victim.visit(&own).await.body.contains("Grace"));
}

// CB-3
#[tokio::test]
async fn a_signed_in_victim_stays_who_they_are() {
    let site = Site::start().await;
    let (_, trap) = about_to_return(&site).await;
    let mut victim = site.signed_in("grace").await;
    let session = victim.session();
    let response = victim.get(&trap).await;
    assert_eq!((response.status, response.header("location")), (303, "/"));
    assert!(response.set_cookies().is_empty());
    assert_eq!(victim.session(), session);
    assert!(victim.get(&site.at("/")).await.body.contains("Grace"));
    assert_eq!(code_exchanges(&site).await, 1, "the victim's own, before");
}

// CB-3: the attacker may also plant cookies of attempts, but not with the victim's binding
#[tokio::test]
async fn a_cookie_of_the_right_name_with_another_value_binds_nothing() {
    let site = Site::start().await;
    let (attacker, trap) = about_to_return(&site).await;
    let (name, value) = attacker.cookies_at("localhost").pop().unwrap();
    let (started_at, binding) = value.split_once('.').unwrap();
    for forged in [
        format!("{started_at}."),
        format!("{started_at}.{}", binding.to_lowercase()),
        format!("{started_at}.{}", "A".repeat(43)),
        started_at.to_owned(),
        String::new(),
    ] {
        let mut victim = Browser::new();
        victim.set_cookie("localhost", &name, &forged);
        assert_rejected(&victim.get(&trap).await);
        assert_eq!(code_exchanges(&site).await, 0, "{forged}");
    }
}

// CB-4
#[tokio::test]
async fn a_callback_without_any_cookie_sends_the_issuer_nothing() {
    let site = Site::start().await;
    assert_rejected(&Browser::new().get(&with_query(&site, "code=xxxx&state=yyyy")).await);
    assert_eq!(site.tenant.log().await.len(), 0);
}

// CB-6
#[tokio::test]
async fn a_stolen_callback_is_worth_nothing_elsewhere() {
    let site = Site::start().await;
    let (mut owner, callback) = about_to_return(&site).await;
    assert_rejected(&Browser::new().get(&callback).await);
    assert_eq!(code_exchanges(&site).await, 0);
    assert_eq!(owner.visit(&callback).await.status, 200, "the thief disturbs nobody");
    assert_rejected(&Browser::new().get(&callback).await);
    assert_eq!(code_exchanges(&site).await, 1);
}

// CB-9
#[tokio::test]
async fn the_codes_of_two_own_sign_ins_cannot_be_swapped() {
    let site = Site::start().await;
    let (mut browser, first) = about_to_return(&site).await;
    let second = browser.sign_in_up_to_callback(&site, "ada", "/").await;
    for (code_of, state_of) in [(&second, &first), (&first, &second)] {
        let swapped = format!("code={}&state={}", parameter(code_of, "code"), parameter(state_of, "state"));
        assert_rejected(&browser.get(&with_query(&site, &swapped)).await);
        assert!(!browser.is_signed_in(&site).await);
    }
    assert_serves(&site).await;
}

// CB-9
#[tokio::test]
async fn the_code_of_another_user_cannot_be_injected() {
    let site = Site::start().await;
    let (_, stolen) = about_to_return(&site).await;
    let mut attacker = Browser::new();
    let own = attacker.sign_in_up_to_callback(&site, "mallory", "/").await;
    let injected = format!("code={}&state={}", parameter(&stolen, "code"), parameter(&own, "state"));
    assert_rejected(&attacker.get(&with_query(&site, &injected)).await);
    assert!(!attacker.is_signed_in(&site).await);
    assert_rejected(&attacker.get(&own).await);
}

// CB-14
#[tokio::test]
async fn a_forged_error_leaves_the_pending_sign_in_alone() {
    let site = Site::start().await;
    let (mut browser, callback) = about_to_return(&site).await;
    for forged in [
        "error=access_denied&state=forged",
        "error=server_error&state=forged",
        "error=login_link_expired&reauth_state=e30%3D&state=forged",
        "error=access_denied",
    ] {
        assert_rejected(&browser.get(&with_query(&site, forged)).await);
    }
    assert_eq!(browser.visit(&callback).await.status, 200);
}
