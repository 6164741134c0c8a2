//! `Ownership`: the right of one process to use a session file. It is a lock on a file beside it, and ends with the
//! process. Within the process, SQLite coordinates access.

use std::ffi::OsString;
use std::fs::TryLockError;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::OpenError;
use super::private_file::PrivateFile;

/// How long to wait for another process, which may be about to end.
const PATIENCE: Duration = Duration::from_secs(1);
const TRIAL_INTERVAL: Duration = Duration::from_millis(50);

/// The right to a session file, until dropped.
#[derive(Debug)]
pub(super) struct Ownership(PrivateFile);

impl Ownership {
    /// Acquires a session file for this process.
    ///
    /// # Errors
    /// [`OpenError::Owned`] when another process has it, [`OpenError::Sqlite`] when the lock file cannot be made.
    pub(super) async fn of(path: &Path) -> Result<Self, OpenError> {
        let failure =
            |error: std::io::Error| OpenError::Sqlite { path: path.display().to_string(), cause: error.to_string() };
        let lock = PrivateFile::open(&beside(path)).map_err(failure)?;
        let patient = async {
            loop {
                match lock.try_lock() {
                    Err(TryLockError::WouldBlock) => tokio::time::sleep(TRIAL_INTERVAL).await,
                    Err(TryLockError::Error(error)) => return Err(failure(error)),
                    Ok(()) => return Ok(()),
                }
            }
        };
        let locked = tokio::time::timeout(PATIENCE, patient).await;
        locked.unwrap_or_else(|_| Err(OpenError::Owned { path: path.display().to_string() }))?;
        Ok(Self(lock))
    }

    /// Whether the lock still keeps other processes out: if its file was removed, another process would create a new
    /// one.
    pub(super) fn is_in_place(&self) -> bool {
        self.0.is_in_place()
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".lock");
    PathBuf::from(name)
}
