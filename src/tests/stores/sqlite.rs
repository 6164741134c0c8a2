//! A store in a file: its mode, spoiled rows, sweeping, observers, and what remains in the file (SE-18, SE-21).
//! The promises of all stores are tested in `contract`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use kinde_leptos::auth::{ChangeObserver, Id, Record, Store};
use kinde_leptos::sessions::{self, Namespace, StoreUrl};
use tempfile::TempDir;

use super::{a_minute_ago, create, created, created_for, in_an_hour, record, record_of};
use crate::harness::Records;

async fn open(file: &Path) -> Arc<dyn Store> {
    sessions::open(&StoreUrl::Sqlite(file.to_owned()), &Namespace::default()).await.unwrap()
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
        "update kinde_sessions set owner = cast(x'ff' as text)",
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
        let id = created(&*store, "spoiled").await.id;
        rows.run(spoiled).await;
        let good = created(&*store, "good").await;
        let loaded = store.load_many(&[id, Id::default(), good.id, id]).await.unwrap();
        assert_eq!(loaded, [None, None, Some(good.clone()), None], "{spoiled}");
        assert_eq!(rows.count().await, 1, "{spoiled}");
        store.take(&good.id).await.unwrap();
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
         insert into kinde_sessions select 'expired' || n, null, unixepoch() - 604795, '' from number",
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

/// An observer that remembers the changed records; `None` stands for all of them.
#[derive(Default)]
struct RecordingObserver(Mutex<Vec<Option<Id>>>);

impl ChangeObserver for RecordingObserver {
    fn changed(&self, id: &Id) {
        self.0.lock().unwrap().push(Some(*id));
    }

    fn all_changed(&self) {
        self.0.lock().unwrap().push(None);
    }
}

impl RecordingObserver {
    /// A new observer of this store.
    fn of(store: &dyn Store) -> Arc<Self> {
        let observer = Arc::new(Self::default());
        let as_trait_object: Arc<dyn ChangeObserver> = observer.clone();
        assert!(store.observe(Arc::downgrade(&as_trait_object)));
        observer
    }

    /// The changed records since the last call.
    fn take_changed(&self) -> Vec<Id> {
        std::mem::take(&mut *self.0.lock().unwrap()).into_iter().flatten().collect()
    }

    async fn wait_for_everything(&self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !self.0.lock().unwrap().contains(&None) {
            assert!(Instant::now() < deadline, "it was informed of nothing");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.0.lock().unwrap().clear();
    }
}

#[tokio::test]
async fn observers_are_informed_of_every_change_before_it_returns() {
    let (_folder, file) = in_a_new_folder();
    let store = open(&file).await;
    let observer = RecordingObserver::of(&*store);
    let (first, second) = (created_for(&*store, "ada").await.id, created_for(&*store, "ada").await.id);
    assert_eq!(observer.take_changed(), [first, second]);
    store.load(&first).await.unwrap();
    store.load_many(&[first, second]).await.unwrap();
    store.owned_ids("ada").await.unwrap();
    assert_eq!(observer.take_changed(), [], "nothing was changed");
    store.touch(&[first, second], in_an_hour()).await.unwrap();
    assert_eq!(observer.take_changed(), [first, second]);
    let seen = store.load(&first).await.unwrap().unwrap();
    store.replace(&seen, "new").await.unwrap();
    assert_eq!(observer.take_changed(), [first]);
    store.take(&first).await.unwrap();
    assert_eq!(observer.take_changed(), [first]);
    store.take_owned_by("ada").await.unwrap();
    assert_eq!(observer.take_changed(), [second]);
    let expired = create(&*store, record("expired", a_minute_ago())).await.id;
    let replaced = Record { id: expired, ..record("replacement", in_an_hour()) };
    create(&*store, replaced).await;
    assert_eq!(observer.take_changed(), [expired, expired]);
}

#[tokio::test]
async fn observers_are_informed_of_what_others_write_and_of_a_file_that_was_removed() {
    let (_folder, file) = in_a_new_folder();
    let store = open(&file).await;
    let (observer, mut rows) = (RecordingObserver::of(&*store), Records::open(&file).await);
    // The store reports its first look at the file as a change, too.
    observer.wait_for_everything().await;
    created(&*store, "removed").await;
    rows.run("delete from kinde_sessions").await;
    observer.wait_for_everything().await;
    std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    observer.wait_for_everything().await;
}

#[tokio::test]
async fn observers_are_informed_of_changes_that_nobody_waits_for_and_of_those_that_failed() {
    let (_folder, file) = in_a_new_folder();
    let store = open(&file).await;
    let observer = RecordingObserver::of(&*store);
    // The store reports its first look at the file as a change, too.
    observer.wait_for_everything().await;
    let id = created(&*store, "given up").await.id;
    observer.take_changed();
    // The caller gives up before the operation has finished.
    assert!(store.take(&id).now_or_never().is_none());
    let deadline = Instant::now() + Duration::from_secs(20);
    while observer.take_changed() != [id] {
        assert!(Instant::now() < deadline, "it was informed of nothing");
        tokio::task::yield_now().await;
    }
    assert_eq!(store.load(&id).await.unwrap(), None);

    let mut rows = Records::open(&file).await;
    let refuse = "create trigger refuse before insert on kinde_sessions begin select raise(abort, 'refused'); end";
    rows.run_and_be_noticed(&*store, refuse).await;
    observer.take_changed();
    let refused = record("refused", in_an_hour());
    store.create(&refused).await.unwrap_err();
    assert_eq!(observer.take_changed(), [refused.id]);
    rows.run_and_be_noticed(&*store, "drop trigger refuse").await;
    created_for(&*store, "ada").await;
    let refuse = "create trigger refuse before delete on kinde_sessions begin select raise(abort, 'refused'); end";
    rows.run_and_be_noticed(&*store, refuse).await;
    observer.0.lock().unwrap().clear();
    store.take_owned_by("ada").await.unwrap_err();
    assert!(observer.0.lock().unwrap().contains(&None), "which records these were is not known");
}

// SE-18
#[tokio::test]
async fn nothing_of_a_removed_record_stays_in_the_files() {
    let (_folder, file) = in_a_new_folder();
    let store = open(&file).await;
    let texts = ["a-text-that-was-taken", "a-text-of-an-owner", "a-text-longer-than-a-page"];
    let taken = created(&*store, texts[0]).await;
    let of_an_owner = Record { content: texts[1].to_owned(), ..record_of("ada", in_an_hour()) };
    create(&*store, of_an_owner).await;
    let long = created(&*store, &texts[2].repeat(1_000)).await;
    let kept = created(&*store, "a-text-that-is-kept").await;
    assert!(texts.iter().all(|text| holds(&file, text)), "it is looked for in the wrong place");
    for id in [taken.id, long.id] {
        store.take(&id).await.unwrap();
    }
    store.take_owned_by("ada").await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    for text in texts {
        while holds(&file, text) {
            assert!(Instant::now() < deadline, "{text} is still there");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    assert!(holds(&file, &kept.content));
}

/// Whether the session file or any file in its folder contains a text.
fn holds(file: &Path, text: &str) -> bool {
    let mut files = std::fs::read_dir(file.parent().unwrap()).unwrap();
    files.any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}
