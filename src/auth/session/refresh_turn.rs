//! `RefreshTurn`: when a session's tokens are refreshed, and by whom. It is a part of the session record, so that all
//! processes on a store agree. The refresh itself is in `client::refresh`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::timestamp::milliseconds;

/// The holder of a turn that began longer ago is taken to be dead: another one takes over.
pub(in crate::auth) const TAKEN_OVER_AFTER: Duration = Duration::from_secs(15);

/// When a session's tokens are refreshed next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::auth) enum RefreshTurn {
    /// There is no refresh token.
    #[default]
    Never,
    /// When the access token needs it.
    At(#[serde(with = "milliseconds")] OffsetDateTime),
    /// Not before this time, because the last refresh failed.
    PausedUntil(#[serde(with = "milliseconds")] OffsetDateTime),
    /// A process is refreshing them.
    Running {
        /// A random value of that process's attempt.
        holder: String,
        #[serde(with = "milliseconds")]
        since: OffsetDateTime,
    },
}

impl RefreshTurn {
    /// Whether somebody should take the turn now.
    pub(in crate::auth) fn is_due(&self, now: OffsetDateTime) -> bool {
        match self {
            Self::Never => false,
            Self::At(due) | Self::PausedUntil(due) => now >= *due,
            Self::Running { since, .. } => now >= *since + TAKEN_OVER_AFTER,
        }
    }

    /// When the refresh under way began.
    pub(in crate::auth) fn running_since(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        match self {
            Self::Running { since, .. } if !self.is_due(now) => Some(*since),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    #[test]
    fn a_turn_is_due_when_its_time_has_come_or_its_holder_is_silent() {
        let running =
            |seconds| RefreshTurn::Running { holder: "holder".to_owned(), since: NOW - Duration::from_secs(seconds) };
        let second = Duration::from_secs(1);
        for (turn, is_due) in [
            (RefreshTurn::Never, false),
            (RefreshTurn::At(NOW), true),
            (RefreshTurn::At(NOW + second), false),
            (RefreshTurn::PausedUntil(NOW), true),
            (RefreshTurn::PausedUntil(NOW + second), false),
            (running(14), false),
            (running(15), true),
        ] {
            assert_eq!(turn.is_due(NOW), is_due, "{turn:?}");
            let stored = serde_json::to_string(&turn).unwrap();
            assert_eq!(serde_json::from_str::<RefreshTurn>(&stored).unwrap(), turn);
        }
        assert_eq!(running(14).running_since(NOW), Some(NOW - 14 * second));
        assert_eq!(running(15).running_since(NOW), None);
    }
}
