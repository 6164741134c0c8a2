//! One operation on the page of the API docs: closed it is a line, open it has a form, commands and responses.
//!
//! The form works as it is: the response then takes the place of the page. `send_request.js` sends it in place instead,
//! by the `data-` attributes here, and shows the parts marked `with-script`.

use leptos::prelude::*;

use super::{Access, Command, Field, Operation, Place, Response};
use crate::app::copy_button::CopyButton;

#[component]
pub(super) fn OperationSection(
    operation: Operation,
    /// Whether it is open from the start.
    is_open: bool,
) -> impl IntoView {
    let Operation { id, method, path, title, description, access, commands, responses, .. } = operation.clone();
    let class = format!("docs-method {}", method.to_lowercase());
    view! {
        <details class="docs-operation card" open=is_open>
            <summary>
                <h3>
                    <span class=class>{method}</span>
                    " "
                    <code>{path}</code>
                    " "
                    <span class="docs-title">{title}</span>
                </h3>
            </summary>
            // A link to the operation opens it, because the target is inside.
            <div class="docs-body" id=id tabindex="-1">
                <p>{with_code(&description)}</p>
                <p class="muted">{access_text(access)}</p>
                <RequestForm operation/>
                <div class="docs-part">
                    <h4>"curl"</h4>
                    {commands.into_iter().map(|Command { name, text, beginning }| view! {
                        <p class="muted">{name}</p>
                        <CommandLine text beginning/>
                    }).collect_view()}
                </div>
                <div class="docs-part">
                    <h4>"Responses"</h4>
                    <dl class="docs-responses">{responses.into_iter().map(response).collect_view()}</dl>
                </div>
            </div>
        </details>
    }
}

fn access_text(access: Access) -> &'static str {
    match access {
        Access::Open => "For everybody.",
        Access::Session => "With a session.",
        Access::SessionOrToken => "With a session or an access token.",
    }
}

#[component]
fn RequestForm(operation: Operation) -> impl IntoView {
    let Operation { id, method, path, example_path, fields, is_sent_in_place, media_types, .. } = operation;
    let needs_script = fields.iter().any(|field| matches!(field.place, Place::Body(_)));
    let class = if needs_script { "docs-form with-script" } else { "docs-form" };
    let answer = format!("{id}-answer");
    view! {
        <form
            class=class
            method=method.to_lowercase()
            action=example_path
            data-path=path
            data-answer=is_sent_in_place.then(|| answer.clone())
        >
            {fields.into_iter().map(|field| view! { <FieldPart operation=id.clone() field/> }).collect_view()}
            {(media_types.len() > 1).then(|| view! { <MediaTypeChoice operation=id media_types/> })}
            <button type="submit">{if is_sent_in_place { "Send request" } else { "Open" }}</button>
        </form>
        {is_sent_in_place.then(|| view! { <AnswerPlace id=answer/> })}
    }
}

#[component]
fn FieldPart(operation: String, field: Field) -> impl IntoView {
    let Field { name, place, is_required, description, example, is_filled_in, choices } = field;
    let id = format!("{operation}-{name}");
    let hint = format!("{id}-hint");
    let value = if is_filled_in { example.clone().unwrap_or_default() } else { String::new() };
    let facts = [
        if is_required { "Required" } else { "Optional" }.to_owned(),
        format!("in the {}", place.name()),
        example.filter(|_| !is_filled_in).map(|example| format!("such as `{example}`")).unwrap_or_default(),
    ];
    let facts = facts.into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(", ");
    view! {
        <div class="field">
            <label for=id.clone()>{name.clone()}</label>
            <p class="hint" id=hint.clone()>{with_code(&description)} " " {with_code(&facts)} "."</p>
            {match (place, choices.is_empty()) {
                (Place::Body(media_type), _) => view! {
                    <textarea id=id rows="4" required=is_required aria-describedby=hint data-in=place.name() data-type=media_type>{value}</textarea>
                }.into_any(),
                (_, true) => view! {
                    <input
                        id=id
                        // Part of the address already, which only a script can change.
                        name=(place != Place::Path).then_some(name.clone())
                        type="text"
                        autocomplete="off"
                        spellcheck="false"
                        value=value
                        required=is_required
                        readonly=place == Place::Path
                        aria-describedby=hint
                        data-in=place.name()
                        data-name=name
                    />
                }.into_any(),
                (_, false) => view! {
                    <select id=id name=name.clone() aria-describedby=hint data-in=place.name() data-name=name>
                        {choices.into_iter().map(|choice| {
                            let selected = choice == value;
                            view! { <option selected=selected>{choice}</option> }
                        }).collect_view()}
                    </select>
                }.into_any(),
            }}
        </div>
    }
}

/// As what the response is wanted; a browser by itself always wants a page.
#[component]
fn MediaTypeChoice(operation: String, media_types: Vec<String>) -> impl IntoView {
    let id = format!("{operation}-accept");
    view! {
        <div class="field with-script">
            <label for=id.clone()>"Accept"</label>
            <select id=id data-in="accept">
                {media_types.into_iter().map(|media_type| view! { <option>{media_type}</option> }).collect_view()}
            </select>
        </div>
    }
}

/// Where the script shows the response.
#[component]
fn AnswerPlace(id: String) -> impl IntoView {
    let heading = format!("{id}-heading");
    view! {
        <div class="docs-answer" id=id hidden>
            <h4 id=heading.clone() role="status">"Response"</h4>
            <pre class="docs-content" tabindex="0" role="region" aria-labelledby=heading></pre>
            <details>
                <summary>"Headers"</summary>
                <pre class="docs-headers" tabindex="0" role="region" aria-label="Headers of the response"></pre>
            </details>
        </div>
    }
}

/// A command, or several, with a button that copies them.
#[component]
pub(super) fn CommandLine(
    text: String,
    /// How it begins, where the rest follows the fields.
    #[prop(optional)]
    beginning: Option<String>,
) -> impl IntoView {
    view! {
        <div class="docs-command" data-beginning=beginning>
            <pre><code>{text.clone()}</code></pre>
            <CopyButton text/>
        </div>
    }
}

fn response(Response { status, description, media_types, headers, example }: Response) -> impl IntoView {
    let facts = [media_types, headers.into_iter().map(|name| format!("header `{name}`")).collect()].concat();
    let facts = (!facts.is_empty()).then(|| format!("({})", facts.join(", ")));
    view! {
        <div>
            <dt>{status}</dt>
            <dd>
                {with_code(&description)} " " {facts.map(|facts| view! { <span class="muted">{with_code(&facts)}</span> })}
                {example.map(|example| view! { <pre><code>{example}</code></pre> })}
            </dd>
        </div>
    }
}

/// A text in which code stands between backticks.
pub(super) fn with_code(text: &str) -> impl IntoView + use<> {
    let parts = text.split('`').enumerate().filter(|(_, part)| !part.is_empty());
    parts
        .map(|(at, part)| {
            let part = part.to_owned();
            if at % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
        })
        .collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::document::rendered;

    #[test]
    fn what_stands_between_backticks_is_code() {
        let html = rendered(with_code("`a<b` and `c`."));
        assert!(
            html.starts_with("<code>a&lt;b</code>") && html.contains("<code>c</code>") && !html.contains('`'),
            "{html}"
        );
    }
}
