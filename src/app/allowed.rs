//! `Allowed`: a part of a page for those for whom a policy holds. Policies are evaluated by the page's handler, which puts
//! the outcome into the page's context; `policies` states what each policy needs.

use std::collections::BTreeMap;

use leptos::prelude::*;

/// Which of the policies that a page's handler evaluated hold, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowances(BTreeMap<String, bool>);

impl Allowances {
    /// The outcome of each policy: its name, and whether it holds.
    pub fn new(outcomes: impl IntoIterator<Item = (String, bool)>) -> Self {
        Self(outcomes.into_iter().collect())
    }

    /// Whether a policy holds. One that nobody evaluated does not, which is a mistake in the program.
    fn allows(&self, policy: &str) -> bool {
        self.0.get(policy).copied().unwrap_or_else(|| {
            tracing::error!(policy, "a page asks for a policy that its handler did not evaluate: the part is hidden");
            false
        })
    }
}

/// Shows its children to those for whom a policy holds, and the fallback to everybody else.
#[component]
pub fn Allowed(
    /// The name of a policy that the page's handler evaluates.
    policy: &'static str,
    /// What everybody else sees; by default nothing.
    #[prop(optional, into)]
    fallback: ViewFn,
    /// What those see for whom the policy holds.
    children: Children,
) -> impl IntoView {
    let allowances = use_context::<Allowances>().unwrap_or_default();
    if allowances.allows(policy) { children() } else { fallback.run().into_any() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::PageContext;
    use crate::app::document::document;

    fn rendered(outcomes: &[(&str, bool)]) -> String {
        let allowances = Allowances::new(outcomes.iter().map(|(name, holds)| ((*name).to_owned(), *holds)));
        let context = PageContext { allowances, ..PageContext::at("/") };
        document(&context, "Title", || {
            let fallback = || "others";
            view! { <Allowed policy="invite" fallback>"those who may"</Allowed> <Allowed policy="invite">"!"</Allowed> }
        })
    }

    #[test]
    fn a_part_is_shown_where_its_policy_holds_and_hidden_elsewhere() {
        let shows = |html: &str, text: &str| html.contains(text);
        let allowed = rendered(&[("invite", true)]);
        assert!(shows(&allowed, "those who may") && !shows(&allowed, "others"), "{allowed}");
        for others in [&[("invite", false)][..], &[("other", true)], &[]] {
            let html = rendered(others);
            assert!(!shows(&html, "those who may") && shows(&html, "others"), "{html}");
        }
    }
}
