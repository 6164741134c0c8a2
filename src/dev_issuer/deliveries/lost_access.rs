//! The end of everything that a person has at the tenant, because they are suspended or gone.

use super::{
    event::{self, Source},
    logout_token,
};
use crate::dev_issuer::people::person::Person;
use crate::dev_issuer::state::tenant::{EmulatedTenant, TenantState};

/// Ends what the person has at the tenant. A plain issuer says so with a logout token, Kinde with the event of the
/// change.
pub(crate) fn end_access(tenant: &EmulatedTenant, state: &mut TenantState, person: &Person) {
    state.end_access_of(&person.key);
    logout_token::tell(tenant, state, &person.subject, None);
}

/// Removes a person and everything that they have at the tenant, and sends the event of it. Returns whether there was
/// such a person.
pub(crate) fn remove_person(tenant: &EmulatedTenant, state: &mut TenantState, source: Source, key: &str) -> bool {
    let Some(person) = state.people.remove(key) else { return false };
    state.settings.auto_sign_in = state.settings.auto_sign_in.take().filter(|automatic| *automatic != key);
    end_access(tenant, state, &person);
    event::tell(tenant, state, source, "user.deleted", &person);
    true
}
