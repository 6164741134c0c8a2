//! The page that the server rendered, as the islands read and change it: elements by their ids, texts, the address.
//! No element is added or removed: those that an island may show are in the page from the start, hidden.

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

pub(super) fn element(id: &str) -> Option<Element> {
    document().get_element_by_id(id)
}

/// `<html>`, whose attributes the style sheet reads.
pub(super) fn root() -> Option<Element> {
    document().document_element()
}

/// Sets an attribute, or removes it.
pub(super) fn mark(element: Option<Element>, attribute: &str, value: Option<&str>) {
    if let Some(element) = element {
        // Fails only for an invalid attribute name.
        let _ = match value {
            Some(value) => element.set_attribute(attribute, value),
            None => element.remove_attribute(attribute),
        };
    }
}

pub(super) fn set_shown(id: &str, shown: bool) {
    mark(element(id), "hidden", if shown { None } else { Some("") });
}

/// Shows the element with this text, or hides it.
pub(super) fn write(id: &str, text: Option<&str>) {
    if let Some(element) = element(id) {
        element.set_text_content(text);
    }
    set_shown(id, text.is_some());
}

fn field(id: &str) -> Option<HtmlInputElement> {
    Some(element(id)?.unchecked_into())
}

/// The text that the user typed.
pub(super) fn value(id: &str) -> String {
    field(id).map(|field| field.value()).unwrap_or_default()
}

pub(super) fn set_value(id: &str, value: &str) {
    if let Some(field) = field(id) {
        field.set_value(value);
    }
}

/// Path and query of the page, without the fragment.
pub(super) fn address() -> String {
    let location = window().location();
    [location.pathname().unwrap_or_default(), location.search().unwrap_or_default()].concat()
}
