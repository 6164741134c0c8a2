//! The files in the program, as they are in the sources. In a build by `make release`, `prepared` takes its place.

use super::Content;

/// The style sheet.
pub fn style_sheet() -> Content {
    Content::plain(include_str!("../../style/main.css"))
}

/// The icon.
pub fn icon() -> Content {
    Content::plain(include_str!("../../public/favicon.svg"))
}

/// The islands' loader and code: not in the program.
pub fn islands() -> Option<[Content; 2]> {
    None
}
