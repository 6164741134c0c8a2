//! The one script of a page: what the page does by itself, which is in `shown_again`, and what loads the islands' code
//! and wakes each island. The script of a session's end is a file of its own: see `session_end`.
//!
//! It takes the place of Leptos' `HydrationScripts`, which preloads the code for users without JavaScript too and puts
//! 2 kB into every page. Whether there is any code to load is found out by the server when it starts. Islands within
//! islands are not supported: no page has them.

use std::sync::Arc;

use leptos::config::LeptosOptions;
use leptos::hydration::AutoReload;
use leptos::nonce::Nonce;
use leptos::prelude::*;

use super::shown_again::{ANNOUNCE, WATCH};
use crate::islands::SITE_NAME;
use crate::islands::item_result::FORM;

/// The script of one page, and what its content security policy must allow for it.
#[derive(Clone, Debug)]
pub struct Scripts {
    /// Allows the page's own scripts to run, under the page's content security policy.
    pub nonce: Nonce,
    /// The page's own script.
    pub script: Arc<str>,
    /// Whether the script loads islands.
    pub loads_islands: bool,
    /// Whether a script of the page sends requests to the site.
    pub sends_requests: bool,
    /// The port on which `cargo leptos watch` tells the page to load anew.
    pub live_reload_port: Option<u16>,
}

/// Which script a page has besides that of the islands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageOf {
    /// A page about a user: it must not be shown again after the session has ended.
    User,
    /// A page that says nothing of a user.
    Nobody,
    /// The page on which a sign-out ends, shown to nobody: it tells other tabs.
    SignOut,
}

/// The scripts of all pages, prepared once.
#[derive(Clone, Debug)]
pub struct PageScripts {
    of_user: Arc<str>,
    of_nobody: Arc<str>,
    of_sign_out: Arc<str>,
    loads_islands: bool,
    live_reload_port: Option<u16>,
}

impl PageScripts {
    /// The scripts of pages with islands, which this script ([`load_islands`]) loads.
    pub fn with_islands(loader: &str) -> Self {
        Self { loads_islands: true, ..Self::before(loader) }
    }

    /// The scripts of pages without islands.
    pub fn without_islands() -> Self {
        Self::before("")
    }

    fn before(loader: &str) -> Self {
        Self {
            of_user: [WATCH.as_str(), loader].concat().into(),
            of_nobody: loader.into(),
            of_sign_out: [ANNOUNCE.as_str(), loader].concat().into(),
            loads_islands: false,
            live_reload_port: None,
        }
    }

    /// The same, for pages that `cargo leptos watch` tells on this port to load anew.
    pub fn with_live_reload(self, port: Option<u16>) -> Self {
        Self { live_reload_port: port, ..self }
    }

    /// The script of one page, with a nonce of its own; `None` where it has nothing to do.
    pub fn of(&self, page: PageOf) -> Option<Scripts> {
        let script = match page {
            PageOf::User => &self.of_user,
            PageOf::Nobody => &self.of_nobody,
            PageOf::SignOut => &self.of_sign_out,
        };
        (!script.is_empty()).then(|| Scripts {
            nonce: Nonce::new(),
            script: Arc::clone(script),
            loads_islands: self.loads_islands,
            sends_requests: self.loads_islands,
            live_reload_port: self.live_reload_port,
        })
    }
}

impl Scripts {
    /// The same for a page with a further script, which sends requests to the site.
    pub fn with_requests(self) -> Self {
        Self { sends_requests: true, ..self }
    }
}

#[component]
pub(super) fn PageScript(scripts: Scripts) -> impl IntoView {
    let Scripts { nonce, script, live_reload_port, .. } = scripts;
    // `AutoReload` looks for the nonce in context.
    provide_context(nonce.clone());
    view! {
        <script nonce=nonce>{script}</script>
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
