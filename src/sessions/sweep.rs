//! Removing expired records from a database, little by little. Redis does that by itself.
//! Nothing depends on it: an expired record is never loaded, swept or not.

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
        // A connection that died silently would otherwise be waited for without an end.
        let removed = tokio::time::timeout(PORTION_TIMEOUT, used.remove_expired(PORTION)).await;
        let removed = removed.unwrap_or_else(|_| Err(Error::Backend("it did not answer in time".to_owned())));
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
