//! `Sessions`: begins, loads and prolongs the sessions of one application. They are ended in `ending`, and their tokens
//! replaced in `renewal`; `time_left` says how long they live. The cookie is in `web`; pending authorizations are in `pending`.
//!
//! A session is three records, so that a page read loads only the first: the session, its tokens and its claims. Where
//! the issuer has sessions of its own, a fourth finds it by theirs (see `issuers_session`). Nothing
//! that was read is written back: a record is created, touched, replaced if it is still as it was seen, or taken.

use std::sync::{Arc, Weak};
use std::time::Duration;

use time::OffsetDateTime;
use tracing::Instrument;

use super::content::{Content, Seen, Session, Stored};
use super::copy::SessionCopy;
use super::error::SessionError;
use super::ids::SessionSecret;
use super::lifetime::SessionPolicy;
use super::marks::Marks;
use super::refresh_turn::RefreshTurn;
use super::sealed_records::{Kind, SealedRecords, Unopened};
use super::store::{ChangeObserver, Id, OPERATION_TIMEOUT, Record};
use super::stored_claims::StoredClaims;
use super::tokens::TokenSet;
use super::user::User;

/// A session's expiry is extended at most this often, so that page reads cause almost no writes.
const TOUCH_INTERVAL: Duration = Duration::from_secs(5 * 60);
/// How long a request waits until the expiry is extended. A slower store extends it without the request.
const TOUCH_TIMEOUT: Duration = Duration::from_millis(300);

/// A sign-in that succeeded: the contents of a session's records.
pub(in crate::auth) struct NewSession {
    pub(in crate::auth) user: User,
    pub(in crate::auth) authenticated_at: Option<OffsetDateTime>,
    /// Whether the issuer was told to ask the user again.
    pub(in crate::auth) demanded_login: bool,
    pub(in crate::auth) tokens: TokenSet,
    pub(in crate::auth) claims: StoredClaims,
    pub(in crate::auth) refresh: RefreshTurn,
    /// The issuer's session, where the issuer states one.
    pub(in crate::auth) sid: Option<String>,
    /// The mark of the end of all sessions as it was when the sign-in was begun.
    pub(in crate::auth) end_of_all: Option<String>,
}

/// All sessions of one application.
#[derive(Debug, Clone)]
pub(in crate::auth) struct Sessions {
    pub(super) records: SealedRecords,
    pub(super) policy: SessionPolicy,
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

