//! The table of all faults, with the name, the effect and the description of each. A name begins with the endpoint or
//! the document that the fault concerns, such as `cb_` for the callback.
//!
//! `evil.example` represents everything that an attacker controls.

mod access_token;
mod callback;
mod endpoints;
mod id_token;

use super::fault::Fault;

/// The tables, in the order in which the switchboard lists them.
const TABLES: &[&[Fault]] = &[
    callback::TABLE,
    id_token::CLAIMS,
    id_token::SIGNATURES,
    access_token::TABLE,
    endpoints::TOKEN,
    endpoints::REFRESH,
    endpoints::USER_PROFILE,
    endpoints::ACCOUNT_API,
    endpoints::PORTAL,
    endpoints::KEYS,
    endpoints::DISCOVERY,
    endpoints::OTHERS,
];

/// Returns every fault.
pub(crate) fn all() -> impl Iterator<Item = &'static Fault> {
    TABLES.iter().copied().flatten()
}

/// Returns the fault of that name.
pub(crate) fn find(name: &str) -> Option<&'static Fault> {
    all().find(|fault| fault.name == name)
}
