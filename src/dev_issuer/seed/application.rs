//! What a seed does to a running tenant: it replaces people, settings, invitations and clients of machines. Whoever is
//! gone or suspended loses access, and the app gets the same events as for changes one by one.

use super::document::Seed;
use crate::dev_issuer::deliveries::{event, lost_access::end_access};
use crate::dev_issuer::faults::{conditions::Conditions, switches::Switches};
use crate::dev_issuer::people::{directory::People, person::Person};
use crate::dev_issuer::protocol::{grants::Grants, portal_links::PortalLinks};
use crate::dev_issuer::state::tenant::{EmulatedTenant, TenantState};

/// Puts a seed in the place of the present state. Signing keys, faults and the log stay.
pub(crate) fn apply(tenant: &EmulatedTenant, state: &mut TenantState, seed: &Seed) {
    let Seed { people, settings, invitations, machines } = seed.clone();
    let before = std::mem::replace(&mut state.people, People::of(people));
    tenant.set_settings(state, settings);
    state.invitations = invitations;
    state.machines = machines;
    for person in before.all() {
        let after = state.people.find(&person.key).filter(|after| after.subject == person.subject).cloned();
        match after {
            None => {
                end_access(tenant, state, person);
                event::tell(tenant, state, "user.deleted", person);
            }
            Some(after) => {
                if after.suspended && !person.suspended {
                    end_access(tenant, state, &after);
                }
                if is_an_event(person, &after) {
                    event::tell(tenant, state, "user.updated", &after);
                }
            }
        }
    }
}

/// As [`apply`], and nobody is signed in, no fault is on, no response is late or lost, no response is held back, and log
/// and journal are empty.
pub(crate) fn reset(tenant: &EmulatedTenant, state: &mut TenantState, seed: &Seed) {
    apply(tenant, state, seed);
    state.faults = Switches::default();
    state.conditions = Conditions::default();
    state.grants = Grants::default();
    state.portal_links = PortalLinks::default();
    state.sessions.clear();
    state.transactions.clear();
    state.log.clear();
    tenant.journal.lock().clear();
    tenant.held.release();
}

/// Whether Kinde has an event for the difference: for a profile, rights and suspension.
fn is_an_event(before: &Person, after: &Person) -> bool {
    let of = |person: &Person| {
        let Person { given_name, family_name, email, permissions, roles, organization_rights, suspended, .. } =
            person.clone();
        (given_name, family_name, email, permissions, roles, organization_rights, suspended)
    };
    of(before) != of(after)
}
