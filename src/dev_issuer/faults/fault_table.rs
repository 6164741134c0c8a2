//! Every fault of the switchboard: its name, what it does and what it is, in one place.
//!
//! It leaves out how a fault is carried out. The names are those of the project's security catalogue; `evil.example`
//! stands for everything an attacker controls.

mod callback;
mod endpoints;
mod id_token;

use super::fault::Fault;

/// The tables, in the order in which the switchboard lists them.
const TABLES: &[&[Fault]] = &[
    callback::TABLE,
    id_token::CLAIMS,
    id_token::SIGNATURES,
    endpoints::TOKEN,
    endpoints::REFRESH,
    endpoints::USER_PROFILE,
    endpoints::KEYS,
    endpoints::DISCOVERY,
    endpoints::OTHERS,
];

/// Every fault there is.
pub(crate) fn all() -> impl Iterator<Item = &'static Fault> {
    TABLES.iter().copied().flatten()
}

/// The fault of that name.
pub(crate) fn find(name: &str) -> Option<&'static Fault> {
    all().find(|fault| fault.name == name)
}
