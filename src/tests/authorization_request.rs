//! Tests of the authorization request, section AR of the security catalogue: what `/api/auth/login` and
//! `/api/auth/register` send to the issuer, and what the site stores until the callback.
//! The callback is tested in `callback`.

mod abuse;
mod parameters;
mod pending;

use kinde_leptos::auth::paths::{LOGIN, REGISTER};
use std::collections::BTreeMap;

use url::Url;

/// The two routes that begin a sign-in. Every row of the catalogue holds for both.
const BEGINNINGS: [&str; 2] = [LOGIN, REGISTER];

/// The query parameters of a URL. Panics when a name appears twice.
fn parameters(url: &Url) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    for (name, value) in url.query_pairs() {
        assert!(parameters.insert(name.to_string(), value.into_owned()).is_none(), "{name} stands twice");
    }
    parameters
}
