//! `Sessions`: begins, loads, prolongs and ends the sessions of one application. The cookie is in `web`; pending
//! authorizations are in `pending`.
//!
//! A session is two records, so that a page read loads only the first: the session and its tokens. Nothing that was
//! read is written back: a record is created, touched or taken.

use std::num::NonZeroUsize;
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::copy::SessionCopy;
use super::error::SessionError;
use super::ids::SessionSecret;
use super::sealed_records::{Kind, SealedRecords, Unopened};
use super::store::{ChangeObserver, Id, Record};
use super::timed_store::OPERATION_TIMEOUT;
use super::tokens::TokenSet;
use super::user::User;

/// A session's expiry is extended at most this often, so that page reads cause almost no writes.
const TOUCH_INTERVAL: Duration = Duration::from_secs(5 * 60);
/// How long a request waits until the expiry is extended. A slower store extends it without the request.
const TOUCH_TIMEOUT: Duration = Duration::from_millis(300);

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

/// A session, as a request sees it: who signed in, and when.
#[derive(Clone)]
pub struct Session {
    id: Id,
    content: Content,
}

/// The stored content of a session.
#[derive(Clone, Serialize, Deserialize)]
struct Content {
    user: User,
    client_id: String,
    #[serde(with = "time::serde::timestamp")]
    started_at: OffsetDateTime,
}

/// Prints neither the id nor the user's claims.
impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("subject", &self.content.user.subject).finish_non_exhaustive()
    }
}

impl Session {
    /// Who is signed in.
    pub fn user(&self) -> &User {
        &self.content.user
    }

    /// When the user signed in.
    pub fn started_at(&self) -> OffsetDateTime {
        self.content.started_at
    }
}

/// A session as it was read from the store.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) session: Arc<Session>,
    pub(super) expires_at: OffsetDateTime,
    /// The length of its content in the store.
    pub(super) content_bytes: usize,
}

#[cfg(test)]
impl Stored {
    pub(super) fn for_test(id: Id, subject: &str, expires_at: OffsetDateTime) -> Self {
        let claims = crate::auth::oidc::UserClaims::default();
        let user = User::new("https://issuer.example", subject.to_owned(), claims);
        let content = Content { user, client_id: "client".to_owned(), started_at: OffsetDateTime::UNIX_EPOCH };
        Self { session: Arc::new(Session { id, content }), expires_at, content_bytes: 100 }
    }
}

/// An ended session: its user, and its tokens, which can be revoked.
#[derive(Default)]
pub(in crate::auth) struct Ended {
    pub(in crate::auth) session: Option<Id>,
    pub(in crate::auth) user: Option<User>,
    pub(in crate::auth) tokens: Option<TokenSet>,
}

/// All sessions of one application.
#[derive(Debug, Clone)]
pub(in crate::auth) struct Sessions {
    records: SealedRecords,
    policy: SessionPolicy,
    /// For a store that reports every change.
    copy: Option<Arc<SessionCopy>>,
}

impl Sessions {
    pub(in crate::auth) fn new(records: SealedRecords, policy: SessionPolicy) -> Self {
        let copy = Arc::new(SessionCopy::default());
        let observer: Weak<dyn ChangeObserver> = Arc::downgrade(&copy) as _;
        let is_reported = records.observe(observer);
        Self { records, policy, copy: is_reported.then_some(copy) }
    }

    /// Begins a session that this new secret opens.
    ///
    /// # Errors
    /// [`SessionError`]; then no session has begun.
    pub(in crate::auth) async fn begin(
        &self,
        secret: SessionSecret,
        user: User,
        tokens: &TokenSet,
        now: OffsetDateTime,
    ) -> Result<(), SessionError> {
        let application = self.records.application();
        let id = application.session_id(secret);
        let owner = application.owner(&user.subject);
        let content = Content { user, client_id: application.client_id.clone(), started_at: now };
        let expiry = self.next_expiry(now, now);
        // The session is stored last: without it, no session has begun.
        let tokens_id = application.tokens_id(id);
        let created = async {
            self.records.create(Kind::Tokens, tokens_id, Some(owner.clone()), tokens, expiry).await?;
            self.records.create(Kind::Session, id, Some(owner), &content, expiry).await
        };
        if let Err(error) = created.await {
            // Either record may be stored all the same: a store that did not respond in time may have written it.
            if let Err(error) = self.end(id).await {
                tracing::warn!(%error, "the records of a sign-in that failed stay in the store until they expire");
            }
            return Err(error);
        }
        Ok(())
    }

