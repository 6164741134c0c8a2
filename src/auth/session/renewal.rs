//! Replaces the records of a session when its tokens are refreshed, each only if it is still as it was seen: what another
//! process wrote meanwhile stays, and what has ended does not come back. When to refresh is decided in `client::refresh`.

use serde::de::DeserializeOwned;
use time::OffsetDateTime;

use super::content::{Content, Seen, Session};
use super::error::SessionError;
use super::sealed_records::{Kind, Unopened};
use super::sessions::Sessions;
use super::store::Id;
use super::stored_claims::StoredClaims;
use super::tokens::TokenSet;

impl Sessions {
    /// The session as the store has it now, without the copy in memory. `None` when it has ended.
    pub(in crate::auth) async fn see(
        &self,
        id: Id,
        now: OffsetDateTime,
    ) -> Result<Option<Seen<Session>>, SessionError> {
        let Some(record) = self.records.load(&id, now).await? else { return Ok(None) };
        Ok(self.decode(&record).ok().map(|value| Seen { value, record }))
    }

    /// The tokens of a session as the store has them now.
    pub(in crate::auth) async fn see_tokens(
        &self,
        session: Id,
        now: OffsetDateTime,
    ) -> Result<Option<Seen<TokenSet>>, SessionError> {
        self.see_as(Kind::Tokens, self.records.application().tokens_id(session), now).await
    }

    /// The claims of a session as the store has them now.
    pub(in crate::auth) async fn see_claims(
        &self,
        session: Id,
        now: OffsetDateTime,
    ) -> Result<Option<Seen<StoredClaims>>, SessionError> {
        self.see_as(Kind::Claims, self.records.application().claims_id(session), now).await
    }

    async fn see_as<T: DeserializeOwned>(
        &self,
        kind: Kind,
        id: Id,
        now: OffsetDateTime,
    ) -> Result<Option<Seen<T>>, SessionError> {
        let Some(record) = self.records.load(&id, now).await? else { return Ok(None) };
        let opened: Result<T, Unopened> = self.records.open(kind, &record);
        Ok(opened.ok().map(|value| Seen { value, record }))
    }

    /// Changes the content of a session. `None` when the session has ended or changed since it was seen.
    pub(in crate::auth) async fn replace(
        &self,
        seen: Seen<Session>,
        change: impl FnOnce(&mut Content),
    ) -> Result<Option<Seen<Session>>, SessionError> {
        let mut session = seen.value;
        change(&mut session.content);
        let replaced = self.records.replace(Kind::Session, seen.record, &session.content).await?;
        Ok(replaced.map(|record| Seen { value: session, record }))
    }

    /// Replaces the tokens of a session. `false` when they were removed or changed since they were seen.
    pub(in crate::auth) async fn replace_tokens(
        &self,
        seen: Seen<TokenSet>,
        tokens: &TokenSet,
    ) -> Result<bool, SessionError> {
        Ok(self.records.replace(Kind::Tokens, seen.record, tokens).await?.is_some())
    }

    /// Replaces the claims of a session. `None` when they were removed or changed since they were seen.
    pub(in crate::auth) async fn replace_claims(
        &self,
        seen: Seen<StoredClaims>,
        claims: StoredClaims,
    ) -> Result<Option<Seen<StoredClaims>>, SessionError> {
        let replaced = self.records.replace(Kind::Claims, seen.record, &claims).await?;
        Ok(replaced.map(|record| Seen { value: claims, record }))
    }
}
