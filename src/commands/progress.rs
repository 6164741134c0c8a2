//! `Progress`: a line on standard error every few seconds, for a command that takes long.

use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_secs(5);

/// When something was said last.
pub(super) struct Progress(Instant);

impl Progress {
    /// Nothing is said before the first interval is over.
    pub(super) fn begin() -> Self {
        Self(Instant::now())
    }

    /// Says how far the command is, if it is time to.
    pub(super) fn say(&mut self, so_far: impl FnOnce() -> String) {
        if self.0.elapsed() >= INTERVAL {
            eprintln!("{}", so_far());
            self.0 = Instant::now();
        }
    }
}
