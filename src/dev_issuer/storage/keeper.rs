//! `Keeper`: writes the state of a running tenant to its file, soon after each change and at the end.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::task::AbortHandle;

use super::document::{self, StoredState};
use super::file::StateFile;
use crate::dev_issuer::state::tenant::EmulatedTenant;

/// Changes within this time are written together.
const PAUSE: Duration = Duration::from_millis(100);

/// Keeps the state in the file. Dropping it writes the last changes.
pub(crate) struct Keeper {
    shelf: Arc<Shelf>,
    writing: AbortHandle,
}

struct Shelf {
    tenant: Arc<EmulatedTenant>,
    file: StateFile,
    /// What the file contains.
    written: Mutex<Value>,
}

impl Keeper {
    /// Writes the state, and again after each change.
    pub(crate) fn start(tenant: Arc<EmulatedTenant>, file: StateFile) -> Self {
        let changed = Arc::clone(&tenant.changed);
        let shelf = Arc::new(Shelf { tenant, file, written: Mutex::new(Value::Null) });
        shelf.write();
        let in_task = Arc::clone(&shelf);
        let writing = tokio::spawn(async move {
            loop {
                changed.notified().await;
                tokio::time::sleep(PAUSE).await;
                let shelf = Arc::clone(&in_task);
                // A panic in there was printed; the next change is another attempt.
                let _ = tokio::task::spawn_blocking(move || shelf.write()).await;
            }
        });
        Self { shelf, writing: writing.abort_handle() }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.writing.abort();
        self.shelf.write();
        // The task may hold the shelf for a moment more, but nothing changes the state any more.
        self.shelf.file.release();
    }
}

impl Shelf {
    /// Writes the state, unless the file has it already or no tenant could start with it.
    fn write(&self) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let (present, settings) = {
            let state = self.tenant.state();
            (document::describe(&self.tenant, &state), state.first_settings.clone())
        };
        if *written == present {
            return;
        }
        let text = format!("{present:#}\n");
        if let Err(problems) = StoredState::read(&text, &settings, &self.tenant.random) {
            tracing::warn!("the emulated tenant's state cannot be stored as it is now: {}", problems.join("; "));
            return;
        }
        match self.file.replace(&text) {
            Ok(()) => *written = present,
            Err(error) => tracing::warn!(%error, "the emulated tenant's state could not be written to its file"),
        }
    }
}
