//! Tests of the callback, section CB of the security catalogue: which browser it signs in, how often, and in which
//! form.
//! What a misbehaving issuer sends (CB-1, 2, 10 to 13, 15 to 17, 22) is tested in `provider_faults`.

mod declined;
mod form;
mod ownership;
mod replay;

use kinde_leptos::auth::paths::{CALLBACK, LOGIN};

use crate::harness::{Browser, Response, Site};

/// Asserts what the catalogue calls "reject", as far as the response shows it.
fn assert_rejected(response: &Response) {
    assert_eq!(response.status, 400, "{}", response.url);
    assert!(response.header("content-type").starts_with("text/html"), "{}", response.url);
    assert!(response.header("cache-control").contains("no-store"), "{}", response.url);
    assert!(response.set_cookies().iter().all(|cookie| !cookie.starts_with("kinde_session=")), "{}", response.url);
    assert!(response.body.contains(&format!("href=\"{LOGIN}\"")), "no way to sign in again: {}", response.body);
    for (_, value) in response.url.query_pairs().filter(|(_, value)| value.len() > 3) {
        assert!(!response.body.contains(value.as_ref()), "{value} is repeated");
    }
}

/// Asserts that an ordinary sign-in still works.
async fn assert_serves(site: &Site) {
    assert!(site.signed_in("grace").await.is_signed_in(site).await);
}

async fn code_exchanges(site: &Site) -> usize {
    site.tenant.requests_at("/oauth2/token").await
}

/// A browser that has signed in at the tenant and not opened the callback yet, and the callback's address.
async fn about_to_return(site: &Site) -> (Browser, String) {
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(site, "ada", "/").await;
    (browser, callback)
}

/// The value of a parameter of an address.
fn parameter(url: &str, name: &str) -> String {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
}

/// The callback's address with this query.
fn with_query(site: &Site, query: &str) -> String {
    format!("{}?{query}", site.at(CALLBACK))
}
