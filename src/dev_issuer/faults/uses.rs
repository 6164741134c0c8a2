//! The faults that a request has used, for the journal: a switch notes its fault in the request that runs.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

tokio::task_local! {
    /// The uses of the request that runs in this scope.
    static OF_THIS_REQUEST: Uses;
}

/// The names of the faults that one request has used, in order.
#[derive(Clone, Default)]
pub(crate) struct Uses(Arc<Mutex<Vec<&'static str>>>);

impl Uses {
    /// Runs the work of a request, whose uses are noted here.
    pub(crate) async fn of<T>(&self, work: impl Future<Output = T>) -> T {
        OF_THIS_REQUEST.scope(self.clone(), work).await
    }

    /// Returns the names.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Notes a use. It does nothing outside of a request that is recorded.
pub(super) fn note(fault: &'static str) {
    let _ = OF_THIS_REQUEST.try_with(|uses| uses.0.lock().unwrap_or_else(PoisonError::into_inner).push(fault));
}
