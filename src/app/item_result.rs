//! The result of looking an item up: the item, or the reason why there is none.
//!
//! Both are always rendered. The one that does not apply is hidden; before a lookup both are. The island `ItemLookup`
//! fills in the one that it then shows.

use leptos::prelude::*;

use super::links;
use crate::api::item::{InvalidItem, Item};
use crate::islands::item_result::{
    ERROR, ERROR_INPUT, ERROR_INPUT_LINE, ERROR_TEXT, ITEM_ID, RESULT, RESULT_ID, RESULT_JSON, RESULT_NO_Q, RESULT_Q,
};

/// Screen readers read changes in it aloud.
#[component]
pub(super) fn ItemResult(
    /// The result; absent before anything was looked up.
    #[prop(optional)]
    result: Option<Result<Item, InvalidItem>>,
) -> impl IntoView {
    let (item, invalid) = match result {
        None => (None, None),
        Some(Ok(item)) => (Some(item), None),
        Some(Err(invalid)) => (None, Some(invalid)),
    };
    view! {
        <div class="item-result" aria-live="polite">
            <FoundItem item/>
            <InvalidId invalid/>
        </div>
    }
}

#[component]
fn FoundItem(item: Option<Item>) -> impl IntoView {
    let hidden = item.is_none();
    let json = item.as_ref().map(|item| links::item_json(item.item_id, item.q.as_deref()));
    let (item_id, q) = item.map(|item| (item.item_id.to_string(), item.q)).unzip();
    view! {
        <section class="card" id=RESULT aria-label="Item" hidden=hidden>
            <dl class="facts">
                <div>
                    <dt>"Item ID"</dt>
                    <dd><code id=RESULT_ID>{item_id}</code></dd>
                </div>
                <div>
                    <dt>"Query"</dt>
                    <dd><Query q=q.flatten()/></dd>
                </div>
            </dl>
            <p><a id=RESULT_JSON href=json>"This item as JSON"</a></p>
        </section>
    }
}

/// Distinguishes a query that was not given from one that was given and is empty.
#[component]
fn Query(q: Option<String>) -> impl IntoView {
    let absence = match q.as_deref() {
        None => Some("not given"),
        Some("") => Some("empty"),
        Some(_) => None,
    };
    let text = q.filter(|q| !q.is_empty());
    let has_text = text.is_some();
    view! {
        <bdi id=RESULT_Q hidden=!has_text>{text}</bdi>
        <em id=RESULT_NO_Q hidden=has_text>{absence}</em>
    }
}

#[component]
fn InvalidId(invalid: Option<InvalidItem>) -> impl IntoView {
    let hidden = invalid.is_none();
    let (input, text) = invalid.map(|invalid| (invalid.item_id, invalid.reason.instruction())).unzip();
    // Leptos 0.8.23 renders an empty text as one space, which would look like an id.
    let input = input.flatten().filter(|input| !input.is_empty());
    let has_no_input = input.is_none();
    view! {
        <div class="error-summary" id=ERROR role="alert" aria-labelledby="item-error-heading" hidden=hidden>
            <h2 id="item-error-heading">"There is a problem"</h2>
            <p><a id=ERROR_TEXT href=format!("#{ITEM_ID}")>{text}</a></p>
            <p id=ERROR_INPUT_LINE hidden=has_no_input>
                "You entered: " <bdi class="quoted" id=ERROR_INPUT>{input}</bdi>
            </p>
        </div>
    }
}