    /// Returns the session that a secret opens, and extends its expiry. `None` when it has ended or never existed.
    pub(in crate::auth) async fn load(
        &self,
        secret: SessionSecret,
        now: OffsetDateTime,
    ) -> Result<Option<Arc<Session>>, SessionError> {
        let id = self.records.application().session_id(secret);
        let stored = match &self.copy {
            Some(copy) => {
                // Several requests may wait here for the same load; together they wait no longer than one operation may
                // take.
                let read = tokio::time::timeout(OPERATION_TIMEOUT, copy.get_or_load(&id, now, self.read(&id, now)));
                read.await.unwrap_or_else(|_| Err(SessionError::Store("a session was not read in time".to_owned())))?
            }
            None => self.read(&id, now).await?,
        };
        let Some(stored) = stored else { return Ok(None) };
        if now >= self.absolute_end(stored.session.started_at()) {
            return Ok(None);
        }
        self.touch_when_due(&stored, now).await;
        Ok(Some(Arc::clone(&stored.session)))
    }

    async fn read(&self, id: &Id, now: OffsetDateTime) -> Result<Option<Arc<Stored>>, SessionError> {
        let Some(record) = self.records.load(id, now).await? else { return Ok(None) };
        match self.decode(&record) {
            Ok(session) => Ok(Some(Arc::new(Stored {
                session: Arc::new(session),
                expires_at: record.expires_at,
                content_bytes: record.content.len(),
            }))),
            Err(why) => {
                self.records.remove_unopened(&record, why).await?;
                Ok(None)
            }
        }
    }

    /// The session in a record. One of another application, which only a store that is not sealed can hold here, counts
    /// as unreadable.
    fn decode(&self, record: &Record) -> Result<Session, Unopened> {
        let content: Content = self.records.open(Kind::Session, record)?;
        let application = self.records.application();
        if content.user.issuer != application.issuer_url || content.client_id != application.client_id {
            return Err(Unopened::Unreadable);
        }
        Ok(Session { id: record.id, content })
    }

    /// Extends the expiry when enough time has passed. A failure neither refuses nor delays the page, because the
    /// session was read.
    async fn touch_when_due(&self, stored: &Stored, now: OffsetDateTime) {
        let next = self.next_expiry(stored.session.started_at(), now);
        if next - stored.expires_at < TOUCH_INTERVAL.min(self.policy.lifetime.idle / 4) {
            return;
        }
        let (records, id) = (self.records.clone(), stored.session.id);
        let touched = tokio::spawn(async move {
            let both = [id, records.application().tokens_id(id)];
            if let Err(error) = records.touch(&both, next).await {
                tracing::warn!(%error, "a session's expiry could not be extended");
            }
        });
        if tokio::time::timeout(TOUCH_TIMEOUT, touched).await.is_err() {
            tracing::debug!("a session's expiry is extended without the request");
        }
    }

    fn next_expiry(&self, started_at: OffsetDateTime, now: OffsetDateTime) -> OffsetDateTime {
        later(now, self.policy.lifetime.idle).min(self.absolute_end(started_at))
    }

    fn absolute_end(&self, started_at: OffsetDateTime) -> OffsetDateTime {
        later(started_at, self.policy.lifetime.absolute)
    }

    /// The tokens of a session. `None` when it has ended meanwhile.
    pub(in crate::auth) async fn tokens(
        &self,
        session: &Session,
        now: OffsetDateTime,
    ) -> Result<Option<TokenSet>, SessionError> {
        let id = self.records.application().tokens_id(session.id);
        let record = self.records.load(&id, now).await?;
        Ok(record.and_then(|record| self.records.open(Kind::Tokens, &record).ok()))
    }

