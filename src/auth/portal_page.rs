//! `PortalPage`: the pages of Kinde's self-serve portal, where users look after their own account, and links to them.
//! The route is in `web::portal`, the request to Kinde in `oidc::portal`.
//!
//! Kinde documentation, "Self-serve portal" (`sub_nav`).

use crate::auth::paths::RETURN_TO_PARAMETER;
use crate::auth::sign_in_options::BadSignInOption;

/// The parameter that names the page. The name is Kinde's.
pub(super) const SUB_NAV: &str = "sub_nav";

/// A page of Kinde's self-serve portal. Which of them a user may open, Kinde decides by its settings and the user's
/// permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PortalPage {
    /// The user's name and ways to sign in.
    Profile,
    /// The name and address of the user's organization.
    OrganizationDetails,
    /// The members of the user's organization.
    OrganizationMembers,
    /// How the user's organization pays.
    OrganizationPaymentDetails,
    /// The plan of the user's organization.
    OrganizationPlanDetails,
    /// The plans that the user's organization can choose.
    OrganizationPlanSelection,
    /// How the user pays.
    PaymentDetails,
    /// The user's plan.
    PlanDetails,
    /// The plans that the user can choose.
    PlanSelection,
    /// API keys.
    ApiKeys,
    /// The user's own API keys.
    UserApiKeys,
    /// The API keys of the user's organization.
    OrganizationApiKeys,
}

impl PortalPage {
    /// Every page.
    pub const ALL: [Self; 12] = [
        Self::Profile,
        Self::OrganizationDetails,
        Self::OrganizationMembers,
        Self::OrganizationPaymentDetails,
        Self::OrganizationPlanDetails,
        Self::OrganizationPlanSelection,
        Self::PaymentDetails,
        Self::PlanDetails,
        Self::PlanSelection,
        Self::ApiKeys,
        Self::UserApiKeys,
        Self::OrganizationApiKeys,
    ];

    /// The value of `sub_nav`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::OrganizationDetails => "organization_details",
            Self::OrganizationMembers => "organization_members",
            Self::OrganizationPaymentDetails => "organization_payment_details",
            Self::OrganizationPlanDetails => "organization_plan_details",
            Self::OrganizationPlanSelection => "organization_plan_selection",
            Self::PaymentDetails => "payment_details",
            Self::PlanDetails => "plan_details",
            Self::PlanSelection => "plan_selection",
            Self::ApiKeys => "api_keys",
            Self::UserApiKeys => "user_api_keys",
            Self::OrganizationApiKeys => "organization_api_keys",
        }
    }

    /// The page that the query of a link names; `None` when it names none, and Kinde chooses.
    ///
    /// # Errors
    /// [`BadSignInOption`]: `sub_nav` names no page, or stands twice.
    pub(super) fn of_query(query: &str) -> Result<Option<Self>, BadSignInOption> {
        let mut named = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == SUB_NAV);
        match (named.next(), named.next()) {
            (None, _) => Ok(None),
            (Some((_, value)), None) => Self::named(&value).map(Some).ok_or(BadSignInOption(SUB_NAV)),
            (Some(_), Some(_)) => Err(BadSignInOption(SUB_NAV)),
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.as_str() == name)
    }
}

/// A link to the route of the portal at this path, percent-encoded: to a page of it, or to the one that Kinde chooses.
/// `return_to` is the path on this site to which the portal leads back.
///
/// ```
/// use kinde_leptos::auth::{PortalPage, portal_link};
///
/// let link = portal_link("/portal", Some(PortalPage::PlanDetails), Some("/items/1?q=x"));
/// assert_eq!(link, "/portal?sub_nav=plan_details&post_login_redirect_url=%2Fitems%2F1%3Fq%3Dx");
/// ```
pub fn portal_link(path: &str, page: Option<PortalPage>, return_to: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(page.map(|page| (SUB_NAV, page.as_str())));
    query.extend_pairs(return_to.map(|return_to| (RETURN_TO_PARAMETER, return_to)));
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_one_of_the_pages_or_none() {
        for page in PortalPage::ALL {
            assert_eq!(PortalPage::of_query(&format!("x=1&sub_nav={}", page.as_str())), Ok(Some(page)));
        }
        for query in ["", "x", "subnav=cellar", "post_login_redirect_url=/?sub_nav%3Dprofile"] {
            assert_eq!(PortalPage::of_query(query), Ok(None), "{query}");
        }
        for query in [
            "sub_nav",
            "sub_nav=",
            "sub_nav=Profile",
            "sub_nav=profile%20",
            "sub_nav=profile%00",
            "sub_nav=%FF",
            "sub_nav=cellar",
            "sub_nav=profile&sub_nav=profile",
            "sub%5Fnav=profile&sub_nav=",
        ] {
            assert_eq!(PortalPage::of_query(query), Err(BadSignInOption("sub_nav")), "{query}");
        }
    }

    #[test]
    fn a_link_has_only_what_it_is_given() {
        assert_eq!(portal_link("/portal", None, None), "/portal");
        assert_eq!(portal_link("/portal", Some(PortalPage::Profile), None), "/portal?sub_nav=profile");
        assert_eq!(portal_link("/portal", None, Some("/a?b=c&d")), "/portal?post_login_redirect_url=%2Fa%3Fb%3Dc%26d");
    }
}
