//! A button that copies a text, by means of the island `CopyButtons`.
//!
//! The style sheet shows it once the island has found that the browser can copy. Its space is kept free from the start,
//! so that nothing moves.

use leptos::prelude::*;

use crate::islands::copy_buttons::LABEL;

/// Copies a text, which its description names: a page has several such buttons. For a path of this site it is the whole address.
#[component]
pub(super) fn CopyButton(
    /// The text to copy.
    text: &'static str,
) -> impl IntoView {
    view! {
        <button type="button" class="quiet copy" data-copy=text aria-description=text aria-live="polite">
            {LABEL}
        </button>
    }
}
