//! Marks: they say that rights changed. One belongs to a user, one to everybody; each is a record with a random text,
//! and rights are kept together with the texts that both marks had. They count while both marks still have these texts.
//! A third says that all sessions were ended; a sign-in remembers its text from beginning to end.
//! What rights are, and where they come from, is not known here. Marks are not sealed: they are no secret, and every
//! process must be able to read them while processes get a new key one after the other.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::error::SessionError;
use super::sealed_records::Kind;
use super::sessions::Sessions;
use super::store::{Id, Record};
use crate::auth::random::random_value;

/// A mark lives for as long as a session may, and at least for so long, because access tokens of other clients are held
/// against it, too.
const LEAST_LIFETIME: time::Duration = time::Duration::days(30);
/// Each try that fails means that another caller succeeded.
const MAX_TRIES: usize = 1000;

/// That rights changed, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::auth) struct Mark {
    /// A random value that is new at each change.
    text: String,
    #[serde(with = "time::serde::timestamp")]
    moved_at: OffsetDateTime,
    /// Since when the user may not use this application any more: suspended or deleted.
    #[serde(default, with = "time::serde::timestamp::option", skip_serializing_if = "Option::is_none")]
    ended_at: Option<OffsetDateTime>,
}

/// The marks that concern one user. `None` where nothing changed for as long as a session may live.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::auth) struct Marks {
    user: Option<Mark>,
    everybody: Option<Mark>,
}

/// The texts of both marks as they were when rights were obtained.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::auth) struct RememberedMarks {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    everybody: Option<String>,
}

impl Marks {
    /// To be remembered with rights that were obtained after these marks were read.
    pub(in crate::auth) fn remembered(&self) -> RememberedMarks {
        let text = |mark: &Option<Mark>| mark.as_ref().map(|mark| mark.text.clone());
        RememberedMarks { user: text(&self.user), everybody: text(&self.everybody) }
    }

    /// To be remembered with rights that were obtained before these marks were read, and not before `obtained_at`. A
    /// mark that may have moved since then, as far as clocks tell, is remembered as no mark is.
    pub(in crate::auth) fn remembered_since(
        &self,
        obtained_at: OffsetDateTime,
        clock_tolerance: time::Duration,
    ) -> RememberedMarks {
        let text = |mark: &Option<Mark>| {
            let mark = mark.as_ref()?;
            let moved_before = mark.moved_at.saturating_add(clock_tolerance) <= obtained_at;
            Some(if moved_before { mark.text.clone() } else { random_value() })
        };
        RememberedMarks { user: text(&self.user), everybody: text(&self.everybody) }
    }

    /// Whether rights that were obtained under these remembered marks still count. A mark that has ended concerns no
    /// session that exists.
    pub(in crate::auth) fn are_still(&self, remembered: &RememberedMarks) -> bool {
        let is_still = |mark: &Option<Mark>, remembered: &Option<String>| {
            mark.as_ref().is_none_or(|mark| remembered.as_ref() == Some(&mark.text))
        };
        is_still(&self.user, &remembered.user) && is_still(&self.everybody, &remembered.everybody)
    }

    /// Whether everybody's rights changed within the life of a mark.
    pub(in crate::auth) fn concern_everybody(&self) -> bool {
        self.everybody.is_some()
    }

    /// Whether the user's access ended after this time, as far as clocks tell.
    pub(in crate::auth) fn have_ended(&self, after: OffsetDateTime, clock_tolerance: time::Duration) -> bool {
        let ended_at = self.user.as_ref().and_then(|mark| mark.ended_at);
        ended_at.is_some_and(|ended_at| after <= ended_at.saturating_add(clock_tolerance))
    }
}

impl Sessions {
    /// The marks that concern a user, by one operation of the store.
    pub(in crate::auth) async fn marks_of(&self, subject: &str, now: OffsetDateTime) -> Result<Marks, SessionError> {
        let records = self.records.load_many(&self.mark_ids(subject), now).await?;
        Ok(self.open_marks(&records))
    }