    /// The id of the session that a secret opens.
    pub(in crate::auth) fn id_of(&self, secret: SessionSecret) -> Id {
        self.records.application().session_id(secret)
    }

    /// Ends the session that a secret opens, for every process. See [`Self::end`].
    pub(in crate::auth) async fn end_by_secret(&self, secret: SessionSecret) -> Result<Ended, SessionError> {
        self.end(self.records.application().session_id(secret)).await
    }

    /// Removes the session first and its tokens after it: once the session is removed, its cookie opens nothing. One of
    /// several simultaneous callers receives the user.
    async fn end(&self, id: Id) -> Result<Ended, SessionError> {
        let ended = self.records.take(&id).await?;
        let user = ended.and_then(|record| self.decode(&record).ok()).map(|session| session.content.user);
        let tokens = self.forget_tokens(self.records.application().tokens_id(id)).await;
        Ok(Ended { session: Some(id), user, tokens })
    }

    /// Removes and returns tokens. A failure is logged: without their session they are of no use, and they expire.
    async fn forget_tokens(&self, id: Id) -> Option<TokenSet> {
        match self.records.take(&id).await {
            Ok(record) => record.and_then(|record| self.records.open(Kind::Tokens, &record).ok()),
            Err(error) => {
                tracing::warn!(%error, "an ended session's tokens stay in the store until they expire");
                None
            }
        }
    }

    /// Ends the oldest sessions of a user beyond the number that one user may have. The session of `newest` is the one
    /// that has just begun: it stays, even if clocks of other processes differ.
    pub(in crate::auth) async fn end_surplus(
        &self,
        newest: SessionSecret,
        subject: &str,
        now: OffsetDateTime,
    ) -> Result<Vec<Ended>, SessionError> {
        let newest = self.records.application().session_id(newest);
        let mut others = self.of_subject(subject, now).await?;
        others.retain(|session| session.id != newest);
        others.sort_by_key(|session| std::cmp::Reverse(session.started_at()));
        let mut ended = Vec::new();
        for session in others.into_iter().skip(self.policy.per_user.get() - 1) {
            match self.end(session.id).await {
                Ok(session) => ended.push(session),
                Err(error) => tracing::warn!(%error, "a user's surplus session could not be ended"),
            }
        }
        Ok(ended)
    }

    /// Ends all sessions of a user in one operation of the store. Returns one entry for each, and one without a user
    /// for tokens whose session had ended before.
    pub(in crate::auth) async fn end_all_of(&self, subject: &str) -> Result<Vec<Ended>, SessionError> {
        let application = self.records.application();
        let records = self.records.take_owned_by(&application.owner(subject)).await?;
        let mut tokens: std::collections::BTreeMap<i128, TokenSet> = records
            .iter()
            .filter_map(|record| Some((record.id.0, self.records.open(Kind::Tokens, record).ok()?)))
            .collect();
        let sessions = records.iter().filter_map(|record| self.decode(record).ok());
        let mut ended: Vec<Ended> = sessions
            .map(|session| Ended {
                session: Some(session.id),
                tokens: tokens.remove(&application.tokens_id(session.id).0),
                user: Some(session.content.user),
            })
            .collect();
        ended.extend(tokens.into_values().map(|tokens| Ended { session: None, user: None, tokens: Some(tokens) }));
        Ok(ended)
    }

    /// All sessions of a user, in no order.
    pub(in crate::auth) async fn of_subject(
        &self,
        subject: &str,
        now: OffsetDateTime,
    ) -> Result<Vec<Session>, SessionError> {
        let records = self.records.owned_by(&self.records.application().owner(subject), now).await?;
        Ok(records.iter().filter_map(|record| self.decode(record).ok()).collect())
    }

    /// Succeeds when the store can be reached.
    pub(in crate::auth) async fn ping(&self) -> Result<(), SessionError> {
        self.records.ping().await
    }
}

fn later(time: OffsetDateTime, duration: Duration) -> OffsetDateTime {
    time.saturating_add(time::Duration::try_from(duration).unwrap_or(time::Duration::MAX))
}
