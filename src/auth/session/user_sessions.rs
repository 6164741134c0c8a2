//! The sessions of one user, as the user sees them. They are ended in `ending`.

use std::collections::HashSet;

use time::OffsetDateTime;

use super::content::Session;
use super::error::SessionError;
use super::lifetime::SessionLifetime;
use super::sealed_records::Unopened;
use super::sessions::Sessions;
use super::store::{Id, Record};

/// How far the clocks of processes on one store may differ.
const CLOCK_TOLERANCE: time::Duration = time::Duration::MINUTE;

/// How many records of a user are read by one operation.
pub(super) const RECORDS_AT_ONCE: usize = 100;

/// One of a user's sessions, for the user's own eyes: nothing in it opens the session, or finds it in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserSession {
    /// Names the session in this list: 22 letters, digits, `-` and `_`. It is a digest made for this purpose alone.
    pub id: String,
    /// The browser and the system that signed in, by family, such as `Firefox on Linux`: at most 60 characters. A
    /// browser may claim to be anything. `None` when it named nothing that is known.
    pub device: Option<String>,
    /// When the user signed in.
    pub started_at: OffsetDateTime,
    /// When it was used last, as far as its expiry tells, which is moved every five minutes at most. `None` when that
    /// is not known: the session ends soon whether it is used or not.
    pub last_seen: Option<OffsetDateTime>,
    /// Whether it is the session that asks.
    pub is_current: bool,
}

/// A user's sessions, for an operator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedSessions {
    /// Those that open, the newest first.
    pub sessions: Vec<UserSession>,
    /// How many open with none of the keys.
    pub unreadable: usize,
}

impl Sessions {
    /// The sessions of a session's user: first this one, then the newest first.
    pub(in crate::auth) async fn of_user(
        &self,
        current: &Session,
        now: OffsetDateTime,
    ) -> Result<Vec<UserSession>, SessionError> {
        Ok(self.listed(&current.user().subject, Some(current.id), now).await?.sessions)
    }

    /// The sessions of a user: first the one that asks, if one does, then the newest first.
    pub(in crate::auth) async fn listed(
        &self,
        subject: &str,
        current: Option<Id>,
        now: OffsetDateTime,
    ) -> Result<ListedSessions, SessionError> {
        let ids = self.ids_of(subject).await?;
        let read = |record: &Record| match self.decode(record) {
            Ok(session) => self.as_seen_by_user(session, record.expires_at, current, now).map(Some),
            Err(Unopened::OtherKind) => None,
            Err(Unopened::UnknownKey | Unopened::Unreadable) => Some(None),
        };
        let all = self.read_each(subject, &ids, now, read).await?;
        let unreadable = all.iter().filter(|session| session.is_none()).count();
        let mut sessions: Vec<_> = all.into_iter().flatten().collect();
        sessions.sort_by(|a, b| {
            (b.is_current, b.started_at).cmp(&(a.is_current, a.started_at)).then_with(|| a.id.cmp(&b.id))
        });
        Ok(ListedSessions { sessions, unreadable })
    }

    fn as_seen_by_user(
        &self,
        session: Session,
        expires_at: OffsetDateTime,
        current: Option<Id>,
        now: OffsetDateTime,
    ) -> Option<UserSession> {
        let (lifetime, started_at) = (self.policy.lifetime, session.started_at());
        (now < lifetime.absolute_end(started_at)).then(|| UserSession {
            id: self.listed_id(session.id),
            last_seen: lifetime.last_seen(started_at, expires_at, now),
            started_at,
            is_current: Some(session.id) == current,
            device: session.content.device,
        })
    }

    /// The name of a session in the list that its user sees.
    pub(in crate::auth) fn listed_id(&self, session: Id) -> String {
        self.records.application().listed_id(session).to_string()
    }

    /// The user's session of this name. `None` when the user has none.
    pub(in crate::auth) async fn find_listed(
        &self,
        subject: &str,
        listed: &str,
        now: OffsetDateTime,
    ) -> Result<Option<Id>, SessionError> {
        let mut named = self.ids_of(subject).await?;
        named.retain(|id| self.listed_id(*id) == listed);
        Ok(self.read_each(subject, &named, now, |record| Some(record.id)).await?.pop())
    }

