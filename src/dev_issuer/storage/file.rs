//! The file with the state: only one tenant has it, and it is replaced as a whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The reason for which a file cannot hold the state.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateFileError {
    /// The file cannot be read, or its folder not written to.
    #[error("the state file {path} cannot be used: {source} (DEV_ISSUER_STATE; --state of dev-issuer)")]
    Inaccessible {
        /// The file.
        path: String,
        /// The error of the system.
        source: io::Error,
    },
    /// Another tenant runs with the file.
    #[error(
        "the state file {0} belongs to another emulated tenant that is running: stop it, or choose another file (DEV_ISSUER_STATE; --state of dev-issuer)"
    )]
    InUse(String),
    /// The file can be read, and something in it is wrong. It stays as it is.
    #[error("the state file {path} cannot be used, and stays as it is; delete it to begin anew (DEV_ISSUER_STATE; --state of dev-issuer):\n{}", .problems.iter().map(|problem| format!("  - {problem}")).collect::<Vec<_>>().join("\n"))]
    Problems {
        /// The file.
        path: String,
        /// Everything that is wrong.
        problems: Vec<String>,
    },
}

/// The file of one running tenant.
pub(crate) struct StateFile {
    path: PathBuf,
    /// The file that is locked. The state file itself is another after each change.
    lock: File,
}

impl StateFile {
    /// Takes the file for this process.
    ///
    /// # Errors
    ///
    /// [`StateFileError`]
    pub(crate) fn open(path: &Path) -> Result<Self, StateFileError> {
        let inaccessible = |source| StateFileError::Inaccessible { path: path.display().to_string(), source };
        let lock = private().open(beside(path, ".lock")).map_err(inaccessible)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), lock }),
            Err(TryLockError::WouldBlock) => Err(StateFileError::InUse(path.display().to_string())),
            Err(TryLockError::Error(source)) => Err(inaccessible(source)),
        }
    }

    /// Releases the file, so that the next tenant can use it.
    pub(crate) fn release(&self) {
        // Where this fails, the end of the process does the same.
        let _ = self.lock.unlock();
    }

    /// Writes another file and puts it in the place of this one, so that a process that ends at any time leaves one of
    /// the two.
    pub(crate) fn replace(&self, text: &str) -> io::Result<()> {
        let new = beside(&self.path, ".new");
        let mut file = private().truncate(true).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(new, &self.path)
    }
}

/// Returns the content, or none if there is no such file.
///
/// # Errors
///
/// [`StateFileError::Inaccessible`]
pub(crate) fn read(path: &Path) -> Result<Option<String>, StateFileError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StateFileError::Inaccessible { path: path.display().to_string(), source }),
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Opens for writing; a new file is readable by its owner alone, because keys and secrets are in it.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
