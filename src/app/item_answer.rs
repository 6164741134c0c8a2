//! The place of an item's answer: the item, or the reason there is none.
//!
//! Both are drawn and one is hidden, or both where nothing was asked yet: the island `ItemLookup` fills in what it then
//! uncovers. Leaves out what the answer is; the page brings it.

use leptos::prelude::*;

use super::links;
use crate::islands::item_answer::{
    ERROR, ERROR_ASKED, ERROR_INPUT, ERROR_TEXT, ITEM_ID, RESULT, RESULT_ID, RESULT_JSON, RESULT_NO_Q, RESULT_Q,
};

/// What came of a question for an item.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// Nothing was asked.
    None,
    /// An item, and the query where one was given.
    Item(i64, Option<String>),
    /// The id as written, and what is wrong with it.
    Invalid(String, String),
}

/// What changes here is read out.
#[component]
pub(super) fn ItemAnswer(answer: Answer) -> impl IntoView {
    let (item, invalid) = match answer {
        Answer::None => (None, None),
        Answer::Item(item_id, q) => (Some((item_id, q)), None),
        Answer::Invalid(input, message) => (None, Some((input, message))),
    };
    view! {
        <div class="item-answer" aria-live="polite">
            <Item item/>
            <InvalidId invalid/>
        </div>
    }
    .into_any()
}

#[component]
fn Item(item: Option<(i64, Option<String>)>) -> impl IntoView {
    let hidden = item.is_none();
    let json = item.as_ref().map(|(item_id, q)| links::item_json(*item_id, q.as_deref()));
    let (item_id, q) = item.map(|(item_id, q)| (item_id.to_string(), q)).unzip();
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
            <p><a id=RESULT_JSON href=json rel=links::rel(links::ITEM_JSON)>"This item as JSON"</a></p>
        </section>
    }
    .into_any()
}

/// Tells a query that was not given from one that was given and is empty.
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
fn InvalidId(invalid: Option<(String, String)>) -> impl IntoView {
    let hidden = invalid.is_none();
    let (input, message) = invalid.unzip();
    // Leptos 0.8.23 draws an empty text as one space, which would look like an id.
    let input = input.filter(|input| !input.is_empty());
    let nothing_asked = input.is_none();
    view! {
        <div class="error-summary" id=ERROR role="alert" aria-labelledby="item-error-heading" hidden=hidden>
            <h2 id="item-error-heading">"There is a problem"</h2>
            <p><a id=ERROR_TEXT href=format!("#{ITEM_ID}")>{message}</a></p>
            <p id=ERROR_ASKED hidden=nothing_asked>
                "You asked for: " <bdi class="quoted" id=ERROR_INPUT>{input}</bdi>
            </p>
        </div>
    }
    .into_any()
}
