//! `/account`: who the user is, where they stand, and where they are signed in, with the ways to change it.
//! `auth::Account` documents what each value means and where it comes from.

mod rights;
mod sessions;

use leptos::prelude::*;
use serde::Serialize;

use super::{
    account::Avatar,
    document::{PageContext, document},
    links,
    sign_in_links::{PortalLink, SwitchOrgLink},
};
use crate::api::account::{Account, Organization};
use crate::auth::{Paths, PortalPage, ReturnTo, SignInOptions};
use rights::RightsSection;
use sessions::SessionsSection;

/// So many entries of a list are shown; of the others their number.
const SHOWN: usize = 50;

/// What the page shows; as JSON it is the account alone.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct AccountView {
    /// The user's account.
    pub account: Account,
    /// Whether the issuer has organizations and a portal.
    #[serde(skip)]
    pub is_at_kinde: bool,
}

/// Renders the account, with the ways to the portal and a form for each session.
pub fn account_page(context: &PageContext, view: &AccountView) -> String {
    let AccountView { account, is_at_kinde } = view.clone();
    let Account { name, email, picture, organization, organizations, permissions, roles, feature_flags, sessions } =
        account;
    let initials = context.viewer.as_ref().map(|viewer| viewer.initials.clone()).unwrap_or_default();
    document(context, "Your account", || {
        view! {
            <h1>"Your account"</h1>
            <div class="columns">
                <ProfileSection name email picture initials is_at_kinde/>
                {is_at_kinde.then(|| view! { <OrganizationSection organization organizations/> })}
                {sessions.map(|sessions| view! { <SessionsSection sessions is_at_kinde/> })}
                <RightsSection permissions roles feature_flags/>
            </div>
        }
    })
}

/// The page itself, to return to.
fn here() -> ReturnTo {
    ReturnTo::parse(links::ACCOUNT, &Paths::default())
}

#[component]
fn ProfileSection(
    name: String,
    email: Option<String>,
    picture: Option<String>,
    initials: String,
    is_at_kinde: bool,
) -> impl IntoView {
    let email = email.filter(|email| *email != name);
    view! {
        <section class="card" aria-labelledby="profile-heading">
            <h2 id="profile-heading">"Profile"</h2>
            <div class="profile">
                <Avatar initials picture/>
                <p>
                    <bdi id="profile-name">{name}</bdi>
                    {email.map(|email| view! { <bdi id="profile-email">{email}</bdi> })}
                </p>
            </div>
            {is_at_kinde.then(|| view! { <PortalLinks/> })}
            {(!is_at_kinde)
                .then(|| {
                    view! {
                        <p class="muted" id="no-portal">
                            "The sign-in service of this site has neither account pages nor organizations."
                        </p>
                    }
                })}
        </section>
    }
}

/// The pages of the portal for everybody. Kinde decides whether the user may open them.
#[component]
fn PortalLinks() -> impl IntoView {
    let pages = [
        (PortalPage::Profile, "Edit profile"),
        (PortalPage::PlanDetails, "Plan"),
        (PortalPage::UserApiKeys, "API keys"),
    ];
    view! { <ul class="ways-on" id="portal-links" role="list">{pages.map(portal_link)}</ul> }
}

fn portal_link((page, text): (PortalPage, &'static str)) -> impl IntoView {
    view! {
        <li>
            <PortalLink page return_to=here() class="button quiet">
                {text}
            </PortalLink>
        </li>
    }
}

#[component]
fn OrganizationSection(organization: Option<Organization>, organizations: Vec<Organization>) -> impl IntoView {
    let others =
        organizations.into_iter().filter(|other| organization.as_ref().is_none_or(|own| own.code != other.code));
    let (others, more) = first(others);
    let has_organization = organization.is_some();
    view! {
        <section class="card" aria-labelledby="organization-heading">
            <h2 id="organization-heading">"Organization"</h2>
            {match organization {
                Some(organization) => view! { <OwnOrganization organization/> }.into_any(),
                None => view! { <p id="no-organization">"You are signed in without an organization."</p> }.into_any(),
            }}
            {has_organization
                .then(|| {
                    view! {
                        <ul class="ways-on" role="list">
                            {portal_link((PortalPage::OrganizationDetails, "Organization details"))}
                        </ul>
                    }
                })}
            {(!others.is_empty()).then(|| view! { <OtherOrganizations others more/> })}
        </section>
    }
}

#[component]
fn OwnOrganization(organization: Organization) -> impl IntoView {
    let Organization { code, name } = organization;
    view! {
        <p id="organization">
            "You are signed in to " <strong><bdi>{name.clone().unwrap_or_else(|| code.clone())}</bdi></strong>
            {name.map(|_| view! { " (" <code>{code}</code> ")" })} "."
        </p>
    }
}

#[component]
fn OtherOrganizations(others: Vec<Organization>, more: Option<String>) -> impl IntoView {
    let lacks_names = others.iter().any(|other| other.name.is_none());
    view! {
        <div class="switcher">
            <h3 id="switcher-heading">"Switch to another"</h3>
            <ul id="other-organizations" role="list" aria-labelledby="switcher-heading">
                {others.into_iter().map(switch_to).collect_view()}
            </ul>
            {more.map(|more| view! { <p class="muted">{more}</p> })}
            {lacks_names
                .then(|| {
                    view! {
                        <p class="muted" id="no-names">
                            "Kinde tells this site the code of each organization, and the name of the one that you are \
                             signed in to."
                        </p>
                    }
                })}
        </div>
    }
}

/// `None` for a code that no link can have.
fn switch_to(organization: Organization) -> Option<impl IntoView> {
    let options = SignInOptions::default().with_org_code(&organization.code).ok()?;
    let Organization { code, name } = organization;
    Some(view! {
        <li>
            <SwitchOrgLink options return_to=here()>
                {match name {
                    Some(name) => view! { <bdi>{name}</bdi> }.into_any(),
                    None => view! { <span>"Organization " <code>{code}</code></span> }.into_any(),
                }}
            </SwitchOrgLink>
        </li>
    })
}

/// The first entries of a list, and words for how many more there are.
fn first<T>(list: impl IntoIterator<Item = T>) -> (Vec<T>, Option<String>) {
    let mut list = list.into_iter();
    let shown = list.by_ref().take(SHOWN).collect();
    let more = list.count();
    (shown, (more > 0).then(|| format!("and {} more", with_commas(more))))
}

/// `2950` as `2,950`.
fn with_commas(number: usize) -> String {
    let digits = number.to_string();
    let grouped = digits.char_indices().flat_map(|(place, digit)| {
        let begins_group = place > 0 && (digits.len() - place).is_multiple_of(3);
        begins_group.then_some(',').into_iter().chain([digit])
    });
    grouped.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_comma_before_every_third_digit_from_the_right() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (2_950, "2,950"), (1_234_567, "1,234,567")] {
            assert_eq!(with_commas(number), text);
        }
    }

    #[test]
    fn a_list_that_fits_has_no_count() {
        assert_eq!(first(0..SHOWN), ((0..SHOWN).collect(), None));
        let (shown, more) = first(0..3_000);
        assert_eq!((shown.len(), more.as_deref()), (SHOWN, Some("and 2,950 more")));
    }
}
