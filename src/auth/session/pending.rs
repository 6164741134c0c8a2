//! Pending authorizations: the values of an authorization request that are kept until the browser returns. The request
//! is built in `oidc`; the cookie that binds it to a browser is in `client`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::error::SessionError;
use super::ids::Application;
use super::return_to::ReturnTo;
use super::sealed_records::{Kind, SealedRecords};
use super::store::Id;
use crate::auth::random::{digest_of, same};
use crate::auth::sign_in_options::SignInOptions;

/// How long a user may take at the issuer before the pending authorization ends.
pub const PENDING_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// What a sign-in is begun for; it can be begun again from this.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::auth) struct SignInRequest {
    /// What the issuer is asked for.
    #[serde(default)]
    pub(in crate::auth) options: SignInOptions,
    /// The path to send the browser to after the sign-in.
    pub(in crate::auth) return_to: ReturnTo,
    /// Whether an issuer that cannot fulfil `prompt=none` is asked once more without it.
    #[serde(default)]
    pub(in crate::auth) then_interactive: bool,
}

/// An authorization request whose response has not arrived yet.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::auth) struct PendingAuthorization {
    /// The value that the ID token must repeat (OIDC Core §3.1.2.1).
    pub(in crate::auth) nonce: String,
    /// Proves to the token endpoint that the request was ours (RFC 7636).
    pub(in crate::auth) code_verifier: String,
    /// What the request was made for.
    pub(in crate::auth) request: SignInRequest,
    /// The digest of the random value in the browser's cookie.
    binding_digest: String,
    /// The mark of the end of all sessions as it was when the request was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::auth) end_of_all: Option<String>,
}

impl PendingAuthorization {
    /// `binding` is the random value that the browser's cookie will hold, `end_of_all` the mark of the end of all
    /// sessions.
    pub(in crate::auth) fn new(
        nonce: String,
        code_verifier: String,
        request: SignInRequest,
        binding: &str,
        end_of_all: Option<String>,
    ) -> Self {
        Self { nonce, code_verifier, request, binding_digest: digest_of(binding), end_of_all }
    }
}

/// All pending authorizations of one application.
#[derive(Debug, Clone)]
pub(in crate::auth) struct PendingAuthorizations(SealedRecords);

impl PendingAuthorizations {
    pub(in crate::auth) fn new(records: SealedRecords) -> Self {
        Self(records)
    }

    /// The id of the pending authorization with this `state`.
    pub(in crate::auth) fn id_of(&self, state: &str) -> Id {
        Application::pending_id(self.0.application(), state)
    }

    /// Stores a pending authorization under its `state`, and returns its id.
    pub(in crate::auth) async fn add(
        &self,
        state: &str,
        pending: &PendingAuthorization,
        now: OffsetDateTime,
    ) -> Result<Id, SessionError> {
        let id = self.id_of(state);
        self.0.create(Kind::PendingAuthorization, id, None, pending, now + PENDING_LIFETIME).await?;
        Ok(id)
    }

    /// Whether there is a pending authorization under this id that this browser began. It stays as it is.
    pub(in crate::auth) async fn is_pending(
        &self,
        id: Id,
        binding: &str,
        now: OffsetDateTime,
    ) -> Result<bool, SessionError> {
        Ok(self.find(id, binding, now).await?.is_some())
    }

    /// Takes a pending authorization, if this browser began it: another browser neither receives nor disturbs it. Of
    /// several simultaneous callers one receives it.
    pub(in crate::auth) async fn take(
        &self,
        id: Id,
        binding: &str,
        now: OffsetDateTime,
    ) -> Result<Option<PendingAuthorization>, SessionError> {
        let Some(pending) = self.find(id, binding, now).await? else { return Ok(None) };
        let taken = self.0.take(&id).await?;
        Ok(taken.map(|_| pending))
    }

    async fn find(
        &self,
        id: Id,
        binding: &str,
        now: OffsetDateTime,
    ) -> Result<Option<PendingAuthorization>, SessionError> {
        let Some(record) = self.0.load(&id, now).await? else { return Ok(None) };
        let pending = self.0.open::<PendingAuthorization>(Kind::PendingAuthorization, &record).ok();
        Ok(pending.filter(|pending| same(&pending.binding_digest, &digest_of(binding))))
    }
}
