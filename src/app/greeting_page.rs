//! `/`: greets the signed-in user and shows what else there is to try.
//! The name is chosen by `auth::User::display_name`.

use std::sync::LazyLock;

use leptos::prelude::*;

use super::{
    copy_button::CopyButton,
    document::{Fixed, PageContext, document, inside, rendered},
    item_form::ItemForm,
    item_result::ItemResult,
    links,
};
use crate::api::greeting::Greeting;
use crate::islands::CopyButtons;
use crate::islands::item_result::HEADING;

/// The header that asks for JSON, as one writes it for curl.
const ACCEPT_JSON: &str = "Accept: application/json";

/// Renders the greeting, the item form and the ways to the same data as JSON and to other pages.
pub fn greeting_page(context: &PageContext, greeting: &Greeting) -> String {
    let Greeting { info, user_info } = greeting.clone();
    document(context, "Greeting", || {
        view! {
            <div class="hero">
                <h1 id=HEADING>"Hello, " <bdi>{user_info}</bdi></h1>
                <p class="badge" id="info">{info}</p>
            </div>
            <div class="columns">{inside(SECTIONS.as_str())}</div>
        }
    })
}

/// What there is to try.
static SECTIONS: Fixed = LazyLock::new(|| {
    rendered(view! {
        <section class="card" aria-labelledby="item-heading">
            <h2 id="item-heading">"Look up an item"</h2>
            <div class="lookup">
                <ItemForm/>
                <ItemResult/>
            </div>
        </section>
        <MoreSection/>
    })
});

#[component]
fn MoreSection() -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="more-heading">
            <h2 id="more-heading">"More to try"</h2>
            <p>"Your session opens the JSON API too."</p>
            <ul class="requests" role="list">
                <li>
                    <a href=links::GREETING_JSON>
                        <code>{format!("GET {}", links::GREETING_JSON)}</code>
                    </a>
                    <CopyButton text=links::GREETING_JSON/>
                    <span>"Always JSON, in the browser as well."</span>
                </li>
                <li>
                    <code>{ACCEPT_JSON}</code>
                    <CopyButton text=ACCEPT_JSON/>
                    <span>"With this header, this page and the items respond with JSON."</span>
                </li>
                <li>
                    <a href=links::MEMBERS>
                        <code>{links::MEMBERS}</code>
                    </a>
                    <span>"Your organization, only with the permission " <code>"read:members"</code> "."</span>
                </li>
                <li>
                    <a href=links::DOCS>
                        <code>{links::DOCS}</code>
                    </a>
                    <span>"Every route, with a button to try it."</span>
                </li>
            </ul>
            <CopyButtons/>
        </section>
    }
}
