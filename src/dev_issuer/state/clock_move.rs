//! A move of the tenant's clock, and what ends by it. The app's own clock does not move.

use serde::Serialize;

use super::settings::MAX_CLOCK_OFFSET;
use super::tenant::{EmulatedTenant, TenantState};
use crate::dev_issuer::basics::clock::Seconds;

/// The number of things that had not ended before the move and have after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Ended {
    pub(crate) sign_in_pages: usize,
    pub(crate) codes: usize,
    pub(crate) access_tokens: usize,
    pub(crate) refresh_tokens: usize,
    /// The sessions at the tenant.
    pub(crate) sessions: usize,
    /// The deliveries whose next attempt has become due.
    pub(crate) pauses_of_deliveries: usize,
}

/// The reason for which the clock does not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotMoved {
    #[error(
        "forward_seconds is at least 1: the clock moves forward. DELETE /dev/clock goes back to the time of the machine"
    )]
    NotForward,
    #[error("forward_seconds is too much: the clock may be ten years ahead")]
    TooFar,
}

/// Moves the clock forward.
///
/// # Errors
///
/// [`NotMoved`]
pub(crate) fn forward(tenant: &EmulatedTenant, state: &mut TenantState, seconds: Seconds) -> Result<Ended, NotMoved> {
    if seconds < 1 {
        return Err(NotMoved::NotForward);
    }
    let offset = state.settings.clock_offset.checked_add(seconds).filter(|offset| *offset <= MAX_CLOCK_OFFSET);
    let offset = offset.ok_or(NotMoved::TooFar)?;
    Ok(set_offset(tenant, state, offset))
}

/// Sets the clock to the time of the machine.
pub(crate) fn back_to_machine(tenant: &EmulatedTenant, state: &mut TenantState) {
    set_offset(tenant, state, 0);
}

fn set_offset(tenant: &EmulatedTenant, state: &mut TenantState, offset: Seconds) -> Ended {
    let now = state.now();
    let then = now + (offset - state.settings.clock_offset);
    let ended = ended_between(tenant, state, now, then);
    let mut settings = state.settings.clone();
    settings.clock_offset = offset;
    tenant.set_settings(state, settings);
    ended
}

fn ended_between(tenant: &EmulatedTenant, state: &TenantState, now: Seconds, then: Seconds) -> Ended {
    let ends = |at: Seconds| now < at && at <= then;
    let ends_of_grants = state.grants.ends();
    Ended {
        sign_in_pages: state.transactions.values().filter(|transaction| ends(transaction.expires_at)).count(),
        codes: ends_of_grants.codes.into_iter().filter(|at| ends(*at)).count(),
        access_tokens: ends_of_grants.access_tokens.into_iter().filter(|at| ends(*at)).count(),
        refresh_tokens: ends_of_grants.refresh_tokens.into_iter().filter(|at| ends(*at)).count(),
        sessions: state.live_sessions().filter(|(_, session)| ends(state.end_of(session))).count(),
        pauses_of_deliveries: tenant
            .outbox
            .deliveries()
            .iter()
            .filter(|delivery| delivery.next_attempt_at.is_some_and(ends))
            .count(),
    }
}
