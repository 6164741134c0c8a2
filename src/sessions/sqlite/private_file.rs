//! `PrivateFile`: an open file of the store that only its owner can read. Its content is left to SQLite.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// An open file, and the path at which it was opened.
#[derive(Debug)]
pub(super) struct PrivateFile {
    path: PathBuf,
    file: File,
}

impl PrivateFile {
    /// Opens a file, and creates it and its folder if they are missing. SQLite creates the files beside it with the
    /// same mode.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Whether the path still leads to this file. A removed file stays open, but only this process can use it.
    pub(super) fn is_in_place(&self) -> bool {
        let both = std::fs::metadata(&self.path).and_then(|there| Ok((there, self.file.metadata()?)));
        both.is_ok_and(|(there, opened)| is_same(&there, &opened))
    }

    /// Takes the lock on the file, which only one process can have. The lock ends with this value, or with the process.
    pub(super) fn try_lock(&self) -> Result<(), TryLockError> {
        self.file.try_lock()
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Other systems do not allow the removal of an open file.
#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}
