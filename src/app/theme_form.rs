//! The theme of the pages, and the form in which users choose it.
//!
//! The form works without JavaScript; the island `ThemeSwitch` takes it over. The colors are in the style sheet, the
//! cookie in `server::theme`.

use std::sync::LazyLock;

use leptos::prelude::*;

use super::document::{Fixed, inside, rendered};
use crate::islands::ThemeSwitch;
use crate::islands::theme_switch::FORM;
use crate::paths::THEME;

/// What the user chose; without a choice [`Theme::System`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema), schema(rename_all = "lowercase", description = "A theme"))]
pub enum Theme {
    /// The system's own.
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All themes, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The name in forms and in the cookie.
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

/// The field with the path to return to.
pub const RETURN_TO: &str = "return_to";

/// Three buttons, of which the chosen one is pressed.
#[component]
pub(super) fn ThemeForm(
    /// Path and query of the page, to return to.
    address: String,
    /// The theme that the page has.
    chosen: Theme,
) -> impl IntoView {
    view! {
        <form class="theme-switch" id=FORM method="post" action=THEME aria-label="Theme">
            <input type="hidden" name=RETURN_TO value=address/>
            {inside(BUTTONS[chosen as usize].as_str())}
        </form>
        <ThemeSwitch/>
    }
}

/// The buttons for each chosen theme, in the order of [`Theme::ALL`].
static BUTTONS: [Fixed; 3] = [
    LazyLock::new(|| buttons(Theme::System)),
    LazyLock::new(|| buttons(Theme::Light)),
    LazyLock::new(|| buttons(Theme::Dark)),
];

fn buttons(chosen: Theme) -> String {
    rendered(Theme::ALL.map(|theme| {
        let pressed = if theme == chosen { "true" } else { "false" };
        view! {
            <button name="theme" value=theme.name() aria-pressed=pressed>{theme.label()}</button>
        }
    }))
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
