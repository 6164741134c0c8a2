//! The frame of the console's pages: the title, and the navigation between the sections. The document around it is in
//! `basics::page`.

use axum::{
    http::{StatusCode, Uri},
    response::Response,
};

use crate::dev_issuer::basics::{
    clock::{self, Seconds},
    page::{Page, escape},
};

/// After how many seconds a page that somebody follows loads again.
pub(crate) const AGAIN_AFTER: u32 = 3;

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

    /// Returns the section in which a path of the console is.
    fn of_path(path: &str) -> Self {
        let others = Self::ALL.into_iter().filter(|section| *section != Self::SignIns);
        others.into_iter().find(|section| path.starts_with(section.link().0)).unwrap_or(Self::SignIns)
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

/// As [`page`], and the browser loads it again every [`AGAIN_AFTER`] seconds. The body has the link that ends it.
pub(crate) fn followed_page(section: Section, title: &str, body: &str) -> Response {
    let (status, navigation) = (StatusCode::OK, navigation(section));
    Page { status, title, again_after: Some(AGAIN_AFTER), navigation: &navigation, body, form_target: "" }.render()
}

/// Returns a page that says what is wrong with the request.
pub(crate) fn error(status: StatusCode, section: Section, text: &str) -> Response {
    page_with_status(status, section, "This does not work", &problem(text))
}

/// The response to a request of a method that the path does not have, such as the address of a form in the address bar.
pub(crate) async fn wrong_method(uri: Uri) -> Response {
    let section = Section::of_path(uri.path());
    let (path, name) = section.link();
    let body = format!(
        "<p>This address takes what a form sends. The form is in the section <a href=\"{path}\">{name}</a>, or on a page \
         that it links.</p>"
    );
    page_with_status(StatusCode::METHOD_NOT_ALLOWED, section, "There is no page here", &body)
}

/// Renders what is wrong, for a place on a page.
pub(crate) fn problem(text: &str) -> String {
    format!("<p class=\"error\" role=\"alert\">{}</p>", escape(text))
}

/// Renders a row of a table with these headings, from cells that the caller has rendered. The first cell is the heading of
/// the row. In a narrow window each of the others stands in a line of its own, after its heading.
pub(crate) fn row<const N: usize>(headings: [&str; N], cells: [String; N]) -> String {
    let mut cells = headings.iter().zip(cells);
    let first = cells.next().map(|(_, cell)| format!("<th scope=\"row\">{cell}</th>")).unwrap_or_default();
    let others: String = cells.map(|(heading, cell)| format!("<td data-column=\"{heading}\">{cell}</td>")).collect();
    format!("<tr>{first}{others}</tr>")
}

/// Renders a time, which is not broken in a table.
pub(crate) fn time(at: Seconds) -> String {
    format!("<time datetime=\"{}\">{}</time>", clock::text(at), clock::shown(at))
}

/// Renders a text of any length as it is. Where it is too long, it scrolls, and the keyboard reaches it by this name.
pub(crate) fn preformatted(label: &str, text: &str) -> String {
    format!("<pre role=\"group\" aria-label=\"{label}\" tabindex=\"0\">{}</pre>", escape(text))
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
