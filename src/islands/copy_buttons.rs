//! Buttons that copy a text, each the one in its `data-copy`.
//! They need the browser's clipboard: without this island they are not shown, and their space stays empty.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, Event};

use super::document::{mark, root};

/// A button's attribute with the text to copy; for a path the whole address is copied.
pub const TEXT: &str = "data-copy";
/// The label of a button.
pub const LABEL: &str = "Copy";
/// How long the label confirms that the text was copied.
const CONFIRMED: Duration = Duration::from_secs(2);

/// Takes over the copy buttons of the page.
#[island]
pub fn CopyButtons() -> impl IntoView {
    // Pages may write to the clipboard on https and on this machine only.
    if is_browser() && window().is_secure_context() {
        mark(root(), "data-can-copy", Some(""));
    }
    let _ = window_event_listener_untyped("click", on_click);
}

fn on_click(event: Event) {
    let button = event.target().map(JsCast::unchecked_into::<Element>);
    if let Some((button, text)) = button.and_then(|button| Some((button.clone(), button.get_attribute(TEXT)?))) {
        spawn_local(copy(button, text));
    }
}

async fn copy(button: Element, text: String) {
    let origin = if text.starts_with('/') { window().location().origin().unwrap_or_default() } else { String::new() };
    let written = window().navigator().clipboard().write_text(&[origin, text].concat());
    if JsFuture::from(written).await.is_ok() {
        button.set_text_content(Some("Copied"));
        set_timeout(move || button.set_text_content(Some(LABEL)), CONFIRMED);
    }
}
