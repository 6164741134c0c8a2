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

/// The script of the notice that a session ends soon.
pub fn session_end_script() -> Content {
    Content::plain(include_str!("../../public/session_end.js"))
}

/// The islands' loader and code: not in the program.
pub fn islands() -> Option<[Content; 2]> {
    None
}
