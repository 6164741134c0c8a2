//! What runs in the browser: one file for each island, drawn by the server first and woken there.
//!
//! Leaves out whatever a page needs to work: each of these is a convenience on top of a form or a text. Islands take no
//! props and use no serde, because both would bring a JSON library into the browser, bigger than all of them together;
//! their values come from context on the server, and from the document in the browser.

mod copy_button;
mod fetch;
mod item_form;
mod theme_switch;

pub use copy_button::CopyButton;
pub use item_form::ItemAnswer;
pub use theme_switch::{Place, RETURN_TO, Theme, ThemeSwitch};

/// Stands in the browser side and in the server that belongs to it: a digest of all that both must agree on.
pub const FINGERPRINT: &str = match std::str::from_utf8(&DIGEST) {
    Ok(digest) => digest,
    Err(_) => panic!("the digest is ASCII"),
};

const SOURCES: [&str; 8] = [
    include_str!("islands.rs"),
    include_str!("islands/copy_button.rs"),
    include_str!("islands/fetch.rs"),
    include_str!("app/item_page.rs"),
    include_str!("islands/item_form.rs"),
    include_str!("islands/theme_switch.rs"),
    include_str!("api/item.rs"),
    include_str!("paths.rs"),
];

const DIGEST: [u8; 29] = labelled(fnv_1a(&SOURCES));

/// Marks the document, so that whoever looks can tell that the islands' code is there, and from which build.
pub fn mark_document() {
    let root = leptos::prelude::document().document_element();
    if let Some(root) = root {
        let _ = root.set_attribute("data-islands", FINGERPRINT);
    }
}

/// FNV-1a, 64 bits: finds accidents, not attackers, and can be computed while compiling.
const fn fnv_1a(sources: &[&str]) -> u64 {
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    let mut source = 0;
    while source < sources.len() {
        let bytes = sources[source].as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            digest = (digest ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            at += 1;
        }
        source += 1;
    }
    digest
}

/// `kinde-leptos-` and 16 hexadecimal digits.
const fn labelled(digest: u64) -> [u8; 29] {
    let mut text = *b"kinde-leptos-0123456789abcdef";
    let digits = *b"0123456789abcdef";
    let mut at = 0;
    while at < 16 {
        text[28 - at] = digits[(digest >> (4 * at)) as usize & 0xf];
        at += 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_covers_every_island() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/islands");
        for file in std::fs::read_dir(folder).unwrap() {
            let content = std::fs::read_to_string(file.unwrap().path()).unwrap();
            assert!(SOURCES.contains(&content.as_str()), "a file of src/islands is not in SOURCES:\n{content}");
        }
    }

    #[test]
    fn the_digest_is_fnv_1a() {
        assert_eq!(fnv_1a(&["foo", "bar"]), 0x85944171f73967e8);
        assert_eq!(labelled(0x8594_4171_f739_67e8), *b"kinde-leptos-85944171f73967e8");
    }
}
