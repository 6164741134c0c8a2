//! The item form in the browser: its answer comes from the server function and appears without a reload.
//!
//! The server draws the form, which works without this, and the place of the answer. The address keeps in step: each
//! answer gets the entry in the browser's history that the form's own page would have had, with the question as its
//! state. Leaves out how an answer is read and shown, see `item_answer`, and every check of an id, which is the
//! server's.

use std::cell::{Cell, RefCell};

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, PopStateEvent};

use super::document::{address, element, mark, set_value, value};
use super::fetch;
use super::item_answer::{Answer, FORM, ITEM_ID, Q};
use crate::api::item::ReadItem;
use crate::paths::ITEMS;

thread_local! {
    /// Counts the questions, so that only the latest is answered.
    static LATEST: Cell<u32> = const { Cell::new(0) };
    /// The address whose content the page shows.
    static SHOWN: RefCell<String> = const { RefCell::new(String::new()) };
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
        Question { item_id: value(ITEM_ID), q: value(Q) }.ask(true);
    }
}

fn on_popstate(event: Event) {
    // A link within the page, such as the skip link, comes here too.
    if SHOWN.with_borrow(|shown| *shown == address()) {
        return;
    }
    let state = event.unchecked_into::<PopStateEvent>().state().as_string();
    match state.as_deref().and_then(Question::of_state) {
        Some(question) => {
            set_value(ITEM_ID, &question.item_id);
            set_value(Q, &question.q);
            question.ask(false);
        }
        None => drop(window().location().reload()),
    }
}

/// What a person wants to know.
struct Question {
    item_id: String,
    q: String,
}

impl Question {
    fn query(&self) -> String {
        ["?item_id=", &encoded(&self.item_id), "&q=", &encoded(&self.q)].concat()
    }

    /// The page of its own. What browsers take for a folder has none, however it is encoded.
    fn page(&self) -> String {
        match self.item_id.as_str() {
            "" | "." | ".." => [ITEMS, &self.query()].concat(),
            item_id => [ITEMS, "/", &encoded(item_id), "?q=", &encoded(&self.q)].concat(),
        }
    }

    /// As the browser's history keeps it. A field of one line holds no line break.
    fn state(&self) -> String {
        [self.item_id.as_str(), "\n", &self.q].concat()
    }

    fn of_state(state: &str) -> Option<Self> {
        let (item_id, q) = state.split_once('\n')?;
        Some(Self { item_id: item_id.to_owned(), q: q.to_owned() })
    }

    /// Asks the server function and shows what it answers; a new question gets an entry in the history.
    fn ask(self, is_new: bool) {
        let turn = LATEST.get().wrapping_add(1);
        LATEST.set(turn);
        mark(element(FORM), "aria-busy", Some("true"));
        spawn_local(async move {
            let json = [ReadItem::PATH, &self.query()].concat();
            let fetched = fetch::get(&json).await;
            if LATEST.get() != turn {
                return;
            }
            mark(element(FORM), "aria-busy", None);
            match Answer::of(fetched) {
                // Without a session the form's own address leads to sign-in, and from there to the answer.
                Answer::NoSession => drop(window().location().assign(&[ITEMS, &self.query()].concat())),
                answer => {
                    if is_new && answer.is_final() {
                        self.enter_history();
                    }
                    SHOWN.set(address());
                    answer.show(&self.item_id, &self.q, &json);
                }
            }
        });
    }

    /// One entry for each question: asking the same again adds none.
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
    fn a_question_is_read_back_from_the_history() {
        for (item_id, q) in [("420", "x y"), ("", ""), ("é", "")] {
            let question = Question { item_id: item_id.to_owned(), q: q.to_owned() };
            let again = Question::of_state(&question.state()).unwrap();
            assert_eq!((again.item_id.as_str(), again.q.as_str()), (item_id, q));
        }
        assert!(Question::of_state("").is_none());
    }
}