    /// Begins a session that this new secret opens. `device` is what signed in, where that is known.
    ///
    /// # Errors
    /// [`SessionError`]; then no session has begun.
    pub(in crate::auth) async fn begin(
        &self,
        secret: SessionSecret,
        new: NewSession,
        device: Option<String>,
        now: OffsetDateTime,
    ) -> Result<(), SessionError> {
        let application = self.records.application();
        let id = application.session_id(secret);
        let owner = Some(application.owner(&new.user.subject));
        let expiry = self.policy.lifetime.end(now, now);
        let content = Content {
            user: new.user,
            client_id: application.client_id().to_owned(),
            started_at: now,
            device,
            authenticated_at: new.authenticated_at,
            demanded_login: new.demanded_login,
            refresh: new.refresh,
            sid: new.sid,
            access_token_ends_at: Some(new.tokens.expires_at),
        };
        let (tokens_id, claims_id) = (application.tokens_id(id), application.claims_id(id));
        let created = async {
            tokio::try_join!(
                self.records.create(Kind::Tokens, tokens_id, owner.clone(), &new.tokens, expiry),
                self.records.create(Kind::Claims, claims_id, owner.clone(), &new.claims, expiry),
                self.create_index(id, content.sid.as_deref(), expiry),
            )?;
            // The session is stored last: without it, no session has begun.
            self.records.create(Kind::Session, id, owner, &content, expiry).await
        };
        if let Err(error) = created.await {
            // Each record may be stored all the same: a store that did not respond in time may have written it.
            let (ended, _) = tokio::join!(self.end(id), self.remove_index(id, content.sid.as_deref()));
            if let Err(error) = ended {
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
        let Some(stored) = self.find(self.id_of(secret), now).await? else { return Ok(None) };
        self.touch_when_due(&stored, now).await;
        Ok(Some(Arc::clone(&stored.session)))
    }

    /// The session with this id as it is stored. `None` when it has ended or never existed.
    pub(super) async fn find(&self, id: Id, now: OffsetDateTime) -> Result<Option<Arc<Stored>>, SessionError> {
        let stored = match &self.copy {
            Some(copy) => {
                // Several requests may wait here for the same load; together they wait no longer than one operation may
                // take.
                let read = tokio::time::timeout(OPERATION_TIMEOUT, copy.get_or_load(&id, now, self.read(&id, now)));
                read.await.unwrap_or_else(|_| Err(SessionError::Store("a session was not read in time".to_owned())))?
            }
            None => self.read(&id, now).await?,
        };
        let is_alive = |stored: &Arc<Stored>| now < self.policy.lifetime.absolute_end(stored.session.started_at());
        Ok(stored.filter(is_alive))
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
    pub(super) fn decode(&self, record: &Record) -> Result<Session, Unopened> {
        let content: Content = self.records.open(Kind::Session, record)?;
        let application = self.records.application();
        if content.user.issuer != application.issuer_url() || content.client_id != application.client_id() {
            return Err(Unopened::Unreadable);
        }
        Ok(Session { id: record.id, content })
    }

    /// Extends the expiry when enough time has passed. A failure neither refuses nor delays the page, because the
    /// session was read.
    async fn touch_when_due(&self, stored: &Stored, now: OffsetDateTime) {
        let next = self.policy.lifetime.end(stored.session.started_at(), now);
        if next - stored.expires_at < TOUCH_INTERVAL.min(self.policy.lifetime.idle / 4) {
            return;
        }
        let (sessions, session) = (self.clone(), Arc::clone(&stored.session));
        let touch = async move {
            if let Err(error) = sessions.touch(&session, next).await {
                tracing::warn!(%error, "a session's expiry could not be extended");
            }
        };
        let touched = tokio::spawn(touch.in_current_span());
        if tokio::time::timeout(TOUCH_TIMEOUT, touched).await.is_err() {
            tracing::debug!("a session's expiry is extended without the request");
        }
    }

    /// Moves the end of all records of a session.
    pub(super) async fn touch(&self, session: &Session, end: OffsetDateTime) -> Result<(), SessionError> {
        let (application, id) = (self.records.application(), session.id);
        let mut all = vec![id, application.tokens_id(id), application.claims_id(id)];
        all.extend(session.content.sid.is_some().then(|| application.index_id(id)));
        self.records.touch(&all, end).await
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

    /// The claims of a session. `None` when it has ended meanwhile.
    pub(in crate::auth) async fn claims(
        &self,
        session: &Session,
        now: OffsetDateTime,
    ) -> Result<Option<StoredClaims>, SessionError> {
        let id = self.records.application().claims_id(session.id);
        let record = self.records.load(&id, now).await?;
        Ok(record.and_then(|record| self.records.open(Kind::Claims, &record).ok()))
    }

    /// The claims of a session and the marks that concern its user, by one operation of the store. `None` when the session
    /// has ended meanwhile.
    pub(in crate::auth) async fn claims_and_marks(
        &self,
        session: &Session,
        now: OffsetDateTime,
    ) -> Result<Option<(Seen<StoredClaims>, Marks)>, SessionError> {
        let claims = self.records.application().claims_id(session.id);
        let [user, everybody] = self.mark_ids(&session.content.user.subject);
        let mut records = self.records.load_many(&[claims, user, everybody], now).await?;
        let marks = self.open_marks(records.get(1..).unwrap_or_default());
        let Some(record) = records.first_mut().and_then(Option::take) else { return Ok(None) };
        let opened: Result<StoredClaims, _> = self.records.open(Kind::Claims, &record);
        Ok(opened.ok().map(|value| (Seen { value, record }, marks)))
    }

    /// The id of the session that a secret opens.
    pub(in crate::auth) fn id_of(&self, secret: SessionSecret) -> Id {
        self.records.application().session_id(secret)
    }

    /// Succeeds when the store can be reached.
    pub(in crate::auth) async fn ping(&self) -> Result<(), SessionError> {
        self.records.ping().await
    }
}
