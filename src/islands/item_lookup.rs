//! The item form in the browser: the result comes from the server function and appears without a reload.
//!
//! The server renders the form, which works without this, and the elements of the result. The address follows: each
//! lookup gets the entry in the browser's history that its own page would have had, with the lookup as its state.
//! Responses are read and shown in `item_result`; ids are checked by the server alone.

use std::cell::{Cell, RefCell};

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, PopStateEvent};

use super::document::{address, element, mark, set_value, value};
use super::fetch;
use super::item_result::{FORM, ITEM_ID, Outcome, Q};
use crate::api::item::ReadItem;
use crate::paths::ITEMS;

thread_local! {
    /// The number of lookups, so that only the latest is shown.
    static LATEST: Cell<u32> = const { Cell::new(0) };
    /// The address whose content the page shows.
    static SHOWN: RefCell<String> = const { RefCell::new(String::new()) };
    /// Whether the latest lookup is for an entry of the browser's history and still under way.
    static IS_RETURNING: Cell<bool> = const { Cell::new(false) };
}

/// Takes over the item form of the page.
#[island]
pub fn ItemLookup() -> impl IntoView {
    if is_browser() {
        SHOWN.set(address());
    }
    let _ = window_event_listener_untyped("submit", on_submit);
    let _ = window_event_listener_untyped("popstate", on_popstate);
}

fn on_submit(event: Event) {
    let form = event.target().map(JsCast::unchecked_into::<Element>);
    if form.is_some_and(|form| form.id() == FORM) {
        event.prevent_default();
        Lookup { item_id: value(ITEM_ID), q: value(Q) }.send(true);
    }
}

fn on_popstate(event: Event) {
    let state = event.unchecked_into::<PopStateEvent>().state().as_string();
    let lookup = state.as_deref().and_then(Lookup::of_state);
    // A link within the page, such as the skip link, comes here too.
    if SHOWN.with_borrow(|shown| *shown == address()) {
        // The user came back before the lookup of another entry had a result.
        if let (Some(lookup), true) = (lookup, IS_RETURNING.take()) {
            lookup.fill_form();
            mark(element(FORM), "aria-busy", None);
        }
        return;
    }
    match lookup {
        Some(lookup) => {
            lookup.fill_form();
            lookup.send(false);
        }
        None => drop(window().location().reload()),
    }
}

/// The values of the form.
struct Lookup {
    item_id: String,
    q: String,
}

impl Lookup {
    fn query(&self) -> String {
        ["?item_id=", &encoded(&self.item_id), "&q=", &encoded(&self.q)].concat()
    }

    /// The address of the item's page. An id that browsers take for a folder has none, however it is encoded.
    fn page(&self) -> String {
        match self.item_id.as_str() {
            "" | "." | ".." => [ITEMS, &self.query()].concat(),
            item_id => [ITEMS, "/", &encoded(item_id), "?q=", &encoded(&self.q)].concat(),
        }
    }

    /// The state of its entry in the browser's history. A field of one line holds no line break.
    fn state(&self) -> String {
        [self.item_id.as_str(), "\n", &self.q].concat()
    }

    fn of_state(state: &str) -> Option<Self> {
        let (item_id, q) = state.split_once('\n')?;
        Some(Self { item_id: item_id.to_owned(), q: q.to_owned() })
    }

    fn fill_form(&self) {
        set_value(ITEM_ID, &self.item_id);
        set_value(Q, &self.q);
    }

    /// Requests the server function and shows the result; a new lookup gets an entry in the history.
    fn send(self, is_new: bool) {
        let number = LATEST.get().wrapping_add(1);
        LATEST.set(number);
        IS_RETURNING.set(!is_new);
        // The result of a lookup from the history belongs to the address of its entry.
        let address_of_entry = (!is_new).then(address);
        mark(element(FORM), "aria-busy", Some("true"));
        spawn_local(async move {
            let json = [ReadItem::PATH, &self.query()].concat();
            let fetched = fetch::get(&json).await;
            if LATEST.get() != number || address_of_entry.is_some_and(|entry| entry != address()) {
                return;
            }
            IS_RETURNING.set(false);
            mark(element(FORM), "aria-busy", None);
            match Outcome::of(fetched) {
                // Without a session the form's own address leads to sign-in, and from there to the result.
                Outcome::NoSession => drop(window().location().assign(&[ITEMS, &self.query()].concat())),
                outcome => {
                    if is_new && outcome.is_final() {
                        self.enter_history();
                    }
                    SHOWN.set(address());
                    outcome.show(&self.item_id, &self.q, &json);
                }
            }
        });
    }

    /// Adds an entry for the lookup, unless it is the present one.
    fn enter_history(&self) {
        let page = self.page();
        if let (Ok(history), true) = (window().history(), page != address()) {
            let _ = history.push_state_with_url(&self.state().into(), "", Some(&page));
        }
    }
}

fn encoded(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lookup_is_read_back_from_the_history() {
        for (item_id, q) in [("420", "x y"), ("", ""), ("é", "")] {
            let lookup = Lookup { item_id: item_id.to_owned(), q: q.to_owned() };
            let again = Lookup::of_state(&lookup.state()).unwrap();
            assert_eq!((again.item_id.as_str(), again.q.as_str()), (item_id, q));
        }
        assert!(Lookup::of_state("").is_none());
    }
}
