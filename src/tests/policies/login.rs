//! `Policy::recent_login`: a page that lacks nothing else is led through a sign-in and back, once.

use std::time::Duration;

use kinde_leptos::auth::{Caller, Policy};
use kinde_leptos::dev_issuer::Shape;

use super::{PLACES, pass, session_of, site_with, token_of};
use crate::harness::{Browser, Site, person};

const WITHIN: Duration = Duration::from_secs(300);

async fn site(shape: Shape) -> Site {
    let site = site_with(shape, Policy::all([Policy::scope("profile"), Policy::recent_login(WITHIN)])).await;
    site.tenant.settings(serde_json::json!({"opaque_access_tokens": false})).await;
    site
}

#[tokio::test]
async fn a_page_is_led_through_a_sign_in_at_which_the_issuer_asks_again() {
    for (shape, has_max_age) in [(Shape::Kinde, false), (Shape::Plain, true)] {
        let site = site(shape).await;
        let mut browser = site.signed_in("ada").await;
        assert_eq!(browser.get(&site.at("/route")).await.status, 200);
        pass(&site, WITHIN + Duration::from_secs(10)).await;
        let login = browser.get(&site.at("/route?x=1")).await;
        assert_eq!((login.status, login.header("cache-control")), (303, "private, no-store"));
        let issuer = browser.get(login.location().unwrap().as_str()).await.location().unwrap();
        let parameter =
            |name: &str| issuer.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        assert_eq!(parameter("prompt").as_deref(), Some("login"));
        assert_eq!(parameter("max_age").as_deref(), has_max_age.then_some("300"));
        let page = browser.get(issuer.as_str()).await;
        let callback = browser.choose(&site, &page, &[("person", "ada")]).await;
        let landed = browser.visit(&callback).await;
        assert_eq!((landed.status, landed.url.query(), landed.body.as_str()), (200, Some("x=1"), "allowed"));
        assert_eq!(site.auth.sessions_of(&person("ada").subject).await.unwrap().len(), 1);
    }
}

/// An issuer that does not ask again leads nowhere twice.
#[tokio::test]
async fn an_issuer_that_did_not_ask_again_is_not_asked_twice() {
    let site = site(Shape::Kinde).await;
    let long_ago = time::OffsetDateTime::now_utc().unix_timestamp() - 3600;
    site.tenant.change_person("ada", serde_json::json!({"id_token_claims": {"auth_time": long_ago}})).await;
    let mut browser = site.signed_in("ada").await;
    let login = browser.get(&site.at("/route")).await;
    assert_eq!(login.status, 303);
    let page = browser.visit(login.location().unwrap().as_str()).await;
    let callback = browser.choose(&site, &page, &[("person", "ada")]).await;
    let landed = browser.visit(&callback).await;
    assert_eq!((landed.status, landed.body.as_str()), (403, "Not allowed"));
    assert_eq!(browser.get(&site.at("/route")).await.status, 403);
    // Much later another try is worth it.
    pass(&site, WITHIN + Duration::from_secs(10)).await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 303);
}

#[tokio::test]
async fn who_lacks_more_than_a_login_is_not_sent_to_sign_in() {
    let policy = Policy::all([Policy::permission("other"), Policy::recent_login(WITHIN)]);
    let site = site_with(Shape::Kinde, policy).await;
    let mut browser = site.signed_in("ada").await;
    let token = token_of(&site, "ada").await;
    pass(&site, WITHIN + Duration::from_secs(10)).await;
    for place in PLACES {
        assert_eq!(place.status(&site, &mut browser, &token).await, 403, "{place:?}");
    }
}

/// A user who works in another organization than the default comes back to it, without a question.
#[tokio::test]
async fn the_organization_stays_the_same() {
    let site = site(Shape::Kinde).await;
    let organization = person("katherine").organizations[1].code.clone();
    let mut browser = Browser::new();
    let login = format!("/api/auth/login?org_code={organization}&post_login_redirect_url=/route");
    let page = browser.visit(&site.at(&login)).await;
    let callback = browser.choose(&site, &page, &[("person", "katherine")]).await;
    assert_eq!(browser.visit(&callback).await.body, "allowed");
    pass(&site, WITHIN + Duration::from_secs(10)).await;
    // As from a link on another site, whose traces browsers keep through redirects.
    let from_elsewhere = [("accept", "text/html"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    let login = browser.send(http::Method::GET, &site.at("/route"), &from_elsewhere, None).await.location().unwrap();
    let issuer = browser.send(http::Method::GET, login.as_str(), &from_elsewhere, None).await;
    assert_eq!(issuer.status, 303, "{}", issuer.body);
    let page = browser.get(issuer.location().unwrap().as_str()).await;
    let callback = browser.choose(&site, &page, &[("person", "katherine")]).await;
    assert_eq!(browser.visit(&callback).await.body, "allowed");
    let caller = Caller::of_session(&site.auth, session_of(&site, "katherine").await);
    assert_eq!(caller.organization().await.unwrap().id, organization);
}

/// However short the time is, nobody is sent to an issuer that does not ask again and again.
#[tokio::test]
async fn a_login_that_cannot_be_recent_enough_leads_nowhere_twice() {
    let site = site_with(Shape::Kinde, Policy::recent_login(Duration::ZERO)).await;
    let long_ago = time::OffsetDateTime::now_utc().unix_timestamp() - 3600;
    site.tenant.change_person("ada", serde_json::json!({"id_token_claims": {"auth_time": long_ago}})).await;
    let mut browser = site.signed_in("ada").await;
    let login = browser.get(&site.at("/route")).await;
    let page = browser.visit(login.location().unwrap().as_str()).await;
    let callback = browser.choose(&site, &page, &[("person", "ada")]).await;
    assert_eq!(browser.visit(&callback).await.status, 403);
}

/// A form or a program cannot be sent away and come back.
#[tokio::test]
async fn only_a_pages_get_is_led_to_sign_in() {
    let site = site(Shape::Kinde).await;
    let mut browser = site.signed_in("ada").await;
    pass(&site, WITHIN + Duration::from_secs(10)).await;
    assert_eq!(browser.get_json(&site.at("/route")).await.status, 403);
    assert_eq!(browser.get(&site.at("/function")).await.status, 403);
}
