//! An item's answer in the browser: read from the server function's JSON, and shown where the server's page has it.
//! It asks nothing (`item_lookup`), and draws nothing: it fills in and uncovers what the page has for either outcome.

use js_sys::{JSON, Reflect};
use leptos::prelude::document;
use wasm_bindgen::JsValue;

use super::SITE_NAME;
use super::document::{element, mark, set_shown, write};
use super::fetch::Fetched;

/// The form.
pub const FORM: &str = "item-form";
/// The field of the id; what an error leads to.
pub const ITEM_ID: &str = "item_id";
/// The field of the query.
pub const Q: &str = "q";
/// Says at the field what is wrong with it.
pub const FIELD_ERROR: &str = "item_id-error";
/// The heading of a page with the form, which becomes the answer's.
pub const HEADING: &str = "item-title";
/// The item.
pub const RESULT: &str = "item-result";
/// Its number.
pub const RESULT_ID: &str = "item-result-id";
/// Its query.
pub const RESULT_Q: &str = "item-result-q";
/// Stands in for a query without text.
pub const RESULT_NO_Q: &str = "item-result-no-q";
/// The link to the item as JSON.
pub const RESULT_JSON: &str = "item-result-json";
/// What is wrong.
pub const ERROR: &str = "item-error";
/// The sentence that says so.
pub const ERROR_TEXT: &str = "item-error-text";
/// The line about what was asked for.
pub const ERROR_ASKED: &str = "item-error-asked";
/// What was asked for.
pub const ERROR_INPUT: &str = "item-error-input";

const UNREACHABLE: &str = "The site could not be reached. Check your connection and try again.";
const UNREADABLE: &str = "Something went wrong here. Please try again shortly.";
/// How the server function begins every item.
const BEGINNING: &str = r#"{"item_id":"#;

/// What came of a question.
pub(super) enum Answer {
    /// The item. Its number stays text: a JavaScript number would round a large one.
    Found(String),
    /// The id is none; the text says why.
    Invalid(String),
    /// The session has ended.
    NoSession,
    /// There was no usable answer; a sentence says what to do.
    Failed(&'static str),
}

impl Answer {
    pub(super) fn of(fetched: Result<Fetched, JsValue>) -> Self {
        let Ok(Fetched { status, text }) = fetched else { return Self::Failed(UNREACHABLE) };
        let answer = match status {
            200 => digits_of(&text).map(Self::Found),
            401 => Some(Self::NoSession),
            422 => complaint(&text).map(Self::Invalid),
            _ => None,
        };
        answer.unwrap_or(Self::Failed(UNREADABLE))
    }

    /// Whether asking again would give the same.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Found(_) | Self::Invalid(_))
    }

    /// Makes the page say what the item's own page would say.
    pub(super) fn show(&self, item_id: &str, q: &str, json: &str) {
        let (found, invalid, wrong) = match self {
            Self::Found(digits) => (Some(digits.as_str()), None, None),
            Self::Invalid(message) => (None, Some(message.as_str()), Some(message.as_str())),
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
            name_page("Error: ", "Not an item ID");
        }
        write(FIELD_ERROR, invalid);
        mark(element(ITEM_ID), "aria-invalid", invalid.map(|_| "true"));
        let input = Some(item_id).filter(|input| invalid.is_some() && !input.is_empty());
        write(ERROR_INPUT, input);
        set_shown(ERROR_ASKED, input.is_some());
        write(ERROR_TEXT, wrong);
        set_shown(RESULT, found.is_some());
        set_shown(ERROR, wrong.is_some());
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

/// The sentence in `{"detail":[{"msg":…}]}`.
fn complaint(json: &str) -> Option<String> {
    let mut names = ["detail", "0", "msg"].into_iter();
    let sentence = names.try_fold(JSON::parse(json).ok()?, |value, name| Reflect::get(&value, &name.into()).ok())?;
    sentence.as_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::item::Item;
    use crate::api::item_id::ItemId;

    #[test]
    fn every_digit_of_the_server_functions_answer_is_read() {
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
