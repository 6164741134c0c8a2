//! `Clone`: the folder of sources that this program was built from, and which of its files belong to the project.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder that this program was built in.
const BUILT_IN: &str = env!("CARGO_MANIFEST_DIR");

/// A clone of the repository, or the files of one without git.
pub(super) struct Clone {
    folder: PathBuf,
    has_git: bool,
}

/// The reason for which there is nothing to copy.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoClone {
    #[error(
        "the clone that this program was built from is not at {BUILT_IN} any more: run `cargo run -- new` in a clone"
    )]
    Gone,
    #[error("the clone's files cannot be read: {0}")]
    Unreadable(#[from] io::Error),
}

impl Clone {
    /// The one that this program was built from.
    ///
    /// # Errors
    /// [`NoClone`] when it was removed or moved.
    pub(super) fn of_this_program() -> Result<Self, NoClone> {
        Self::at(Path::new(BUILT_IN))
    }

    fn at(folder: &Path) -> Result<Self, NoClone> {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).map_err(|_| NoClone::Gone)?;
        if !manifest.contains(concat!("name = \"", env!("CARGO_PKG_NAME"), "\"")) {
            return Err(NoClone::Gone);
        }
        let folder = fs::canonicalize(folder)?;
        // An archive that was unpacked inside another repository is none itself.
        let has_git = git(&folder, &["rev-parse", "--show-prefix"]).is_some_and(|prefix| prefix.trim().is_empty());
        Ok(Self { folder, has_git })
    }

    /// The absolute path, without links in it.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The paths of the project's files, in order: those that are there and that no `.gitignore` excludes, committed or not.
    ///
    /// # Errors
    /// [`NoClone::Unreadable`].
    pub(super) fn files(&self) -> Result<Vec<PathBuf>, NoClone> {
        let listed = self.git(&["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let mut files: Vec<_> = match listed {
            Some(list) => list.split_terminator('\0').map(PathBuf::from).collect(),
            None => {
                let mut files = Vec::new();
                self.walk(Path::new(""), &[], &mut files)?;
                files
            }
        };
        files.retain(|file| self.folder.join(file).is_file());
        files.sort();
        Ok(files)
    }

    /// Adds the files of a folder and of those in it. `ignored` are the lines from the folders above.
    fn walk(&self, inside: &Path, ignored: &[Ignored], files: &mut Vec<PathBuf>) -> io::Result<()> {
        let folder = self.folder.join(inside);
        let own = fs::read_to_string(folder.join(".gitignore")).unwrap_or_default();
        let own = own.lines().filter_map(|line| Ignored::parse(inside, line));
        let ignored: Vec<_> = ignored.iter().cloned().chain(own).collect();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = inside.join(entry.file_name());
            // The last line that matches decides.
            let decides = ignored.iter().rev().find(|line| line.matches(&path));
            if entry.file_name() == ".git" || decides.is_some_and(|line| !line.keeps) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                self.walk(&path, &ignored, files)?;
            } else {
                files.push(path);
            }
        }
        Ok(())
    }

    /// The beginning of the name of the commit that is checked out, where that is known.
    pub(super) fn commit(&self) -> Option<String> {
        Some(self.git(&["rev-parse", "--short=12", "HEAD"])?.trim().to_owned())
    }

    /// Whether files have changed or come since the commit.
    pub(super) fn has_uncommitted_changes(&self) -> bool {
        self.git(&["status", "--porcelain"]).is_some_and(|changes| !changes.is_empty())
    }

    /// The names, with underscores, that a crate in the place of this one could not have: those of other packages, and
    /// those of modules.
    ///
    /// # Errors
    /// [`NoClone::Unreadable`].
    pub(super) fn taken_names(&self, files: &[PathBuf]) -> Result<BTreeSet<String>, NoClone> {
        let mut taken = BTreeSet::new();
        for file in files {
            if file.file_name() == Some(OsStr::new("Cargo.lock")) {
                let lock = fs::read_to_string(self.folder.join(file))?;
                let names = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
                taken.extend(names.map(|name| name.replace('-', "_")));
            }
            if file.starts_with("src") {
                let parts = file.with_extension("");
                taken.extend(parts.iter().map(|part| part.to_string_lossy().into_owned()));
            }
        }
        Ok(taken)
    }

    fn git(&self, arguments: &[&str]) -> Option<String> {
        self.has_git.then(|| git(&self.folder, arguments)).flatten()
    }
}

/// What git prints in a folder; `None` when it is not installed, or fails.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    let output = command.args(arguments).current_dir(folder).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok()).flatten()
}

