//! Invitations: a page with `invitation_code` leads to registration and back, whoever opens it.
//! What `/api/auth/login` does with an invitation is tested in `options`.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use kinde_leptos::auth::paths::{LOGIN, LOGOUT, REGISTER};
use kinde_leptos::auth::{self, follow_invitations};
use reqwest::Method;
use tower::ServiceExt;

use crate::harness::{Browser, GREETING_FUNCTION, Site, person};

#[tokio::test]
async fn every_page_that_brings_an_invitation_leads_to_registration_and_back() {
    let site = Site::start().await;
    for mut browser in [Browser::new(), site.signed_in("ada").await] {
        for (page, return_to) in [
            ("/?invitation_code=inv_1", "%2F"),
            ("/items/4?q=a%26b&invitation_code=inv_1&x=+", "%2Fitems%2F4%3Fq%3Da%2526b%26x%3D%2B"),
            ("/items?item_id=4&invitation%5Fcode=inv_1", "%2Fitems%3Fitem_id%3D4"),
            ("/signed-out?invitation_code=inv_1", "%2Fsigned-out"),
        ] {
            let response = browser.get(&site.at(page)).await;
            let register = format!("{REGISTER}?invitation_code=inv_1&post_login_redirect_url={return_to}");
            assert_eq!((response.status, response.header("location")), (303, register.as_str()), "{page}");
            assert!(response.header("cache-control").contains("no-store"), "{page}");
            assert!(response.set_cookies().is_empty(), "{page}");
        }
    }
}

#[tokio::test]
async fn what_is_no_invitation_or_no_page_is_served_as_ever() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for page in [
        "/?invitation_code=",
        "/?invitation_code=a%20b",
        "/?invitation_code=a&invitation_code=b",
        "/?invitation_code[]=a",
        "/?q=invitation_code=a",
        "/signed-out?invitation_code=%FF",
    ] {
        assert_eq!(browser.get(&site.at(page)).await.status, 200, "{page}");
    }
    let invited = site.at("/?invitation_code=inv_1");
    assert_eq!(browser.get_json(&invited).await.status, 200, "JSON");
    assert_eq!(browser.send(Method::HEAD, &invited, &[("accept", "text/html")], None).await.status, 200, "HEAD");
    assert_eq!(browser.get(&site.at(&format!("{GREETING_FUNCTION}?invitation_code=inv_1"))).await.status, 200);
    assert_eq!(browser.get(&site.at("/nothing?invitation_code=inv_1")).await.status, 404);
    let logout = browser.get(&site.at(&format!("{LOGOUT}?invitation_code=inv_1"))).await;
    assert!(!logout.header("location").starts_with(REGISTER), "{}", logout.header("location"));
}

/// The second organization of Katherine, to which nobody else belongs.
fn organization() -> String {
    person("katherine").organizations[1].code.clone()
}

#[tokio::test]
async fn an_invited_visitor_registers_and_returns_to_the_page() {
    let site = Site::start().await;
    let (_, code) = site.tenant.invite("joan@example.com", &organization()).await;
    let mut browser = Browser::new();
    let page = browser.visit(&site.at(&format!("/items/4?q=x&invitation_code={code}"))).await;
    assert!(page.url.query().unwrap().contains("prompt=create"), "{}", page.url);
    let account = [("action", "create"), ("email", "joan@example.com"), ("given_name", "Joan")];
    let callback = browser.choose(&site, &page, &account).await;
    let landed = browser.visit(&callback).await;
    assert_eq!((landed.status, landed.url.as_str()), (200, site.at("/items/4?q=x").as_str()));
    assert!(landed.body.contains("Joan"), "{}", landed.body);
}

#[tokio::test]
async fn the_link_of_an_invitation_signs_in_to_its_organization_even_a_user_who_is_signed_in() {
    let site = Site::start().await;
    for mut browser in [Browser::new(), site.signed_in("grace").await] {
        let email = format!("guest{}@example.com", browser.cookies_at("localhost").len());
        let (link, code) = site.tenant.invite(&email, &organization()).await;
        let page = browser.visit(&link).await;
        assert!(page.url.query().unwrap().contains(&format!("invitation_code={code}")), "{}", page.url);
        let account = [("action", "create"), ("email", email.as_str()), ("given_name", "Guest")];
        let callback = browser.choose(&site, &page, &account).await;
        let landed = browser.visit(&callback).await;
        assert_eq!((landed.status, landed.url.as_str()), (200, site.at("/").as_str()));
        assert!(landed.body.contains("Guest"), "{}", landed.body);
        let again = browser.visit(&link).await;
        assert_eq!(again.status, 400, "an invitation is accepted once: {}", again.url);
    }
}

// A layer around the whole site must not send the sign-in routes to themselves.
#[tokio::test]
async fn the_sign_in_routes_are_not_redirected_to_themselves() {
    let site = Site::start().await;
    let everything = from_fn_with_state(site.auth.clone(), follow_invitations);
    let app = auth::router(site.auth.clone()).layer(everything);
    for path in [LOGIN, REGISTER] {
        let request = Request::get(format!("{path}?invitation_code=inv_1")).body(Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        let location = response.headers()["location"].to_str().unwrap();
        assert!(location.starts_with(site.tenant.issuer()), "{path}: {location}");
    }
}

#[tokio::test]
async fn while_discovery_fails_an_invitation_is_not_lost() {
    let site = Site::start().await;
    site.tenant.fault("discovery_500").await;
    let response = Browser::new().get(&site.at("/signed-out?invitation_code=inv_1")).await;
    assert!(response.header("location").starts_with(REGISTER), "{}", response.status);
}
