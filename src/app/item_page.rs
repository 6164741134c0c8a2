//! `/items/{item_id}`: shows one item, or says why the id in the address is none.
//!
//! Leaves out reading the id, which the API's one parser does for page, JSON and server function alike.

use leptos::prelude::*;

use super::{
    item_answer::{Answer, ItemAnswer},
    item_form::ItemForm,
    layout::PageTitle,
};
use crate::islands::item_answer::HEADING;

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
        Err(_) => ("Error: Not an item ID".to_owned(), "Not an item ID".to_owned()),
    };
    let answer = match outcome {
        Ok(item_id) => Answer::Item(item_id, q.clone()),
        Err(message) => Answer::Invalid(item_id_input.clone(), message),
    };
    view! {
        <PageTitle text=title/>
        <h1 id=HEADING>{heading}</h1>
        <div class="columns">
            <ItemAnswer answer/>
            <section class="card" aria-labelledby="item-heading">
                <h2 id="item-heading">"Look up another item"</h2>
                <ItemForm item_id=item_id_input q error/>
            </section>
        </div>
    }
    .into_any()
}