/// A line of a `.gitignore`. Its only wildcard is `*` for a whole part of a path: this project writes no other.
#[derive(Clone)]
struct Ignored {
    /// The folder of the `.gitignore`.
    inside: PathBuf,
    /// The parts of a path below it, or a name anywhere below it.
    parts: Vec<OsString>,
    is_anchored: bool,
    /// Whether it takes back what a line above says.
    keeps: bool,
}

impl Ignored {
    fn parse(inside: &Path, line: &str) -> Option<Self> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let (line, keeps) = line.strip_prefix('!').map_or((line, false), |line| (line, true));
        let bare = line.trim_matches('/');
        let is_anchored = line.starts_with('/') || bare.contains('/');
        Some(Self {
            inside: inside.to_owned(),
            parts: bare.split('/').map(OsString::from).collect(),
            is_anchored,
            keeps,
        })
    }

    fn matches(&self, path: &Path) -> bool {
        let Ok(below) = path.strip_prefix(&self.inside) else { return false };
        let below: Vec<&OsStr> = below.iter().collect();
        let looked_at = if self.is_anchored { &below[..] } else { &below[below.len().saturating_sub(1)..] };
        let is_same = |(part, found): (&OsString, &&OsStr)| part == "*" || part == found;
        looked_at.len() == self.parts.len() && self.parts.iter().zip(looked_at).all(is_same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files, each with its content.
    fn folder_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        folder
    }

    const MANIFEST: (&str, &str) = ("Cargo.toml", concat!("name = \"", env!("CARGO_PKG_NAME"), "\""));

    #[test]
    fn without_git_the_files_are_those_that_are_not_ignored() {
        let ignore = "/target\n/.env\n# a comment\nnode_modules/\n";
        let folder = folder_with(&[
            MANIFEST,
            (".gitignore", ignore),
            (".env", "CLIENT_SECRET=x"),
            ("target/debug/program", ""),
            ("src/target/kept.rs", ""),
            ("end2end/.gitignore", "results/\n"),
            ("end2end/node_modules/a.js", ""),
            ("end2end/results/a.json", ""),
            ("results/kept.json", ""),
        ]);
        let clone = Clone { folder: folder.path().to_owned(), has_git: false };
        let files = clone.files().unwrap();
        let expected = [".gitignore", "Cargo.toml", "end2end/.gitignore", "results/kept.json", "src/target/kept.rs"]
            .map(PathBuf::from);
        assert_eq!(files, expected);
        assert_eq!((clone.commit(), clone.has_uncommitted_changes()), (None, false));
    }

    #[test]
    fn the_wildcards_of_this_project_are_whole_parts_of_a_path() {
        let clone = Clone::of_this_program().unwrap();
        for file in clone.files().unwrap().iter().filter(|file| file.ends_with(".gitignore")) {
            let text = fs::read_to_string(clone.folder().join(file)).unwrap();
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                let is_plain = |part: &str| part == "*" || !part.contains(['*', '?', '[', '!']);
                let bare = line.strip_prefix('!').unwrap_or(line);
                assert!(bare.split('/').all(is_plain), "{}: {line}", file.display());
            }
        }
    }

    #[test]
    fn a_line_with_an_exclamation_mark_takes_back_what_one_above_says() {
        let folder = folder_with(&[
            MANIFEST,
            ("apps/.gitignore", "/each/*/*\n!/each/*/package.json\n"),
            ("apps/each/express/package.json", ""),
            ("apps/each/express/made.js", ""),
            ("apps/each/readme.md", ""),
        ]);
        let clone = Clone { folder: folder.path().to_owned(), has_git: false };
        let expected = ["Cargo.toml", "apps/.gitignore", "apps/each/express/package.json", "apps/each/readme.md"];
        assert_eq!(clone.files().unwrap(), expected.map(PathBuf::from));
    }

    #[test]
    fn packages_and_modules_take_names() {
        let lock = "[[package]]\nname = \"tower-http\"\n";
        let folder = folder_with(&[MANIFEST, ("end2end/reuse/Cargo.lock", lock), ("src/server/pages.rs", "")]);
        let clone = Clone::at(folder.path()).unwrap();
        let taken = clone.taken_names(&clone.files().unwrap()).unwrap();
        assert_eq!(taken.iter().map(String::as_str).collect::<Vec<_>>(), ["pages", "server", "src", "tower_http"]);
    }

    #[test]
    fn a_folder_that_is_gone_or_another_project_is_no_clone() {
        let folder = folder_with(&[("other/Cargo.toml", "name = \"other\"")]);
        for path in ["gone", "other"] {
            let refusal = Clone::at(&folder.path().join(path)).err().unwrap().to_string();
            assert!(refusal.contains("run `cargo run -- new` in a clone"), "{refusal}");
        }
    }
}
