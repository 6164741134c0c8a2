//! What all pages share: the document, its head, and the header, main and footer landmarks.
//! The account part of the header is in `account`, the content of each page in a file of its own.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use hydration_context::SsrSharedContext;
use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use leptos::tachys::view::Position;

use super::{
    account::{Account, Viewer},
    allowed::Allowances,
    links,
    scripts::{PageScript, Scripts},
    session_end::{FollowSessionEnd, SessionEnd, SessionEndNotice},
    theme_form::{Theme, ThemeForm},
};
use crate::assets::{ICON, STYLE_SHEET};
use crate::islands::SITE_NAME;

/// The warning of the emulated tenant, with the way to its console.
#[derive(Clone, Debug)]
pub struct Notice {
    /// A sentence.
    pub text: &'static str,
    /// The address of the console, on an origin of its own.
    pub console: Arc<str>,
}

/// What every page needs besides its own value.
#[derive(Clone, Debug)]
pub struct PageContext {
    /// The signed-in user, for the header; `None` when nobody is signed in, or when it is not known who is.
    pub viewer: Option<Viewer>,
    /// The theme that the user chose.
    pub theme: Theme,
    /// What stands at the top of every page of a site that signs in at the emulated tenant.
    pub notice: Option<Notice>,
    /// When the user's session ends, where users must be told.
    pub session_end: Option<SessionEnd>,
    /// Path and query of the page, to which its forms return.
    pub address: String,
    /// What lets the page's scripts run; `None` where there is none.
    pub scripts: Option<Scripts>,
    /// Which of the policies that parts of the page ask for hold.
    pub allowances: Allowances,
}

#[cfg(test)]
impl PageContext {
    /// A page at this address without user, notice and script.
    pub(super) fn at(address: &str) -> Self {
        Self {
            viewer: None,
            theme: Theme::System,
            notice: None,
            session_end: None,
            address: address.to_owned(),
            scripts: None,
            allowances: Allowances::default(),
        }
    }
}

/// Renders a whole HTML document around the content of one page. `title` is followed by the site's name.
///
/// The root owner lives for this call alone, so nothing that one page provides or creates is left for the next. Its
/// shared context tells components that they run on the server: without it islands would reach for `window`.
///
/// Each part is rendered to text by itself, so that no view has to be made owned and erased to fit into another one; what
/// does not depend on the request is rendered once for the process (`Fixed`).
pub fn document<V: IntoView>(context: &PageContext, title: &str, content: impl FnOnce() -> V) -> String {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let html = owner.with(|| {
        provide_context(context.allowances.clone());
        html(context, title, rendered(content()))
    });
    owner.unset_with_forced_cleanup();
    html
}

/// A part that does not depend on the request, as HTML: rendered when it is first needed, and kept.
pub(super) type Fixed = LazyLock<String>;

/// Room for the HTML of most parts, so that it seldom grows while it is rendered.
const ROOM_OF_PART: usize = 2 * 1024;
/// Room for what a document has beside its content.
const ROOM_OF_FRAME: usize = 6 * 1024;

/// Renders a part to HTML.
pub(super) fn rendered(view: impl IntoView) -> String {
    let mut html = String::with_capacity(ROOM_OF_PART);
    render(&mut html, view);
    html
}

/// A part that is rendered already, inside another one. (An element's `inner_html` would copy it twice.)
pub(super) fn inside(html: impl Into<Cow<'static, str>>) -> InertElement {
    InertElement::new(html)
}

/// A part that is rendered only for some pages. (Leptos would leave a mark in its place, which is no valid HTML.)
fn where_there_is(view: Option<impl IntoView>) -> InertElement {
    inside(view.map(rendered).unwrap_or_default())
}

fn render(html: &mut String, view: impl IntoView) {
    view.into_view().to_html_with_buf(html, &mut Position::FirstChild, true, false, Vec::new());
}

fn html(context: &PageContext, title: &str, content: String) -> String {
    let mut html = String::with_capacity(ROOM_OF_FRAME + content.len());
    render(
        &mut html,
        view! {
            <!DOCTYPE html>
            <html lang="en" data-theme=context.theme.attribute()>
                <head>{head(context, title)}</head>
                <body>
                    <a class="skip-link" href="#main">"Skip to content"</a>
                    {where_there_is(context.notice.as_ref().map(notice))}
                    {where_there_is(context.session_end.map(|session_end| session_end_notice(context, session_end)))}
                    {header(context.viewer.clone())}
                    <main id="main" tabindex="-1">{inside(content)}</main>
                    {footer(context)}
                </body>
            </html>
        },
    );
    html
}

/// What every head begins with.
static HEAD: Fixed = LazyLock::new(|| {
    rendered(view! {
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
    })
});

/// What search engines say of pages that nobody need be signed in to see. Those of a signed-in user have a header that
/// keeps crawlers away.
static DESCRIPTION: Fixed = LazyLock::new(|| {
    rendered(view! {
        <meta name="description" content="A server-rendered Leptos app with sign-in by Kinde: a greeting, items, and the same data as JSON."/>
    })
});

