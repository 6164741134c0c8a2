//! A button that copies a text, for the island `CopyButtons` to make work.
//!
//! The style sheet shows it once the island says that the browser can copy; its place is kept free from the start, so
//! that nothing moves.

use leptos::prelude::*;

use crate::islands::copy_buttons::LABEL;

/// Copies a text; of a path of this site the whole address.
#[component]
pub(super) fn CopyButton(
    /// What to copy.
    text: &'static str,
) -> impl IntoView {
    view! {
        <button type="button" class="quiet copy" data-copy=text aria-live="polite">{LABEL}</button>
    }
}
