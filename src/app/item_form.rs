//! The form that asks for an item, on every page that has one.
//!
//! Works without JavaScript; the island `ItemLookup` takes it over. Leaves out what the answer looks like, and any
//! check of its own beyond "required": one parser, on the server, says what an item id is.

use leptos::prelude::*;

use super::links;
use crate::islands::ItemLookup;
use crate::islands::item_answer::{FIELD_ERROR, FORM, ITEM_ID, Q};

/// The text that explains what the field wants.
const ITEM_ID_HINT: &str = "item_id-hint";

/// Asks for an item id and an optional query; works without JavaScript.
#[component]
pub(super) fn ItemForm(
    /// What to put into the id field.
    #[prop(optional)]
    item_id: String,
    /// What to put into the query field.
    #[prop(optional_no_strip)]
    q: Option<String>,
    /// What is wrong with the id.
    #[prop(optional_no_strip)]
    error: Option<String>,
) -> impl IntoView {
    view! {
        <form class="item-form" id=FORM method="get" action=links::ITEMS>
            <ItemIdField value=item_id error/>
            <QueryField value=q/>
            <button type="submit">"Show item"</button>
        </form>
        <ItemLookup/>
    }
    .into_any()
}

#[component]
fn ItemIdField(value: String, error: Option<String>) -> impl IntoView {
    let invalid = error.is_some();
    view! {
        <div class="field">
            <label for=ITEM_ID>"Item ID"</label>
            <p class="hint" id=ITEM_ID_HINT>"A whole number, for example 420"</p>
            <p class="field-error" id=FIELD_ERROR hidden=!invalid>{error}</p>
            <input
                id=ITEM_ID
                name=ITEM_ID
                type="text"
                inputmode="numeric"
                autocomplete="off"
                dir="auto"
                required
                value=value
                aria-invalid=invalid.then_some("true")
                aria-describedby=format!("{FIELD_ERROR} {ITEM_ID_HINT}")
            />
        </div>
    }
}

#[component]
fn QueryField(value: Option<String>) -> impl IntoView {
    view! {
        <div class="field">
            <label for=Q>"Query"</label>
            <p class="hint" id="q-hint">"Optional, any text"</p>
            <input id=Q name=Q type="text" autocomplete="off" dir="auto" value=value aria-describedby="q-hint"/>
        </div>
    }
}
