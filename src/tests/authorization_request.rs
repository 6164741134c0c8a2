//! Tests of the authorization request, section AR of the security catalogue: what the routes that begin a sign-in send
//! to the issuer, and what the site stores until the callback. The callback is tested in `callback`.

mod abuse;
mod confirmation;
mod invitations;
mod options;
mod organizations;
mod parameters;
mod pending;

use kinde_leptos::auth::paths::{CREATE_ORG, LOGIN, REGISTER};
use std::collections::BTreeMap;

use url::Url;

/// The routes that begin a sign-in. Every row of the catalogue holds for all of them.
const BEGINNINGS: [&str; 4] = [LOGIN, REGISTER, CREATE_ORG, "/api/auth/switch_org?org_code=org_1"];

/// A route with more parameters.
fn with_query(path: &str, query: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}{query}")
}

/// The query parameters of a URL. Panics when a name appears twice.
fn parameters(url: &Url) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    for (name, value) in url.query_pairs() {
        assert!(parameters.insert(name.to_string(), value.into_owned()).is_none(), "{name} stands twice");
    }
    parameters
}
