//! The typed session: who is signed in, their tokens, and authorization requests that have not come back yet.
//! The only file that knows what stands in a record. Cookies are `cookies`' business, requests are `routes`'.
//!
//! Three kinds of record, so that a page read loads only the first: the session, its tokens, and one record for each
//! pending authorization request. Nothing is ever written back that was read: a record is created, touched or deleted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

use super::config::{Config, SessionLifetime};
use super::error::Error;
use super::prompt_store::PromptStore;
use super::random::{digest_of, record_id_of, same};
use super::return_to::ReturnTo;
use super::sealing::SealingKeys;
use super::store::{Id, Record, Store};
use super::token::TokenSet;
use super::user::User;

const SESSION_KEY: &str = "session";
const TOKENS_KEY: &str = "tokens";
const PENDING_KEY: &str = "pending_authorization";

/// How long a person may take at the issuer before the authorization request is forgotten.
pub const PENDING_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// A session's expiry is moved at most this often, so that reading pages writes next to nothing.
const TOUCH_INTERVAL: Duration = Duration::from_secs(5 * 60);
const TOUCH_TIMEOUT: Duration = Duration::from_millis(300);

/// A signed-in person's session, as a request sees it.
#[derive(Clone)]
pub struct SignedIn {
    content: Content,
    tokens: Id,
}

/// What stands in the session record.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Content {
    user: User,
    #[serde(with = "time::serde::timestamp")]
    started_at: OffsetDateTime,
}

/// An authorization request that has not come back yet.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PendingAuthorization {
    pub(crate) nonce: String,
    pub(crate) code_verifier: String,
    pub(crate) return_to: ReturnTo,
    /// The digest of the random value in the browser's cookie.
    binding_digest: String,
}

impl PendingAuthorization {
    /// `binding` is the random value that the browser's cookie will carry.
    pub(crate) fn new(nonce: String, code_verifier: String, return_to: ReturnTo, binding: &str) -> Self {
        Self { nonce, code_verifier, return_to, binding_digest: digest_of(binding) }
    }
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn").field("subject", &self.content.user.subject).finish_non_exhaustive()
    }
}

impl SignedIn {
    /// The person.
    pub fn user(&self) -> &User {
        &self.content.user
    }

    /// When the person signed in.
    pub fn started_at(&self) -> OffsetDateTime {
        self.content.started_at
    }
}

/// All sessions of one application at one issuer.
#[derive(Debug, Clone)]
pub(crate) struct Sessions {
    store: Arc<PromptStore>,
    lifetime: SessionLifetime,
    issuer_url: String,
    sealing_keys: Arc<SealingKeys>,
    has_met_unknown_key: Arc<AtomicBool>,
}

impl Sessions {
    pub(crate) fn new(store: Arc<dyn Store>, config: &Config) -> Self {
        Self {
            store: Arc::new(PromptStore::new(store)),
            lifetime: config.lifetime,
            issuer_url: config.issuer_url.clone(),
            sealing_keys: Arc::clone(&config.sealing_keys),
            has_met_unknown_key: Arc::default(),
        }
    }

    /// Remembers an authorization request under its `state`. Gives the record's id.
    pub(crate) async fn remember(
        &self,
        state: &str,
        pending: &PendingAuthorization,
        now: OffsetDateTime,
    ) -> Result<Id, Error> {
        let record = self.record(record_id_of(state), PENDING_KEY, pending, now + PENDING_LIFETIME)?;
        self.create(&record).await?;
        Ok(record.id)
    }

    /// The record id of an authorization request with this `state`.
    pub(crate) fn attempt_id(state: &str) -> Id {
        record_id_of(state)
    }

