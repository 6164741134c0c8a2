//! The files in the program of a release: minified and compressed by `.ci/release`, which says where they are.
//! In any other build `built_in` takes its place.

use super::Content;
use crate::islands::FINGERPRINT;

/// A prepared file, by its name, or by that and `.gz` or `.br`.
macro_rules! file {
    ($name:expr) => {
        include_bytes!(concat!(
            env!("PREPARED_FILES", "the feature `prepared-files` is for `.ci/release`, which sets this"),
            "/",
            $name
        ))
    };
}

/// A prepared file in all its forms.
macro_rules! content {
    ($name:literal) => {
        Content::prepared(file!($name), file!(concat!($name, ".gz")), file!(concat!($name, ".br")))
    };
}

/// The style sheet.
pub fn style_sheet() -> Content {
    content!("main.css")
}

/// The icon.
pub fn icon() -> Content {
    content!("icon.svg")
}

/// The script of the notice that a session ends soon.
pub fn session_end_script() -> Content {
    content!("session_end.js")
}

/// The islands' loader and code.
pub fn islands() -> Option<[Content; 2]> {
    Some([content!("islands.js"), content!("islands.wasm")])
}

const _: () = assert!(
    contains(file!("islands.wasm"), FINGERPRINT.as_bytes()),
    "the islands are those of another build: run `make release`"
);

const fn contains(content: &[u8], text: &[u8]) -> bool {
    let mut rest = content;
    while let [_, after @ ..] = rest {
        let mut at = 0;
        while at < text.len() && at < rest.len() && rest[at] == text[at] {
            at += 1;
        }
        if at == text.len() {
            return true;
        }
        rest = after;
    }
    false
}
