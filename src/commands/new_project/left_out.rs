//! What a new project does not take along: this command, what follows the recipes, and the pictures of the former README.

use std::path::Path;

/// Files, and folders with all that is in them.
const FILES: [&str; 7] = [
    ".ci/pictures",
    ".ci/recipes",
    "end2end/pictures",
    "end2end/recipes",
    "src/commands/new_project",
    "src/commands/new_project.rs",
    "src/tests/process/new_project.rs",
];

/// The lines that name those files, each with the file that it is in.
const LINES: [(&str, &str); 7] = [
    (
        "Makefile",
        ".PHONY: pictures\npictures: ## Take the pictures of the README anew, light and dark, from the running app\n\
         \t.ci/pictures\n\n",
    ),
    ("Makefile", "\t@$(STAGE) \"recipes\" .ci/recipes\n"),
    ("src/commands.rs", "#[cfg(debug_assertions)]\nmod new_project;\n"),
    (
        "src/commands.rs",
        "    /// Start a project of your own: copy this one to a new folder, under a new name\n    #[cfg(debug_assertions)]\n    \
         New(new_project::Arguments),\n",
    ),
    (
        "src/commands.rs",
        "            #[cfg(debug_assertions)]\n            Self::New(arguments) => arguments.format,\n",
    ),
    (
        "src/commands.rs",
        "            #[cfg(debug_assertions)]\n            Self::New(arguments) => new_project::new_project(&arguments),\n",
    ),
    ("src/tests/process.rs", "#[cfg(debug_assertions)]\nmod new_project;\n"),
];

/// The reason for which lines cannot be left out.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0} of the clone has been changed where it names what a new project leaves out: undo that, or use another clone"
)]
pub(super) struct CutError(&'static str);

/// Whether a file is left out.
pub(super) fn is_left_out(file: &Path) -> bool {
    FILES.iter().any(|left_out| file.starts_with(left_out))
}

/// The text of a file without the lines that are left out.
///
/// # Errors
/// When it does not have them.
pub(super) fn cut(file: &Path, mut text: String) -> Result<String, CutError> {
    for (path, line) in LINES.iter().filter(|(path, _)| file == Path::new(path)) {
        if text.matches(line).count() != 1 {
            return Err(CutError(path));
        }
        text = text.replace(line, "");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_there() {
        for file in FILES {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(file).exists(), "{file}");
        }
        for (file, line) in LINES {
            let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
            let rest = cut(Path::new(file), text).unwrap();
            assert!(!rest.contains(line) && !rest.contains("new_project"), "{file}");
        }
    }

    #[test]
    fn a_file_without_the_lines_is_refused_by_its_name() {
        let refusal = cut(Path::new("Makefile"), "test:\n".to_owned()).unwrap_err().to_string();
        assert!(refusal.starts_with("Makefile of the clone has been changed"), "{refusal}");
        assert_eq!(cut(Path::new("src/lib.rs"), "kept".to_owned()).unwrap(), "kept");
        assert!(is_left_out(Path::new("end2end/pictures/greeting.png")) && !is_left_out(Path::new(".ci/reuse")));
    }
}
