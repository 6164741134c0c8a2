//! The form that asks for an item, on every page that has one.
//!
//! In the browser the island `ItemAnswer` takes it over. Leaves out what the answer looks like, and any check of its own beyond "required": one parser, on the server, says
//! what an item id is.

use leptos::prelude::*;

use super::links;

/// The field that an error summary links to.
pub(super) const ITEM_ID_FIELD: &str = "item_id";
/// The text that explains what the field wants.
const ITEM_ID_HINT: &str = "item_id-hint";
/// The text that says what is wrong with the field.
const ITEM_ID_ERROR: &str = "item_id-error";

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
        <form class="item-form" id="item-form" method="get" action=links::ITEMS>
            <ItemIdField value=item_id error/>
            <QueryField value=q/>
            <button type="submit">"Show item"</button>
        </form>
    }
    .into_any()
}

#[component]
fn ItemIdField(value: String, error: Option<String>) -> impl IntoView {
    let invalid = error.is_some();
    view! {
        <div class="field">
            <label for=ITEM_ID_FIELD>"Item ID"</label>
            <p class="hint" id=ITEM_ID_HINT>"A whole number, for example 420"</p>
            <p class="field-error" id=ITEM_ID_ERROR hidden=!invalid>{error}</p>
            <input
                id=ITEM_ID_FIELD
                name=ITEM_ID_FIELD
                type="text"
                inputmode="numeric"
                autocomplete="off"
                dir="auto"
                required
                value=value
                aria-invalid=invalid.then_some("true")
                aria-describedby=format!("{ITEM_ID_ERROR} {ITEM_ID_HINT}")
            />
        </div>
    }
}

#[component]
fn QueryField(value: Option<String>) -> impl IntoView {
    view! {
        <div class="field">
            <label for="q">"Query"</label>
            <p class="hint" id="q-hint">"Optional, any text"</p>
            <input id="q" name="q" type="text" autocomplete="off" dir="auto" value=value aria-describedby="q-hint"/>
        </div>
    }
}
