//! A change or a removal of one person, with what follows from it: access ends, and the app gets an event.

use super::{
    event::{self, Source},
    lost_access::end_access,
};
use crate::dev_issuer::people::{
    changes::{ChangeError, Changes, causes_an_event},
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
    let before = state.people.find(key)?.clone();
    let changed = state.people.change(key, changes)?;
    if let Ok(after) = &changed {
        follow_change(tenant, state, Source::Admin, &before, after);
    }
    Some(changed)
}

/// Ends the access of a person whom a change suspended, and sends the event of the change if there is one.
pub(crate) fn follow_change(
    tenant: &EmulatedTenant,
    state: &mut TenantState,
    source: Source,
    before: &Person,
    after: &Person,
) {
    if after.suspended && !before.suspended {
        end_access(tenant, state, after);
    }
    if causes_an_event(before, after) {
        event::tell(tenant, state, source, "user.updated", after);
    }
}

/// Deletes a person and returns them, or none if there is nobody of that key.
pub(crate) fn delete(tenant: &EmulatedTenant, state: &mut TenantState, source: Source, key: &str) -> Option<Person> {
    let person = state.people.remove(key)?;
    state.settings.auto_sign_in = state.settings.auto_sign_in.take().filter(|automatic| automatic != key);
    follow_removal(tenant, state, source, &person);
    Some(person)
}

/// Ends the access of a person who was removed, and sends the event of it.
pub(crate) fn follow_removal(tenant: &EmulatedTenant, state: &mut TenantState, source: Source, person: &Person) {
    end_access(tenant, state, person);
    event::tell(tenant, state, source, "user.deleted", person);
}
