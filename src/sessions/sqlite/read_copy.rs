//! `ReadCopy`: the records that were read last, in memory, so that a page does not wait for the file.
//! It is right only while nobody else writes to the file; who writes must say so here.

use std::future::Future;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::Result;

/// All copies together, by the length of their JSON; in memory they take about three times that.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// Larger records, such as tokens, are not copied: pages do not read them.
const MAX_RECORD_BYTES: u64 = 8 * 1024;
/// A usual session.
const USUAL_RECORD_BYTES: u64 = 400;

/// Copies of records, the least used forgotten first.
#[derive(Debug)]
pub(super) struct ReadCopy(Cache<Id, Copied, ByLength>);

#[derive(Debug, Clone)]
struct Copied {
    record: Arc<Record>,
    bytes: u64,
}

#[derive(Debug, Clone)]
struct ByLength;

impl Weighter<Id, Copied> for ByLength {
    fn weight(&self, _: &Id, copied: &Copied) -> u64 {
        copied.bytes
    }
}

impl Default for ReadCopy {
    fn default() -> Self {
        let usual_count = usize::try_from(MAX_BYTES / USUAL_RECORD_BYTES).unwrap_or(usize::MAX);
        Self(Cache::with_weighter(usual_count, MAX_BYTES, ByLength))
    }
}

impl ReadCopy {
    /// The copy, or what `load` gives. Several who want the same record wait for one load; one that is forgotten while
    /// it is being loaded is given to those who asked before, and not kept.
    pub(super) async fn get_or_load(
        &self,
        id: &Id,
        load: impl Future<Output = Result<Option<Record>>>,
    ) -> Result<Option<Record>> {
        let place = match self.0.get_value_or_guard_async(id).await {
            Ok(copied) if copied.record.expiry_date > OffsetDateTime::now_utc() => {
                return Ok(Some(Record::clone(&copied.record)));
            }
            Ok(_) => {
                self.forget(id);
                return load.await;
            }
            Err(place) => place,
        };
        let loaded = load.await?;
        if let Some(record) = &loaded {
            let bytes = serde_json::to_vec(&record.data).map_or(u64::MAX, |data| data.len() as u64);
            if bytes <= MAX_RECORD_BYTES {
                // Refused when it was forgotten meanwhile.
                let _ = place.insert(Copied { record: Arc::new(record.clone()), bytes });
            }
        }
        Ok(loaded)
    }

    /// To be called after a record was changed in the file, or may have been.
    pub(super) fn forget(&self, id: &Id) {
        self.0.remove(id);
    }

    /// To be called after anything may have been changed in the file.
    pub(super) fn forget_all(&self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use std::future::ready;

    fn record(text: &str) -> Record {
        let in_an_hour = OffsetDateTime::now_utc() + time::Duration::hours(1);
        Record { id: Id(7), data: HashMap::from([("text".to_owned(), text.into())]), expiry_date: in_an_hour }
    }

    async fn read(copy: &ReadCopy, in_the_file: Option<Record>) -> Option<Record> {
        copy.get_or_load(&Id(7), ready(Ok(in_the_file))).await.unwrap()
    }

    #[tokio::test]
    async fn the_file_is_read_once_until_the_copy_is_forgotten() {
        let (copy, first, second) = (ReadCopy::default(), record("first"), record("second"));
        for _ in 0..2 {
            assert_eq!(read(&copy, Some(first.clone())).await, Some(first.clone()));
        }
        assert_eq!(read(&copy, Some(second.clone())).await, Some(first));
        copy.forget(&Id(7));
        assert_eq!(read(&copy, Some(second.clone())).await, Some(second));
        copy.forget_all();
        assert_eq!(read(&copy, None).await, None);
    }

    #[tokio::test]
    async fn a_record_that_is_forgotten_while_it_is_loaded_is_not_kept() {
        for forget in [(|copy| copy.forget(&Id(7))) as fn(&ReadCopy), ReadCopy::forget_all] {
            let (copy, old) = (ReadCopy::default(), record("old"));
            let loading = async {
                forget(&copy);
                Ok(Some(old.clone()))
            };
            assert_eq!(copy.get_or_load(&Id(7), loading).await.unwrap(), Some(old.clone()));
            assert_eq!(read(&copy, None).await, None);
        }
    }

    #[tokio::test]
    async fn expired_records_and_large_ones_are_not_kept() {
        let (copy, mut expired, large) = (ReadCopy::default(), record("expired"), record(&"x".repeat(10_000)));
        expired.expiry_date = OffsetDateTime::now_utc();
        for record in [expired, large] {
            read(&copy, Some(record)).await;
            assert_eq!(read(&copy, None).await, None);
        }
    }

    #[tokio::test]
    async fn a_failed_load_is_tried_again_by_the_next() {
        let copy = ReadCopy::default();
        let failed = ready(Err(tower_sessions::session_store::Error::Backend("down".to_owned())));
        assert!(copy.get_or_load(&Id(7), failed).await.is_err());
        assert!(read(&copy, Some(record("back"))).await.is_some());
    }

    #[tokio::test]
    async fn memory_is_bounded() {
        let copy = ReadCopy::default();
        for number in 0..100_000 {
            let load = ready(Ok(Some(record(&"x".repeat(1_000)))));
            copy.get_or_load(&Id(number), load).await.unwrap();
        }
        assert!(copy.0.weight() <= MAX_BYTES, "{}", copy.0.weight());
        assert!(copy.0.len() > 1_000);
    }
}
