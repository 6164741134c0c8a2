//! Ends sessions: one, those of a user beyond the allowed number, or all of a user. The caller receives the tokens, to
//! revoke them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use time::OffsetDateTime;
use tokio::task::JoinSet;

use super::error::SessionError;
use super::ids::SessionSecret;
use super::sealed_records::{Kind, Unopened};
use super::sessions::Sessions;
use super::store::{Id, Record};
use super::tokens::TokenSet;
use super::user_sessions::RECORDS_AT_ONCE;

/// An ended session, and its tokens, which can be revoked.
#[derive(Default)]
pub(in crate::auth) struct Ended {
    pub(in crate::auth) session: Option<Id>,
    /// Whose session this call has ended. `None` when it ended none, because another call had, or one that does not open.
    pub(in crate::auth) subject: Option<String>,
    pub(in crate::auth) tokens: Option<TokenSet>,
    /// Whether it had tokens that do not open, so that they cannot be revoked.
    pub(in crate::auth) has_unopened_tokens: bool,
}

/// How many users' sessions are ended at a time, where all are.
const AT_ONCE: usize = 8;

/// The sessions in a portion of all records, ended.
pub(in crate::auth) struct EndedPortion {
    /// As [`Sessions::end_all_of`] returns them.
    pub(in crate::auth) ended: Vec<Ended>,
    /// How many sessions do not open, or are another application's. They stay.
    pub(in crate::auth) unreadable: u64,
    /// Where to go on; `None` at the end.
    pub(in crate::auth) next: Option<String>,
    /// Whether all that could be ended was.
    pub(in crate::auth) done: Result<(), SessionError>,
}

impl Sessions {
    /// Ends the session that a secret opens, for every process. See [`Self::end`].
    pub(in crate::auth) async fn end_by_secret(&self, secret: SessionSecret) -> Result<Ended, SessionError> {
        self.end(self.records.application().session_id(secret)).await
    }

    /// Removes the session first, and its tokens and claims after it: once the session is removed, its cookie opens
    /// nothing. One of several simultaneous callers receives the user.
    pub(in crate::auth) async fn end(&self, id: Id) -> Result<Ended, SessionError> {
        let ended = self.records.take(&id).await?;
        let content = ended.and_then(|record| self.decode(&record).ok()).map(|session| session.content);
        let application = self.records.application();
        let (tokens_id, claims_id) = (application.tokens_id(id), application.claims_id(id));
        let sid = content.as_ref().and_then(|content| content.sid.as_deref());
        let (tokens, _, ()) = tokio::join!(self.forget(tokens_id), self.forget(claims_id), self.remove_index(id, sid));
        let (tokens, has_unopened_tokens) = self.opened_tokens(tokens);
        Ok(Ended {
            session: Some(id),
            subject: content.map(|content| content.user.subject),
            tokens,
            has_unopened_tokens,
        })
    }

    /// Removes and returns tokens or claims. A failure is logged: without their session they are of no use, and they
    /// expire.
    pub(super) async fn forget(&self, id: Id) -> Option<Record> {
        let taken = self.records.take(&id).await;
        taken.unwrap_or_else(|error| {
            tracing::warn!(%error, "an ended session's tokens or claims stay in the store until they expire");
            None
        })
    }

    /// Ends the oldest sessions of a user beyond the number that one user may have. The session of `newest` is the one
    /// that has just begun: it stays, even if clocks of other processes differ.
    pub(in crate::auth) async fn end_surplus(
        &self,
        newest: SessionSecret,
        subject: &str,
        now: OffsetDateTime,
    ) -> Result<Vec<Ended>, SessionError> {
        let (newest, allowed) = (self.records.application().session_id(newest), self.policy.per_user.get());
        // Most users have fewer: then no record is read.
        let ids = self.ids_of(subject).await?;
        if ids.len() <= allowed {
            return Ok(Vec::new());
        }
        let begun = |record: &Record| Some((self.decode(record).ok()?.started_at(), record.id));
        let mut others = self.read_each(subject, &ids, now, begun).await?;
        others.retain(|(_, id)| *id != newest);
        others.sort_by_key(|(started_at, _)| std::cmp::Reverse(*started_at));
        let mut ended = Vec::new();
        for (_, id) in others.into_iter().skip(allowed - 1) {
            match self.end(id).await {
                Ok(session) => ended.push(session),
                Err(error) => tracing::warn!(%error, "a user's surplus session could not be ended"),
            }
        }
        Ok(ended)
    }

    /// Ends all sessions of a user in one operation of the store, those that do not open too. Returns one entry for each,
    /// and one without a subject for tokens whose session had ended before.
    pub(in crate::auth) async fn end_all_of(&self, subject: &str) -> Result<Vec<Ended>, SessionError> {
        let application = self.records.application();
        let (mut sessions, mut tokens) = (Vec::new(), BTreeMap::new());
        for record in self.records.take_owned_by(&application.owner(subject)).await? {
            match Kind::of(&record) {
                Some(Kind::Session) => sessions.push(record),
                Some(Kind::Tokens) => drop(tokens.insert(record.id.0, record)),
                _ => {}
            }
        }
        let mut ended = Vec::new();
        for record in sessions {
            let id = record.id;
            let opened = self.decode(&record).ok();
            self.remove_index(id, opened.as_ref().and_then(|session| session.content.sid.as_deref())).await;
            let (tokens, has_unopened_tokens) = self.opened_tokens(tokens.remove(&application.tokens_id(id).0));
            ended.push(Ended { session: Some(id), subject: Some(subject.to_owned()), tokens, has_unopened_tokens });
        }
        ended.extend(tokens.into_values().map(|record| {
            let (tokens, has_unopened_tokens) = self.opened_tokens(Some(record));
            Ended { tokens, has_unopened_tokens, ..Ended::default() }
        }));
        Ok(ended)
    }

