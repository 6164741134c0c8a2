//! Tests of the authorization request, the catalogue's section AR: what `/api/auth/login` and `/api/auth/register`
//! send to the issuer, and what they keep until it comes back.
//! It leaves out what becomes of the response; see `callback`.

mod abuse;
mod parameters;
mod pending;

use std::collections::BTreeMap;

use url::Url;

const LOGIN: &str = "/api/auth/login";
const REGISTER: &str = "/api/auth/register";
/// Every row holds for both.
const BEGINNINGS: [&str; 2] = [LOGIN, REGISTER];

/// The parameters of an address; a name that stands twice fails the test.
fn parameters(url: &Url) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    for (name, value) in url.query_pairs() {
        assert!(parameters.insert(name.to_string(), value.into_owned()).is_none(), "{name} stands twice");
    }
    parameters
}
