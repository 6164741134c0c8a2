//! The script that loads the islands' code and wakes each of them.
//!
//! Takes the place of Leptos' `HydrationScripts`, which preloads the code for people without JavaScript too, puts 2 kB
//! into every page and shows the nonce in an attribute. Leaves out whether there is any code to load, which the server
//! finds out when it starts, and islands within islands, which no page has.

use leptos::config::LeptosOptions;
use leptos::hydration::AutoReload;
use leptos::nonce::Nonce;
use leptos::prelude::*;

use crate::islands::SITE_NAME;
use crate::paths::{BROWSER_SCRIPT, BROWSER_WASM};

/// In context where the islands' code is there to be loaded.
#[derive(Clone, Debug)]
pub struct BrowserSide {
    /// Lets the page's own script run.
    pub nonce: Nonce,
    /// Where `cargo leptos watch` tells the page to load anew.
    pub live_reload_port: Option<u16>,
}

#[component]
pub(super) fn LoadBrowserSide() -> impl IntoView {
    use_context::<BrowserSide>().map(|BrowserSide { nonce, live_reload_port }| {
        view! {
            <script type="module" nonce=nonce>{script()}</script>
            {live_reload_port.map(live_reload)}
        }
    })
}

fn live_reload(port: u16) -> AnyView {
    let options = LeptosOptions::builder().output_name(SITE_NAME).reload_port(u32::from(port)).build();
    view! { <AutoReload options/> }.into_any()
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
