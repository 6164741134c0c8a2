//! `/items/{item_id}`: shows one item, or says why the id in the address is none.
//!
//! Leaves out reading the id, which the API's one parser does for page, JSON and server function alike.

use leptos::prelude::*;

use super::{
    item_form::{ITEM_ID_FIELD, ItemForm},
    layout::PageTitle,
    links,
};
use crate::islands::ItemAnswer;

/// An item as asked for, and what came of it.
#[derive(Clone, Debug)]
pub struct ItemView {
    /// The id as written in the path, percent-decoded.
    pub item_id_input: String,
    /// The query, where one was given; it may be empty.
    pub q: Option<String>,
    /// The item's id, or what is wrong with `item_id_input`.
    pub outcome: Result<i64, String>,
}

/// The item or the reason there is none, and the form to ask for another.
#[component]
pub(super) fn ItemPage(
    /// What was asked for and found.
    item: ItemView,
) -> impl IntoView {
    let ItemView { item_id_input, q, outcome } = item;
    let error = outcome.as_ref().err().cloned();
    let (title, heading) = match &outcome {
        Ok(item_id) => (format!("Item {item_id}"), format!("Item {item_id}")),
        Err(_) => ("Error: not an item ID".to_owned(), "Not an item ID".to_owned()),
    };
    // Leptos 0.8.23 draws an empty text as one space, which would look like an id.
    let input = Some(item_id_input.clone()).filter(|input| !input.is_empty());
    let answer = match outcome {
        Ok(item_id) => {
            let json = links::item_json(item_id, q.as_deref());
            view! { <Item item_id=item_id.to_string() q=query(q.clone()) json/> }.into_any()
        }
        Err(message) => view! { <InvalidId input message/> }.into_any(),
    };
    view! {
        <PageTitle text=title/>
        <h1 id="item-title">{heading}</h1>
        <div class="columns">
            <div class="item-answer" id="item-answer" aria-live="polite">{answer}</div>
            <AnswerTemplates/>
            <ItemAnswer/>
            <section class="card" aria-labelledby="item-heading">
                <h2 id="item-heading">"Look up another item"</h2>
                <ItemForm item_id=item_id_input q error/>
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn Item(item_id: String, q: AnyView, json: String) -> impl IntoView {
    view! {
        <section class="card" id="item-result" aria-label="Item">
            <dl class="facts">
                <div>
                    <dt>"Item ID"</dt>
                    <dd><code id="item-result-id">{item_id}</code></dd>
                </div>
                <div>
                    <dt>"Query"</dt>
                    <dd id="item-result-q">{q}</dd>
                </div>
            </dl>
            <p><a href=json rel=links::rel(links::ITEM_JSON)>"This item as JSON"</a></p>
        </section>
    }
}

/// Tells a query that was not given from one that was given and is empty.
fn query(q: Option<String>) -> AnyView {
    match q {
        None => view! { <em>"not given"</em> }.into_any(),
        Some(q) if q.is_empty() => view! { <em>"empty"</em> }.into_any(),
        Some(q) => view! { <bdi>{q}</bdi> }.into_any(),
    }
}

#[component]
fn InvalidId(input: Option<String>, message: String) -> impl IntoView {
    view! {
        <div class="error-summary" id="item-error" role="alert" aria-labelledby="item-error-heading">
            <h2 id="item-error-heading">"There is a problem"</h2>
            <p><a href=format!("#{ITEM_ID_FIELD}")>{message}</a></p>
            {input.map(|input| view! { <p>"You asked for: " <bdi class="quoted">{input}</bdi></p> })}
        </div>
    }
}

/// What the island `ItemAnswer` fills in, so that an answer looks the same whoever draws it. Of the two forms that a
/// query has, the island takes away the one that does not apply.
#[component]
pub(super) fn AnswerTemplates() -> impl IntoView {
    let q = view! { <em>"empty"</em> <bdi></bdi> }.into_any();
    view! {
        <template id="item-found-template">
            <Item item_id=String::new() q json=links::ITEM_JSON.to_owned()/>
        </template>
        <template id="item-error-template">
            <InvalidId input=Some(String::new()) message=String::new()/>
        </template>
    }
    .into_any()
}
