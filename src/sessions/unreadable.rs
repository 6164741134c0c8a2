//! What becomes of a record that a store cannot read: it counts as absent, and is removed so that this is logged once.
//! It decides nothing about content, which is opaque to a store.

use std::future::Future;

use tower_sessions::session_store::Result;

use crate::auth::Record;

/// The record that was found, if it can be read; otherwise `remove` removes it.
pub(super) async fn readable_or_removed<T>(
    found: Option<Result<Record>>,
    remove: impl Future<Output = Result<T>>,
) -> Result<Option<Record>> {
    match found {
        None => Ok(None),
        Some(Ok(record)) => Ok(Some(record)),
        Some(Err(error)) => {
            tracing::warn!(%error, "a session record cannot be read and is removed");
            remove.await?;
            Ok(None)
        }
    }
}
