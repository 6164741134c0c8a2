//! Errors of the issuer that are to be expected: `login_required` after `prompt=none`, and `login_link_expired` (CB-13,
//! CB-16).
//! All other errors are in the table of `provider_faults`, switching organizations in `authorization_request`.

use kinde_leptos::auth::paths::{LOGIN, SIGNED_OUT};

use super::{assert_rejected, parameter, with_query};
use crate::harness::{Browser, Response, Site};

// CB-13
#[tokio::test]
async fn a_silent_sign_in_of_an_unknown_user_ends_on_the_page_for_everybody() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let page = browser.visit(&site.at(&format!("{LOGIN}?prompt=none&post_login_redirect_url=/items/1"))).await;
    assert_eq!((page.status, page.url.as_str()), (200, site.at(SIGNED_OUT).as_str()));
    assert_eq!(site.tenant.requests_at("/oauth2/auth").await, 1);
    assert_eq!(browser.cookies_at("localhost"), []);
}

// CB-13
#[tokio::test]
async fn a_silent_sign_in_of_a_user_whom_only_this_site_knows_returns_to_the_page() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let session = browser.session();
    browser.leave_tenant();
    let page = browser.visit(&site.at(&format!("{LOGIN}?prompt=none&post_login_redirect_url=/items/1"))).await;
    assert_eq!((page.status, page.url.as_str()), (200, site.at("/items/1").as_str()));
    assert_eq!(browser.session(), session);
}

// CB-13
#[tokio::test]
async fn a_silent_sign_in_of_a_user_whom_the_issuer_knows_needs_no_page() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    browser.set_cookie("localhost", "kinde_session", "");
    let page = browser.visit(&site.at(&format!("{LOGIN}?prompt=none&post_login_redirect_url=/items/1"))).await;
    assert_eq!((page.status, page.url.as_str()), (200, site.at("/items/1").as_str()));
}

// CB-13: nobody asked for silence
#[tokio::test]
async fn login_required_after_an_ordinary_request_is_an_error() {
    let site = Site::start().await;
    site.tenant.fault("cb_login_required").await;
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(&site, "ada", "/").await;
    assert_rejected(&browser.get(&callback).await);
}

/// A browser whose sign-in from this path ended with `login_link_expired`, and the address of that callback.
async fn with_expired_link(site: &Site, login: &str) -> (Browser, String) {
    let mut browser = Browser::new();
    let page = browser.visit(&site.at(login)).await;
    let callback = browser.choose(site, &page, &[("action", "expire")]).await;
    assert_eq!(parameter(&callback, "error"), "login_link_expired");
    (browser, callback)
}

/// Where the page's first way on leads.
fn sign_in_again(page: &Response) -> String {
    let (before, _) = page.body.split_once(">Sign in again</a>").unwrap_or_else(|| panic!("{}", page.body));
    before.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&amp;", "&")
}

// CB-16
#[tokio::test]
async fn an_expired_link_begins_the_same_sign_in_again_when_the_user_wants_it() {
    let site = Site::start().await;
    let login =
        "/api/auth/register?org_code=org_that&login_hint=ada%40example.com&post_login_redirect_url=%2Fitems%2F1";
    let organization = crate::harness::person("ada").organizations[0].code.clone();
    let (mut browser, callback) = with_expired_link(&site, &login.replace("org_that", &organization)).await;
    let page = browser.get(&callback).await;
    assert_eq!((page.status, page.location()), (400, None));
    assert!(page.body.contains("This sign-in link has expired"), "{}", page.body);
    let again = sign_in_again(&page);
    let expected = format!(
        "{LOGIN}?login_hint=ada%40example.com&org_code={organization}&prompt=create&post_login_redirect_url=%2Fitems%2F1"
    );
    assert_eq!(again, expected);
    let form = browser.visit(&site.at(&again)).await;
    let back = browser.choose(&site, &form, &[("person", "ada")]).await;
    assert_eq!(browser.visit(&back).await.url.as_str(), site.at("/items/1"));
}

// CB-16: Kinde leaves `state` out, or the link was opened in another browser
#[tokio::test]
async fn an_expired_link_without_a_known_state_has_the_same_page() {
    let site = Site::start().await;
    let (_, callback) =
        with_expired_link(&site, "/api/auth/login?org_name=Secret&post_login_redirect_url=%2Fitems%2F1").await;
    let reauth_state = parameter(&callback, "reauth_state");
    let encoded = percent_encoding::utf8_percent_encode(&reauth_state, percent_encoding::NON_ALPHANUMERIC).to_string();
    for query in [
        format!("error=login_link_expired&reauth_state={encoded}"),
        "error=LOGIN_LINK_EXPIRED".to_owned(),
        format!("error=login_link_expired&state=unknown-state&reauth_state={encoded}"),
        format!("error=login_link_expired&state={}&reauth_state={encoded}", parameter(&callback, "state")),
    ] {
        let page = Browser::new().get(&with_query(&site, &query)).await;
        assert_eq!((page.status, page.location()), (400, None), "{query}");
        assert!(page.body.contains("This sign-in link has expired"), "{query}: {}", page.body);
        assert_eq!(sign_in_again(&page), LOGIN, "{query}");
        assert!(!page.body.contains("Secret"), "{query}");
    }
}
