//! `kinde-leptos new`: copies the clone that this program was built from to a new folder, under the name of a new project.
//!
//! Everything is copied, sign-in and the emulated tenant too: what an app signs in by is its own to read, change and test.
//! Only debug builds have the command, because only a developer beside a clone can use it. A new project has it no more.
//!
//! It is a command of the program, and no template for `cargo generate`, because it needs no other tool, renames inside
//! texts and tests too, and leaves the clone a plain project that builds and is tested as it is.

mod left_out;
mod name;
mod origin;
mod own_texts;
mod renaming;

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf, absolute};
use std::process::{Command, ExitCode, Stdio};

use serde::Serialize;

use super::Done;
use super::output::Format;
use left_out::{CutError, cut, is_left_out};
use name::{BadName, ProjectName};
use origin::{Clone, NoClone};
use renaming::Renaming;

/// The command line arguments of `kinde-leptos new`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The new project's folder, which is made, or empty. Its last part is the project's name
    folder: PathBuf,
    /// Another name than the folder's
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    pub(super) format: Format,
}

/// What the command did.
#[derive(Debug, Serialize)]
struct NewProject {
    name: String,
    folder: PathBuf,
    files: usize,
    /// The commit of the clone, where it is a git repository.
    commit: Option<String>,
    /// Whether the clone had changes that are not committed, which were copied.
    has_uncommitted_changes: bool,
    repository: Repository,
    /// Whether the sources were formatted under the new name.
    is_formatted: bool,
}

/// What became of a git repository for the project.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Repository {
    Begun,
    /// The folder is in one already.
    Surrounding,
    /// There is no git.
    None,
}

impl Repository {
    /// Begins one in the folder, unless that is in one.
    fn begin(folder: &Path) -> Self {
        if quietly("git", folder, &["rev-parse".as_ref(), "--git-dir".as_ref()]) {
            Self::Surrounding
        } else if quietly("git", folder, &["init".as_ref()]) {
            Self::Begun
        } else {
            Self::None
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Begun => "It is a git repository in which nothing is committed yet.",
            Self::Surrounding => "It is inside another git repository, so it has none of its own.",
            Self::None => "It is no git repository, because git is not installed.",
        }
    }
}

