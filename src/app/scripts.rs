//! The script of a page that loads the islands' code and wakes each island. The other one is in `session_end`.
//!
//! It takes the place of Leptos' `HydrationScripts`, which preloads the code for users without JavaScript too and puts
//! 2 kB into every page. Whether there is any code to load is found out by the server when it starts. Islands within
//! islands are not supported: no page has them.

use std::sync::Arc;

use leptos::config::LeptosOptions;
use leptos::hydration::AutoReload;
use leptos::nonce::Nonce;
use leptos::prelude::*;

use crate::islands::SITE_NAME;
use crate::islands::item_result::FORM;

/// What lets a page's scripts run, and what loads the islands.
#[derive(Clone, Debug)]
pub struct Scripts {
    /// Allows the page's own scripts to run, under the page's content security policy.
    pub nonce: Nonce,
    /// [`load_islands`] of this build's files; `None` where they were not built.
    pub loader: Option<Arc<str>>,
    /// The port on which `cargo leptos watch` tells the page to load anew.
    pub live_reload_port: Option<u16>,
}

impl Scripts {
    /// For a page that has a script and no islands.
    pub fn without_islands() -> Self {
        Self { nonce: Nonce::new(), loader: None, live_reload_port: None }
    }
}

#[component]
pub(super) fn LoadIslands(scripts: Scripts) -> impl IntoView {
    let Scripts { nonce, loader, live_reload_port } = scripts;
    // `AutoReload` looks for the nonce in context.
    provide_context(nonce.clone());
    view! {
        {loader.map(|loader| view! { <script nonce=nonce>{loader}</script> })}
        {live_reload_port.map(live_reload)}
    }
}

fn live_reload(port: u16) -> AnyView {
    let options = LeptosOptions::builder().output_name(SITE_NAME).reload_port(u32::from(port)).build();
    view! { <AutoReload options/> }.into_any()
}

/// The script that loads the islands' files, which have these paths.
///
/// Both load at once, while the document is read; the islands wake once all three are there.
///
/// The script handles the browser's history until the item form's island does, and always on a page without that form:
/// after a reload, entries that the island made still belong to this document, so going to one of them changes the
/// address and loads nothing. The script then loads the page of that address. So it must run first thing, before the
/// browser waits for the style sheet.
///
/// When loading fails, the console says so: of a fetch that failed the browser itself, of code that cannot run the script.
/// The page is whole without islands.
pub fn load_islands(script: &str, wasm: &str) -> String {
    format!(
        "{{const address=()=>location.pathname+location.search,shown=address(),\
         load=()=>{{if(address()!==shown)location.reload()}},\
         read=new Promise(done=>addEventListener(\"DOMContentLoaded\",done));\
         addEventListener(\"popstate\",load);\
         Promise.all([import({script:?}),fetch({wasm:?})]).then(async([islands,code])=>{{\
         await islands.default({{module_or_path:code}});await read;return islands\
         }}).then(islands=>{{\
         if(address()!==shown)return location.reload();\
         islands.hydrate();\
         for(const island of document.querySelectorAll(\"leptos-island\"))islands[island.dataset.component]?.(island);\
         if(document.getElementById({FORM:?}))removeEventListener(\"popstate\",load)\
         }},error=>{{if(error instanceof WebAssembly.CompileError||error instanceof WebAssembly.LinkError)console.error(error)}})}}"
    )
}
