//! `/`: greets the signed-in person and shows what else there is to try.
//!
//! Leaves out how the name is chosen and the JSON form of this page, which are the API's.

use leptos::prelude::*;

use super::{
    copy_button::CopyButton,
    item_answer::{Answer, ItemAnswer},
    item_form::ItemForm,
    layout::PageTitle,
    links,
};
use crate::islands::CopyButtons;
use crate::islands::item_answer::HEADING;

/// The header that asks for JSON, as one writes it for curl.
const ACCEPT_JSON: &str = "Accept: application/json";

/// What the greeting says; the fields are those of its JSON form.
#[derive(Clone, Debug)]
pub struct GreetingView {
    /// What protects this page.
    pub info: String,
    /// The person's name.
    pub user_info: String,
}

/// The greeting, the item form and the ways to the same data as JSON.
#[component]
pub(super) fn GreetingPage(
    /// What to say.
    greeting: GreetingView,
) -> impl IntoView {
    view! {
        <PageTitle text="Greeting"/>
        <div class="hero">
            <h1 id=HEADING>"Hello, " <bdi>{greeting.user_info}</bdi></h1>
            <p class="badge" id="info">{greeting.info}</p>
        </div>
        <div class="columns">
            <section class="card" aria-labelledby="item-heading">
                <h2 id="item-heading">"Look up an item"</h2>
                <div class="lookup">
                    <ItemForm/>
                    <ItemAnswer answer=Answer::None/>
                </div>
            </section>
            <JsonSection/>
        </div>
    }
    .into_any()
}

#[component]
fn JsonSection() -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="json-heading">
            <h2 id="json-heading">"The same data as JSON"</h2>
            <p>"Your session opens the JSON API too."</p>
            <ul class="requests" role="list">
                <li>
                    <a href=links::GREETING_JSON rel=links::rel(links::GREETING_JSON)>
                        <code>{format!("GET {}", links::GREETING_JSON)}</code>
                    </a>
                    <CopyButton text=links::GREETING_JSON/>
                    <span>"Always JSON, in the browser as well."</span>
                </li>
                <li>
                    <code>{ACCEPT_JSON}</code>
                    <CopyButton text=ACCEPT_JSON/>
                    <span>"With this header, this page and the items answer in JSON."</span>
                </li>
                <li>
                    <a href=links::DOCS rel=links::rel(links::DOCS)>
                        <code>{links::DOCS}</code>
                    </a>
                    <span>"Every route, with a button to try it."</span>
                </li>
            </ul>
            <CopyButtons/>
        </section>
    }
    .into_any()
}
