//! A button that copies a text, by means of the island `CopyButtons`, or of the script of the API docs.
//!
//! The style sheet shows it once either has found that the browser can copy. Its space is kept free from the start,
//! so that nothing moves.

use std::borrow::Cow;

use leptos::prelude::*;

use crate::islands::copy_buttons::LABEL;

/// Copies a text, which its description names: a page has several such buttons. For a path of this site it is the whole address.
#[component]
pub(super) fn CopyButton(
    /// The text to copy.
    #[prop(into)]
    text: Cow<'static, str>,
) -> impl IntoView {
    view! {
        <button type="button" class="quiet copy" data-copy=text.clone() aria-description=text aria-live="polite">
            {LABEL}
        </button>
    }
}
