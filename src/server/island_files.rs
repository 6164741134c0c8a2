//! The files of the islands: found and checked once, when the program starts, then kept in memory.
//! `make release` builds them. Without them, or with those of another build, pages have no script.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use axum::Router;
use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use http::{HeaderMap, StatusCode};

use super::assets::etag;
use crate::islands::FINGERPRINT;
use crate::paths::{ISLANDS_SCRIPT, ISLANDS_WASM};

/// The folder where `cargo leptos` leaves the files, below the working folder.
const BUILD_FOLDER: &str = "target/site";

/// The two files that a page with islands loads.
#[derive(Debug, Clone)]
pub struct IslandFiles {
    files: Arc<[File; 2]>,
    /// The port on which `cargo leptos watch` tells pages to load anew.
    pub(super) live_reload_port: Option<u16>,
}

#[derive(Debug, Clone)]
struct File {
    path: &'static str,
    content_type: &'static str,
    plain: Variant,
    brotli: Option<Variant>,
}

#[derive(Debug, Clone)]
struct Variant {
    content: Bytes,
    etag: String,
}

impl IslandFiles {
    /// Looks for the files where `make release` leaves them, beside the folder of the program, and where `cargo leptos` does.
    pub fn find(live_reload_port: Option<u16>) -> Option<Self> {
        let beside_program = env::current_exe().ok().and_then(|program| Some(program.parent()?.parent()?.join("site")));
        let folders = beside_program.into_iter().chain([PathBuf::from(BUILD_FOLDER)]);
        // Often both are the same folder.
        let mut folders: Vec<_> = folders.filter_map(|folder| folder.canonicalize().ok()).collect();
        folders.dedup();
        let found = folders.iter().find_map(|folder| Self::load(folder));
        found.map(|found| Self { live_reload_port, ..found })
    }

    /// Reads the files below a folder. `None` when there are none; when they belong to another build, a warning says so.
    pub fn load(folder: &Path) -> Option<Self> {
        let script = File::load(folder, ISLANDS_SCRIPT, "text/javascript; charset=utf-8")?;
        let wasm = File::load(folder, ISLANDS_WASM, "application/wasm")?;
        let belongs = wasm.plain.content.windows(FINGERPRINT.len()).any(|text| text == FINGERPRINT.as_bytes());
        if !belongs {
            tracing::warn!(
                "{} holds the islands of another build, so pages have none: run `make release`, or remove the folder",
                folder.display()
            );
        }
        belongs.then(|| Self { files: Arc::new([script, wasm]), live_reload_port: None })
    }

    /// The routes of both files. They need no session.
    pub(super) fn router(&self) -> Router {
        self.files.iter().cloned().fold(Router::new(), |router, file| {
            router.route(file.path, get(move |headers: HeaderMap| async move { file.serve(&headers) }))
        })
    }
}

impl File {
    fn load(folder: &Path, path: &'static str, content_type: &'static str) -> Option<Self> {
        let file = folder.join(path.trim_start_matches('/'));
        let mut compressed = file.clone().into_os_string();
        compressed.push(".br");
        let compressed = PathBuf::from(compressed);
        let changed = |file: &Path| fs::metadata(file).and_then(|data| data.modified()).ok();
        let is_current = changed(&compressed) >= changed(&file);
        let brotli = is_current.then(|| Variant::read(&compressed)).flatten();
        Some(Self { path, content_type, plain: Variant::read(&file)?, brotli })
    }

    fn serve(&self, headers: &HeaderMap) -> Response {
        let brotli = self.brotli.as_ref().filter(|_| accepts_brotli(headers));
        let variant = brotli.unwrap_or(&self.plain);
        let validity = [(CACHE_CONTROL, "no-cache"), (ETAG, &variant.etag), (VARY, "accept-encoding")];
        if headers.get(IF_NONE_MATCH).is_some_and(|known| known == &variant.etag) {
            return (StatusCode::NOT_MODIFIED, validity).into_response();
        }
        let content = (validity, [(CONTENT_TYPE, self.content_type)], variant.content.clone());
        match brotli {
            Some(_) => ([(CONTENT_ENCODING, "br")], content).into_response(),
            None => content.into_response(),
        }
    }
}

impl Variant {
    fn read(file: &Path) -> Option<Self> {
        let content = Bytes::from(fs::read(file).ok()?);
        let etag = etag(&content);
        Some(Self { content, etag })
    }
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    let stated = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    stated.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case("br") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn brotli_is_sent_to_clients_that_accept_it() {
        let accepts = |text: &'static str| {
            accepts_brotli(&HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(text))]))
        };
        assert!(accepts("gzip, deflate, br, zstd") && accepts("BR;q=0.5"));
        assert!(!accepts("gzip") && !accepts("br;q=0, gzip") && !accepts("brotli"));
    }
}
