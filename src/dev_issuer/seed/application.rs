//! What a seed does to a running tenant: it replaces people, settings, invitations and clients of machines. Whoever is
//! gone or suspended loses access, and the app gets the same events as for changes one by one.

use super::document::Seed;
use crate::dev_issuer::deliveries::{
    changed_person::{follow_change, follow_removal},
    event::Source,
};
use crate::dev_issuer::faults::{conditions::Conditions, switches::Switches};
use crate::dev_issuer::people::directory::People;
use crate::dev_issuer::protocol::{grants::Grants, portal_links::PortalLinks};
use crate::dev_issuer::state::{
    events::Events,
    tenant::{EmulatedTenant, TenantState},
};

/// Puts a seed in the place of the present state. Signing keys, faults and the log stay.
pub(crate) fn apply(tenant: &EmulatedTenant, state: &mut TenantState, seed: &Seed) {
    let Seed { people, settings, organizations, catalogue, invitations, machines, webhooks } = seed.clone();
    let before = std::mem::replace(&mut state.people, People::of(people));
    tenant.set_settings(state, settings);
    state.organizations = organizations;
    state.catalogue = catalogue;
    state.webhooks = webhooks;
    state.invitations = invitations;
    state.machines = machines;
    for person in before.all() {
        let after = state.people.find(&person.key).filter(|after| after.subject == person.subject).cloned();
        match after {
            None => follow_removal(tenant, state, Source::Admin, person),
            Some(after) => follow_change(tenant, state, Source::Admin, person, &after),
        }
    }
}

/// Goes back to the seed of the tenant: as [`apply`], and nobody is signed in, no fault is on, no response is late or
/// lost, no response is held back, earlier deliveries are forgotten, and log and journal are empty.
pub(crate) fn reset(tenant: &EmulatedTenant, state: &mut TenantState) {
    let seed = present_seed(tenant, state);
    tenant.outbox.clear();
    apply(tenant, state, &seed);
    state.faults = Switches::default();
    state.conditions = Conditions::default();
    state.registration = tenant.client.registration.clone();
    state.events = Events::default();
    state.grants = Grants::default();
    state.portal_links = PortalLinks::default();
    state.set_sessions([]);
    state.transactions.clear();
    state.log.clear();
    tenant.journal.lock().clear();
    tenant.held.release();
}

fn present_seed(tenant: &EmulatedTenant, state: &TenantState) -> Seed {
    let read = |text: &String| Seed::read(text, &state.first_settings, &tenant.random).ok();
    // It was read before, so it can be read again.
    state.seed.as_ref().and_then(read).unwrap_or_else(|| Seed::built_in(state.first_settings.clone()))
}
