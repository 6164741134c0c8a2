//! The async runtime as tokio's stable metrics describe it.

use std::time::Duration;

use tokio::runtime::Handle;

use super::text::{Kind, Text};

/// Adds what the current runtime says.
pub(super) fn add_to(text: &mut Text) {
    let runtime = Handle::current().metrics();
    let workers = runtime.num_workers();
    let mut gauge = |name, help, value: usize| text.add(Kind::Gauge, name, help, &[], value as f64);
    gauge("tokio_workers", "Threads that run tasks.", workers);
    gauge("tokio_alive_tasks", "Tasks that have not ended.", runtime.num_alive_tasks());
    gauge("tokio_global_queue_depth", "Tasks that wait for any worker.", runtime.global_queue_depth());
    let busy: Duration = (0..workers).map(|worker| runtime.worker_total_busy_duration(worker)).sum();
    text.add(
        Kind::Counter,
        "tokio_worker_busy_seconds_total",
        "How long workers have run tasks, all together.",
        &[],
        busy.as_secs_f64(),
    );
}
