//! Removes expired records from a SQL database, in portions. Redis removes its own. Only space depends on this: an
//! expired record is never loaded, even if it is still stored.

use std::sync::Weak;
use std::time::Duration;

use tower_sessions::session_store::Error;

use super::rows::Database;

const INTERVAL: Duration = Duration::from_secs(60);
/// Records are removed in portions with a pause in between, so that no sweep holds up a sign-in.
const PORTION: i64 = 500;
const PORTION_TIMEOUT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(5);

/// Sweeps every minute for as long as the database is used.
pub(super) async fn sweep<D: Database>(database: Weak<D>) {
    while let Some(used) = database.upgrade() {
        // Without a time limit, this would wait forever for a connection that died silently.
        let removed = tokio::time::timeout(PORTION_TIMEOUT, used.remove_expired(PORTION)).await;
        let removed = removed.unwrap_or_else(|_| Err(Error::Backend("it did not respond in time".to_owned())));
        drop(used);
        match removed {
            Ok(removed) if removed == PORTION.unsigned_abs() => tokio::time::sleep(PAUSE).await,
            Ok(_) => tokio::time::sleep(INTERVAL).await,
            Err(error) => {
                tracing::warn!(%error, "expired sessions could not be removed");
                tokio::time::sleep(INTERVAL).await;
            }
        }
    }
}
