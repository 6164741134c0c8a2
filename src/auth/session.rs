//! The sessions floor: signed-in users, their tokens, and pending authorizations, each a sealed record in the session
//! store. It uses no HTTP, and of `oidc` only the claims of a user.

mod content;
mod copy;
mod ending;
mod error;
mod ids;
mod issuers_session;
mod kept_rights;
mod lifetime;
mod marks;
mod pending;
mod receipts;
mod refresh_turn;
mod renewal;
mod return_to;
mod sealed_records;
mod sealing;
mod sessions;
mod store;
mod stored_claims;
mod timed_store;
mod tokens;
mod user;
mod user_sessions;

pub(super) use content::Seen;
pub use content::Session;
pub(super) use ending::Ended;
pub use error::SessionError;
pub(super) use ids::{Application, SessionSecret};
pub(super) use kept_rights::KeptRights;
pub use lifetime::SessionLifetime;
pub(super) use lifetime::SessionPolicy;
pub(super) use marks::{Marks, RememberedMarks};
pub use pending::PENDING_LIFETIME;
pub(super) use pending::{PendingAuthorization, PendingAuthorizations, SignInRequest};
pub(super) use receipts::Sent;
pub(super) use refresh_turn::{RefreshTurn, TAKEN_OVER_AFTER};
pub use return_to::{MAX_RETURN_TO_BYTES, ReturnTo};
pub(super) use sealed_records::SealedRecords;
pub use sealing::{SealingKeyError, SealingKeys};
pub(super) use sessions::{NewSession, Sessions};
pub use store::{ChangeObserver, Error as StoreError, Id, Record, Result as StoreResult, Store};
pub(super) use stored_claims::StoredClaims;
pub use tokens::TokenSet;
pub use user::User;
pub use user_sessions::UserSession;
