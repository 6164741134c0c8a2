//! The end of one session at the tenant.

use super::logout_token;
use crate::dev_issuer::state::tenant::{EmulatedTenant, SsoSession, TenantState, sid};

/// Removes the session, by the value of its cookie, revokes its grants, and returns it. A plain issuer says so with a
/// logout token. Nothing follows from the end of a session by the clock, which nobody is told of.
pub(crate) fn end(tenant: &EmulatedTenant, state: &mut TenantState, session: &str) -> Option<SsoSession> {
    let ended = state.take_session(session)?;
    if let Some(subject) = state.people.find(&ended.person).map(|person| person.subject.clone()) {
        logout_token::tell(tenant, state, &subject, Some(sid(session)));
    }
    state.grants.end(|grant| grant.session == session);
    Some(ended)
}
