//! Tests of the extractors of another project's handlers: `AccessToken` behind the guard, `MaybeUser` on a public page.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use kinde_leptos::auth::{self, AccessToken, MaybeUser};
use tokio::net::TcpListener;

use super::{breakable_site, expire, shorten_lives};
use crate::harness::{Browser, Site};

/// Serves routes with these extractors, for the sessions of a site.
async fn serve(site: &Site) -> String {
    let guarded = from_fn_with_state(site.auth.clone(), auth::require_login);
    let app = Router::new()
        .route("/call", get(async |token: AccessToken| token.expires_at.unix_timestamp().to_string()))
        .route_layer(guarded)
        .route(
            "/public",
            get(async |MaybeUser(user): MaybeUser| user.map_or("nobody".to_owned(), |user| user.display_name())),
        )
        .layer(from_fn_with_state(site.auth.clone(), auth::identify));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn a_public_page_knows_its_user_and_never_refuses() {
    let (site, store) = breakable_site().await;
    let mut browser = site.signed_in("ada").await;
    let page = serve(&site).await + "/public";
    assert_eq!(browser.get(&page).await.body, "Ada Lovelace");
    assert_eq!(Browser::new().get(&page).await.body, "nobody");
    store.fail();
    let response = browser.get(&page).await;
    assert_eq!((response.status, response.body.as_str()), (200, "nobody"));
}

#[tokio::test]
async fn an_ended_access_token_that_cannot_be_refreshed_leads_a_page_to_sign_in_and_back() {
    let site = Site::start_with(|config| config.scope = "openid profile email".to_owned()).await;
    shorten_lives(&site).await;
    let mut browser = site.signed_in("ada").await;
    let call = serve(&site).await + "/call?q=x";
    assert_eq!(browser.get(&call).await.status, 200);
    expire(&site).await;
    let response = browser.get(&call).await;
    assert_eq!((response.status, response.set_cookies().len()), (303, 0));
    assert_eq!(response.header("location"), "/api/auth/login?post_login_redirect_url=%2Fcall%3Fq%3Dx");
    assert_eq!(browser.get_json(&call).await.status, 401);
    assert!(browser.is_signed_in(&site).await, "the session stays");
}

#[tokio::test]
async fn trouble_at_the_issuer_is_503_for_a_call_and_signs_nobody_out() {
    let site = super::site().await;
    let mut browser = site.signed_in("ada").await;
    let call = serve(&site).await + "/call";
    expire(&site).await;
    site.tenant.fault("refresh_500").await;
    let response = browser.get_json(&call).await;
    assert_eq!((response.status, response.header("retry-after")), (503, "6"));
    assert!(browser.is_signed_in(&site).await);
}
