//! A user signs out everywhere: in all browsers, here and at Kinde.

use kinde_leptos::auth::paths::{LOGIN, LOGOUT_EVERYWHERE, SIGNED_OUT};
use reqwest::Method;

use super::end_everywhere;
use crate::harness::{Browser, Log, Records, Site};

/// Whether the tenant knows this browser's user without asking.
async fn is_known_to_the_tenant(browser: &mut Browser, site: &Site) -> bool {
    let mut request = browser.get(&site.at(LOGIN)).await.location().unwrap();
    request.query_pairs_mut().append_pair("prompt", "none");
    let callback = browser.get(request.as_str()).await.location().unwrap();
    !callback.query_pairs().any(|(name, _)| name == "error")
}

// SE-25
#[tokio::test]
async fn every_browser_of_the_user_is_signed_out_here_and_at_kinde() {
    let log = Log::capture();
    let site = Site::start().await;
    let mut others = [site.signed_in("ada").await, site.signed_in("ada").await];
    let mut grace = site.signed_in("grace").await;
    let mut here = site.signed_in("ada").await;
    assert!(is_known_to_the_tenant(&mut others[0], &site).await);
    let response = end_everywhere(&site, &mut here).await;
    let at_kinde = response.location().unwrap();
    assert_eq!(response.status, 303);
    let expected = format!("{}/logout", site.tenant.issuer());
    assert!(at_kinde.as_str().starts_with(&expected), "{at_kinde}");
    let sent: Vec<_> = at_kinde.query_pairs().into_owned().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let redirect = site.config.logout_redirect_url.as_str();
    assert_eq!(sent, [pair("redirect", redirect), pair("all_sessions", "true")]);
    assert_eq!(here.visit(at_kinde.as_str()).await.url.path(), SIGNED_OUT);
    assert!(here.session().is_none());
    for other in &mut others {
        assert!(!other.is_signed_in(&site).await);
        assert!(!is_known_to_the_tenant(other, &site).await);
    }
    assert!(grace.is_signed_in(&site).await);
    assert_eq!((log.lines_with("session_ended").len(), log.lines_with("event=\"sign_out\"").len()), (2, 1));
}

#[tokio::test]
async fn nothing_of_the_user_stays_in_the_store_and_every_token_is_revoked() {
    let site = Site::start().await;
    for _ in 0..2 {
        site.signed_in("ada").await;
    }
    let mut here = site.signed_in("ada").await;
    end_everywhere(&site, &mut here).await;
    assert_eq!(Records::open(&site.store_file()).await.count().await, 0);
    site.auth.finish().await;
    assert_eq!(site.tenant.requests_at("/oauth2/revoke").await, 3);
}

#[tokio::test]
async fn sign_ins_under_way_in_the_browser_are_forgotten() {
    let site = Site::start().await;
    let mut here = site.signed_in("ada").await;
    let callback = here.sign_in_up_to_callback(&site, "ada", LOGIN).await;
    end_everywhere(&site, &mut here).await;
    assert_eq!(here.get(&callback).await.status, 400);
}

#[tokio::test]
async fn another_issuer_ends_its_own_session() {
    let site = Site::start_plain(|_| {}).await;
    let mut other = site.signed_in("ada").await;
    let mut here = site.signed_in("ada").await;
    let at_issuer = end_everywhere(&site, &mut here).await.location().unwrap();
    assert!(at_issuer.path().ends_with("/end_session") && !at_issuer.as_str().contains("all_sessions"), "{at_issuer}");
    assert!(at_issuer.query_pairs().any(|(name, _)| name == "id_token_hint"), "that of this browser");
    assert_eq!(here.visit(at_issuer.as_str()).await.url.path(), SIGNED_OUT);
    assert!(!other.is_signed_in(&site).await);
}

#[tokio::test]
async fn without_a_session_it_is_a_sign_out_like_any_other() {
    let site = Site::start().await;
    for mut browser in [Browser::new(), Browser::with_session("nonsense")] {
        let response = end_everywhere(&site, &mut browser).await;
        assert_eq!((response.status, response.header("location")), (303, SIGNED_OUT));
        assert_eq!(browser.session(), None);
    }
}

#[tokio::test]
async fn an_issuer_that_is_down_keeps_nobody_signed_in() {
    let site = Site::start().await;
    let mut other = site.signed_in("ada").await;
    let mut here = site.signed_in("ada").await;
    site.tenant.fault("all_down").await;
    assert_eq!(end_everywhere(&site, &mut here).await.status, 303);
    assert!(here.session().is_none() && !other.is_signed_in(&site).await);
}

#[tokio::test]
async fn a_failing_store_signs_nobody_out_and_the_page_tries_the_same_again() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut other = site.signed_in("ada").await;
    let mut here = site.signed_in("ada").await;
    store.fail_to_write();
    let page = here.send(Method::POST, &site.at(LOGOUT_EVERYWHERE), &[("accept", "text/html")], None).await;
    assert_eq!((page.status, page.set_cookies().len()), (503, 0));
    assert!(page.body.contains("You are not signed out yet"), "{}", page.body);
    assert!(page.body.contains(&format!("action=\"{LOGOUT_EVERYWHERE}\"")), "{}", page.body);
    store.repair();
    assert!(other.is_signed_in(&site).await && here.is_signed_in(&site).await);
}
