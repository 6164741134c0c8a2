//! `/docs`: every operation of the API with what it takes, a command that calls it, and a form that sends it.
//! What is shown is read from the OpenAPI document by `server::docs`; one operation is rendered in `operation`.
//!
//! The page is our own and not one of the renderers of OpenAPI documents. Swagger UI, which was here before, is 0.45 MB
//! of compressed script, a fiftieth of the program; it shows nothing without that, has an inline style of its own, and
//! axe-core finds seven violations in it. Redoc, Scalar, RapiDoc and Elements are scripts of that size or larger, and
//! show nothing without them either. This page is HTML in the look of all others: accessible in both themes, whole
//! without JavaScript; with a script of two compressed kilobytes it sends requests in place. It knows what this site
//! needs of OpenAPI: parameters, forms, examples. Those who prefer another renderer open `/openapi.json` in it.
//!
//! It has files of its own for its style and its script, so that no other page becomes larger by it, and it has no
//! islands: their loader has a nonce, which would make every copy of the page another one, and none could be kept.

mod content;
mod operation;

use leptos::prelude::*;

use super::{
    account::Viewer,
    document::{PageContext, document, inside, rendered},
    links,
    sign_in_links::LoginLink,
};
use crate::assets::{DOCS_SCRIPT, DOCS_STYLE_SHEET};
use crate::auth::{Paths, ReturnTo};
use operation::{CommandLine, OperationSection, with_code};

pub use content::{Access, ApiDocs, Command, Credential, Field, Group, Operation, Place, Response};

/// Renders the page around [`docs_content`].
pub fn docs_page(context: &PageContext, content: &str) -> String {
    document(context, "API docs", || {
        view! {
            <link rel="stylesheet" href=DOCS_STYLE_SHEET.path()/>
            <div class="docs-intro">
                <h1>"API docs"</h1>
                <Standing viewer=context.viewer.clone()/>
            </div>
            {inside(content.to_owned())}
            <script nonce=context.scripts.as_ref().map(|scripts| scripts.nonce.clone()) src=DOCS_SCRIPT.path() defer></script>
        }
    })
}

/// Renders what does not depend on the request.
pub fn docs_content(docs: &ApiDocs) -> String {
    let ApiDocs { credentials, groups } = docs.clone();
    // One is open from the start, to show what the others have inside.
    let mut operations = groups.iter().flat_map(|group| &group.operations);
    let open = operations.find(|operation| !operation.fields.is_empty()).map(|operation| operation.id.clone());
    rendered(view! {
        <nav class="docs-contents" aria-label="Groups of operations">
            <ul role="list">
                {groups
                    .iter()
                    .map(|group| view! { <li><a href=format!("#{}", group_id(&group.name))>{capitalized(&group.name)}</a></li> })
                    .collect_view()}
                <li><a href="#terminal">"Terminal"</a></li>
                <li><a href=links::OPENAPI>"OpenAPI document"</a></li>
            </ul>
        </nav>
        {groups.into_iter().map(|group| view! { <GroupSection group open=open.clone()/> }).collect_view()}
        <section class="docs-group" aria-labelledby="terminal">
            <h2 id="terminal" tabindex="-1">"Terminal"</h2>
            <p class="muted">
                "How to get what the commands above send: a session in the file " <code>"jar"</code> ", or a token in " <code>"$TOKEN"</code> "."
            </p>
            <div class="card">
                {credentials.into_iter().map(|credential| view! { <CredentialPart credential/> }).collect_view()}
            </div>
        </section>
    })
}

/// Whose session the requests from this page have.
#[component]
fn Standing(viewer: Option<Viewer>) -> impl IntoView {
    match viewer {
        Some(Viewer { name, email, .. }) => {
            let email = email.filter(|email| *email != name);
            view! {
                <p class="docs-standing" id="standing">
                    "You are signed in as " <strong><bdi>{name}</bdi></strong>
                    {email.map(|email| view! { " (" <bdi>{email}</bdi> ")" })}
                    ". Requests from this page have your session."
                </p>
            }
            .into_any()
        }
        None => view! {
            <p class="docs-standing" id="standing">"Nobody is signed in: operations that need a session respond with 401."</p>
            <p>
                <LoginLink return_to=ReturnTo::parse(links::DOCS, &Paths::default()) class="button">"Sign in and come back"</LoginLink>
            </p>
        }
        .into_any(),
    }
}

#[component]
fn GroupSection(
    group: Group,
    /// The id of the operation that is open.
    #[prop(optional_no_strip)]
    open: Option<String>,
) -> impl IntoView {
    let Group { name, description, operations } = group;
    let id = group_id(&name);
    let labelled_by = id.clone();
    view! {
        <section class="docs-group" aria-labelledby=labelled_by>
            <h2 id=id tabindex="-1">{capitalized(&name)}</h2>
            <p class="muted">{description}</p>
            {operations
                .into_iter()
                .map(|operation| {
                    let is_open = open.as_ref() == Some(&operation.id);
                    view! { <OperationSection operation is_open/> }
                })
                .collect_view()}
        </section>
    }
}

fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn group_id(name: &str) -> String {
    format!("group-{}", name.replace(' ', "-"))
}

#[component]
fn CredentialPart(credential: Credential) -> impl IntoView {
    let Credential { name, explanation, commands } = credential;
    view! {
        <div class="docs-part">
            <h3>{name}</h3>
            <p>{with_code(&explanation)}</p>
            {(!commands.is_empty()).then(|| view! { <CommandLine text=commands/> })}
        </div>
    }
}
