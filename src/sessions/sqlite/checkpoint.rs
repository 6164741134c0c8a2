//! Empties the log of the session file, so that removed records do not stay in it. SQLite's own checkpoints copy the
//! log into the file, but leave the log's old bytes where they are.

use std::sync::Weak;
use std::time::Duration;

use super::session_file::{Checkpoint, SessionFile};

/// A removed record leaves the log within two intervals, which are ten seconds, unless a statement keeps reading.
const INTERVAL: Duration = Duration::from_secs(5);

/// Empties the log whenever something was written to it, for as long as the file is used.
pub(super) async fn checkpoint(file: Weak<SessionFile>) {
    loop {
        tokio::time::sleep(INTERVAL).await;
        let Some(used) = file.upgrade() else { return };
        if !used.has_log() {
            continue;
        }
        match used.checkpoint().await {
            Ok(Checkpoint::Done) => {}
            Ok(Checkpoint::Busy) => tracing::debug!("the session file's log is being read and will be emptied later"),
            Err(error) => tracing::debug!(%error, "the session file's log could not be emptied"),
        }
    }
}
