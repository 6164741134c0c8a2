//! The lock on a tenant's state. When it is released after a change, it says so, so that no code that changes the state
//! has to.

use std::ops::{Deref, DerefMut};
use std::sync::MutexGuard;

use tokio::sync::Notify;

use super::tenant::TenantState;

/// The locked state.
pub(crate) struct StateGuard<'a> {
    state: MutexGuard<'a, TenantState>,
    changed: &'a Notify,
    may_have_changed: bool,
}

impl<'a> StateGuard<'a> {
    pub(crate) fn new(state: MutexGuard<'a, TenantState>, changed: &'a Notify) -> Self {
        Self { state, changed, may_have_changed: false }
    }
}

impl Deref for StateGuard<'_> {
    type Target = TenantState;

    fn deref(&self) -> &TenantState {
        &self.state
    }
}

impl DerefMut for StateGuard<'_> {
    fn deref_mut(&mut self) -> &mut TenantState {
        self.may_have_changed = true;
        &mut self.state
    }
}

impl Drop for StateGuard<'_> {
    fn drop(&mut self) {
        if self.may_have_changed {
            self.changed.notify_one();
        }
    }
}
