//! The sessions floor: signed-in users, their tokens, and pending authorizations, each a sealed record in the session
//! store. It uses no HTTP, and of `oidc` only the claims of a user.

mod copy;
mod error;
mod ids;
mod pending;
mod return_to;
mod sealed_records;
mod sealing;
mod sessions;
mod store;
mod timed_store;
mod tokens;
mod user;

pub use error::SessionError;
pub(super) use ids::{Application, SessionSecret};
pub use pending::PENDING_LIFETIME;
pub(super) use pending::{PendingAuthorization, PendingAuthorizations};
pub use return_to::{MAX_RETURN_TO_BYTES, ReturnTo};
pub(super) use sealed_records::SealedRecords;
pub use sealing::{SealingKeyError, SealingKeys};
pub(super) use sessions::{Ended, SessionPolicy, Sessions};
pub use sessions::{Session, SessionLifetime};
pub use store::{ChangeObserver, Error as StoreError, Id, Record, Result as StoreResult, Store};
pub use tokens::TokenSet;
pub use user::User;