    /// The tokens in a record, and whether there is a record that does not open.
    fn opened_tokens(&self, record: Option<Record>) -> (Option<TokenSet>, bool) {
        let Some(record) = record else { return (None, false) };
        let tokens = self.records.open(Kind::Tokens, &record).ok();
        let is_unopened = tokens.is_none();
        (tokens, is_unopened)
    }

    /// Ends the sessions in a portion of the records, by their users: of each all sessions. Returns what was ended also
    /// where the store failed at the rest.
    ///
    /// # Errors
    /// When the portion could not be read; then nothing was ended.
    pub(in crate::auth) async fn end_portion(&self, after: Option<&str>) -> Result<EndedPortion, SessionError> {
        let portion = self.records.portion(after).await?;
        let (mut users, mut unopened) = (BTreeSet::new(), HashSet::new());
        for record in &portion.records {
            match self.decode(record) {
                Ok(session) => drop(users.insert(session.content.user.subject)),
                Err(Unopened::OtherKind) => {}
                Err(Unopened::UnknownKey | Unopened::Unreadable) => drop(unopened.insert(record.id)),
            }
        }
        let (ended, done) = self.end_all_of_each(users).await;
        for id in ended.iter().filter_map(|ended| ended.session) {
            unopened.remove(&id);
        }
        Ok(EndedPortion { ended, unreadable: unopened.len() as u64, next: portion.next, done })
    }

    async fn end_all_of_each(&self, users: BTreeSet<String>) -> (Vec<Ended>, Result<(), SessionError>) {
        let (mut users, mut under_way) = (users.into_iter(), JoinSet::new());
        let (mut ended, mut done) = (Vec::new(), Ok(()));
        loop {
            while done.is_ok()
                && under_way.len() < AT_ONCE
                && let Some(subject) = users.next()
            {
                let sessions = self.clone();
                under_way.spawn(async move { sessions.end_all_of(&subject).await });
            }
            match under_way.join_next().await {
                None => return (ended, done),
                Some(Ok(Ok(of_user))) => ended.extend(of_user),
                Some(Ok(Err(error))) => done = Err(error),
                Some(Err(error)) => done = Err(SessionError::Store(format!("a task did not finish: {error}"))),
            }
        }
    }

    /// Ends the sessions of a user that began until a time, one by one; others stay. One that does not open, because it
    /// was sealed with another key, counts as begun before. As [`Self::end_all_of`], returns what was ended, also where
    /// the store failed at the rest.
    pub(in crate::auth) async fn end_begun_until(
        &self,
        limit: OffsetDateTime,
        subject: &str,
        now: OffsetDateTime,
    ) -> (Vec<Ended>, Result<(), SessionError>) {
        let mut ended = Vec::new();
        let done = async {
            for ids in self.ids_of(subject).await?.chunks(RECORDS_AT_ONCE) {
                self.end_those_begun_until(limit, subject, ids, now, &mut ended).await?;
            }
            Ok(())
        };
        let done = done.await;
        (ended, done)
    }

    /// The same for those of a user's records ([`Self::ids_of`]).
    async fn end_those_begun_until(
        &self,
        limit: OffsetDateTime,
        subject: &str,
        ids: &[Id],
        now: OffsetDateTime,
        ended: &mut Vec<Ended>,
    ) -> Result<(), SessionError> {
        let application = self.records.application();
        let owner = application.owner(subject);
        let mut without_tokens = HashSet::new();
        for record in self.records.load_owned(&owner, ids, now).await? {
            match self.decode(&record) {
                Ok(session) if session.started_at() > limit => drop(without_tokens.insert(record.id)),
                Err(Unopened::OtherKind) => {
                    without_tokens.insert(record.id);
                    ended.extend(self.take_orphan(&record, limit).await?);
                }
                Ok(_) | Err(_) => ended.push(self.end(record.id).await?),
            }
        }
        // Tokens that the end of their session has left, here or before.
        let of_ended = ids.iter().filter(|id| !without_tokens.contains(id));
        let tokens: Vec<Id> = of_ended.map(|id| application.tokens_id(*id)).collect();
        for record in self.records.load_owned(&owner, &tokens, now).await? {
            ended.extend(self.take_orphan(&record, limit).await?);
        }
        Ok(())
    }

    /// Takes tokens whose session ended before. Younger ones than the limit belong to a sign-in under way.
    async fn take_orphan(&self, record: &Record, limit: OffsetDateTime) -> Result<Option<Ended>, SessionError> {
        let tokens: Option<TokenSet> = self.records.open(Kind::Tokens, record).ok();
        if tokens.is_none_or(|tokens| tokens.issued_at > limit) {
            return Ok(None);
        }
        let taken = self.records.take(&record.id).await?;
        let tokens = taken.and_then(|taken| self.records.open(Kind::Tokens, &taken).ok());
        Ok(tokens.map(|tokens| Ended { tokens: Some(tokens), ..Ended::default() }))
    }
}
