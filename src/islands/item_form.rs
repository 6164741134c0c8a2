//! The item form in the browser: its answer comes from the server function and takes its place without a reload.
//!
//! The island is the place of the answer; it takes over the page's form, which the server drew and which works without
//! it. The address keeps in step: each answer gets the entry in the browser's history that the form's own page would
//! have had, with the question as its state. Leaves out every check of an id, which is the server's.

use js_sys::{JSON, Reflect};
use leptos::ev;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DocumentFragment, Element, HtmlInputElement, HtmlTemplateElement, UrlSearchParams};

use super::fetch::{self, Fetched};
use crate::api::item::ReadItem;
use crate::paths::ITEMS;

const PLACE: &str = "item-answer";
const FORM: &str = "item-form";
const ITEM_ID: &str = "item_id";
const ITEM_ID_ERROR: &str = "item_id-error";
const Q: &str = "q";
/// The heading that changes with the answer; only an item's own page has it.
const HEADING: &str = "item-title";

const UNREACHABLE: &str = "The site could not be reached. Check your connection and try again.";
const UNREADABLE: &str = "Something went wrong here. Please try again shortly.";

/// Draws nothing: takes over the form of the page, and the place of the answer that the server has drawn.
#[island]
pub fn ItemAnswer() -> impl IntoView {
    Effect::new(move |_| Lookup { latest: StoredValue::new(0) }.take_over_form());
}

/// What came of a question.
enum Answer {
    /// The item. Its number stays text: a JavaScript number would round a large one.
    Found { item_id: String },
    /// The id is none; the text says why.
    Invalid(String),
    /// There was no usable answer; a sentence says what to do.
    Failed(&'static str),
}

/// What the form asks, as a query string: `item_id=420&q=x`.
#[derive(Clone, PartialEq)]
struct Question(String);

impl Question {
    fn of_form() -> Self {
        let value = |id| encoded(&field(id).map(|field| field.value()).unwrap_or_default());
        Self(["item_id=", &value(ITEM_ID), "&q=", &value(Q)].concat())
    }

    fn value(&self, name: &str) -> String {
        UrlSearchParams::new_with_str(&self.0).ok().and_then(|values| values.get(name)).unwrap_or_default()
    }

    fn json(&self) -> String {
        [ReadItem::PATH, "?", &self.0].concat()
    }

    /// Where the form leads without this island.
    fn plain(&self) -> String {
        [ITEMS, "?", &self.0].concat()
    }

    /// The page of its own. What browsers take for a folder has none, however it is encoded.
    fn page(&self) -> String {
        let item_id = self.value(ITEM_ID);
        if matches!(item_id.as_str(), "" | "." | "..") {
            return self.plain();
        }
        [ITEMS, "/", &encoded(&item_id), "?q=", &encoded(&self.value(Q))].concat()
    }

    fn put_into_form(&self) {
        for name in [ITEM_ID, Q] {
            if let Some(field) = field(name) {
                field.set_value(&self.value(name));
            }
        }
    }
}

/// Where an answer belongs in the browser's history.
#[derive(Clone, Copy, PartialEq)]
enum Entry {
    New,
    Present,
}

#[derive(Clone, Copy)]
struct Lookup {
    /// Counts the questions, so that only the latest is answered.
    latest: StoredValue<u32>,
}

impl Lookup {
    fn take_over_form(self) {
        let shown = StoredValue::new(address());
        let on_submit = move |event: ev::SubmitEvent| {
            let form = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            if form.is_some_and(|form| form.id() == FORM) {
                event.prevent_default();
                self.ask(Question::of_form(), Entry::New, shown);
            }
        };
        let on_popstate = move |event: ev::PopStateEvent| {
            // A link within the page, such as the skip link, comes here too.
            if address() == shown.get_value() {
                return;
            }
            match event.state().as_string() {
                Some(question) => {
                    let question = Question(question);
                    question.put_into_form();
                    self.ask(question, Entry::Present, shown);
                }
                None => drop(window().location().reload()),
            }
        };
        let _ = window_event_listener(ev::submit, on_submit);
        let _ = window_event_listener(ev::popstate, on_popstate);
    }

