//! Checkpoints: what was removed from the session file does not stay behind in its log.
//! SQLite's own checkpoints copy the log into the file, but leave the log's old bytes where they are.

use std::sync::Weak;
use std::time::Duration;

use super::session_file::{Checkpoint, SessionFile};

/// Two of these pass at most, unless somebody keeps reading: README promises ten seconds.
const INTERVAL: Duration = Duration::from_secs(5);

/// Empties the log for as long as the file is used, whenever something was written to it.
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
