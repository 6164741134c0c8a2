//! A button that copies the text beside it.
//!
//! Without JavaScript it is not shown, and its place stays empty. Leaves out what is copied: the element around it says
//! so in `data-copy`, or has a link whose whole address is meant.

use std::time::Duration;

use leptos::html::Button;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlAnchorElement};

/// How long the button says that it has copied.
const CONFIRMED: Duration = Duration::from_secs(2);

/// Hidden until the browser has woken it, and for good where pages may not write to the clipboard.
#[island]
pub fn CopyButton() -> impl IntoView {
    let button = NodeRef::<Button>::new();
    let (awake, copied) = (RwSignal::new(false), RwSignal::new(false));
    Effect::new(move |_| awake.set(has_clipboard()));
    let copy = move |_| {
        let text = button.get_untracked().and_then(|button| text_beside(&button));
        spawn_local(async move {
            if write(&text.unwrap_or_default()).await.is_ok() {
                copied.set(true);
                set_timeout(move || copied.set(false), CONFIRMED);
            }
        });
    };
    view! {
        <button type="button" class="quiet copy" hidden=move || !awake.get() node_ref=button on:click=copy>
            <span aria-live="polite">{move || if copied.get() { "Copied" } else { "Copy" }}</span>
        </button>
    }
}

/// `navigator.clipboard` is there on https and on this machine only.
fn has_clipboard() -> bool {
    js_sys::Reflect::has(&window().navigator(), &JsValue::from_str("clipboard")).unwrap_or(false)
}

fn text_beside(button: &Element) -> Option<String> {
    let around = button.closest("[data-copy]").ok()??;
    let text = around.get_attribute("data-copy").filter(|text| !text.trim().is_empty());
    text.or_else(|| {
        let link = around.query_selector("a").ok()??;
        Some(link.unchecked_into::<HtmlAnchorElement>().href())
    })
}

async fn write(text: &str) -> Result<JsValue, JsValue> {
    JsFuture::from(window().navigator().clipboard().write_text(text)).await
}
