//! The texts that a new project has of its own: README, changelog, and where it came from. All others are those of the
//! clone, under the new name.

use std::path::Path;

use super::name::ProjectName;
use super::renaming::{Renaming, sort_lock};

/// The first part of the README.
const README: &str = include_str!("README.md");

/// The sections of this project's README that speak of it and not of what it does.
const README_WITHOUT: [&str; 4] = ["Run it", "Make it yours", "Compared", "License"];

const CHANGELOG: &str = "\
# Changelog

The format is that of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/), versions follow
[Semantic Versioning](https://semver.org/).

## Unreleased
";

/// What the manifest says of this project, and of a new one.
const DESCRIPTIONS: [&str; 2] = [
    "Sign-in with Kinde for Leptos and axum: a server-rendered app, and its auth part as a library",
    "A server-rendered Leptos app with sign-in by Kinde",
];

/// The text of a file in the new project, from that in the clone. `commit` is what the clone has checked out.
pub(super) fn of(file: &Path, text: &str, name: &ProjectName, commit: Option<&str>) -> String {
    let renamed = || Renaming::to(name).text(text);
    match file.to_str() {
        Some("README.md") => readme(&renamed(), name, commit),
        Some("CHANGELOG.md") => CHANGELOG.to_owned(),
        Some("SECURITY.md") => security(&renamed()),
        Some("Cargo.toml") => renamed().replacen(DESCRIPTIONS[0], DESCRIPTIONS[1], 1),
        // Their notices are those of the authors of what was copied.
        Some("LICENSE-MIT" | "LICENSE-APACHE") => text.to_owned(),
        _ if file.ends_with("Cargo.lock") => sort_lock(&renamed()),
        _ => renamed(),
    }
}

/// The project's own first part, and after it what stays true.
fn readme(renamed: &str, name: &ProjectName, commit: Option<&str>) -> String {
    let of_commit = commit.map(|commit| format!(", commit {commit}")).unwrap_or_default();
    let origin = format!("{} {}{of_commit}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let own = README.replacen("PROJECT", &name.to_string(), 1).replacen("ORIGIN", &origin, 1);
    let sections = renamed.split("\n## ").skip(1);
    let kept =
        sections.filter(|section| !README_WITHOUT.iter().any(|title| section.starts_with(&format!("{title}\n"))));
    kept.fold(own.trim_end().to_owned(), |readme, section| readme + "\n\n## " + without_pictures(section).trim_end())
        + "\n"
}

/// The pictures show the site under its former name.
fn without_pictures(section: &str) -> String {
    let (mut text, mut rest) = (String::new(), section);
    while let Some((before, picture)) = rest.split_once("<picture>\n") {
        text += before;
        rest = picture.split_once("</picture>\n").map_or("", |(_, after)| after).trim_start_matches('\n');
    }
    text + rest
}

/// A vulnerability in what was copied concerns others too.
fn security(renamed: &str) -> String {
    let origin = env!("CARGO_PKG_NAME");
    let addition = format!(
        "Sign-in, the session stores and the emulated tenant came from {origin}: what is wrong with them, report there too.\n"
    );
    renamed.replacen("\n## What is promised\n", &format!("\n{addition}\n## What is promised\n"), 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ORIGIN: &str = env!("CARGO_PKG_NAME");

    fn own(file: &str, text: &str) -> String {
        of(Path::new(file), text, &ProjectName::parse("my-app", &BTreeSet::new()).unwrap(), Some("0123abc"))
    }

    #[test]
    fn the_readme_is_the_projects_own_and_keeps_what_it_describes() {
        let readme = own("README.md", include_str!("../../../README.md"));
        assert!(readme.starts_with("# my-app\n"), "{readme}");
        assert!(readme.contains(&format!("{ORIGIN} {}, commit 0123abc", env!("CARGO_PKG_VERSION"))), "{readme}");
        assert_eq!(readme.matches(ORIGIN).count(), 1, "{readme}");
        let titles: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        let expected =
            ["Run it", "Where to change what", "Where it comes from", "Point it at Kinde", "Recipes", "Tests"];
        assert_eq!(titles.iter().filter(|title| expected.contains(title)).count(), expected.len(), "{titles:?}");
        assert!(!titles.contains(&"Make it yours") && !titles.contains(&"License"), "{titles:?}");
        assert!(
            readme.contains("```mermaid") && !readme.contains("<picture>") && !readme.contains("pictures/"),
            "{readme}"
        );
    }

    #[test]
    fn every_file_that_the_readme_says_to_change_exists() {
        let rows = README.lines().filter(|line| line.starts_with("| "));
        let paths = rows.flat_map(|row| row.split('`').skip(1).step_by(2)).filter(|word| word.contains('/'));
        let paths: Vec<_> = paths.collect();
        assert!(paths.len() > 8, "{paths:?}");
        for path in paths {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(path).is_file(), "{path}");
        }
    }

    #[test]
    fn notices_stay_and_the_changelog_begins() {
        let notice = include_str!("../../../LICENSE-MIT");
        assert!(own("LICENSE-MIT", notice) == notice && notice.contains(ORIGIN));
        assert!(own("CHANGELOG.md", include_str!("../../../CHANGELOG.md")).ends_with("## Unreleased\n"));
        let security = own("SECURITY.md", include_str!("../../../SECURITY.md"));
        assert_eq!(security.matches(ORIGIN).count(), 1);
        let manifest = own("Cargo.toml", include_str!("../../../Cargo.toml"));
        assert!(manifest.contains(DESCRIPTIONS[1]) && !manifest.contains(ORIGIN), "{manifest}");
    }
}