    /// Moves a user's mark: rights that were obtained before do not count any more. `ended_at` is since when the user may
    /// not use this application; a later time that is stored already stays.
    pub(in crate::auth) async fn move_user_mark(
        &self,
        subject: &str,
        ended_at: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Result<(), SessionError> {
        let [user, _] = self.mark_ids(subject);
        self.move_mark(user, ended_at, now).await
    }

    /// Moves everybody's mark.
    pub(in crate::auth) async fn move_everybodys_mark(&self, now: OffsetDateTime) -> Result<(), SessionError> {
        self.move_mark(self.records.application().everybodys_mark_id(), None, now).await
    }

    /// Moves the mark that says that all sessions were ended: a sign-in that was begun before
    /// ends without a session. To be called before the first portion of them is ended.
    pub(in crate::auth) async fn move_end_of_all(&self, now: OffsetDateTime) -> Result<(), SessionError> {
        self.move_mark(self.records.application().end_of_all_id(), None, now).await
    }

    /// The text of that mark. `None` where all sessions were not ended for as long as a session may live.
    pub(in crate::auth) async fn end_of_all(&self, now: OffsetDateTime) -> Result<Option<String>, SessionError> {
        let id = self.records.application().end_of_all_id();
        Ok(self.records.load(&id, now).await?.map(|record| self.open_mark(&record).text))
    }

    pub(super) fn mark_ids(&self, subject: &str) -> [Id; 2] {
        let application = self.records.application();
        [application.user_mark_id(subject), application.everybodys_mark_id()]
    }

    /// The marks in the records under [`Self::mark_ids`].
    pub(super) fn open_marks(&self, records: &[Option<Record>]) -> Marks {
        let open = |record: Option<&Option<Record>>| record.and_then(Option::as_ref).map(|mark| self.open_mark(mark));
        Marks { user: open(records.first()), everybody: open(records.get(1)) }
    }

    fn open_mark(&self, record: &Record) -> Mark {
        self.records.open(Kind::Mark, record).unwrap_or_else(|_| unreadable(record.expires_at))
    }

    /// Whether all sessions were ended since a sign-in was begun, which remembers the text of the mark then.
    pub(super) fn has_ended_all(&self, mark: Option<&Record>, remembered: Option<&str>) -> bool {
        mark.is_some_and(|mark| Some(self.open_mark(mark).text.as_str()) != remembered)
    }

    async fn move_mark(
        &self,
        id: Id,
        ended_at: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Result<(), SessionError> {
        let of_sessions = self.policy.lifetime.absolute.try_into().unwrap_or(time::Duration::MAX);
        let expiry = now.saturating_add(LEAST_LIFETIME.max(of_sessions));
        for _ in 0..MAX_TRIES {
            let mark = |former: Option<Mark>| Mark {
                text: random_value(),
                moved_at: now,
                ended_at: former.and_then(|former| former.ended_at).max(ended_at),
            };
            let is_moved = match self.records.load(&id, now).await? {
                None => self.records.try_create(Kind::Mark, id, None, &mark(None), expiry).await?,
                Some(seen) => {
                    // Before the text changes: a mark must not end sooner than the sessions that it concerns.
                    self.records.touch(&[id], expiry).await?;
                    let former = self.records.open(Kind::Mark, &seen).ok();
                    self.records.replace(Kind::Mark, seen, &mark(former)).await?.is_some()
                }
            };
            if is_moved {
                return Ok(());
            }
        }
        Err(SessionError::Store("a mark of changed rights could not be moved".to_owned()))
    }
}

/// In place of a mark that was spoilt: nothing that was obtained before counts.
fn unreadable(moved_at: OffsetDateTime) -> Mark {
    Mark { text: random_value(), moved_at, ended_at: None }
}

#[cfg(test)]
impl Marks {
    /// A user's mark with this text.
    pub(super) fn of_user_for_test(text: &str) -> Self {
        let mark = Mark { text: text.to_owned(), moved_at: OffsetDateTime::UNIX_EPOCH, ended_at: None };
        Self { user: Some(mark), everybody: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
    const MINUTE: time::Duration = time::Duration::MINUTE;

    fn mark(text: &str, moved_at: OffsetDateTime) -> Option<Mark> {
        Some(Mark { text: text.to_owned(), moved_at, ended_at: None })
    }

    #[test]
    fn rights_count_while_both_marks_are_as_they_were() {
        let before = Marks { user: mark("a", NOW), everybody: None };
        let remembered = before.remembered();
        assert!(before.are_still(&remembered));
        for after in
            [Marks { user: mark("b", NOW), everybody: None }, Marks { user: mark("a", NOW), everybody: mark("a", NOW) }]
        {
            assert!(!after.are_still(&remembered), "{after:?}");
        }
        let after_their_life = Marks::default();
        assert!(after_their_life.are_still(&remembered));
    }

    #[test]
    fn a_mark_that_was_read_late_is_remembered_only_if_it_moved_before() {
        let marks = Marks { user: mark("a", NOW), everybody: mark("b", NOW) };
        assert!(marks.are_still(&marks.remembered_since(NOW + MINUTE, MINUTE)));
        assert!(!marks.are_still(&marks.remembered_since(NOW + MINUTE / 2, MINUTE)));
        let none = Marks::default();
        assert!(none.are_still(&none.remembered_since(NOW, MINUTE)));
    }
}
