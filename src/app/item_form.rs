//! The form that looks an item up, on every page that has one.
//!
//! It works without JavaScript; the island `ItemLookup` takes it over. It checks nothing beyond "required": only
//! `api::item_id`, on the server, decides what an item id is.

use leptos::prelude::*;

use super::links;
use crate::api::item_id::ItemIdError;
use crate::islands::ItemLookup;
use crate::islands::item_result::{FIELD_ERROR, FORM, ITEM_ID, Q};

/// The element with the hint at the id's field.
const ITEM_ID_HINT: &str = "item_id-hint";

/// Looks up an item by its id, with an optional query.
#[component]
pub(super) fn ItemForm(
    /// The value of the id's field.
    #[prop(optional)]
    item_id: String,
    /// The value of the query's field.
    #[prop(optional_no_strip)]
    q: Option<String>,
    /// What is wrong with the id.
    #[prop(optional_no_strip)]
    error: Option<ItemIdError>,
) -> impl IntoView {
    view! {
        <form class="item-form" id=FORM method="get" action=links::ITEMS>
            <ItemIdField value=item_id error=error.map(ItemIdError::explanation)/>
            <QueryField value=q/>
            <button>"Show item"</button>
        </form>
        <ItemLookup/>
    }
}

#[component]
fn ItemIdField(value: String, error: Option<&'static str>) -> impl IntoView {
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