    fn ask(self, question: Question, entry: Entry, shown: StoredValue<String>) {
        let turn = self.latest.get_value().wrapping_add(1);
        self.latest.set_value(turn);
        set_busy(true);
        spawn_local(async move {
            let fetched = fetch::get(&question.json()).await;
            if self.latest.get_value() != turn {
                return;
            }
            set_busy(false);
            if matches!(fetched, Ok(Fetched { status: 401, .. })) {
                let _ = window().location().assign(&question.plain());
                return;
            }
            let answer = fetched.map_or(Answer::Failed(UNREACHABLE), |fetched| read(&fetched));
            if entry == Entry::New && !matches!(answer, Answer::Failed(_)) {
                push(&question, &shown.get_value());
            }
            shown.set_value(address());
            show(&answer, &question);
        });
    }
}

fn show(answer: &Answer, question: &Question) {
    let title = match answer {
        Answer::Found { item_id } => Some(["Item ", item_id].concat()),
        Answer::Invalid(_) => Some("Not an item ID".to_owned()),
        Answer::Failed(_) => None,
    };
    if let Some(title) = title {
        name_page(&title, matches!(answer, Answer::Invalid(_)));
    }
    mark_field(answer);
    let drawn = match answer {
        Answer::Found { item_id } => draw_item(item_id, question),
        Answer::Invalid(message) => draw_error(message, &question.value(ITEM_ID)),
        Answer::Failed(sentence) => draw_error(sentence, ""),
    };
    if let (Some(place), Some(drawn)) = (document().get_element_by_id(PLACE), drawn) {
        place.replace_children_with_node_1(&drawn);
    }
}

fn draw_item(item_id: &str, question: &Question) -> Option<DocumentFragment> {
    let card = template("item-found-template")?;
    let q = question.value(Q);
    write(&card, "#item-result-id", item_id);
    write(&card, "bdi", &q);
    remove(&card, if q.is_empty() { "bdi" } else { "em" });
    let link = card.query_selector("a").ok().flatten();
    link.map(|link| link.set_attribute("href", &question.json()));
    Some(card)
}

fn draw_error(message: &str, input: &str) -> Option<DocumentFragment> {
    let summary = template("item-error-template")?;
    write(&summary, "a", message);
    write(&summary, "bdi", input);
    if input.is_empty() {
        remove(&summary, "p + p");
    }
    Some(summary)
}

fn template(id: &str) -> Option<DocumentFragment> {
    let template: HtmlTemplateElement = document().get_element_by_id(id)?.dyn_into().ok()?;
    template.content().clone_node_with_deep(true).ok()?.dyn_into().ok()
}

fn write(fragment: &DocumentFragment, selector: &str, text: &str) {
    if let Ok(Some(element)) = fragment.query_selector(selector) {
        element.set_text_content(Some(text));
    }
}

fn remove(fragment: &DocumentFragment, selector: &str) {
    if let Ok(Some(element)) = fragment.query_selector(selector) {
        element.remove();
    }
}

fn encoded(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

fn read(fetched: &Fetched) -> Answer {
    match fetched.status {
        200 => digits_of(&fetched.text, ITEM_ID).map(|item_id| Answer::Found { item_id: item_id.to_owned() }),
        422 => complaint(&fetched.text).map(Answer::Invalid),
        _ => None,
    }
    .unwrap_or(Answer::Failed(UNREADABLE))
}

/// The sentence in `{"detail":[{"msg":…}]}`.
fn complaint(text: &str) -> Option<String> {
    let detail = member(&JSON::parse(text).ok()?, "detail")?;
    member(&member(&detail, "0")?, "msg")?.as_string()
}

fn member(value: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(value, &name.into()).ok()
}

/// The digits of a number in a flat JSON object. `JSON.parse` would round those above 2^53.
fn digits_of<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = json.split_once(&["\"", name, "\":"].concat())?;
    let value = value.trim_start();
    let end = value.find(|c: char| c != '-' && !c.is_ascii_digit()).unwrap_or(value.len());
    value.get(..end).filter(|digits| !digits.is_empty())
}

/// One entry for each question: asking the same again adds none.
fn push(question: &Question, shown: &str) {
    let page = question.page();
    if let (Ok(history), true) = (window().history(), page != shown) {
        let _ = history.push_state_with_url(&question.0.as_str().into(), "", Some(&page));
    }
}

/// Path and query of the page, without what stands behind `#`.
fn address() -> String {
    let location = window().location();
    [location.pathname().unwrap_or_default(), location.search().unwrap_or_default()].concat()
}

/// Title and heading; the title keeps the site's name at its end.
fn name_page(name: &str, is_error: bool) {
    let document = document();
    let title = document.title();
    let site = title.rsplit_once(" · ").map_or(title.as_str(), |(_, site)| site);
    let error = if is_error { "Error: " } else { "" };
    document.set_title(&[error, name, " · ", site].concat());
    //X { "Error: " } else { "" }, name, " · ", site].concat());
    if let Some(heading) = document.get_element_by_id(HEADING) {
        heading.set_text_content(Some(name));
    }
}

/// Says at the field what is wrong with it, as the server's page does.
fn mark_field(answer: &Answer) {
    let message = match answer {
        Answer::Invalid(message) => Some(message.as_str()),
        _ => None,
    };
    if let Some(error) = document().get_element_by_id(ITEM_ID_ERROR) {
        error.set_text_content(message);
        let _ = error.toggle_attribute_with_force("hidden", message.is_none());
    }
    if let Some(field) = field(ITEM_ID) {
        let _ = match message {
            Some(_) => field.set_attribute("aria-invalid", "true"),
            None => field.remove_attribute("aria-invalid"),
        };
    }
}

fn set_busy(busy: bool) {
    if let Some(form) = document().get_element_by_id(FORM) {
        let _ = form.set_attribute("aria-busy", if busy { "true" } else { "false" });
    }
}

fn field(id: &str) -> Option<HtmlInputElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_id_keeps_every_digit() {
        for digits in ["9223372036854775807", "-9223372036854775808", "0"] {
            let json = format!(r#"{{"item_id":{digits},"q":null}}"#);
            assert_eq!(digits_of(&json, ITEM_ID), Some(digits));
        }
        assert_eq!(digits_of(r#"{"item_id": 42}"#, ITEM_ID), Some("42"));
    }

    #[test]
    fn what_holds_no_number_has_no_digits() {
        for json in ["", "{}", r#"{"item_id":null}"#, r#"{"item_id":"4"}"#, "<html>"] {
            assert_eq!(digits_of(json, ITEM_ID), None, "{json}");
        }
    }
}
