//! Links to the routes that begin a sign-in, and to the portal, as components: typed properties become a
//! percent-encoded address. The links lead to Kinde's own names of the routes; a project with other paths uses
//! `SignInOptions::link` and `portal_link`.

use leptos::prelude::*;

use super::links;
use crate::auth::{PortalPage, ReturnTo, SignInOptions, portal_link};

/// A link that begins a sign-in.
#[component]
pub fn LoginLink(
    /// What the issuer is asked for.
    #[prop(optional)]
    options: SignInOptions,
    /// The page to go to afterwards; by default the site's own default.
    #[prop(optional)]
    return_to: Option<ReturnTo>,
    /// The classes of the link.
    #[prop(optional)]
    class: Option<&'static str>,
    /// What the link says.
    children: Children,
) -> impl IntoView {
    begin(links::LOGIN, options, return_to, class, children)
}

/// A link that begins a sign-in at the issuer's page for new accounts.
#[component]
pub fn RegisterLink(
    /// What the issuer is asked for.
    #[prop(optional)]
    options: SignInOptions,
    /// The page to go to afterwards; by default the site's own default.
    #[prop(optional)]
    return_to: Option<ReturnTo>,
    /// The classes of the link.
    #[prop(optional)]
    class: Option<&'static str>,
    /// What the link says.
    children: Children,
) -> impl IntoView {
    begin(links::REGISTER, options, return_to, class, children)
}

/// A link that creates an organization. Only at Kinde.
#[component]
pub fn CreateOrgLink(
    /// What the issuer is asked for, such as the name of the organization
    /// ([`SignInOptions::with_new_organization`]).
    #[prop(optional)]
    options: SignInOptions,
    /// The page to go to afterwards; by default the site's own default.
    #[prop(optional)]
    return_to: Option<ReturnTo>,
    /// The classes of the link.
    #[prop(optional)]
    class: Option<&'static str>,
    /// What the link says.
    children: Children,
) -> impl IntoView {
    begin(links::CREATE_ORG, options, return_to, class, children)
}

/// A link that switches to another organization of the user. Only at Kinde.
#[component]
pub fn SwitchOrgLink(
    /// What the issuer is asked for; it must name the organization ([`SignInOptions::with_org_code`]).
    options: SignInOptions,
    /// The page to go to afterwards; by default the site's own default.
    #[prop(optional)]
    return_to: Option<ReturnTo>,
    /// The classes of the link.
    #[prop(optional)]
    class: Option<&'static str>,
    /// What the link says.
    children: Children,
) -> impl IntoView {
    begin(links::SWITCH_ORG, options, return_to, class, children)
}

/// A link to Kinde's self-serve portal, where users look after their account. Only at Kinde, and for signed-in users:
/// others sign in first.
#[component]
pub fn PortalLink(
    /// The page of the portal; by default Kinde chooses.
    #[prop(optional)]
    page: Option<PortalPage>,
    /// The page to which the portal leads back; by default the site's own default.
    #[prop(optional)]
    return_to: Option<ReturnTo>,
    /// The classes of the link.
    #[prop(optional)]
    class: Option<&'static str>,
    /// What the link says.
    children: Children,
) -> impl IntoView {
    anchor(portal_link(links::PORTAL, page, return_to.as_ref().map(ReturnTo::as_str)), class, children)
}

fn begin(
    path: &str,
    options: SignInOptions,
    return_to: Option<ReturnTo>,
    class: Option<&'static str>,
    children: Children,
) -> AnyView {
    anchor(options.link(path, return_to.as_ref().map(ReturnTo::as_str)), class, children)
}

fn anchor(href: String, class: Option<&'static str>, children: Children) -> AnyView {
    let rel = links::rel(&href);
    view! { <a class=class href=href rel=rel>{children()}</a> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{BadSignInOption, LoginHint, Paths};

    /// The HTML of a view, rendered as a page's is.
    fn html(view: impl FnOnce() -> AnyView) -> String {
        Owner::new_root(None).with(|| view().to_html())
    }

    #[test]
    fn a_link_without_options_is_the_route_alone() {
        let html = html(|| view! { <LoginLink class="button">"Sign in"</LoginLink> }.into_any());
        assert!(html.contains(r#"href="/api/auth/login""#) && html.contains(r#"class="button""#), "{html}");
        assert!(html.contains(r#"rel="external nofollow""#) && html.contains("Sign in</a>"), "{html}");
    }

    #[test]
    fn options_and_return_path_are_encoded_for_the_query_and_for_html() -> Result<(), BadSignInOption> {
        let options = SignInOptions::default()
            .with_login_hint(LoginHint::username("a&b\"<c>")?)
            .with_marketing_tag("utm_source", "ü");
        let return_to = ReturnTo::parse("/items/1?q=a%26b&x=1", &Paths::default());
        let html = html(|| view! { <RegisterLink options return_to>"New"</RegisterLink> }.into_any());
        let query = "login_hint=username%3Aa%26b%22%3Cc%3E&amp;utm_source=%C3%BC\
            &amp;post_login_redirect_url=%2Fitems%2F1%3Fq%3Da%2526b%26x%3D1";
        assert!(html.contains(&format!(r#"href="/api/auth/register?{query}""#)), "{html}");
        Ok(())
    }

    #[test]
    fn the_portal_has_a_link_to_each_of_its_pages() {
        let plain = html(|| view! { <PortalLink class="button">"Account"</PortalLink> }.into_any());
        assert!(plain.contains(r#"href="/api/auth/portal""#) && plain.contains(r#"class="button""#), "{plain}");
        assert!(plain.contains(r#"rel="external nofollow""#) && plain.contains("Account</a>"), "{plain}");
        for page in PortalPage::ALL {
            let return_to = ReturnTo::parse("/items/1?q=a%26b&x=1", &Paths::default());
            let html = html(|| view! { <PortalLink page return_to>"Account"</PortalLink> }.into_any());
            let way_back = "post_login_redirect_url=%2Fitems%2F1%3Fq%3Da%2526b%26x%3D1";
            let href = format!(r#"href="/api/auth/portal?sub_nav={}&amp;{way_back}""#, page.as_str());
            assert!(html.contains(&href), "{href}: {html}");
        }
    }

    #[test]
    fn organizations_have_links_of_their_own() -> Result<(), BadSignInOption> {
        let new = SignInOptions::default().with_new_organization(Some("Tea & Cake"))?;
        let other = SignInOptions::default().with_org_code("org_2")?;
        let create = html(|| view! { <CreateOrgLink options=new>"Create"</CreateOrgLink> }.into_any());
        let switch = html(|| view! { <SwitchOrgLink options=other>"Switch"</SwitchOrgLink> }.into_any());
        assert!(
            create.contains(r#"href="/api/auth/create_org?is_create_org=true&amp;org_name=Tea+%26+Cake""#),
            "{create}"
        );
        assert!(switch.contains(r#"href="/api/auth/switch_org?org_code=org_2""#), "{switch}");
        Ok(())
    }
}
