//! The one page for all problems, from a mistyped address to an issuer that does not respond.
//! The words of each problem are in `server::problem_words`.

use std::borrow::Cow;

use leptos::prelude::*;

use super::{
    document::{PageContext, document},
    links,
};

/// A problem in words for users.
#[derive(Clone, Debug)]
pub struct ProblemView {
    /// The HTTP status of the response.
    pub status: u16,
    /// What happened, in a few words.
    pub title: &'static str,
    /// What it means and what the user can do, in a sentence or two.
    pub explanation: Cow<'static, str>,
    /// The request's id, by which operators find it in the log.
    pub reference: Option<String>,
    /// Where the user can go from here, the best first.
    pub ways_on: Vec<WayOn>,
}

/// A way to leave a problem page.
#[derive(Clone, Debug)]
pub enum WayOn {
    /// A link.
    Link {
        /// What the link says.
        label: &'static str,
        /// Where it leads.
        href: String,
    },
    /// A button that sends a POST without fields.
    Post {
        /// What the button says.
        label: &'static str,
        /// Where the POST goes.
        action: String,
    },
}

/// Renders status, title, explanation, reference and the ways on.
pub fn problem_page(context: &PageContext, problem: &ProblemView) -> String {
    let ProblemView { status, title, explanation, reference, ways_on } = problem.clone();
    document(context, title, move || {
        view! {
            <div class="card message">
                <p class="status">{format!("Status {status}")}</p>
                <h1>{title}</h1>
                <p>{explanation}</p>
                <WaysOn ways_on/>
                {reference.map(|reference| view! { <Reference reference/> })}
            </div>
        }
    })
}

#[component]
fn WaysOn(ways_on: Vec<WayOn>) -> impl IntoView {
    (!ways_on.is_empty()).then(|| {
        let items = ways_on.into_iter().enumerate();
        let items = items.map(|(index, way)| view! { <li>{way_on(way, index == 0)}</li> });
        view! { <ul class="ways-on" role="list">{items.collect_view()}</ul> }
    })
}

/// A link or a button; the best way on stands out.
fn way_on(way: WayOn, best: bool) -> AnyView {
    match way {
        WayOn::Link { label, href } => {
            let class = if best { "button" } else { "button quiet" };
            let rel = links::rel(&href);
            view! { <a class=class href=href rel=rel>{label}</a> }.into_any()
        }
        WayOn::Post { label, action } => {
            let class = (!best).then_some("quiet");
            view! {
                <form method="post" action=action>
                    <button type="submit" class=class>{label}</button>
                </form>
            }
            .into_any()
        }
    }
}

#[component]
fn Reference(reference: String) -> impl IntoView {
    view! {
        <p class="reference">
            "If you report this, please quote " <code id="reference">{reference}</code>
        </p>
    }
}
