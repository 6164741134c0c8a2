//! Every fault of the switchboard: its name, what it does and what it is, in one place.
//!
//! It leaves out how a fault is carried out. The names are those of the project's security catalogue; `evil.example`
//! stands for everything an attacker controls.

mod callback;
mod endpoints;
mod id_token;

use super::faults::{Effect, Fault};

/// The tables, in the order in which the switchboard lists them.
pub(super) const TABLES: &[&[Fault]] = &[
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

const fn fault(name: &'static str, effect: Effect, about: &'static str) -> Fault {
    Fault { name, effect, about }
}
