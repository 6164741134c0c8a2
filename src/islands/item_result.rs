//! The result of looking an item up, in the browser: read from the server function's JSON, and shown where the server's
//! page shows it. The request is made in `item_lookup`; the elements are rendered by the server, hidden until needed.

use js_sys::{JSON, Reflect};
use leptos::prelude::document;
use wasm_bindgen::JsValue;

use super::SITE_NAME;
use super::document::{element, mark, set_shown, write};
use super::fetch::Fetched;
use crate::api::item_id::ItemIdError;

/// The form.
pub const FORM: &str = "item-form";
/// The field of the id, to which an error links.
pub const ITEM_ID: &str = "item_id";
/// The field of the query.
pub const Q: &str = "q";
/// The error at the field.
pub const FIELD_ERROR: &str = "item_id-error";
/// The heading of a page with the form, which becomes the result's.
pub const HEADING: &str = "item-title";
/// The item.
pub const RESULT: &str = "item-result";
/// Its number.
pub const RESULT_ID: &str = "item-result-id";
/// Its query.
pub const RESULT_Q: &str = "item-result-q";
/// Shown in place of a query without text.
pub const RESULT_NO_Q: &str = "item-result-no-q";
/// The link to the item as JSON.
pub const RESULT_JSON: &str = "item-result-json";
/// The problem.
pub const ERROR: &str = "item-error";
/// What to do about it.
pub const ERROR_TEXT: &str = "item-error-text";
/// The line that repeats what was entered.
pub const ERROR_INPUT_LINE: &str = "item-error-input-line";
/// What was entered.
pub const ERROR_INPUT: &str = "item-error-input";

const UNREACHABLE: &str = "The site could not be reached. Check your connection and try again.";
const UNREADABLE: &str = "Something went wrong here. Please try again shortly.";
/// The heading of a page whose id is none.
pub const NOT_AN_ITEM: &str = "Not an item ID";
/// The beginning of every item in the server function's JSON.
const BEGINNING: &str = r#"{"item_id":"#;

/// How a lookup ended.
pub(super) enum Outcome {
    /// The item. Its number stays text: a JavaScript number would round a large one.
    Found(String),
    /// The id is not usable.
    Invalid(ItemIdError),
    /// The session has ended.
    NoSession,
    /// There was no usable response; the sentence says what to do.
    Failed(&'static str),
}

impl Outcome {
    pub(super) fn of(fetched: Result<Fetched, JsValue>) -> Self {
        let Ok(Fetched { status, text }) = fetched else { return Self::Failed(UNREACHABLE) };
        let outcome = match status {
            200 => digits_of(&text).map(Self::Found),
            401 => Some(Self::NoSession),
            422 => reason(&text).map(Self::Invalid),
            _ => None,
        };
        outcome.unwrap_or(Self::Failed(UNREADABLE))
    }

    /// Whether another request would have the same outcome.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Found(_) | Self::Invalid(_))
    }

    /// Changes the page to what the item's own page shows.
    pub(super) fn show(&self, item_id: &str, q: &str, json: &str) {
        let (found, invalid, text) = match self {
            Self::Found(digits) => (Some(digits.as_str()), None, None),
            Self::Invalid(reason) => (None, Some(reason.explanation()), Some(reason.instruction())),
            Self::NoSession => return,
            Self::Failed(sentence) => (None, None, Some(*sentence)),
        };
        if let Some(digits) = found {
            name_page("", &["Item ", digits].concat());
            write(RESULT_ID, found);
            write(RESULT_Q, Some(q).filter(|q| !q.is_empty()));
            write(RESULT_NO_Q, Some("empty").filter(|_| q.is_empty()));
            mark(element(RESULT_JSON), "href", Some(json));
        }
        if invalid.is_some() {
            name_page("Error: ", NOT_AN_ITEM);
        }
        write(FIELD_ERROR, invalid);
        mark(element(ITEM_ID), "aria-invalid", invalid.map(|_| "true"));
        let input = Some(item_id).filter(|input| invalid.is_some() && !input.is_empty());
        write(ERROR_INPUT, input);
        set_shown(ERROR_INPUT_LINE, input.is_some());
        write(ERROR_TEXT, text);
        set_shown(RESULT, found.is_some());
        set_shown(ERROR, text.is_some());
    }
}

/// Title and heading.
fn name_page(prefix: &str, name: &str) {
    document().set_title(&[prefix, name, " · ", SITE_NAME].concat());
    if let Some(heading) = element(HEADING) {
        heading.set_text_content(Some(name));
    }
}

/// The digits of an item's number. `JSON.parse` would round those above 2^53.
fn digits_of(json: &str) -> Option<String> {
    let number = json.strip_prefix(BEGINNING)?;
    let digits: String = number.chars().take_while(|c| *c == '-' || c.is_ascii_digit()).collect();
    Some(digits).filter(|digits| !digits.is_empty())
}

/// The error that `{"detail":[{"type":…}]}` names.
fn reason(json: &str) -> Option<ItemIdError> {
    let mut names = ["detail", "0", "type"].into_iter();
    let kind = names.try_fold(JSON::parse(json).ok()?, |value, name| Reflect::get(&value, &name.into()).ok())?;
    let kind = kind.as_string()?;
    ItemIdError::ALL.into_iter().find(|reason| reason.kind() == kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::item::Item;
    use crate::api::item_id::ItemId;

    #[test]
    fn every_digit_of_the_server_functions_response_is_read() {
        for item_id in [i64::MIN, -1, 0, 42, i64::MAX] {
            let json = serde_json::to_string(&Item { item_id: ItemId(item_id), q: Some("7".to_owned()) }).unwrap();
            assert_eq!(digits_of(&json), Some(item_id.to_string()));
        }
    }

    #[test]
    fn what_holds_no_number_has_no_digits() {
        for json in ["", "{}", r#"{"item_id":null}"#, r#"{"item_id":"4"}"#, "<html>"] {
            assert_eq!(digits_of(json), None, "{json}");
        }
    }
}
