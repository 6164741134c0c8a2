//! The end of everything that a person has at the tenant, because they are suspended or gone.

use super::logout_token;
use crate::dev_issuer::people::person::Person;
use crate::dev_issuer::state::tenant::{EmulatedTenant, TenantState};

/// Ends what the person has at the tenant. A plain issuer says so with a logout token, Kinde with the event of the
/// change.
pub(crate) fn end_access(tenant: &EmulatedTenant, state: &mut TenantState, person: &Person) {
    state.end_access_of(&person.key);
    logout_token::tell(tenant, state, &person.subject, None);
}
