//! The people whom every emulated tenant knows, and the settings of a program that signs in there. The tenant itself is
//! that of the test kit, [`TestTenant`].

use kinde_leptos::dev_issuer::{DevIssuer, Person};

use super::store_server::until;

pub use kinde_leptos::test_kit::TestTenant;

/// One of the people whom every tenant knows.
pub fn person(key: &str) -> Person {
    DevIssuer::people().into_iter().find(|person| person.key == key).unwrap()
}

/// The settings of a program for a site at this origin that signs in at the tenant: each one's name and value.
pub fn settings_of<'a>(tenant: &'a TestTenant, site_url: &'a str) -> [(&'static str, &'a str); 4] {
    [
        ("SITE_URL", site_url),
        ("KINDE_ISSUER_URL", tenant.issuer()),
        ("CLIENT_ID", tenant.client_id()),
        ("CLIENT_SECRET", tenant.client_secret()),
    ]
}

/// Waits until a program that has just started has asked this tenant what it asks at its start: the last request is for a
/// token.
#[allow(dead_code, reason = "the `soak` target has no use for it")]
pub async fn until_examined(tenant: &TestTenant) {
    until(async || tenant.requests_at("/oauth2/token").await > 0).await;
}
