//! The one page for everything that went wrong, from a mistyped address to an issuer that does not answer.
//!
//! Leaves out the words and the status of each problem: whoever finds the problem brings them.

use leptos::prelude::*;

use super::{layout::PageTitle, links};

/// A problem in words for the person in front of the browser.
#[derive(Clone, Debug)]
pub struct ProblemView {
    /// The HTTP status of the answer.
    pub status: u16,
    /// What happened, in a few words.
    pub title: String,
    /// What it means and what the person can do, in a sentence or two.
    pub explanation: String,
    /// What to quote to whoever runs the site, so that they find this very request in the log.
    pub reference: Option<String>,
    /// Where the person can go from here, the best one first.
    pub ways_on: Vec<WayOn>,
}

/// A way to leave a problem page.
#[derive(Clone, Debug)]
pub enum WayOn {
    /// A link.
    Link {
        /// What the link says.
        label: String,
        /// Where it leads.
        href: String,
    },
    /// A button that sends a POST without fields.
    Post {
        /// What the button says.
        label: String,
        /// Where the POST goes.
        action: String,
    },
}

/// Status, title, explanation, reference and the ways on.
#[component]
pub(super) fn ProblemPage(
    /// What went wrong.
    problem: ProblemView,
) -> impl IntoView {
    let ProblemView { status, title, explanation, reference, ways_on } = problem;
    view! {
        <PageTitle text=title.clone()/>
        <div class="card message">
            <p class="status">{format!("Status {status}")}</p>
            <h1>{title}</h1>
            <p>{explanation}</p>
            <WaysOn ways_on/>
            {reference.map(|reference| view! { <Reference reference/> })}
        </div>
    }
    .into_any()
}

#[component]
fn WaysOn(ways_on: Vec<WayOn>) -> impl IntoView {
    (!ways_on.is_empty()).then(|| {
        let items = ways_on.into_iter().enumerate();
        let items = items.map(|(place, way)| view! { <li>{way_on(way, place == 0)}</li> });
        view! { <ul class="ways-on" role="list">{items.collect_view()}</ul> }
    })
}

/// A link or a button; the best way on is drawn stronger than the others.
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
