//! What a correct client does when it meets a fault, and why: a sentence with its source for every fault of
//! `fault_table` and of `delivery_fault`, whatever language the client is written in.

mod callback;
mod deliveries;
mod documents;
mod refresh;
mod resources;
mod token_response;
mod tokens;

use super::delivery_fault::DeliveryFault;

/// What a correct client does.
#[derive(Debug)]
pub(crate) struct RightAnswer {
    faults: &'static [&'static str],
    pub(crate) text: &'static str,
    /// The specification and its section, or whose documentation says it.
    pub(crate) source: &'static str,
}

const fn answer(faults: &'static [&'static str], text: &'static str, source: &'static str) -> RightAnswer {
    RightAnswer { faults, text, source }
}

const TABLES: &[&[RightAnswer]] = &[
    callback::TABLE,
    tokens::ID_TOKEN,
    tokens::SIGNATURES,
    tokens::ACCESS_TOKEN,
    token_response::TABLE,
    refresh::TABLE,
    resources::USER_PROFILE,
    resources::ACCOUNT_API,
    resources::PORTAL,
    documents::KEYS,
    documents::DISCOVERY,
    resources::REVOCATION,
    resources::PROGRAMS,
    documents::EVERYTHING,
];

/// Returns what a correct client does when it meets the fault of this name.
pub(crate) fn to(fault: &str) -> Option<&'static RightAnswer> {
    TABLES.iter().copied().flatten().find(|answer| answer.faults.contains(&fault))
}

/// Returns what a correct client does when it receives a delivery with this fault.
pub(crate) fn to_delivery(fault: DeliveryFault) -> Option<&'static RightAnswer> {
    deliveries::TABLE.iter().find(|answer| answer.faults.contains(&fault.name()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::dev_issuer::faults::fault_table;

    #[test]
    fn every_fault_has_one_right_answer_with_a_source() {
        let answered: Vec<&str> = TABLES.iter().copied().flatten().flat_map(|answer| answer.faults).copied().collect();
        let names: BTreeSet<&str> = fault_table::all().map(|fault| fault.name).collect();
        assert_eq!(answered.iter().copied().collect::<BTreeSet<_>>(), names);
        assert_eq!(answered.len(), names.len(), "a fault has two answers");
        for answer in TABLES.iter().copied().flatten() {
            assert!(answer.text.ends_with('.') && answer.text.len() > 40, "{:?}", answer.faults);
            assert!(!answer.source.is_empty(), "{:?}", answer.faults);
        }
    }

    #[test]
    fn every_fault_of_a_delivery_has_one_right_answer() {
        let mut answered: Vec<&str> = deliveries::TABLE.iter().flat_map(|answer| answer.faults).copied().collect();
        let mut names = DeliveryFault::NAMES.to_vec();
        answered.sort_unstable();
        names.sort_unstable();
        assert_eq!(answered, names);
    }
}
