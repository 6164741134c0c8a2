//! `/items/{item_id}`: shows one item, or says why there is none.
//! The id is read by `api::item_id`, for page, JSON and server function alike.

use leptos::prelude::*;

use super::{
    document::{PageContext, document},
    item_form::ItemForm,
    item_result::ItemResult,
};
use crate::api::item::{InvalidItem, Item};
use crate::islands::item_result::{HEADING, NOT_AN_ITEM};

/// Renders the item, or the reason why there is none, and the form to request another.
pub fn item_page(context: &PageContext, found: &Result<Item, InvalidItem>) -> String {
    let (title, heading) = match found {
        Ok(item) => (format!("Item {}", item.item_id), format!("Item {}", item.item_id)),
        Err(_) => (format!("Error: {NOT_AN_ITEM}"), NOT_AN_ITEM.to_owned()),
    };
    let (item_id, q, error) = match found {
        Ok(item) => (item.item_id.to_string(), item.q.clone(), None),
        Err(invalid) => (invalid.item_id.clone().unwrap_or_default(), invalid.q.clone(), Some(invalid.reason)),
    };
    let result = found.clone();
    document(context, &title, || {
        view! {
            <h1 id=HEADING>{heading}</h1>
            <div class="columns">
                <ItemResult result=result/>
                <section class="card" aria-labelledby="item-heading">
                    <h2 id="item-heading">"Look up another item"</h2>
                    <ItemForm item_id q error/>
                </section>
            </div>
        }
    })
}
