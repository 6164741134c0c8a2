//! The theme switch in the browser: the page changes at once, and the form's own route sets the cookie.
//! Without it the form loads the page anew. The themes themselves are in `app::theme_form` and the style sheet.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, SubmitEvent};

use super::document::{mark, root};
use super::fetch;
use crate::paths::THEME;

/// The form.
pub const FORM: &str = "theme";
/// Marks the button of the theme that the page has.
pub const PRESSED: &str = "aria-pressed";

/// Takes over the theme form of the page.
#[island]
pub fn ThemeSwitch() -> impl IntoView {
    let _ = window_event_listener_untyped("submit", on_submit);
}

fn on_submit(event: Event) {
    let form = event.target().map(JsCast::unchecked_into::<Element>).filter(|form| form.id() == FORM);
    let pressed = event.unchecked_ref::<SubmitEvent>().submitter();
    let (Some(form), Some(pressed)) = (form, pressed) else { return };
    event.prevent_default();
    let theme = pressed.get_attribute("value").unwrap_or_default();
    mark(root(), "data-theme", Some(&theme));
    mark(form.query_selector(["[", PRESSED, "=true]"].concat().as_str()).ok().flatten(), PRESSED, Some("false"));
    mark(Some(pressed.into()), PRESSED, Some("true"));
    // Without a response the choice holds for this page; there is nothing that the user could do about it.
    spawn_local(async move { drop(fetch::post(THEME, &["theme=", &theme].concat()).await) });
}
