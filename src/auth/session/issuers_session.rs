//! The issuer's own sessions (`sid`, OpenID Connect Back-Channel Logout 1.0 §2.1): which sessions here began in one of
//! them, and that one has ended. Only issuers other than Kinde state a `sid`.
//!
//! Beside a session that has a `sid` stands a record whose owner is a digest of the `sid` and whose content is the id
//! of the session. So the sessions of a `sid` are found by one operation, and reading a page loads no more than before.

use time::OffsetDateTime;

use super::ending::Ended;
use super::error::SessionError;
use super::marks::Marks;
use super::pending::PENDING_LIFETIME;
use super::sealed_records::Kind;
use super::sessions::Sessions;
use super::store::Id;
use super::user::User;

/// What a sign-in was begun with.
pub(in crate::auth) struct Beginning {
    /// The issuer's session, where the issuer states one.
    pub(in crate::auth) sid: Option<String>,
    /// The mark of the end of all sessions as it was then.
    pub(in crate::auth) end_of_all: Option<String>,
}

/// What has ended since a sign-in was begun, and with it that sign-in.
pub(in crate::auth) struct Ends {
    /// Those of the user, which say whether the user's access has ended.
    pub(in crate::auth) marks: Marks,
    /// All sessions of the application.
    pub(in crate::auth) all_sessions: bool,
    /// The issuer's session in which the user signed in.
    pub(in crate::auth) issuers_session: bool,
}

impl Sessions {
    /// Ends the sessions that began in a session of the issuer's, if they are this subject's, where one is named. From
    /// then on a sign-in under way in that session ends as well ([`Self::ends_during`]). Returns what was
    /// ended, also where the store failed at the rest.
    pub(in crate::auth) async fn end_of_issuers_session(
        &self,
        sid: &str,
        subject: Option<&str>,
        now: OffsetDateTime,
    ) -> (Vec<Ended>, Result<(), SessionError>) {
        let mut ended = Vec::new();
        let done = async {
            let application = self.records.application();
            // The end comes first: a sign-in under way writes its session first, and then looks for the end.
            let end = application.issuers_end_id(sid);
            self.records.try_create(Kind::Receipt, end, None, &(), now + PENDING_LIFETIME).await?;
            let owner = application.owner_by_sid(sid);
            let ids = self.records.owned_ids(&owner).await?;
            for record in self.records.load_owned(&owner, &ids, now).await? {
                let Ok(id) = self.records.open(Kind::Index, &record).map(Id) else { continue };
                let is_of_another = |user: &User| subject.is_some_and(|subject| user.subject != subject);
                if self.see(id, now).await?.is_some_and(|seen| is_of_another(seen.value.user())) {
                    continue;
                }
                // Also one that does not open, because it was sealed with another key, and what there is of one that is
                // being begun.
                ended.push(self.end(id).await?);
                self.records.take(&record.id).await?;
            }
            Ok(())
        };
        let done = done.await;
        (ended, done)
    }

    /// Stores the record that finds a session by its `sid`, where it has one.
    pub(super) async fn create_index(
        &self,
        session: Id,
        sid: Option<&str>,
        expires_at: OffsetDateTime,
    ) -> Result<(), SessionError> {
        let Some(sid) = sid else { return Ok(()) };
        let application = self.records.application();
        let (id, owner) = (application.index_id(session), application.owner_by_sid(sid));
        self.records.create(Kind::Index, id, Some(owner), &session.0, expires_at).await
    }

    /// Removes that record. A failure is logged: without its session it is of no use, and it expires.
    pub(super) async fn remove_index(&self, session: Id, sid: Option<&str>) {
        if sid.is_some() {
            self.forget(self.records.application().index_id(session)).await;
        }
    }

    /// What has ended since a sign-in of this user was begun, by one operation of the store.
    pub(in crate::auth) async fn ends_during(
        &self,
        beginning: Beginning,
        subject: &str,
        now: OffsetDateTime,
    ) -> Result<Ends, SessionError> {
        let (Beginning { sid, end_of_all }, application) = (beginning, self.records.application());
        let [user, everybody] = self.mark_ids(subject);
        let mut ids = vec![user, everybody, application.end_of_all_id()];
        ids.extend(sid.map(|sid| application.issuers_end_id(&sid)));
        let records = self.records.load_many(&ids, now).await?;
        Ok(Ends {
            marks: self.open_marks(&records),
            all_sessions: self.has_ended_all(records.get(2).and_then(Option::as_ref), end_of_all.as_deref()),
            issuers_session: records.get(3).is_some_and(Option::is_some),
        })
    }
}
