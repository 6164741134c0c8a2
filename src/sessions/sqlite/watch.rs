//! Watches the session file: a change by others, or its removal, is noticed within half a second. Then the observers
//! are informed, and a removed file is opened again.

use std::sync::Weak;
use std::time::Duration;

use super::OpenStore;
use super::session_file::Version;

const INTERVAL: Duration = Duration::from_millis(500);

/// Checks, for as long as the store is used, whether the file is still there and whether somebody else has written to
/// it, such as an administrator with `sqlite3`.
pub(super) async fn watch(store: Weak<OpenStore>) {
    let mut seen = None;
    while let Some(used) = store.upgrade() {
        if used.file.is_in_place() {
            used.file.resume();
            look_for_writers(&used, &mut seen).await;
        } else {
            begin_anew(&used).await;
        }
        drop(used);
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn look_for_writers(store: &OpenStore, seen: &mut Option<Version>) {
    match store.file.version().await {
        Ok(version) if *seen == Some(version) => {}
        Ok(version) => {
            *seen = Some(version);
            store.observers.all_changed();
        }
        Err(error) => tracing::debug!(%error, "the session file could not be watched"),
    }
}

async fn begin_anew(store: &OpenStore) {
    tracing::warn!("the session file or its lock was removed; it is created again, and a new session file is empty");
    let opened = store.file.open_again().await;
    store.observers.all_changed();
    if let Err(error) = opened {
        tracing::error!(%error, "no new session file could be created; this is tried again every half second");
    }
}
