//! `kinde-leptos new`: what it leaves in the new folder, and what it refuses. `.ci/recipes` builds and tests such a project.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::harness::{Ended, Program};

fn new(folder: &Path, arguments: &[&str]) -> Ended {
    Program::start(folder, &[&["new"], arguments].concat(), &[]).end()
}

/// The paths of all files in a folder, below it, but for those of git.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if !path.is_dir() {
                files.push(path.strip_prefix(folder).unwrap().to_owned());
            } else if !path.ends_with(".git") {
                folders.push(path);
            }
        }
    }
    files
}

#[test]
fn a_project_has_its_own_name_everywhere_and_is_formatted() {
    let folder = tempfile::tempdir().unwrap();
    let ended = new(folder.path(), &["a-till"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
    for text in ["a-till is in ", "cd a-till\n", "cargo run", "make check"] {
        assert!(ended.stdout.contains(text), "{text}: {}", ended.stdout);
    }
    let project = folder.path().join("a-till");
    let former = ["kinde-leptos", "kinde_leptos", "KINDE_LEPTOS", "KindeLeptos"];
    let mut with_former_name: Vec<_> = files_in(&project)
        .into_iter()
        .filter(|file| {
            let content = fs::read(project.join(file)).unwrap();
            let content = format!("{} {}", file.display(), String::from_utf8_lossy(&content));
            former.iter().any(|name| content.contains(name))
        })
        .collect();
    with_former_name.sort();
    let expected = ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "SECURITY.md"];
    assert_eq!(with_former_name, expected.map(PathBuf::from));
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).current_dir(&project).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    run("cargo", &["fmt", "--check"]);
    // Fails where the lock is not as Cargo would write it. It needs only the crates of this platform.
    run("cargo", &["tree", "--locked", "--offline", "--depth", "0"]);
    run("git", &["rev-parse", "--git-dir"]);
}

#[test]
fn another_name_than_the_folders_and_json() {
    let folder = tempfile::tempdir().unwrap();
    let ended = new(folder.path(), &["Some Folder", "--name", "till", "--json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let result: Value = serde_json::from_str(&ended.stdout).unwrap();
    let files = files_in(&folder.path().join("Some Folder"));
    assert_eq!((&result["name"], &result["files"]), (&"till".into(), &files.len().into()));
    let script = fs::metadata(folder.path().join("Some Folder/.ci/reuse")).unwrap();
    assert!(!script.permissions().readonly() && is_executable(&script));
}

#[cfg(unix)]
fn is_executable(file: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.permissions().mode() & 0o111 != 0
}

#[test]
fn what_it_cannot_do_it_says_in_a_sentence_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("full")).unwrap();
    fs::write(folder.path().join("full/notes.txt"), "mine").unwrap();
    fs::write(folder.path().join("a-file"), "mine").unwrap();
    let inside = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/inside");
    for (arguments, said) in [
        (&["My App"][..], "\"My App\" cannot be the project's name"),
        (&["serde"], "choose another name, for example my-serde"),
        (&["x", "--name", "async"], "\"async\" is a word of Rust"),
        (&["full"], "exists and is not empty"),
        (&["a-file"], "is a file"),
        (&[inside.to_str().unwrap()], "is inside the clone"),
    ] {
        let ended = new(folder.path(), arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(ended.stderr.contains(said) && ended.stderr.trim().lines().count() == 1, "{}", ended.stderr);
    }
    let mut left: Vec<_> = files_in(folder.path());
    left.sort();
    assert_eq!(left, ["a-file", "full/notes.txt"].map(PathBuf::from));
    assert!(!inside.exists());
}
