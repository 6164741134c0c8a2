//! `Drain`: the end of the process, while it finishes the requests it has and is sent no new ones.
//! Connections are closed in `listen`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Whether the process is ending. Cheap to clone; all clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Drain(Arc<Stop>);

#[derive(Debug, Default)]
struct Stop {
    notice: Duration,
    has_begun: AtomicBool,
}

impl Drain {
    /// `notice` is how long requests are still accepted after a stop was asked for, while `/readyz` says that it was:
    /// the time that a load balancer needs to notice.
    pub fn with_notice(notice: Duration) -> Self {
        Self(Arc::new(Stop { notice, has_begun: AtomicBool::new(false) }))
    }

    /// Whether a stop was asked for.
    pub(super) fn has_begun(&self) -> bool {
        self.0.has_begun.load(Ordering::Relaxed)
    }

    /// Begins, and completes when nothing new need be accepted any more.
    pub(super) async fn begin(&self) {
        self.0.has_begun.store(true, Ordering::Relaxed);
        tokio::time::sleep(self.0.notice).await;
    }
}
