//! The code that runs in the browser: one file for each island.
//!
//! An island renders nothing: it takes over what the server has rendered, by the ids and attributes that its file names,
//! so that a page looks the same with it and without it. A page works without any of them: each is a convenience on top
//! of a form or a text. Islands take no props and use no serde, because either would bring a JSON library into the
//! browser, bigger than all of them together.
//!
//! | island | with it | without it |
//! | --- | --- | --- |
//! | [`ItemLookup`] | the item form's result comes from the server function and appears in place; address and history follow | a GET to the item's page |
//! | [`ThemeSwitch`] | the page changes at once | a POST, and the same page again |
//! | [`CopyButtons`] | buttons that copy an address or a header | no buttons |
//!
//! `.ci/wasm` builds them, because cargo applies link-time optimization to a library only when it builds the cdylib alone,
//! and `.ci/release` puts them into the program: it fails when a browser has to load more than 42,000 bytes for them (after
//! brotli; about 36,000 today), or 45,000 with style sheet and icon. Any other build looks for them on disk
//! (`server::IslandFiles`). Both sides carry [`FINGERPRINT`]: a program with the islands of another build inside does not
//! compile, and on disk such islands are not used.

pub mod copy_buttons;
mod document;
mod fetch;
mod item_lookup;
pub mod item_result;
pub mod theme_switch;

pub use copy_buttons::CopyButtons;
pub use item_lookup::ItemLookup;
pub use theme_switch::ThemeSwitch;

/// The site's name, at the end of every title that a page or an island writes.
pub const SITE_NAME: &str = "kinde-leptos";

/// A digest of the sources on which islands and server must agree, part of both.
pub const FINGERPRINT: &str = match std::str::from_utf8(&DIGEST) {
    Ok(digest) => digest,
    Err(_) => panic!("the digest is ASCII"),
};

const SOURCES: [&str; 12] = [
    include_str!("islands.rs"),
    include_str!("islands/copy_buttons.rs"),
    include_str!("islands/document.rs"),
    include_str!("islands/fetch.rs"),
    include_str!("islands/item_result.rs"),
    include_str!("islands/item_lookup.rs"),
    include_str!("islands/theme_switch.rs"),
    include_str!("app/scripts.rs"),
    include_str!("api/error.rs"),
    include_str!("api/item.rs"),
    include_str!("api/item_id.rs"),
    include_str!("paths.rs"),
];

const DIGEST: [u8; LABEL.len() + 16] = labelled(fnv_1a(&SOURCES));

/// What a digest begins with: [`SITE_NAME`] and a hyphen, as bytes.
const LABEL: &[u8] = b"kinde-leptos-";

/// Marks the document, so that tests and developers see that the islands are awake, and from which build they are.
pub fn mark_document() {
    document::mark(document::root(), "data-islands", Some(FINGERPRINT));
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

/// [`LABEL`] and 16 hexadecimal digits.
const fn labelled(digest: u64) -> [u8; LABEL.len() + 16] {
    let mut text = [0; LABEL.len() + 16];
    text.split_at_mut(LABEL.len()).0.copy_from_slice(LABEL);
    let digits = *b"0123456789abcdef";
    let mut at = 0;
    while at < 16 {
        text[LABEL.len() + 15 - at] = digits[(digest >> (4 * at)) as usize & 0xf];
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
