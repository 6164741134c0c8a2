//! `TimeLeft`: how long a session still lives, and the two calls about it: one asks, the other prolongs. Requests prolong
//! a session in passing, when they load it: see `sessions`.

use std::time::Duration;

use time::OffsetDateTime;

use super::content::Session;
use super::error::SessionError;
use super::lifetime::SessionLifetime;
use super::sessions::Sessions;
use super::store::Id;

/// How long a session still lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimeLeft {
    /// Until it ends, unless a request prolongs it.
    pub unless_prolonged: Duration,
    /// Until it ends, whatever is requested. Never less than the other time.
    pub at_most: Duration,
}

impl TimeLeft {
    /// Whether a request can still prolong the session.
    pub fn can_be_prolonged(&self) -> bool {
        self.unless_prolonged < self.at_most
    }

    fn of(
        lifetime: SessionLifetime,
        started_at: OffsetDateTime,
        expires_at: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Self {
        let until = |end: OffsetDateTime| (end - now).try_into().unwrap_or_default();
        let at_most: Duration = until(lifetime.absolute_end(started_at));
        // A store keeps whole seconds, so a session that lives to its absolute end may expire a moment before it.
        let unless_prolonged = if at_most.saturating_sub(until(expires_at)) < Duration::from_secs(1) {
            at_most
        } else {
            until(expires_at)
        };
        Self { unless_prolonged: unless_prolonged.min(at_most), at_most }
    }
}

impl Sessions {
    /// How long the session with this id still lives. `None` when it has ended. Nothing is prolonged.
    pub(in crate::auth) async fn time_left(
        &self,
        id: Id,
        now: OffsetDateTime,
    ) -> Result<Option<TimeLeft>, SessionError> {
        let stored = self.find(id, now).await?;
        Ok(stored.map(|stored| TimeLeft::of(self.policy.lifetime, stored.session.started_at(), stored.expires_at, now)))
    }

    /// Prolongs a session to its full idle time, or to its absolute end, and returns how long it lives now.
    pub(in crate::auth) async fn prolong(
        &self,
        session: &Session,
        now: OffsetDateTime,
    ) -> Result<TimeLeft, SessionError> {
        let (lifetime, started_at) = (self.policy.lifetime, session.started_at());
        let end = lifetime.end(started_at, now);
        self.touch(session, end).await?;
        Ok(TimeLeft::of(lifetime, started_at, end, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: SessionLifetime = SessionLifetime::new(Duration::from_secs(600), Duration::from_secs(1_000));

    fn time_left(expires_after: f64, now_after: f64) -> (f64, f64, bool) {
        let at = |seconds: f64| OffsetDateTime::UNIX_EPOCH + time::Duration::seconds_f64(seconds);
        let left = TimeLeft::of(LIFETIME, at(0.0), at(expires_after), at(now_after));
        (left.unless_prolonged.as_secs_f64(), left.at_most.as_secs_f64(), left.can_be_prolonged())
    }

    #[test]
    fn the_first_of_the_two_ends_counts() {
        assert_eq!(time_left(600.0, 100.0), (500.0, 900.0, true));
        assert_eq!(time_left(1_000.0, 500.0), (500.0, 500.0, false));
        assert_eq!(time_left(9_000.0, 500.0), (500.0, 500.0, false), "whatever expiry the store has");
    }

    #[test]
    fn a_fraction_of_a_second_is_none_to_prolong_by() {
        assert!(time_left(999.0, 500.5).2);
        assert_eq!(time_left(999.5, 500.5), (499.5, 499.5, false));
    }

    #[test]
    fn after_the_end_nothing_is_left() {
        assert_eq!(time_left(600.0, 2_000.0), (0.0, 0.0, false));
    }
}
