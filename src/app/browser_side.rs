//! The script that loads the islands' code and wakes each of them.
//!
//! Takes the place of Leptos' `HydrationScripts`, which preloads the code for people without JavaScript too, puts 2 kB
//! into every page and shows the nonce in an attribute. Leaves out whether there is any code to load, which the server
//! finds out when it starts, and islands within islands, which no page has.

use leptos::nonce::Nonce;
use leptos::prelude::*;

use crate::paths::{BROWSER_SCRIPT, BROWSER_WASM};

/// In context where the islands' code is there to be loaded, with the nonce that lets the page's own script run.
#[derive(Clone, Debug)]
pub struct BrowserSide(pub Nonce);

#[component]
pub(super) fn LoadBrowserSide() -> impl IntoView {
    use_context::<BrowserSide>().map(|BrowserSide(nonce)| {
        view! { <script type="module" nonce=nonce>{script()}</script> }
    })
}

/// A module runs once the document is read. When loading fails, the browser's own console says so; the page is whole.
fn script() -> String {
    format!(
        "import init, * as browserSide from {BROWSER_SCRIPT:?};\
         init({{ module_or_path: {BROWSER_WASM:?} }}).then(() => {{\
         browserSide.hydrate();\
         for (const island of document.querySelectorAll(\"leptos-island\")) browserSide[island.dataset.component]?.(island);\
         }}, () => {{}});"
    )
}
