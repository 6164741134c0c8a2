//! What concerns a store in a file: its mode, spoiled rows, sweeping (SE-18, SE-21).
//! It leaves out what all stores promise; see `contract`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kinde_leptos::auth::Store;
use kinde_leptos::sessions::{self, StoreUrl};
use tempfile::TempDir;

use super::created;
use crate::harness::Records;

async fn open(file: &Path) -> Arc<dyn Store> {
    sessions::open(&StoreUrl::Sqlite(file.to_owned())).await.unwrap()
}

fn in_a_new_folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data/sessions.db");
    (folder, file)
}

// SE-18
#[cfg(unix)]
#[tokio::test]
async fn all_its_files_are_readable_by_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, file) = in_a_new_folder();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let store = open(&file).await;
    created(&*store, "written").await;
    for suffix in ["", "-wal", "-shm"] {
        let mode = std::fs::metadata(format!("{}{suffix}", file.display())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{suffix}");
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_no_record_and_is_removed() {
    let (_folder, file) = in_a_new_folder();
    let store = open(&file).await;
    let mut rows = Records::open(&file).await;
    for spoiled in [
        "update kinde_sessions set data = ''",
        "update kinde_sessions set data = 'garbage'",
        "update kinde_sessions set data = '[]'",
        "update kinde_sessions set data = '{\"text\"'",
        "update kinde_sessions set data = cast(x'fffe00' as text)",
        "update kinde_sessions set expires_at = 9223372036854775807",
    ] {
        let id = created(&*store, "spoiled").await.id;
        rows.run(spoiled).await;
        assert_eq!(store.load(&id).await.unwrap(), None, "{spoiled}");
        assert_eq!(rows.count().await, 0, "{spoiled}");
        let id = created(&*store, "spoiled").await.id;
        rows.run(spoiled).await;
        assert_eq!(store.take(&id).await.unwrap(), None, "{spoiled}");
        assert_eq!(rows.count().await, 0, "{spoiled}");
    }
}

// SE-21: ten thousand sessions of five seconds, a week later; the sweep at the start is the same as every minute's
#[tokio::test]
async fn expired_records_are_swept_and_others_are_not() {
    let (_folder, file) = in_a_new_folder();
    drop(open(&file).await);
    let mut rows = Records::open(&file).await;
    rows.run(
        "with recursive number(n) as (select 1 union all select n + 1 from number where n < 10000)
         insert into kinde_sessions select 'expired' || n, null, unixepoch() - 604795, '{}' from number",
    )
    .await;
    let store = open(&file).await;
    let alive = created(&*store, "alive").await;
    let deadline = Instant::now() + Duration::from_secs(60);
    while rows.count().await > 1 {
        assert!(Instant::now() < deadline, "{} records are left", rows.count().await);
        tokio::task::yield_now().await;
    }
    assert_eq!(store.load(&alive.id).await.unwrap(), Some(alive));
}
