//! The theme switch: light, dark, or as the system has it.
//!
//! Without JavaScript its buttons send a form, and the server sets the cookie and draws the page anew; in the browser
//! the page changes at once and the cookie is set by the same route. Leaves out the colors, which are the style sheet's.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::fetch;
use crate::paths::THEME;

/// The attribute of `<html>` that the style sheet reads.
const ATTRIBUTE: &str = "data-theme";

/// What a person chose; nothing chosen is [`Theme::System`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// As forms and the cookie write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// The value of `data-theme`; a page that follows the system has none.
    pub fn attribute(self) -> Option<&'static str> {
        (self != Self::System).then_some(self.name())
    }

    fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

/// The field that says where the form leads back to.
pub const RETURN_TO: &str = "return_to";

/// Path and query of the page, to come back to; in context on the server.
#[derive(Clone, Debug)]
pub struct Place(pub String);

/// Three buttons.
#[island]
pub fn ThemeSwitch() -> impl IntoView {
    // In the browser the field keeps what the server wrote.
    let place = use_context::<Place>().map(|Place(place)| place);
    let chosen = RwSignal::new(use_context::<Theme>().unwrap_or_else(drawn_theme));
    let button = move |theme: Theme| {
        view! {
            <button
                type="submit"
                name="theme"
                value=theme.name()
                aria-pressed=move || if chosen.get() == theme { "true" } else { "false" }
                on:click=move |event| choose(&event, theme, chosen)
            >
                {theme.label()}
            </button>
        }
    };
    view! {
        <form class="theme-switch" id="theme" method="post" action=THEME aria-label="Theme">
            <input type="hidden" name=RETURN_TO value=place/>
            {Theme::ALL.map(button)}
        </form>
    }
}

/// In the browser the server's page says which theme it was drawn in.
fn drawn_theme() -> Theme {
    let root = document().document_element();
    root.and_then(|root| Theme::named(&root.get_attribute(ATTRIBUTE)?)).unwrap_or(Theme::System)
}

fn choose(event: &MouseEvent, theme: Theme, chosen: RwSignal<Theme>) {
    event.prevent_default();
    chosen.set(theme);
    if let Some(root) = document().document_element() {
        let _ = match theme.attribute() {
            Some(name) => root.set_attribute(ATTRIBUTE, name),
            None => root.remove_attribute(ATTRIBUTE),
        };
    }
    // Without an answer the choice holds for this page; there is nothing a person could do about it.
    spawn_local(async move {
        let _ = fetch::post(THEME, &["theme=", theme.name()].concat()).await;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_none() {
        for theme in Theme::ALL {
            assert_eq!(Theme::named(theme.name()), Some(theme));
        }
        assert_eq!(Theme::named("Dark"), None);
        assert_eq!(Theme::named(""), None);
    }

    #[test]
    fn only_a_choice_against_the_system_marks_the_page() {
        assert_eq!(Theme::ALL.map(Theme::attribute), [None, Some("light"), Some("dark")]);
    }
}
