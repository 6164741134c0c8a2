//! The frame of the console's pages: the title, and the navigation between the sections. The document around it is in
//! `basics::page`.

use axum::{http::StatusCode, response::Response};

use crate::dev_issuer::basics::page::{Page, escape};

/// A section of the console, as the navigation names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    SignIns,
    People,
    Tokens,
    Webhooks,
    Conditions,
}

impl Section {
    /// The sections in the order of the navigation.
    const ALL: [Self; 5] = [Self::SignIns, Self::People, Self::Tokens, Self::Webhooks, Self::Conditions];

    fn link(self) -> (&'static str, &'static str) {
        match self {
            Self::SignIns => ("/", "Sign-ins"),
            Self::People => ("/people", "People"),
            Self::Tokens => ("/tokens", "Tokens"),
            Self::Webhooks => ("/webhooks", "Webhooks"),
            Self::Conditions => ("/conditions", "Time and trouble"),
        }
    }
}

/// Returns a page of the console. The body is HTML, in which the caller has escaped what comes from outside.
pub(crate) fn page(section: Section, title: &str, body: &str) -> Response {
    page_with_status(StatusCode::OK, section, title, body)
}

/// As [`page`], with another status.
pub(crate) fn page_with_status(status: StatusCode, section: Section, title: &str, body: &str) -> Response {
    let navigation = navigation(section);
    Page { status, title, again_after: None, navigation: &navigation, body, form_target: "" }.render()
}

/// As [`page`], and the browser loads it again every few seconds.
pub(crate) fn followed_page(section: Section, title: &str, body: &str) -> Response {
    let (status, navigation) = (StatusCode::OK, navigation(section));
    Page { status, title, again_after: Some(3), navigation: &navigation, body, form_target: "" }.render()
}

/// Returns a page that says what is wrong with the request.
pub(crate) fn error(status: StatusCode, section: Section, text: &str) -> Response {
    page_with_status(status, section, "This does not work", &problem(text))
}

/// Renders what is wrong, for a place on a page.
pub(crate) fn problem(text: &str) -> String {
    format!("<p class=\"error\" role=\"alert\">{}</p>", escape(text))
}

/// Renders a table with rows that the caller has rendered. Where it is too wide, it scrolls, and the keyboard reaches it.
pub(crate) fn table(label: &str, headings: &[&str], rows: &str) -> String {
    let headings: String = headings.iter().map(|heading| format!("<th scope=\"col\">{heading}</th>")).collect();
    let head = if headings.is_empty() { headings } else { format!("<thead><tr>{headings}</tr></thead>") };
    format!(
        "<div class=\"table\" role=\"region\" aria-label=\"{}\" tabindex=\"0\"><table>{head}<tbody>{rows}</tbody></table>\
         </div>",
        escape(label),
    )
}

fn navigation(current: Section) -> String {
    let links: String = Section::ALL
        .into_iter()
        .map(|section| {
            let (path, name) = section.link();
            let mark = if section == current { " aria-current=\"page\"" } else { "" };
            format!("<li><a href=\"{path}\"{mark}>{name}</a></li>")
        })
        .collect();
    format!("<nav aria-label=\"Console\"><ul>{links}</ul></nav>")
}