/// What every head ends with, but for the title.
static ICON_AND_STYLE: Fixed = LazyLock::new(|| {
    rendered(view! {
        <link rel="icon" href=ICON.path()/>
        <link rel="stylesheet" href=STYLE_SHEET.path()/>
    })
});

fn head(context: &PageContext, title: &str) -> impl IntoView {
    view! {
        {inside(HEAD.as_str())}
        {inside(if context.viewer.is_some() { "" } else { DESCRIPTION.as_str() })}
        {where_there_is(context.scripts.clone().map(|scripts| view! { <PageScript scripts/> }))}
        {inside(ICON_AND_STYLE.as_str())}
        {where_there_is(session_end_script(context))}
        <title>{format!("{title} · {SITE_NAME}")}</title>
    }
}

fn session_end_notice(context: &PageContext, session_end: SessionEnd) -> impl IntoView + use<> {
    let address = context.address.clone();
    view! { <SessionEndNotice session_end address/> }
}

fn session_end_script(context: &PageContext) -> Option<impl IntoView + use<>> {
    let nonce = context.scripts.as_ref().filter(|_| context.session_end.is_some())?.nonce.clone();
    Some(view! { <FollowSessionEnd nonce/> })
}

fn notice(Notice { text, console }: &Notice) -> impl IntoView + use<> {
    let console = Arc::clone(console);
    view! {
        <aside class="notice" id="notice" aria-label="Notice">
            <p>
                {format!("{text} ")} <a href=console>"Console of the tenant"</a> " " <a href=links::SETUP>"Set-up"</a>
            </p>
        </aside>
    }
}

/// Brand and navigation, of nobody and of a user.
static BRAND_AND_NAVIGATION: [Fixed; 2] =
    [LazyLock::new(|| brand_and_navigation(false)), LazyLock::new(|| brand_and_navigation(true))];

fn brand_and_navigation(is_for_user: bool) -> String {
    rendered(view! {
        <a class="brand" href=links::HOME>
            <img src=ICON.path() alt="" width="28" height="28"/>
            {SITE_NAME}
        </a>
        <nav aria-label="Site">
            <ul role="list">
                <li>
                    <a href=links::DOCS>"API docs"</a>
                </li>
                {where_there_is(
                    is_for_user.then(|| view! { <li><a href=links::ACCOUNT>"Account"</a></li> }),
                )}
            </ul>
        </nav>
    })
}

fn header(viewer: Option<Viewer>) -> impl IntoView {
    let brand_and_navigation = &BRAND_AND_NAVIGATION[usize::from(viewer.is_some())];
    view! {
        <header class="site-header">
            {inside(brand_and_navigation.as_str())} {where_there_is(viewer.map(|viewer| view! { <Account viewer/> }))}
        </header>
    }
}

/// What every footer ends with.
static ABOUT: Fixed = LazyLock::new(|| {
    rendered(view! {
        <p>"Sign-in by Kinde, pages by Leptos."</p>
        <p>
            <a href=links::OPENAPI>"OpenAPI document"</a>
        </p>
    })
});

fn footer(context: &PageContext) -> impl IntoView {
    let address = context.address.clone();
    view! {
        <footer class="site-footer">
            <ThemeForm address chosen=context.theme/> {inside(ABOUT.as_str())}
        </footer>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::greeting::Greeting;
    use crate::app::greeting_page;

    fn for_user(name: &str) -> PageContext {
        let viewer = Viewer { name: name.to_owned(), initials: "U".to_owned(), picture: None, email: None };
        PageContext { viewer: Some(viewer), ..PageContext::at("/") }
    }

    #[test]
    fn a_title_cannot_end_its_own_element() {
        let html = document(&PageContext::at("/"), "a</title><script>&lt;", || ());
        assert!(html.contains("<title>a&lt;/title&gt;&lt;script&gt;&amp;lt; · kinde-leptos</title>"), "{html}");
    }

    #[test]
    fn a_page_is_a_whole_document_that_says_nothing_of_an_absent_user() {
        let html = document(&PageContext::at("/"), "Title", || ());
        assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\">") && html.ends_with("</html>"), "{html}");
        assert!(!html.contains("noindex") && !html.contains("id=\"account\"") && !html.contains("<script"), "{html}");
    }

    #[test]
    fn pages_that_are_rendered_at_the_same_time_share_nothing() {
        let render = |user: usize| {
            let name = format!("user-{user}-");
            for _ in 0..50 {
                let html = greeting_page(&for_user(&name), &Greeting::of(name.clone()));
                assert_eq!(html.matches("user-").count(), html.matches(&name).count(), "{html}");
                assert!(html.matches(&name).count() >= 2);
            }
        };
        std::thread::scope(|scope| {
            (0..8).map(|user| scope.spawn(move || render(user))).for_each(drop);
        });
    }

    #[test]
    fn what_a_page_provides_ends_with_it() {
        #[derive(Clone)]
        struct Provided;
        document(&PageContext::at("/"), "First", || {
            provide_context(Provided);
        });
        assert!(Owner::current().is_none());
        document(&PageContext::at("/"), "Second", || {
            assert!(use_context::<Provided>().is_none());
        });
    }
}
