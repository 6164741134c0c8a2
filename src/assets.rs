//! The files that pages load: each is an [`Asset`], with its path, its content as it is and compressed, and its digest.
//!
//! What a request for one gets is in `server::assets`.
//!
//! A file that pages load has its digest in its path (`/assets/main.0Zx….css`), so that caches may keep it for good:
//! with other content it has another path. Only a file that programs look for by name, such as `/robots.txt`, has a
//! fixed one.
//!
//! | file | `make release` | any other build |
//! | --- | --- | --- |
//! | style sheet, icon, script of the session's end | in the program, minified and compressed | in the program as they are |
//! | islands | in the program, minified and compressed | on disk, where `.ci/wasm` or `cargo leptos` left them, if at all |
//! | style sheet and script of the API docs | in the program as they are | the same |
//!
//! What was not compressed by the build is compressed when it is first asked for, and then kept.

#[cfg_attr(feature = "prepared-files", path = "assets/prepared.rs")]
mod built_in;

use std::io::Read;
use std::sync::{Arc, LazyLock};

use axum::body::Bytes;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::GzEncoder;

pub use built_in::islands;

use crate::paths::{ASSETS, FALLBACK_ICON, ROBOTS};

/// Style sheets.
pub const CSS: &str = "text/css; charset=utf-8";
/// HTML documents.
pub const HTML: &str = "text/html; charset=utf-8";
/// Scripts and modules.
pub const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
/// JSON documents.
pub const JSON: &str = "application/json";
/// Vector images.
pub const SVG: &str = "image/svg+xml";
/// Plain text.
pub const TEXT: &str = "text/plain; charset=utf-8";
/// WebAssembly modules.
pub const WASM: &str = "application/wasm";

/// How many bytes of a SHA-256 digest tell one content of a file from all others that it ever has.
const DIGEST_LENGTH: usize = 12;

/// The style sheet of all pages.
pub static STYLE_SHEET: LazyLock<Asset> = LazyLock::new(|| Asset::named("main.css", CSS, built_in::style_sheet()));
/// The icon.
pub static ICON: LazyLock<Asset> = LazyLock::new(|| Asset::named("icon.svg", SVG, built_in::icon()));
/// The icon at the path where browsers look by themselves.
pub static ICON_OF_NO_PAGE: LazyLock<Asset> = LazyLock::new(|| Asset::at(FALLBACK_ICON, SVG, built_in::icon()));
/// The script of the notice that a session ends soon.
pub static SESSION_END_SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::named("session_end.js", JAVASCRIPT, built_in::session_end_script()));
/// The style sheet that the page of the API docs has besides that of all pages.
pub static DOCS_STYLE_SHEET: LazyLock<Asset> =
    LazyLock::new(|| Asset::named("docs.css", CSS, Content::plain(include_str!("../style/docs.css"))));
/// The script of that page.
pub static DOCS_SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::named("docs.js", JAVASCRIPT, Content::plain(include_str!("app/docs_page/send_request.js")))
});
/// The rules for crawlers.
pub static RULES_FOR_CRAWLERS: LazyLock<Asset> =
    LazyLock::new(|| Asset::at(ROBOTS, TEXT, Content::plain(include_str!("../public/robots.txt"))));

/// A file that the site serves. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Asset(Arc<File>);

#[derive(Debug)]
struct File {
    path: String,
    has_digest: bool,
    content_type: &'static str,
    content: Content,
}

impl Asset {
    /// A file whose path has the digest of its content, between the two parts of its name.
    pub fn named(name: &str, content_type: &'static str, content: Content) -> Self {
        let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
        let path = format!("{ASSETS}{stem}.{}.{extension}", content.digest);
        Self(Arc::new(File { path, has_digest: true, content_type, content }))
    }

    /// A file at a path that stays the same whatever it contains.
    pub fn at(path: &str, content_type: &'static str, content: Content) -> Self {
        Self(Arc::new(File { path: path.to_owned(), has_digest: false, content_type, content }))
    }

    /// The path of its URL.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Whether its path changes with its content, so that a copy never gets old.
    pub fn is_immutable(&self) -> bool {
        self.0.has_digest
    }

    /// Its media type.
    pub fn content_type(&self) -> &'static str {
        self.0.content_type
    }

    /// Whether it runs in the browser.
    pub fn is_code(&self) -> bool {
        [JAVASCRIPT, WASM].contains(&self.0.content_type)
    }

    /// Whether this path differs from its own in the digest alone: is that of the same file with other content.
    pub fn is_version_of(&self, path: &str) -> bool {
        let rest = self.path().split_once(&self.0.content.digest);
        let digest = rest.and_then(|(before, after)| path.strip_prefix(before)?.strip_suffix(after));
        digest.is_some_and(|digest| digest.len() == self.0.content.digest.len())
    }

    /// Its content as it is.
    pub fn plain(&self) -> &Bytes {
        &self.0.content.plain
    }

    /// Its content in each coding, the shortest form first.
    pub fn forms(&self) -> impl Iterator<Item = (Coding, &Form)> {
        let Content { plain, gzip, brotli, .. } = &self.0.content;
        let brotli = brotli.iter().map(|brotli| (Coding::Brotli, brotli));
        brotli.chain([(Coding::Gzip, gzip), (Coding::Identity, plain)])
    }

    /// A strong validator of its content in this coding, with quotation marks.
    pub fn etag(&self, coding: Coding) -> String {
        let digest = &self.0.content.digest;
        match coding.name() {
            Some(coding) => format!("\"{digest}-{coding}\""),
            None => format!("\"{digest}\""),
        }
    }
}

