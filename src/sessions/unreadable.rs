//! Records that a store cannot read: such a record counts as absent, and is removed so that it is logged only once. The
//! content of a record is opaque to a store and read by `auth`.

use std::future::Future;

use tower_sessions::session_store::Result;

use crate::auth::Record;

/// Returns the record that was found, if it can be read. Otherwise `remove` removes it.
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
