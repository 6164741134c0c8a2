//! `Renaming`: the name of this project, in each of its forms, becomes that of another.

use std::path::{Path, PathBuf};

use super::name::ProjectName;

/// The forms of this project's name: of crate and program, of identifiers, of environment variables, and of alerts.
const FORMS: [&str; 4] = ["kinde-leptos", "kinde_leptos", "KINDE_LEPTOS", "KindeLeptos"];

/// The forms of another name, in the order of [`FORMS`].
pub(super) struct Renaming([String; FORMS.len()]);

impl Renaming {
    pub(super) fn to(name: &ProjectName) -> Self {
        Self([name.to_string(), name.with_underscores(), name.in_capitals(), name.in_camel_case()])
    }

    /// The text under the new name. What has been replaced is not looked at again, so the new name may contain the former.
    pub(super) fn text(&self, mut text: &str) -> String {
        let mut renamed = String::with_capacity(text.len());
        let next = |text: &str| (0..FORMS.len()).filter_map(|form| Some((text.find(FORMS[form])?, form))).min();
        while let Some((at, form)) = next(text) {
            renamed += &text[..at];
            renamed += &self.0[form];
            text = &text[at + FORMS[form].len()..];
        }
        renamed + text
    }

    /// The path of a file under the new name.
    pub(super) fn path(&self, path: &Path) -> PathBuf {
        path.iter().map(|part| self.text(&part.to_string_lossy())).collect()
    }
}

/// A `Cargo.lock` with its packages, and the dependencies of each, in the order of their names, as Cargo writes them and
/// `--locked` wants them.
pub(super) fn sort_lock(lock: &str) -> String {
    const PACKAGE: &str = "[[package]]\n";
    let mut parts = lock.split(PACKAGE);
    let head = parts.next().unwrap_or_default();
    let mut packages: Vec<_> = parts.map(|package| with_sorted_dependencies(package.trim_end())).collect();
    packages.sort_by(|one, other| name_in(one).cmp(name_in(other)));
    format!("{head}{PACKAGE}{}\n", packages.join(&format!("\n\n{PACKAGE}")))
}

/// The name of a package, or of a dependency, which may be followed by its version.
fn name_in(text: &str) -> &str {
    text.split('"').nth(1).and_then(|quoted| quoted.split(' ').next()).unwrap_or_default()
}

fn with_sorted_dependencies(package: &str) -> String {
    let (before, after) = package.split_once("dependencies = [\n").unwrap_or((package, ""));
    let Some((list, end)) = after.split_once(']') else { return package.to_owned() };
    let mut list: Vec<_> = list.lines().collect();
    list.sort_by(|one, other| name_in(one).cmp(name_in(other)));
    format!("{before}dependencies = [\n{}\n]{end}", list.join("\n"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn renaming(name: &str) -> Renaming {
        Renaming::to(&ProjectName::parse(name, &BTreeSet::new()).unwrap())
    }

    #[test]
    fn every_form_of_the_name_is_replaced() {
        let text =
            "kinde-leptos: use kinde_leptos::auth; KINDE_LEPTOS_PROGRAM; KindeLeptosNotScraped; kinde and leptos";
        let expected = "my-app: use my_app::auth; MY_APP_PROGRAM; MyAppNotScraped; kinde and leptos";
        assert_eq!(renaming("my-app").text(text), expected);
        let path = Path::new("src/deployment/kinde-leptos@.service");
        assert_eq!(renaming("my-app").path(path), Path::new("src/deployment/my-app@.service"));
    }

    #[test]
    fn the_new_name_may_contain_the_former() {
        let renamed = renaming("my-kinde-leptos-2").text("kinde-leptos kinde_leptos");
        assert_eq!(renamed, "my-kinde-leptos-2 my_kinde_leptos_2");
    }

    #[test]
    fn a_lock_is_in_the_order_of_names() {
        let lock = "version = 4\n\n[[package]]\nname = \"axum\"\nversion = \"0.8.9\"\n\n[[package]]\nname = \"a-till\"\n\
                    version = \"0.1.0\"\ndependencies = [\n \"url\",\n \"axum 0.8.9\",\n]\n\n[[package]]\nname = \"url\"\n";
        let sorted = "version = 4\n\n[[package]]\nname = \"a-till\"\nversion = \"0.1.0\"\ndependencies = [\n \"axum 0.8.9\",\n \
                      \"url\",\n]\n\n[[package]]\nname = \"axum\"\nversion = \"0.8.9\"\n\n[[package]]\nname = \"url\"\n";
        assert_eq!(sort_lock(lock), sorted);
    }

    #[test]
    fn the_locks_of_this_project_are_sorted_as_cargo_does_it() {
        let lock = include_str!("../../../Cargo.lock");
        assert_eq!(sort_lock(lock), lock);
    }
}
