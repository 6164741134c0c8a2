//! A change or a removal of one person, with what follows from it: access ends, and the app gets an event.

use super::{event, lost_access::end_access};
use crate::dev_issuer::people::{
    changes::{ChangeError, Changes},
    person::Person,
};
use crate::dev_issuer::state::tenant::{EmulatedTenant, TenantState};

/// Changes a person and returns the person as changed, or none if there is nobody of that key.
///
/// # Errors
///
/// [`ChangeError`]: the changes do not fit the person.
pub(crate) fn change(
    tenant: &EmulatedTenant,
    state: &mut TenantState,
    key: &str,
    changes: Changes,
) -> Option<Result<Person, ChangeError>> {
    let causes_an_event = changes.cause_an_event();
    let changed = state.people.change(key, changes)?;
    if let Ok(person) = &changed {
        if person.suspended {
            end_access(tenant, state, person);
        }
        if causes_an_event {
            event::tell(tenant, state, "user.updated", person);
        }
    }
    Some(changed)
}

/// Deletes a person and returns them, or none if there is nobody of that key.
pub(crate) fn delete(tenant: &EmulatedTenant, state: &mut TenantState, key: &str) -> Option<Person> {
    let person = state.people.remove(key)?;
    state.settings.auto_sign_in = state.settings.auto_sign_in.take().filter(|automatic| automatic != key);
    end_access(tenant, state, &person);
    event::tell(tenant, state, "user.deleted", &person);
    Some(person)
}
