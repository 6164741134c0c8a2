//! The one script of a page, which loads the islands' code and wakes each island.
//!
//! It takes the place of Leptos' `HydrationScripts`, which preloads the code for users without JavaScript too, puts 2 kB
//! into every page and shows the nonce in an attribute. Whether there is any code to load is found out by the server
//! when it starts. Islands within islands are not supported: no page has them.

use leptos::config::LeptosOptions;
use leptos::hydration::AutoReload;
use leptos::nonce::Nonce;
use leptos::prelude::*;

use crate::islands::SITE_NAME;
use crate::paths::{ISLANDS_SCRIPT, ISLANDS_WASM};

/// What a page needs to load the islands.
#[derive(Clone, Debug)]
pub struct Scripts {
    /// Allows the page's own script to run, under the page's content security policy.
    pub nonce: Nonce,
    /// The port on which `cargo leptos watch` tells the page to load anew.
    pub live_reload_port: Option<u16>,
}

#[component]
pub(super) fn LoadIslands(scripts: Scripts) -> impl IntoView {
    let Scripts { nonce, live_reload_port } = scripts;
    // `AutoReload` looks for the nonce in context.
    provide_context(nonce.clone());
    view! {
        <script nonce=nonce>{script()}</script>
        {live_reload_port.map(live_reload)}
    }
}

fn live_reload(port: u16) -> AnyView {
    let options = LeptosOptions::builder().output_name(SITE_NAME).reload_port(u32::from(port)).build();
    view! { <AutoReload options/> }.into_any()
}

/// The code loads while the document is read; the islands wake once both are there.
///
/// Until then the script itself handles the browser's history: after a reload, entries that the item form's island made
/// still belong to this document, so going to one of them changes the address and loads nothing. The page of that
/// address is then loaded from the server.
///
/// When loading fails, the browser's own console says so; the page is whole, and the script goes on handling history.
fn script() -> String {
    format!(
        "{{const address=()=>location.pathname+location.search,shown=address(),\
         load=()=>{{if(address()!==shown)location.reload()}},\
         read=new Promise(done=>addEventListener(\"DOMContentLoaded\",done));\
         addEventListener(\"popstate\",load);\
         import({ISLANDS_SCRIPT:?}).then(async islands=>{{\
         await islands.default({{module_or_path:{ISLANDS_WASM:?}}});await read;return islands\
         }}).then(islands=>{{\
         islands.hydrate();\
         for(const island of document.querySelectorAll(\"leptos-island\"))islands[island.dataset.component]?.(island);\
         removeEventListener(\"popstate\",load)\
         }},()=>{{}})}}"
    )
}
