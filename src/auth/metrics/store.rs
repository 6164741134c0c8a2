//! The metrics of the session store.

use std::time::Duration;

use super::{Counters, Durations, Metric, label};

const OPERATIONS: Metric =
    Metric { name: "kinde_leptos_store_operations_total", help: "Operations of the session store." };
const OPERATION_DURATION: Metric = Metric {
    name: "kinde_leptos_store_operation_duration_seconds",
    help: "Operations of the session store, as long as their callers waited.",
};

label! {
    /// An operation of [`Store`](crate::auth::Store).
    "operation": Operation {
        Create = "create",
        Replace = "replace",
        Load = "load",
        LoadMany = "load_many",
        Take = "take",
        Touch = "touch",
        OwnedIds = "owned_ids",
        TakeOwnedBy = "take_owned_by",
        Portion = "portion",
        Ping = "ping",
    }
}

label! {
    /// How an operation ended.
    "outcome": OperationOutcome {
        Success = "success",
        Failure = "failure",
        /// It did not end in time.
        Timeout = "timeout",
    }
}

/// The operations of one client's store.
#[derive(Debug)]
pub(in crate::auth) struct StoreMetrics {
    operations: Counters<(Operation, OperationOutcome)>,
    durations: Durations<Operation>,
}

impl StoreMetrics {
    /// For a store that calls itself so.
    pub(in crate::auth) fn register(store: &'static str) -> Self {
        let labels = [("store", store)];
        Self {
            operations: Counters::register(&OPERATIONS, &labels),
            durations: Durations::register(&OPERATION_DURATION, &labels),
        }
    }

    pub(in crate::auth) fn operated(&self, operation: Operation, outcome: OperationOutcome, took: Duration) {
        self.operations.increment((operation, outcome));
        self.durations.record(operation, took);
    }
}
