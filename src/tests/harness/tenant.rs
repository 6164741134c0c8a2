//! The people whom every emulated tenant knows, and the settings of a program that signs in there. The tenant itself is
//! that of the test kit, [`TestTenant`].

use kinde_leptos::dev_issuer::{DevIssuer, Person};

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