    /// Takes a pending authorization request, if the browser is the one that began it. Of several simultaneous
    /// callers one gets it; a stranger neither gets nor disturbs it.
    pub(crate) async fn take_pending(
        &self,
        id: Id,
        binding: &str,
        now: OffsetDateTime,
    ) -> Result<Option<PendingAuthorization>, Error> {
        let Some(seen) = self.load_record(&id, now).await? else { return Ok(None) };
        let pending = self
            .content_of::<PendingAuthorization>(&seen, PENDING_KEY)
            .filter(|pending| same(&pending.binding_digest, &digest_of(binding)));
        let Some(pending) = pending else { return Ok(None) };
        let taken = self.store.take(&id).await?;
        Ok(taken.map(|_| pending))
    }

    /// Begins a session under a new id: nothing that existed before sign-in becomes a session.
    pub(crate) async fn begin(&self, user: User, tokens: &TokenSet, now: OffsetDateTime) -> Result<Id, Error> {
        let expiry = self.next_expiry(now, now);
        let content = Content { user, started_at: now };
        let mut session = self.record(Id::default(), SESSION_KEY, &content, expiry)?;
        session.owner = Some(owner(&self.issuer_url, &content.user.subject));
        self.create(&session).await?;
        let tokens = self.record(token_id(session.id), TOKENS_KEY, tokens, expiry)?;
        if let Err(error) = self.create(&tokens).await {
            self.store.delete(&session.id).await?;
            return Err(error);
        }
        Ok(session.id)
    }

    /// Two equal ids of 128 random bits are a fault of the store, not chance.
    async fn create(&self, record: &Record) -> Result<(), Error> {
        if self.store.create(record).await? { Ok(()) } else { Err(Error::Store("the record's id is taken".to_owned())) }
    }

    /// The session under an id, and its idle time moved on. None when it ended, belongs to another issuer, or cannot
    /// be read (then it is removed, so that this is logged once).
    pub(crate) async fn load(&self, id: Id, now: OffsetDateTime) -> Result<Option<SignedIn>, Error> {
        let Some(record) = self.load_record(&id, now).await? else { return Ok(None) };
        let Some(content) = self.content_of::<Content>(&record, SESSION_KEY) else {
            self.remove_unreadable(&record).await?;
            return Ok(None);
        };
        if content.user.issuer != self.issuer_url || now >= self.absolute_end(content.started_at) {
            return Ok(None);
        }
        self.touch_when_due(&record, &content, now).await;
        Ok(Some(SignedIn { content, tokens: token_id(id) }))
    }

