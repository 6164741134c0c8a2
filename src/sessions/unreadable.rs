//! Records that a store cannot read: such a record counts as absent, and is removed so that it is logged only once. The
//! content of a record is opaque to a store and read by `auth`.

use std::future::Future;

use tower_sessions::session_store::Result;

use crate::auth::{Id, Record, Store};

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

/// What a statement that reads several records found under one id.
pub(super) enum Found {
    Record(Record),
    Nothing,
    /// Perhaps a record that cannot be read; the statement does not tell.
    Unclear,
}

/// Returns what was found, each at the place of its id. Where that is unclear the record is loaded by itself, which
/// removes it if it cannot be read.
pub(super) async fn clarified(store: &dyn Store, ids: &[Id], found: Vec<Found>) -> Result<Vec<Option<Record>>> {
    let mut records = Vec::with_capacity(found.len());
    for (id, found) in ids.iter().zip(found) {
        records.push(match found {
            Found::Record(record) => Some(record),
            Found::Nothing => None,
            Found::Unclear => store.load(id).await?,
        });
    }
    Ok(records)
}