/// How content is encoded for its way to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Brotli, RFC 7932.
    Brotli,
    /// gzip, RFC 1952.
    Gzip,
    /// As it is.
    Identity,
}

impl Coding {
    /// Its name in `Content-Encoding`; `None` for content as it is.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }
}

/// The content of a file, in the forms that the build made, and in the others as soon as they are asked for.
#[derive(Debug)]
pub struct Content {
    plain: Form,
    gzip: Form,
    brotli: Option<Form>,
    digest: String,
}

/// Content in one coding, made when it is first read unless the build made it.
pub type Form = LazyLock<Bytes, Box<dyn FnOnce() -> Bytes + Send>>;

impl Content {
    /// Content as it is.
    pub fn plain(content: impl Into<Bytes>) -> Self {
        let content = content.into();
        let (digest, to_compress) = (digest(&content), content.clone());
        let gzip = LazyLock::new(Box::new(move || compressed(&to_compress)) as Box<_>);
        Self { plain: ready(content), gzip, brotli: None, digest }
    }

    /// Content in all its forms, which the build made.
    pub fn prepared(plain: &'static [u8], gzip: &'static [u8], brotli: &'static [u8]) -> Self {
        let digest = digest(plain);
        let [plain, gzip, brotli] = [plain, gzip, brotli].map(|form| ready(Bytes::from_static(form)));
        Self { plain, gzip, brotli: Some(brotli), digest }
    }
}

fn ready(content: Bytes) -> Form {
    LazyLock::new(Box::new(move || content))
}

fn digest(content: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, content);
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..DIGEST_LENGTH])
}

fn compressed(content: &[u8]) -> Bytes {
    let mut bytes = Vec::new();
    GzEncoder::new(content, Compression::best()).read_to_end(&mut bytes).expect("memory does not fail");
    bytes.into()
}

#[cfg(test)]
mod tests {
    use flate2::read::GzDecoder;

    use super::*;

    fn content(asset: &Asset, wanted: Coding) -> Option<Vec<u8>> {
        asset.forms().find(|(coding, _)| *coding == wanted).map(|(_, content)| content.to_vec())
    }

    #[test]
    fn a_path_changes_with_the_content_alone() {
        let path = |name, content| Asset::named(name, CSS, Content::plain(content)).path().to_owned();
        let first = path("main.css", "a {}");
        assert_eq!(first, path("main.css", "a {}"));
        assert_ne!(first, path("main.css", "b {}"));
        let digest = first.strip_prefix("/assets/main.").and_then(|rest| rest.strip_suffix(".css")).unwrap();
        assert!(digest.len() == 16 && !digest.contains('.'), "{first}");
        assert_eq!(path("print.css", "a {}"), first.replace("main", "print"));
    }

    #[test]
    fn the_compressed_form_that_the_build_did_not_make_is_made_from_the_content() {
        let text = "text ".repeat(100);
        let asset = Asset::named("a.txt", TEXT, Content::plain(text.clone()));
        let packed = content(&asset, Coding::Gzip).unwrap();
        assert!(packed.len() < 100, "{}", packed.len());
        let mut unpacked = String::new();
        GzDecoder::new(&*packed).read_to_string(&mut unpacked).unwrap();
        assert_eq!(unpacked, text);
        assert_eq!(content(&asset, Coding::Brotli), None);
    }

    #[test]
    fn a_path_of_the_same_file_with_other_content_is_known() {
        let [one, other] = ["a {}", "b {}"].map(|content| Asset::named("main.css", CSS, Content::plain(content)));
        assert!(one.is_version_of(other.path()) && one.is_version_of(one.path()));
        for path in ["/assets/main.css", "/assets/main..css", "/assets/other.0123456789abcdef.css", "/main.css", ""] {
            assert!(!one.is_version_of(path), "{path}");
        }
    }

    #[test]
    fn each_coding_has_an_etag_of_its_own() {
        let asset = Asset::at("/a", TEXT, Content::prepared(b"text", b"gzip", b"brotli"));
        let [brotli, gzip, identity] =
            [Coding::Brotli, Coding::Gzip, Coding::Identity].map(|coding| asset.etag(coding));
        assert!(brotli.ends_with("-br\"") && gzip.ends_with("-gzip\"") && identity.starts_with('"'));
        assert_eq!(gzip.replace("-gzip", ""), identity);
        assert_eq!(content(&asset, Coding::Brotli).as_deref(), Some(&b"brotli"[..]));
    }
}