/// The reason for which there is no new project.
#[derive(Debug, thiserror::Error)]
enum NewProjectError {
    #[error(transparent)]
    Name(#[from] BadName),
    #[error(transparent)]
    Clone(#[from] NoClone),
    #[error("{} exists and is not empty: name a folder that does not exist yet", .0.display())]
    NotEmpty(PathBuf),
    #[error("{} is a file: name a folder that does not exist yet", .0.display())]
    NoFolder(PathBuf),
    #[error("{} is inside the clone: name a folder beside it, for example ../{}", .0.display(), .1)]
    InsideOfClone(PathBuf, ProjectName),
    #[error(transparent)]
    Cut(#[from] CutError),
    #[error("{} cannot be copied to the new project: {}", .0.display(), .1)]
    Copy(PathBuf, io::Error),
    #[error("the folder {} cannot be made: {}", .0.display(), .1)]
    Folder(PathBuf, io::Error),
}

/// Makes the project, and says what to do next.
///
/// # Errors
/// When the name or the folder cannot be used, or the clone cannot be read. Nothing is left in the folder then.
pub(super) fn new_project(arguments: &Arguments) -> Done {
    let project = make(arguments)?;
    arguments.format.print(&project, || as_text(&project, &arguments.folder))?;
    Ok(ExitCode::SUCCESS)
}

fn make(arguments: &Arguments) -> Result<NewProject, NewProjectError> {
    let clone = Clone::of_this_program()?;
    let files = clone.files()?;
    let folder = absolute(&arguments.folder).map_err(|error| folder_error(&arguments.folder, error))?;
    let text = match &arguments.name {
        Some(name) => name.clone(),
        None => folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
    };
    let name = ProjectName::parse(&text, &clone.taken_names(&files)?)?;
    check_folder(&folder, &clone, &name)?;
    let copied = copy(&clone, &files, &folder, &name).inspect_err(|_| drop(fs::remove_dir_all(&folder)))?;
    Ok(NewProject {
        commit: clone.commit(),
        has_uncommitted_changes: clone.has_uncommitted_changes(),
        is_formatted: format_sources(&folder, &files),
        repository: Repository::begin(&folder),
        name: name.to_string(),
        // Without what `..` in an argument leaves.
        folder: fs::canonicalize(&folder).unwrap_or(folder),
        files: copied,
    })
}

fn folder_error(folder: &Path, error: io::Error) -> NewProjectError {
    NewProjectError::Folder(folder.to_owned(), error)
}

/// Whether the folder can be filled: it does not exist or is empty, and is not inside the clone, whose own commands
/// would take it for a part of it.
fn check_folder(folder: &Path, clone: &Clone, name: &ProjectName) -> Result<(), NewProjectError> {
    let above = folder.ancestors().find_map(|above| fs::canonicalize(above).ok());
    if above.is_some_and(|above| above.starts_with(clone.folder())) {
        return Err(NewProjectError::InsideOfClone(folder.to_owned(), name.clone()));
    }
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(NewProjectError::NotEmpty(folder.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(_) if folder.is_file() => Err(NewProjectError::NoFolder(folder.to_owned())),
        Err(error) => Err(folder_error(folder, error)),
    }
}

/// Copies the clone's files under the new name, and adds the texts of the project's own. Returns how many files there are.
fn copy(clone: &Clone, files: &[PathBuf], folder: &Path, name: &ProjectName) -> Result<usize, NewProjectError> {
    let (renaming, commit) = (Renaming::to(name), clone.commit());
    fs::create_dir_all(folder).map_err(|error| folder_error(folder, error))?;
    let mut copied = 0;
    for file in files.iter().filter(|file| !is_left_out(file)) {
        let failed = |error| NewProjectError::Copy(file.clone(), error);
        let (source, target) = (clone.folder().join(file), folder.join(renaming.path(file)));
        fs::create_dir_all(target.parent().unwrap_or(folder)).map_err(failed)?;
        // With its permissions, for scripts.
        fs::copy(&source, &target).map_err(failed)?;
        if let Ok(text) = fs::read_to_string(&source) {
            let text = own_texts::of(file, &cut(file, text)?, name, commit.as_deref());
            fs::write(&target, text).map_err(failed)?;
        }
        copied += 1;
    }
    Ok(copied)
}

/// Formats the sources: the order of imports and the length of lines depend on the name. Returns whether that was done.
fn format_sources(folder: &Path, files: &[PathBuf]) -> bool {
    let packages = files.iter().filter(|file| file.file_name() == Some(OsStr::new("Cargo.toml")));
    let mut packages = packages.filter(|file| !is_left_out(file));
    packages
        .all(|manifest| quietly("cargo", folder, &[OsStr::new("fmt"), "--manifest-path".as_ref(), manifest.as_ref()]))
}

/// Whether a program that prints nothing here ends well.
fn quietly(program: &str, folder: &Path, arguments: &[&OsStr]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn as_text(project: &NewProject, folder: &Path) -> String {
    let NewProject { name, files, .. } = project;
    let mut text = format!("{name} is in {}: {files} files, ", project.folder.display());
    text += &match &project.commit {
        Some(commit) => format!("from commit {commit}.\n"),
        None => "from a folder without git.\n".to_owned(),
    };
    if project.has_uncommitted_changes {
        text += "Changes that are not committed in the clone were copied too.\n";
    }
    text = text + project.repository.sentence() + "\n";
    if !project.is_formatted {
        text += "Its sources are not formatted: `cargo fmt` says there what is missing (rustfmt comes by `rustup component add rustfmt`).\n";
    }
    text += &format!(
        "\nNext:\n\n  cd {}\n  {:<13} the app, with the emulated Kinde tenant\n  {:<13} formatting, lints and tests without servers: ten minutes the first time\n\n\
         README.md says where to change what, and has recipes for what comes next.\n",
        folder.display(),
        "cargo run",
        "make check",
    );
    // What is built there has other names, and its dependencies are the same.
    let built_here = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.parent()?.to_owned()));
    text + &built_here.map_or_else(String::new, |target| {
        format!("The first build takes some minutes, or less with CARGO_TARGET_DIR={} in front.\n", target.display())
    })
}