    /// All sessions of a user, in no order.
    pub(in crate::auth) async fn of_subject(
        &self,
        subject: &str,
        now: OffsetDateTime,
    ) -> Result<Vec<Session>, SessionError> {
        let ids = self.ids_of(subject).await?;
        self.read_each(subject, &ids, now, |record| self.decode(record).ok()).await
    }

    /// The ids of a user's records without those of tokens and claims that have a session: of each session one, and
    /// perhaps some whose records are gone, or that were left without a session.
    pub(super) async fn ids_of(&self, subject: &str) -> Result<Vec<Id>, SessionError> {
        let application = self.records.application();
        let mut ids = self.records.owned_ids(&application.owner(subject)).await?;
        let parts: HashSet<Id> =
            ids.iter().flat_map(|id| [application.tokens_id(*id), application.claims_id(*id)]).collect();
        ids.retain(|id| !parts.contains(id));
        Ok(ids)
    }

    /// What can be read of those of these records that are a user's. Only a portion of the records is in memory at a
    /// time.
    pub(super) async fn read_each<T>(
        &self,
        subject: &str,
        ids: &[Id],
        now: OffsetDateTime,
        read: impl Fn(&Record) -> Option<T>,
    ) -> Result<Vec<T>, SessionError> {
        let owner = self.records.application().owner(subject);
        let mut all = Vec::new();
        for ids in ids.chunks(RECORDS_AT_ONCE) {
            all.extend(self.records.load_owned(&owner, ids, now).await?.iter().filter_map(&read));
        }
        Ok(all)
    }
}

impl SessionLifetime {
    /// When a session was used last that expires at this time: its expiry minus the idle time. `None` when the session
    /// expires for its age, or under another idle time than this one.
    fn last_seen(
        &self,
        started_at: OffsetDateTime,
        expires_at: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Option<OffsetDateTime> {
        // Stores keep whole seconds.
        if expires_at.saturating_add(time::Duration::SECOND) > self.absolute_end(started_at) {
            return None;
        }
        let last_seen = expires_at.checked_sub(self.idle.try_into().ok()?)?;
        let is_possible = started_at <= last_seen && last_seen <= now.saturating_add(CLOCK_TOLERANCE);
        is_possible.then_some(last_seen.min(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const BEGAN: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
    const HOUR: Duration = Duration::from_secs(3600);

    fn last_seen(expires_at: Duration, now: Duration) -> Option<Duration> {
        let lifetime = SessionLifetime::new(HOUR, HOUR * 10);
        let seen = lifetime.last_seen(BEGAN, BEGAN + expires_at, BEGAN + now)?;
        Some((seen - BEGAN).try_into().unwrap())
    }

    #[test]
    fn a_session_was_last_seen_its_idle_time_before_it_expires() {
        assert_eq!(last_seen(HOUR, HOUR / 2), Some(Duration::ZERO));
        assert_eq!(last_seen(HOUR * 3, HOUR * 5 / 2), Some(HOUR * 2));
    }

    #[test]
    fn an_expiry_that_the_sessions_age_decides_tells_nothing() {
        assert_eq!(last_seen(HOUR * 10 - Duration::from_secs(2), HOUR * 9), Some(HOUR * 9 - Duration::from_secs(2)));
        for expires_at in [HOUR * 10 - Duration::from_millis(500), HOUR * 10] {
            assert_eq!(last_seen(expires_at, HOUR * 19 / 2), None, "{expires_at:?}");
        }
    }

    #[test]
    fn an_expiry_under_another_idle_time_tells_nothing() {
        assert_eq!(last_seen(HOUR / 2, HOUR / 4), None, "before the session began");
        assert_eq!(last_seen(HOUR * 3, HOUR), None, "in the future");
    }

    #[test]
    fn a_process_whose_clock_is_behind_shows_no_future() {
        assert_eq!(last_seen(HOUR * 2 + Duration::from_secs(5), HOUR), Some(HOUR));
    }
}
