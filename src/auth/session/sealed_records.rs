//! `SealedRecords`: stores typed contents as sealed records, and opens them. The contents are interpreted in `sessions`
//! and `pending`.
//!
//! A record's content is its kind, a space, and the value as JSON or, with sealing keys, as base64. A sealed value is
//! bound to the application, the id, the kind and the owner, and does not open in another record.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use serde::Serialize;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;

use super::error::SessionError;
use super::ids::Application;
use super::sealing::{SealedAnew, SealingKeys};
use super::store::{ChangeObserver, Id, Portion, Record, Store};
use super::timed_store::TimedStore;

/// What a record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A signed-in user.
    Session,
    /// A session's tokens.
    Tokens,
    /// The claims of a session's tokens.
    Claims,
    /// That rights changed.
    Mark,
    /// That something the issuer sent was carried out, or that a session of the issuer's has ended.
    Receipt,
    /// Which session began in a session of the issuer's.
    Index,
    /// An authorization request whose response has not arrived.
    PendingAuthorization,
}

impl Kind {
    const ALL: [Self; 7] =
        [Self::Session, Self::Tokens, Self::Claims, Self::Mark, Self::Receipt, Self::Index, Self::PendingAuthorization];

    fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Tokens => "tokens",
            Self::Claims => "claims",
            Self::Mark => "mark",
            Self::Receipt => "receipt",
            Self::Index => "index",
            Self::PendingAuthorization => "pending_authorization",
        }
    }

    /// The kind of a record, which is readable without a key. `None` for a content that is none of ours.
    pub(super) fn of(record: &Record) -> Option<Self> {
        Self::split(record).map(|(kind, _)| kind)
    }

    /// The same, and the value as it is stored.
    fn split(record: &Record) -> Option<(Self, &str)> {
        let (name, stored) = record.content.split_once(' ')?;
        Some((Self::ALL.into_iter().find(|kind| kind.name() == name)?, stored))
    }

    /// Whether its records are sealed when there are keys.
    fn is_sealed(self) -> bool {
        !matches!(self, Self::Mark | Self::Receipt | Self::Index)
    }
}

/// What became of a record that was to be sealed with the newest key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resealed {
    /// It was sealed with an older key, and is now with the newest.
    Rewritten,
    /// The newest key had sealed it.
    AlreadyNew,
    /// Records of its kind are no secret.
    NeverSealed,
    /// It opens with none of the keys, or is another application's.
    Unreadable,
    /// It was removed meanwhile.
    Gone,
}

/// The same, and how often the record had changed when it was to be replaced.
pub(super) struct SealedAgain {
    pub(super) outcome: Resealed,
    pub(super) changes: u64,
}

/// Why a record's content was not returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unopened {
    /// The record is of another kind.
    OtherKind,
    /// It is sealed with a key that this process does not have, or was altered.
    UnknownKey,
    /// It is not sealed although it must be, or is not the JSON that was expected.
    Unreadable,
}

/// The records of one application.
#[derive(Debug, Clone)]
pub(in crate::auth) struct SealedRecords(Arc<SealedStore>);

/// The session store, and the keys that seal the records of one application in it.
#[derive(Debug)]
struct SealedStore {
    store: TimedStore,
    keys: Arc<SealingKeys>,
    application: Application,
    has_met_unknown_key: AtomicBool,
}

impl SealedRecords {
    pub(in crate::auth) fn new(store: Arc<dyn Store>, keys: Arc<SealingKeys>, application: Application) -> Self {
        let store = TimedStore::new(store);
        Self(Arc::new(SealedStore { store, keys, application, has_met_unknown_key: AtomicBool::new(false) }))
    }

    /// The application whose records these are.
    pub(super) fn application(&self) -> &Application {
        &self.0.application
    }

    /// Stores a new record. Ids are digests of 256 random bits: if another record has the id, the store is at fault.
    pub(super) async fn create<T: Serialize>(
        &self,
        kind: Kind,
        id: Id,
        owner: Option<String>,
        value: &T,
        expires_at: OffsetDateTime,
    ) -> Result<(), SessionError> {
        if self.try_create(kind, id, owner, value, expires_at).await? {
            return Ok(());
        }
        Err(SessionError::Store("another record has the new record's id".to_owned()))
    }

