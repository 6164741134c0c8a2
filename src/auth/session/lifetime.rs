//! `SessionLifetime`: how long sessions live, and `SessionPolicy`, which also limits how many one user may have.

use std::num::NonZeroUsize;
use std::time::Duration;

use time::OffsetDateTime;

/// How long a session lives. It ends when the first of the two times has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionLifetime {
    /// Without any request.
    pub idle: Duration,
    /// Since sign-in, with requests or without.
    pub absolute: Duration,
}

impl SessionLifetime {
    /// A session that ends after so long without a request, and so long after sign-in.
    pub const fn new(idle: Duration, absolute: Duration) -> Self {
        Self { idle, absolute }
    }
}

impl Default for SessionLifetime {
    /// A day without a request, a week in all.
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self { idle: DAY, absolute: DAY.saturating_mul(7) }
    }
}

/// How long sessions live and how many one user may have.
#[derive(Debug, Clone, Copy)]
pub(in crate::auth) struct SessionPolicy {
    pub(in crate::auth) lifetime: SessionLifetime,
    pub(in crate::auth) per_user: NonZeroUsize,
}

impl SessionLifetime {
    /// When a session ends that was used last at `now`.
    pub(super) fn end(&self, started_at: OffsetDateTime, now: OffsetDateTime) -> OffsetDateTime {
        later(now, self.idle).min(self.absolute_end(started_at))
    }

    /// When a session ends at the latest.
    pub(super) fn absolute_end(&self, started_at: OffsetDateTime) -> OffsetDateTime {
        later(started_at, self.absolute)
    }
}

fn later(time: OffsetDateTime, duration: Duration) -> OffsetDateTime {
    time.saturating_add(time::Duration::try_from(duration).unwrap_or(time::Duration::MAX))
}
