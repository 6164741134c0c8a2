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

impl Sessions {
    /// Ends the sessions that began in a session of the issuer's, if they are this subject's, where one is named. From
    /// then on a sign-in under way in that session ends as well ([`Self::marks_and_issuers_end`]). Returns what was
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
            for record in self.records.owned_by(&application.owner_by_sid(sid), now).await? {
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

    /// The marks that concern a user, and whether the issuer's session in which the user signs in has ended, by one
    /// operation of the store.
    pub(in crate::auth) async fn marks_and_issuers_end(
        &self,
        subject: &str,
        sid: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<(Marks, bool), SessionError> {
        let mut ids = self.mark_ids(subject).to_vec();
        ids.extend(sid.map(|sid| self.records.application().issuers_end_id(sid)));
        let records = self.records.load_many(&ids, now).await?;
        let has_ended = records.get(2).is_some_and(Option::is_some);
        Ok((self.open_marks(&records), has_ended))
    }
}