    /// Stores a new record, unless another one has its id: then the result is `false`.
    pub(super) async fn try_create<T: Serialize>(
        &self,
        kind: Kind,
        id: Id,
        owner: Option<String>,
        value: &T,
        expires_at: OffsetDateTime,
    ) -> Result<bool, SessionError> {
        let content = self.seal(kind, &id, owner.as_deref(), value)?;
        self.0.store.create(&Record { id, owner, content, expires_at }).await
    }

    /// Puts a new value in place of the one that was seen, and returns the record as it is now. `None` when it was
    /// removed or changed meanwhile. One that was only sealed anew meanwhile holds the same value as was seen, so it is
    /// replaced: a refresh must not lose its tokens to a change of keys.
    pub(super) async fn replace<T: Serialize>(
        &self,
        kind: Kind,
        mut seen: Record,
        value: &T,
    ) -> Result<Option<Record>, SessionError> {
        let content = self.seal(kind, &seen.id, seen.owner.as_deref(), value)?;
        loop {
            if self.0.store.replace(&seen, &content).await? {
                return Ok(Some(Record { content, ..seen }));
            }
            // A record is sealed anew once for each change of keys, so this ends.
            match self.sealed_anew(kind, &seen).await? {
                Some(now) => seen = now,
                None => return Ok(None),
            }
        }
    }

    /// The record as it is now, if it was sealed anew since it was seen and still holds the same value.
    async fn sealed_anew(&self, kind: Kind, seen: &Record) -> Result<Option<Record>, SessionError> {
        if !kind.is_sealed() || self.0.keys.is_empty() {
            return Ok(None);
        }
        let now = self.0.store.load(&seen.id).await?.filter(|now| now.content != seen.content);
        let Some(before) = self.json_of(kind, seen) else { return Ok(None) };
        Ok(now.filter(|now| now.owner == seen.owner && self.json_of(kind, now).as_ref() == Some(&before)))
    }

    fn json_of(&self, kind: Kind, record: &Record) -> Option<Vec<u8>> {
        let (_, stored) = record.content.split_once(' ').filter(|(name, _)| *name == kind.name())?;
        self.0.keys.open(&self.context(kind, &record.id, record.owner.as_deref()), stored)
    }

    /// A portion of all records in the store, of this application and of others ([`Store::portion`]).
    pub(super) async fn portion(&self, after: Option<&str>) -> Result<Portion, SessionError> {
        self.0.store.portion(after).await
    }

    /// Seals a record with the newest key, if an older one has sealed it. It is replaced only if it is as it was seen;
    /// one that has changed is looked at again.
    pub(super) async fn seal_anew(&self, record: Record) -> Result<SealedAgain, SessionError> {
        let (mut seen, mut changes) = (record, 0);
        let outcome = loop {
            let content = match self.anew(&seen)? {
                Ok(content) => content,
                Err(outcome) => break outcome,
            };
            if self.0.store.replace(&seen, &content).await? {
                break Resealed::Rewritten;
            }
            changes += 1;
            match self.0.store.load(&seen.id).await? {
                Some(now) => seen = now,
                None => break Resealed::Gone,
            }
        };
        Ok(SealedAgain { outcome, changes })
    }

    /// The content of a record, sealed with the newest key; else why it stays as it is.
    fn anew(&self, record: &Record) -> Result<Result<String, Resealed>, SessionError> {
        let Some((kind, stored)) = Kind::split(record) else { return Ok(Err(Resealed::Unreadable)) };
        if !kind.is_sealed() {
            return Ok(Err(Resealed::NeverSealed));
        }
        let context = self.context(kind, &record.id, record.owner.as_deref());
        let sealed = self.0.keys.seal_anew(&context, stored).transpose();
        Ok(match sealed.map_err(|error| SessionError::Unsealable(error.to_string()))? {
            Some(SealedAnew::Content(sealed)) => Ok(format!("{} {sealed}", kind.name())),
            Some(SealedAnew::NotNeeded) => Err(Resealed::AlreadyNew),
            None => Err(Resealed::Unreadable),
        })
    }

    /// The record under an id. The store drops expired records by the machine's clock; here `now` decides.
    pub(super) async fn load(&self, id: &Id, now: OffsetDateTime) -> Result<Option<Record>, SessionError> {
        Ok(self.0.store.load(id).await?.filter(|record| now < record.expires_at))
    }

