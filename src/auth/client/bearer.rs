//! Bearer tokens: verifies an access token that a program brought, and holds a user's token against the user's mark. How
//! a request carries a token is in `web::bearer`; what the token must say is in `oidc::bearer_token`.

use std::fmt;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::Cache;
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

use super::Client;
use super::token_times::CLOCK_TOLERANCE;
use crate::auth::claims::{AccessTokenClaims, ClaimMap};
use crate::auth::error::Error;
use crate::auth::observation::Stage;
use crate::auth::oidc::{self, BearerTokenError, ExpectedBearer, Holder, UserClaims, checks};
use crate::auth::session::{KeptRights, Marks, User};

/// How long a user's marks are kept in the process, so that a program's requests cost one read a second.
const MARKS_KEPT_FOR: time::Duration = time::Duration::SECOND;
/// So many users' marks, and rights of so many tokens, are kept. The least used are dropped first.
const KEPT: usize = 10_000;

/// A verified access token that a request brought. `Debug` prints neither the token nor its claims.
#[non_exhaustive]
pub struct BearerToken {
    /// Whom it was issued to.
    pub holder: TokenHolder,
    /// Its claims. A machine's `sub` is the id of its client.
    pub claims: AccessTokenClaims,
    pub(super) secret: SecretString,
    pub(super) signed: ClaimMap,
    /// The marks that concern its user; of a machine none.
    pub(super) marks: Marks,
}

/// Whom an access token was issued to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenHolder {
    /// A user, by a sign-in at any client of the issuer.
    User(User),
    /// A program, by its own credentials.
    Machine {
        /// The id of its client (`azp`).
        client_id: String,
    },
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerToken").finish_non_exhaustive()
    }
}

impl BearerToken {
    /// The user; `None` for a machine.
    pub fn user(&self) -> Option<&User> {
        match &self.holder {
            TokenHolder::User(user) => Some(user),
            TokenHolder::Machine { .. } => None,
        }
    }
}

/// What is kept in this process for requests with bearer tokens.
pub(super) struct BearerMemory {
    /// By subject.
    marks: Cache<String, (OffsetDateTime, Marks)>,
    /// How often this process moved a mark.
    moves: AtomicU64,
    /// What the account API responded, by a digest of the token.
    pub(super) rights: Cache<[u8; 16], KeptRights>,
    has_no_audience: Once,
    has_other_audience: Once,
}

impl Default for BearerMemory {
    fn default() -> Self {
        Self {
            marks: Cache::new(KEPT),
            moves: AtomicU64::new(0),
            rights: Cache::new(KEPT),
            has_no_audience: Once::new(),
            has_other_audience: Once::new(),
        }
    }
}

impl BearerMemory {
    /// The next request with a token of this user reads the marks anew.
    pub(super) fn forget_marks_of(&self, subject: &str) {
        self.moves.fetch_add(1, Ordering::SeqCst);
        self.marks.remove(subject);
    }

    /// The next request with any user's token reads the marks anew.
    pub(super) fn forget_marks(&self) {
        self.moves.fetch_add(1, Ordering::SeqCst);
        self.marks.clear();
    }
}

impl Client {
    /// Verifies a token that a request brought.
    ///
    /// # Errors
    /// [`Error::InvalidToken`] (401); [`Error::KeysUnavailable`] (503) when keys are needed and cannot be fetched;
    /// [`Error::Store`] (503).
    pub(in crate::auth) async fn verify_bearer(&self, token: SecretString) -> Result<BearerToken, Error> {
        let (observed, now) = (self.observed(|| Some(token.expose_secret())), self.now().unix_timestamp());
        if !observed.is_told() {
            return self.verify_unobserved_bearer(token, now).await;
        }
        let text = token.expose_secret().to_owned();
        let verified = self.verify_unobserved_bearer(token, now).await;
        observed.checked(Stage::BearerToken, || {
            let issuer = self.0.issuer.url();
            let expected = ExpectedBearer { issuer, audiences: &self.config().api_audiences, now };
            let failure = match &verified {
                Err(Error::InvalidToken(error)) => Some(Ok(error)),
                Err(Error::KeysUnavailable(error)) => Some(Err(error)),
                _ => None,
            };
            checks::bearer_token(&text, expected, failure)
        });
        verified
    }

