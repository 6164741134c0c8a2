//! The part of `/account` with what the user may do: permissions, roles and feature flags. Long lists are cut.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde_json::Value;

use super::first;
use crate::api::account::{FeatureFlag, Role};

/// So many characters of a feature flag's value are shown.
const VALUE_CHARS: usize = 200;

#[component]
pub(super) fn RightsSection(
    permissions: Option<Vec<String>>,
    roles: Option<Vec<Role>>,
    feature_flags: Option<BTreeMap<String, FeatureFlag>>,
) -> impl IntoView {
    let permission = |key: String| view! { <li><code>{key}</code></li> }.into_any();
    view! {
        <section class="card wide" aria-labelledby="rights-heading">
            <h2 id="rights-heading">"What you may do"</h2>
            <div class="rights">
                {list("permissions", "Permissions", permissions, permission)}
                {list("roles", "Roles", roles, role)}
                {list("feature-flags", "Feature flags", feature_flags, flag)}
            </div>
        </section>
    }
}

/// A list under its heading, or words for one that is empty or not known.
fn list<T: IntoIterator>(
    id: &'static str,
    heading: &'static str,
    entries: Option<T>,
    entry: impl Fn(T::Item) -> AnyView,
) -> impl IntoView {
    let heading_id = format!("{id}-heading");
    let content = match entries.map(first) {
        None => view! { <p class="muted">"Not known at the moment."</p> }.into_any(),
        Some((shown, _)) if shown.is_empty() => view! { <p class="muted">"None."</p> }.into_any(),
        Some((shown, more)) => {
            let entries = shown.into_iter().map(entry).collect_view();
            view! {
                <ul class="chips" role="list" aria-labelledby=heading_id.clone()>
                    {entries}
                </ul>
                {more.map(|more| view! { <p class="muted">{more}</p> })}
            }
            .into_any()
        }
    };
    view! {
        <div id=id>
            <h3 id=heading_id>{heading}</h3>
            {content}
        </div>
    }
}

fn role(Role { key, name }: Role) -> AnyView {
    match name.filter(|name| *name != key) {
        Some(name) => view! { <li><bdi>{name}</bdi> " " <code>{key}</code></li> }.into_any(),
        None => view! { <li><code>{key}</code></li> }.into_any(),
    }
}

fn flag((code, flag): (String, FeatureFlag)) -> AnyView {
    let value = shortened(match flag.value {
        Value::String(text) => text,
        value => value.to_string(),
    });
    view! { <li><code>{code}</code> " = " <bdi>{value}</bdi></li> }.into_any()
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(VALUE_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let long = "é".repeat(VALUE_CHARS);
        assert_eq!(shortened(long.clone()), long);
        assert_eq!(shortened(long.clone() + "é"), format!("{long}…"));
    }
}