    /// The records under several ids, read in one round trip, each at the place of its id. As in [`Self::load`], `now`
    /// decides what has expired.
    pub(super) async fn load_many(&self, ids: &[Id], now: OffsetDateTime) -> Result<Vec<Option<Record>>, SessionError> {
        let records = self.0.store.load_many(ids).await?;
        Ok(records.into_iter().map(|record| record.filter(|record| now < record.expires_at)).collect())
    }

    /// Removes a record and returns it to one of several simultaneous callers.
    pub(super) async fn take(&self, id: &Id) -> Result<Option<Record>, SessionError> {
        self.0.store.take(id).await
    }

    pub(super) async fn touch(&self, ids: &[Id], expires_at: OffsetDateTime) -> Result<(), SessionError> {
        self.0.store.touch(ids, expires_at).await
    }

    /// The ids of an owner's records, in no order. There may be ids among them whose records are gone.
    pub(super) async fn owned_ids(&self, owner: &str) -> Result<Vec<Id>, SessionError> {
        self.0.store.owned_ids(owner).await
    }

    /// Those records under these ids that are this owner's, read in one round trip.
    pub(super) async fn load_owned(
        &self,
        owner: &str,
        ids: &[Id],
        now: OffsetDateTime,
    ) -> Result<Vec<Record>, SessionError> {
        let records = self.load_many(ids, now).await?.into_iter().flatten();
        Ok(records.filter(|record| record.owner.as_deref() == Some(owner)).collect())
    }

    /// Removes all records of an owner and returns them.
    pub(super) async fn take_owned_by(&self, owner: &str) -> Result<Vec<Record>, SessionError> {
        self.0.store.take_owned_by(owner).await
    }

    pub(super) async fn ping(&self) -> Result<(), SessionError> {
        self.0.store.ping().await
    }

    pub(super) fn observe(&self, observer: Weak<dyn ChangeObserver>) -> bool {
        self.0.store.observe(observer)
    }

    /// The value in a record of this kind.
    pub(super) fn open<T: DeserializeOwned>(&self, kind: Kind, record: &Record) -> Result<T, Unopened> {
        let (name, stored) = record.content.split_once(' ').ok_or(Unopened::Unreadable)?;
        if name != kind.name() {
            return Err(Unopened::OtherKind);
        }
        if !kind.is_sealed() {
            return serde_json::from_str(stored).map_err(|_| Unopened::Unreadable);
        }
        let context = self.context(kind, &record.id, record.owner.as_deref());
        match self.0.keys.open(&context, stored) {
            Some(content) => serde_json::from_slice(&content).map_err(|_| Unopened::Unreadable),
            None if SealingKeys::is_sealed(stored) => Err(Unopened::UnknownKey),
            None => Err(Unopened::Unreadable),
        }
    }

    /// Logs a record that does not open, and removes it, so that this is logged once. A record that another key may
    /// open stays: processes get a new key one after the other.
    pub(super) async fn remove_unopened(&self, record: &Record, why: Unopened) -> Result<(), SessionError> {
        if why == Unopened::UnknownKey {
            if !self.0.has_met_unknown_key.swap(true, Ordering::Relaxed) {
                tracing::warn!("some sessions open with none of the sealing keys; their users sign in again");
            }
            return Ok(());
        }
        tracing::warn!("a session record cannot be read and is removed");
        self.take(&record.id).await.map(drop)
    }

    fn seal<T: Serialize>(&self, kind: Kind, id: &Id, owner: Option<&str>, value: &T) -> Result<String, SessionError> {
        let json = serde_json::to_string(value).map_err(|error| SessionError::Unsealable(error.to_string()))?;
        if !kind.is_sealed() {
            return Ok(format!("{} {json}", kind.name()));
        }
        let sealed = self.0.keys.seal(&self.context(kind, id, owner), json);
        let sealed = sealed.map_err(|error| SessionError::Unsealable(error.to_string()))?;
        Ok(format!("{} {sealed}", kind.name()))
    }

    /// The text to which a sealed content is bound. None of its parts can contain a newline.
    fn context(&self, kind: Kind, id: &Id, owner: Option<&str>) -> String {
        let application = &self.0.application;
        let (issuer_url, client_id) = (application.issuer_url(), application.client_id());
        format!("{issuer_url}\n{client_id}\n{id}\n{}\n{}", kind.name(), owner.unwrap_or_default())
    }
}