    /// So that it is logged once. A record that another key may open stays, for other processes may have that key: they
    /// get a new one one after the other.
    async fn remove_unreadable(&self, record: &Record) -> Result<(), Error> {
        if [TOKENS_KEY, PENDING_KEY].iter().any(|kind| text_of(record, kind).is_some()) {
            return Ok(());
        }
        if !stored(record, SESSION_KEY).is_some_and(|content| SealingKeys::is_sealed(&content)) {
            tracing::warn!("a session record cannot be read and is removed");
            return self.store.delete(&record.id).await;
        }
        if !self.has_met_unknown_key.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "there are sessions that no key in SESSION_ENCRYPTION_KEYS opens; these people sign in anew"
            );
        }
        Ok(())
    }

    /// A failed touch is no reason to refuse the page, nor to hold it up: the session was read.
    async fn touch_when_due(&self, record: &Record, content: &Content, now: OffsetDateTime) {
        let next = self.next_expiry(content.started_at, now);
        if next - record.expires_at < TOUCH_INTERVAL.min(self.lifetime.idle / 4) {
            return;
        }
        let both = [record.id, token_id(record.id)];
        match tokio::time::timeout(TOUCH_TIMEOUT, self.store.touch(&both, next)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a session's idle time could not be moved on"),
            Err(_) => tracing::warn!("a session's idle time could not be moved on in time"),
        }
    }

    fn next_expiry(&self, started_at: OffsetDateTime, now: OffsetDateTime) -> OffsetDateTime {
        later(now, self.lifetime.idle).min(self.absolute_end(started_at))
    }

    fn absolute_end(&self, started_at: OffsetDateTime) -> OffsetDateTime {
        later(started_at, self.lifetime.absolute)
    }

    /// The tokens of a session; none when it has been ended meanwhile.
    pub(crate) async fn tokens(&self, session: &SignedIn, now: OffsetDateTime) -> Result<Option<TokenSet>, Error> {
        let record = self.load_record(&session.tokens, now).await?;
        Ok(record.and_then(|record| self.content_of(&record, TOKENS_KEY)))
    }

    /// The store drops expired records by the machine's clock; here the given clock decides.
    async fn load_record(&self, id: &Id, now: OffsetDateTime) -> Result<Option<Record>, Error> {
        let record = self.store.load(id).await?;
        Ok(record.filter(|record| now < record.expires_at))
    }

    /// Ends a session with its tokens, at once and for every process. Gives who it was, to one of several callers. An
    /// id that names a record of another kind ends nothing.
    pub(crate) async fn end(&self, id: Id) -> Result<Option<User>, Error> {
        // Tokens first: should this fail, the session is still there to try again with.
        self.store.delete(&token_id(id)).await?;
        let is_session = self.store.load(&id).await?.is_some_and(|record| text_of(&record, SESSION_KEY).is_some());
        if !is_session {
            return Ok(None);
        }
        let ended = self.store.take(&id).await?;
        Ok(ended.and_then(|record| self.content_of::<Content>(&record, SESSION_KEY)).map(|content| content.user))
    }

    /// All sessions of a person at this issuer, in no order.
    pub(crate) async fn of_subject(&self, subject: &str, now: OffsetDateTime) -> Result<Vec<(Id, SignedIn)>, Error> {
        let records = self.store.owned_by(&owner(&self.issuer_url, subject)).await?;
        let read = records.into_iter().filter(|record| now < record.expires_at).filter_map(|record| {
            let content = self.content_of::<Content>(&record, SESSION_KEY)?;
            Some((record.id, SignedIn { content, tokens: token_id(record.id) }))
        });
        Ok(read.collect())
    }

    /// Answers when the store does.
    pub(crate) async fn ping(&self) -> Result<(), Error> {
        self.store.ping().await
    }

    fn record(&self, id: Id, key: &str, content: &impl Serialize, expires_at: OffsetDateTime) -> Result<Record, Error> {
        let sealed = self.sealing_keys.seal(&sealing_context(&id, key), content);
        let content = sealed.map_err(|error| Error::Store(error.to_string()))?;
        Ok(Record { id, owner: None, content: format!("{key} {content}"), expires_at })
    }

    fn content_of<T: DeserializeOwned>(&self, record: &Record, key: &str) -> Option<T> {
        self.sealing_keys.open(&sealing_context(&record.id, key), &stored(record, key)?)
    }
}

/// What follows the kind in a record of this kind.
fn text_of<'a>(record: &'a Record, kind: &str) -> Option<&'a str> {
    record.content.strip_prefix(kind)?.strip_prefix(' ')
}

fn stored(record: &Record, kind: &str) -> Option<Value> {
    serde_json::from_str(text_of(record, kind)?).ok()
}

/// Where a session's tokens are: derived from its id, so that they are found as long as it is known, and only then.
fn token_id(session: Id) -> Id {
    record_id_of(&format!("tokens of {session}"))
}

/// What all sessions of one person have in common, without saying who it is.
fn owner(issuer_url: &str, subject: &str) -> String {
    digest_of(&format!("{subject} at {issuer_url}"))
}

fn later(time: OffsetDateTime, duration: Duration) -> OffsetDateTime {
    time.saturating_add(time::Duration::try_from(duration).unwrap_or(time::Duration::MAX))
}

/// What sealed content belongs to.
fn sealing_context(id: &Id, key: &str) -> String {
    format!("{id} {key}")
}
