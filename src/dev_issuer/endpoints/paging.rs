//! The pages of the account API: which part of a list a request asks for, and what its metadata says of the rest.
//!
//! Kinde's OpenAPI file of the account API (`page_size`, `starting_after`, `metadata`).

use serde_json::{Map, Value, json};

use crate::dev_issuer::basics::parameters::Parameters;

/// The number of records on a page, unless the request has another.
const DEFAULT_PAGE_SIZE: usize = 10;

/// The part of a list that a request asks for.
pub(super) struct Page<'a> {
    size: usize,
    starting_after: Option<&'a str>,
}

impl<'a> Page<'a> {
    /// Reads `page_size` and `starting_after`. A `page_size` that is no number from 1 counts as absent, because Kinde
    /// describes no error for it.
    pub(super) fn requested(parameters: &'a Parameters) -> Self {
        let filled = |name| parameters.query(name).filter(|value| !value.is_empty());
        let size = filled("page_size").and_then(|size| size.parse().ok()).filter(|size| *size > 0);
        Self { size: size.unwrap_or(DEFAULT_PAGE_SIZE), starting_after: filled("starting_after") }
    }

    /// Returns the records of the page, and its metadata. Each record has an `id`.
    ///
    /// A page that starts after an unknown record is empty: the record may have been removed since the last page. An
    /// empty page has no `next_page_starting_after`.
    pub(super) fn cut(&self, records: Vec<Value>) -> (Vec<Value>, Value) {
        let start = match self.starting_after {
            Some(id) => records.iter().position(|record| record["id"] == id).map_or(records.len(), |index| index + 1),
            None => 0,
        };
        let has_more = records.len() - start > self.size;
        let page: Vec<Value> = records.into_iter().skip(start).take(self.size).collect();
        let mut metadata = Map::from_iter([("has_more".to_owned(), json!(has_more))]);
        if let Some(last) = page.last() {
            metadata.insert("next_page_starting_after".to_owned(), last["id"].clone());
        }
        (page, metadata.into())
    }
}
