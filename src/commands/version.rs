//! `kinde-leptos --version`: the version, and what this build contains.

use std::io::{self, Write};

use kinde_leptos::server;

/// The features of Cargo.toml, and whether this build has each.
const FEATURES: [(&str, bool); 11] = [
    ("auth", cfg!(feature = "auth")),
    ("dev-issuer", cfg!(feature = "dev-issuer")),
    ("hydrate", cfg!(feature = "hydrate")),
    ("mimalloc", cfg!(feature = "mimalloc")),
    ("openapi", cfg!(feature = "openapi")),
    ("otlp", cfg!(feature = "otlp")),
    ("postgres", cfg!(feature = "postgres")),
    ("prepared-files", cfg!(feature = "prepared-files")),
    ("redis", cfg!(feature = "redis")),
    ("sqlite", cfg!(feature = "sqlite")),
    ("ssr", cfg!(feature = "ssr")),
];

/// Prints name and version; with `is_verbose` also the features of the build, one line, and the files that it carries,
/// a line for each. The same sources print the same, whatever commit and folder they were built from.
///
/// # Errors
/// When the output is closed.
pub(crate) fn print_version(is_verbose: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))?;
    if !is_verbose {
        return Ok(());
    }
    let features: Vec<_> = FEATURES.iter().filter(|(_, is_there)| *is_there).map(|(name, _)| *name).collect();
    writeln!(out, "features: {}", features.join(", "))?;
    for file in server::carried_files() {
        let forms = file.forms().map(|(coding, form)| match coding.name() {
            Some(coding) => format!("{} {coding}", form.len()),
            None => format!("{} bytes", form.len()),
        });
        writeln!(out, "{}: {}", file.path(), forms.collect::<Vec<_>>().join(", "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_is_listed() {
        let manifest = include_str!("../../Cargo.toml");
        let section = manifest.split("\n[features]\n").nth(1).unwrap().split("\n[").next().unwrap();
        let names = section.lines().filter(|line| !line.starts_with([' ', '#', ']']));
        let mut names: Vec<_> = names.filter_map(|line| Some(line.split_once(" = ")?.0)).collect();
        names.retain(|name| *name != "default");
        names.sort_unstable();
        assert_eq!(FEATURES.map(|(name, _)| name).to_vec(), names);
    }
}
