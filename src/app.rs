//! The pages: everything a person sees, as Leptos views over plain values.
//!
//! Leaves out every decision: which page is due, its status and its values come from the page handler, by way of
//! Leptos context, so nothing here knows a request, a session or a server type.
//!
//! Pages and their larger parts end in `into_any()`: a view's type spells out all it contains, and a whole page's
//! would pass rustc's recursion limit.

mod account;
mod browser_side;
mod copy_button;
mod greeting_page;
mod item_answer;
mod item_form;
mod item_page;
mod layout;
pub mod links;
mod problem_page;
mod signed_out_page;
mod theme_form;

pub use account::Viewer;
pub use browser_side::BrowserSide;
pub use greeting_page::GreetingView;
pub use item_page::ItemView;
pub use layout::{Notice, shell};
pub use problem_page::{ProblemView, WayOn};
pub use theme_form::{Place, RETURN_TO, Theme};

use greeting_page::GreetingPage;
use item_page::ItemPage;
use leptos::prelude::*;
use leptos_router::{
    components::{Route, Router, Routes},
    path,
};
use problem_page::ProblemPage;
use signed_out_page::SignedOutPage;

/// The routed pages, to be drawn inside [`shell`] and listed by `generate_route_list`.
///
/// Reads [`GreetingView`] or [`ItemView`] from context. With neither, as when the route list is made, it draws an
/// empty page.
#[component]
pub fn App() -> impl IntoView {
    view! {
        <Router>
            <Routes fallback=ProtectedPage>
                <Route path=path!("/") view=ProtectedPage/>
                <Route path=path!("/items/:item_id") view=ProtectedPage/>
                <Route path=path!("/signed-out") view=SignedOutPage/>
            </Routes>
        </Router>
    }
}

/// The whole document for a path of the route table.
pub fn routed_page() -> AnyView {
    shell(|| view! { <App/> }.into_any())
}

/// The whole document for a problem, whatever the path: no router takes part.
pub fn problem_page(problem: ProblemView) -> AnyView {
    shell(move || view! { <ProblemPage problem/> }.into_any())
}

/// The page behind the guard that the value in context calls for.
///
/// The value decides and not the path, because Leptos' URL parser rewrites some paths that their handler has already
/// accepted: it sees `/items/%2E%2E` as `/` and `/items/%2E` as `/items/`, which is no route at all.
#[component]
fn ProtectedPage() -> impl IntoView {
    let greeting = use_context::<GreetingView>();
    let item = use_context::<ItemView>();
    view! {
        {greeting.map(|greeting| view! { <GreetingPage greeting/> })}
        {item.map(|item| view! { <ItemPage item/> })}
    }
}
