//! The people whom every emulated tenant knows. The tenant itself is that of the test kit, [`TestTenant`].

use kinde_leptos::dev_issuer::{DevIssuer, Person};

pub use kinde_leptos::test_kit::TestTenant;

/// One of the people whom every tenant knows.
pub fn person(key: &str) -> Person {
    DevIssuer::people().into_iter().find(|person| person.key == key).unwrap()
}
