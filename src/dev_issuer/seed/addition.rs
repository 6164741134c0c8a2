//! One more person beside those who are there, in the form of a seed.

use serde_json::Value;

use super::{
    document::{SeedProblems, check_people},
    person,
};
use crate::dev_issuer::state::tenant::TenantState;

/// Adds a person and returns their key.
///
/// # Errors
///
/// [`SeedProblems`]: everything that is wrong. Each problem begins with the name of the member.
pub(crate) fn add(state: &mut TenantState, value: Value) -> Result<String, SeedProblems> {
    let mut problems = Vec::new();
    let added = person::read("", value, &mut problems);
    let present = state.people.all();
    let everybody: Vec<_> = present.iter().chain(&added).collect();
    let place = |index: usize| present.get(index).map_or(String::new(), |person| format!("the person {}", person.key));
    check_people(&everybody, place, &mut problems);
    match added {
        Some(person) if problems.is_empty() => {
            let key = person.key.clone();
            state.people.add(person);
            Ok(key)
        }
        _ => Err(SeedProblems(problems)),
    }
}