    /// Once: tokens of strangers end here too.
    fn warn_of_other_audience(&self, error: &BearerTokenError) {
        if *error == BearerTokenError::WrongAudience {
            self.0.bearer.has_other_audience.call_once(|| {
                tracing::warn!(
                    accepted = self.config().api_audiences.join(" "),
                    "a program sent a bearer token for another audience, and such requests get 401: let it request a token for an accepted one, as Kinde shows it under \"Settings\", \"APIs\""
                );
            });
        }
    }

    async fn verify_unobserved_bearer(&self, token: SecretString, now: i64) -> Result<BearerToken, Error> {
        let audiences = &self.config().api_audiences;
        if audiences.is_empty() {
            self.0.bearer.has_no_audience.call_once(|| {
                tracing::warn!("a program sent a bearer token, but no audience is set: such requests get 401");
            });
            return Err(BearerTokenError::NoAudience.into());
        }
        let expected = ExpectedBearer { issuer: self.0.issuer.url(), audiences, now };
        let text = token.expose_secret();
        let key_id = oidc::key_id(text).map_err(BearerTokenError::from)?;
        oidc::precheck_bearer(text, expected).inspect_err(|error| self.warn_of_other_audience(error))?;
        let key = self.0.issuer.key_of_stranger(key_id.as_deref(), self.now()).await.map_err(Error::KeysUnavailable)?;
        let key = key.ok_or(BearerTokenError::Jwt(oidc::JwtError::UnknownKey))?;
        let (signed, holder) = oidc::verify_bearer(text, &key, expected)?;
        let token = self.with_marks(token, signed, holder).await?;
        if self.has_ended(&token) {
            return Err(BearerTokenError::Ended.into());
        }
        Ok(token)
    }

    async fn with_marks(&self, secret: SecretString, signed: ClaimMap, holder: Holder) -> Result<BearerToken, Error> {
        let mut claims = signed.clone();
        let subject = match &holder {
            Holder::User(subject) | Holder::Machine(subject) => subject.clone(),
        };
        claims.insert("sub".to_owned(), subject.clone().into());
        let claims = AccessTokenClaims::from_map(claims).ok_or(BearerTokenError::NoHolder)?;
        let (holder, marks) = match holder {
            Holder::Machine(client_id) => (TokenHolder::Machine { client_id }, Marks::default()),
            Holder::User(_) => {
                let text = |name: &str| signed.get(name)?.as_str().map(str::to_owned);
                let named = UserClaims { name: text("name"), email: text("email"), ..UserClaims::default() };
                let user = User::new(self.0.issuer.url(), subject.clone(), named);
                (TokenHolder::User(user), self.recent_marks_of(subject).await?)
            }
        };
        Ok(BearerToken { holder, claims, secret, signed, marks })
    }

    /// The marks that concern a user, at most a second old.
    async fn recent_marks_of(&self, subject: String) -> Result<Marks, Error> {
        let (kept, now) = (self.0.bearer.marks.get(&subject), self.now());
        if let Some((_, marks)) = kept.filter(|(read_at, _)| (now - *read_at).abs() < MARKS_KEPT_FOR) {
            return Ok(marks);
        }
        let before = self.0.bearer.moves.load(Ordering::SeqCst);
        let marks = self.0.sessions.marks_of(&subject, now).await?;
        self.0.bearer.marks.insert(subject.clone(), (now, marks.clone()));
        if self.0.bearer.moves.load(Ordering::SeqCst) != before {
            // A mark moved while it was read.
            self.0.bearer.marks.remove(&subject);
        }
        Ok(marks)
    }

    /// Whether the user was suspended or deleted since the token was issued.
    fn has_ended(&self, token: &BearerToken) -> bool {
        let issued_at = token.claims.iat.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        token.marks.have_ended(issued_at, CLOCK_TOLERANCE)
    }
}

impl From<BearerTokenError> for Error {
    fn from(error: BearerTokenError) -> Self {
        Self::InvalidToken(error)
    }
}
