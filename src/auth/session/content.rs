//! `Session`: a signed-in user's session as requests see it, and the content of its record. Sessions are begun, loaded and
//! ended in `sessions`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::refresh_turn::RefreshTurn;
use super::store::{Id, Record};
use super::user::User;

/// A session, as a request sees it: who signed in, and when.
#[derive(Clone)]
pub struct Session {
    pub(super) id: Id,
    pub(super) content: Content,
}

/// The stored content of a session.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::auth) struct Content {
    pub(in crate::auth) user: User,
    pub(in crate::auth) client_id: String,
    #[serde(with = "time::serde::timestamp")]
    pub(in crate::auth) started_at: OffsetDateTime,
    /// The browser and the system that signed in, by family. Sessions of earlier versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::auth) device: Option<String>,
    /// The ID token's `auth_time`. A refresh never changes it.
    #[serde(default, with = "time::serde::timestamp::option", skip_serializing_if = "Option::is_none")]
    pub(in crate::auth) authenticated_at: Option<OffsetDateTime>,
    /// Whether the issuer was told to ask the user again (`prompt=login`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::auth) demanded_login: bool,
    #[serde(default)]
    pub(in crate::auth) refresh: RefreshTurn,
    /// The issuer's session in which the user signed in, where the issuer states one. A refresh never changes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::auth) sid: Option<String>,
    #[serde(default, with = "time::serde::timestamp::option", skip_serializing_if = "Option::is_none")]
    pub(in crate::auth) access_token_ends_at: Option<OffsetDateTime>,
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

    /// When the user last proved at the issuer who they are: the ID token's `auth_time`, else the sign-in.
    pub fn authenticated_at(&self) -> OffsetDateTime {
        self.content.authenticated_at.unwrap_or(self.content.started_at)
    }

    /// Whether its sign-in told the issuer to ask the user again.
    pub(in crate::auth) fn demanded_login(&self) -> bool {
        self.content.demanded_login
    }

    /// The id of its record.
    pub(in crate::auth) fn id(&self) -> Id {
        self.id
    }

    /// When its tokens are refreshed, and by whom.
    pub(in crate::auth) fn refresh(&self) -> &RefreshTurn {
        &self.content.refresh
    }

    /// Whether its access token has ended.
    pub(in crate::auth) fn access_token_has_ended(&self, now: OffsetDateTime) -> bool {
        self.content.access_token_ends_at.is_some_and(|end| now >= end)
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

/// A value with the record that holds it, which is needed to replace it.
pub(in crate::auth) struct Seen<T> {
    pub(in crate::auth) value: T,
    pub(super) record: Record,
}

impl<T> Seen<T> {
    /// Whether the record was the same when both were read.
    pub(in crate::auth) fn is_as_seen_by(&self, other: &Self) -> bool {
        self.record.content == other.record.content
    }
}

#[cfg(test)]
impl Stored {
    pub(super) fn for_test(id: Id, subject: &str, expires_at: OffsetDateTime) -> Self {
        let claims = crate::auth::oidc::UserClaims::default();
        let content = Content {
            user: User::new("https://issuer.example", subject.to_owned(), claims),
            client_id: "client".to_owned(),
            started_at: OffsetDateTime::UNIX_EPOCH,
            device: None,
            authenticated_at: None,
            demanded_login: false,
            refresh: RefreshTurn::Never,
            sid: None,
            access_token_ends_at: None,
        };
        Self { session: Arc::new(Session { id, content }), expires_at, content_bytes: 100 }
    }
}
