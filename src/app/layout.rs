//! What all pages share: the document, its head, and the header, main and footer landmarks.
//!
//! Leaves out the person in the header, see `account`, and the pages themselves.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};

use super::{
    account::{Account, Viewer},
    browser_side::LoadBrowserSide,
    links,
    theme_form::{Theme, ThemeForm},
};
use crate::islands::SITE_NAME;

/// A sentence for the top of every page, read from context where the server provides one.
#[derive(Clone, Debug)]
pub struct Notice(pub &'static str);

/// A whole HTML document around the content of one page.
///
/// Takes [`Viewer`], [`Notice`], [`Theme`], [`Place`](super::Place) and [`BrowserSide`](super::BrowserSide) from
/// context; all may be absent.
pub fn shell(page: impl FnOnce() -> AnyView) -> AnyView {
    provide_meta_context();
    let theme = use_context::<Theme>().and_then(Theme::attribute);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <Head/>
            <body>
                <a class="skip-link" href="#main">"Skip to content"</a>
                <NoticeBar/>
                <Header/>
                <main id="main" tabindex="-1">{page()}</main>
                <Footer/>
            </body>
        </html>
    }
    .into_any()
}

#[component]
fn Head() -> impl IntoView {
    let signed_in = use_context::<Viewer>().is_some();
    view! {
        <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            {signed_in.then(|| view! { <meta name="robots" content="noindex"/> })}
            <link rel="icon" href=links::ICON type="image/svg+xml"/>
            <link rel="stylesheet" href=links::STYLE_SHEET/>
            <MetaTags/>
            <LoadBrowserSide/>
        </head>
    }
    .into_any()
}

/// The document's title, followed by the site's name.
#[component]
pub(super) fn PageTitle(
    /// What this page is about.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <Title text=format!("{} · {SITE_NAME}", escape_title(&text))/> }
}

/// leptos_meta 0.8.7 writes a title into the document as it is, so markup in it would take effect.
fn escape_title(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[component]
fn NoticeBar() -> impl IntoView {
    use_context::<Notice>().map(|Notice(text)| {
        view! {
            <aside class="notice" id="notice" aria-label="Notice">
                <p>{text}</p>
            </aside>
        }
    })
}

#[component]
fn Header() -> impl IntoView {
    let viewer = use_context::<Viewer>();
    view! {
        <header class="site-header">
            <a class="brand" href=links::HOME>
                <img src=links::ICON alt="" width="28" height="28"/>
                {SITE_NAME}
            </a>
            <nav aria-label="Site">
                <ul role="list">
                    <li>
                        <a href=links::DOCS rel=links::rel(links::DOCS)>"API docs"</a>
                    </li>
                </ul>
            </nav>
            {viewer.map(|viewer| view! { <Account viewer/> })}
        </header>
    }
    .into_any()
}

#[component]
fn Footer() -> impl IntoView {
    view! {
        <footer class="site-footer">
            <ThemeForm/>
            <p>"Sign-in by Kinde, pages by Leptos."</p>
            <p>
                <a href=links::OPENAPI rel=links::rel(links::OPENAPI)>"OpenAPI document"</a>
            </p>
        </footer>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_end_its_own_element() {
        assert_eq!(escape_title("a</title>&lt;"), "a&lt;/title>&amp;lt;");
    }
}
