//! `PrivateFile`: a file of the store's own, open, and readable by its owner alone.
//! It reads and writes nothing; SQLite does.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// An open file, and where it stood when it was opened.
#[derive(Debug)]
pub(super) struct PrivateFile {
    path: PathBuf,
    file: File,
}

impl PrivateFile {
    /// Opens a file, made with its folder where missing. What SQLite puts beside it takes over its mode.
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

    /// Whether it is still this file that stands there: one that was removed stays open, but for this process alone.
    pub(super) fn is_in_place(&self) -> bool {
        let both = std::fs::metadata(&self.path).and_then(|there| Ok((there, self.file.metadata()?)));
        both.is_ok_and(|(there, opened)| is_same(&there, &opened))
    }

    /// Takes the lock that one process can have on it. It ends with this value, or with the process.
    pub(super) fn try_lock(&self) -> Result<(), TryLockError> {
        self.file.try_lock()
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Other systems do not let anybody remove a file that is open.
#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}
