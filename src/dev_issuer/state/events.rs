//! The last events of the tenant, which the management API returns by their id.

use std::collections::VecDeque;

use serde_json::{Map, Value};

/// The number of events that are remembered.
const REMEMBERED: usize = 100;

/// The last events, the oldest first.
#[derive(Default)]
pub(crate) struct Events(VecDeque<Map<String, Value>>);

impl Events {
    /// Remembers the claims of an event.
    pub(crate) fn remember(&mut self, claims: Map<String, Value>) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(claims);
    }

    /// Returns the claims of the event of that id.
    pub(crate) fn find(&self, id: &str) -> Option<&Map<String, Value>> {
        self.0.iter().find(|claims| claims.get("event_id").is_some_and(|known| known == id))
    }
}
