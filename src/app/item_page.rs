//! `/items/{item_id}`: shows one item, or says why the id in the address is none.
//!
//! Leaves out reading the id, which the API's one parser does for page, JSON and server function alike.

use leptos::prelude::*;

use super::{
    item_form::{ITEM_ID_FIELD, ItemForm},
    layout::PageTitle,
    links,
};

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
    let error = outcome.clone().err();
    let (title, heading) = match &outcome {
        Ok(item_id) => (format!("Item {item_id}"), format!("Item {item_id}")),
        Err(_) => ("Error: not an item ID".to_owned(), "Not an item ID".to_owned()),
    };
    let answer = match outcome {
        Ok(item_id) => view! { <Item item_id q=q.clone()/> }.into_any(),
        Err(message) => view! { <InvalidId input=item_id_input.clone() message/> }.into_any(),
    };
    view! {
        <PageTitle text=title/>
        <h1>{heading}</h1>
        <div class="columns">
            {answer}
            <section class="card" aria-labelledby="item-heading">
                <h2 id="item-heading">"Look up another item"</h2>
                <ItemForm item_id=item_id_input q error/>
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn Item(item_id: i64, q: Option<String>) -> impl IntoView {
    let json = links::item_json(item_id, q.as_deref());
    view! {
        <section class="card" id="item-result" aria-label="Item">
            <dl class="facts">
                <div>
                    <dt>"Item ID"</dt>
                    <dd><code id="item-result-id">{item_id.to_string()}</code></dd>
                </div>
                <div>
                    <dt>"Query"</dt>
                    <dd id="item-result-q"><Query q/></dd>
                </div>
            </dl>
            <p><a href=json rel=links::rel(links::ITEM_JSON)>"This item as JSON"</a></p>
        </section>
    }
}

/// Tells a query that was not given from one that was given and is empty.
#[component]
fn Query(q: Option<String>) -> impl IntoView {
    match q {
        None => view! { <em>"not given"</em> }.into_any(),
        Some(q) if q.is_empty() => view! { <em>"empty"</em> }.into_any(),
        Some(q) => view! { <bdi>{q}</bdi> }.into_any(),
    }
}

#[component]
fn InvalidId(input: String, message: String) -> impl IntoView {
    // Leptos 0.8.23 draws an empty text as one space, which would look like an id.
    let input = (!input.is_empty()).then_some(input);
    view! {
        <div class="error-summary" id="item-error" role="alert" aria-labelledby="item-error-heading">
            <h2 id="item-error-heading">"There is a problem"</h2>
            <p><a href=format!("#{ITEM_ID_FIELD}")>{message}</a></p>
            {input.map(|input| view! { <p>"You asked for: " <bdi class="quoted">{input}</bdi></p> })}
        </div>
    }
}
