//! Checks on the source that `auth`, the emulated tenant and the test kit keep the import rules of their documentation.

use std::fs;
use std::path::{Path, PathBuf};

/// For values that all floors use: the names of the floors.
const NO_FLOOR: &[&str] =
    &["axum::", "HeaderMap", "auth::oidc", "auth::session", "auth::client", "auth::config", "auth::error", "auth::web"];

/// A floor, and the names that none of its files may use.
const RULES: [(&str, &[&str]); 15] = [
    ("auth/client", &["axum::", "HeaderMap", "auth::web", "super::web"]),
    ("auth/session", &["axum::", "HeaderMap", "auth::client", "auth::config", "auth::error", "auth::web"]),
    ("auth/oidc", &["axum::", "auth::session", "auth::client", "auth::config", "auth::error", "auth::web"]),
    ("auth/metrics", NO_FLOOR),
    ("auth/sign_in_options", NO_FLOOR),
    ("auth/portal_page", NO_FLOOR),
    ("auth/policy", NO_FLOOR),
    ("auth/rights", NO_FLOOR),
    ("auth/paths", &["use super", "use crate", "axum::"]),
    ("auth/claims", &["use super", "use crate", "axum::"]),
    ("auth/random", &["use super", "use crate", "axum::"]),
    ("auth/observation", &["use super", "use crate", "axum::"]),
    ("auth/spans", &["use super", "use crate", "axum::"]),
    ("test_kit", &["crate::sessions", "crate::server", "crate::config", "crate::emulation"]),
    ("dev_issuer", &["super::super", "dev_issuer::{", "crate::auth", "crate::server", "crate::config"]),
];

/// All files of a module: its own and those in its folder.
fn files_of(module: &str) -> Vec<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![source.join(format!("{module}.rs"))];
    let mut folders = vec![source.join(module)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// The lines of code that use a name; comments do not count.
fn lines_that_name(file: &Path, name: &str) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//") && line.trim() != "use super::*;" && line.contains(name));
    code.map(|line| format!("{}: {}", file.display(), line.trim())).collect()
}

#[test]
fn no_floor_imports_from_above() {
    let mut broken = Vec::new();
    for (module, forbidden) in RULES {
        let files = files_of(module);
        assert!(files[0].exists(), "{module}");
        for file in &files {
            broken.extend(forbidden.iter().flat_map(|name| lines_that_name(file, name)));
        }
    }
    assert_eq!(broken, [""; 0]);
}

#[test]
fn below_the_web_floor_headers_are_used_only_where_requests_are_sent() {
    let files = files_of("auth/oidc");
    let known: Vec<_> = files.iter().filter(|file| !lines_that_name(file, "HeaderMap").is_empty()).collect();
    assert!(known.len() == 1 && known[0].ends_with("oidc/outbound.rs"), "{known:?}");
}

#[test]
fn sessions_use_only_the_user_claims_of_openid_connect() {
    for file in files_of("auth/session") {
        for line in lines_that_name(&file, "oidc::") {
            assert!(line.contains("oidc::UserClaims"), "{line}");
        }
    }
}
