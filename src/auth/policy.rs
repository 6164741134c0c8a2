//! `Policy`: what a caller must be or have, as a plain value. It imports only `claims` and `rights`. How a policy is
//! decided from what is known of a caller is in `decision`; what is known is gathered in `client::rights`.

mod decision;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

pub(super) use decision::{Facts, Truth};

/// A key, code or name.
type Text = Cow<'static, str>;

/// What a caller must be or have to do something. An application's policies are values with a name, in one place of
/// its own, used by [`require`](super::require), [`Caller::check`](super::Caller::check) and whatever renders a part of
/// a page.
///
/// ```
/// use std::time::Duration;
///
/// use kinde_leptos::auth::Policy;
///
/// let policy = Policy::any([
///     Policy::permission("read:invoices"),
///     Policy::all([Policy::role("accountant"), Policy::recent_login(Duration::from_secs(900))]),
/// ]);
/// assert_eq!(policy.named("read invoices").to_string(), "read invoices");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    name: Option<Text>,
    rule: Rule,
}

/// What holds or does not.
#[derive(Debug, Clone, PartialEq)]
enum Rule {
    Permission(Text),
    Role(Text),
    Scope(Text),
    Flag { code: Text, default: Option<Value>, value: Value },
    Organization(Text),
    AnyOrganization,
    Entitlement(Entitlement),
    Claim { name: Text, value: Value },
    RecentLogin(Duration),
    All(Vec<Policy>),
    Any(Vec<Policy>),
    Fresh(Box<Policy>),
}

/// A rule on one feature of the user's plan: [`Policy::entitlement`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlement {
    feature: Text,
    at_least: Option<u64>,
}

impl Entitlement {
    /// The plan allows at least so many units (`entitlement_limit_max`; null is no limit).
    #[must_use]
    pub fn at_least(self, units: u64) -> Policy {
        Self { at_least: Some(units), ..self }.into()
    }

    /// As [`Policy::fresh`].
    #[must_use]
    pub fn fresh(self) -> Policy {
        Policy::from(self).fresh()
    }

    /// As [`Policy::named`].
    #[must_use]
    pub fn named(self, name: impl Into<Cow<'static, str>>) -> Policy {
        Policy::from(self).named(name)
    }
}

impl From<Entitlement> for Policy {
    fn from(entitlement: Entitlement) -> Self {
        Rule::Entitlement(entitlement).into()
    }
}

impl From<Rule> for Policy {
    fn from(rule: Rule) -> Self {
        Self { name: None, rule }
    }
}

impl Policy {
    /// The user has the permission with this key, in the organization signed in to.
    pub fn permission(key: impl Into<Cow<'static, str>>) -> Self {
        Rule::Permission(key.into()).into()
    }

    /// The user has the role with this key (not the name, which may change), in the organization signed in to.
    pub fn role(key: impl Into<Cow<'static, str>>) -> Self {
        Rule::Role(key.into()).into()
    }

    /// The access token was granted this scope.
    pub fn scope(word: impl Into<Cow<'static, str>>) -> Self {
        Rule::Scope(word.into()).into()
    }

    /// The feature flag has this value. One that is absent fails; so does one of another type, with a warning in the
    /// log.
    pub fn flag(code: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        Rule::Flag { code: code.into(), default: None, value: value.into() }.into()
    }

    /// As [`Self::flag`]; a flag that is absent counts as having the default.
    pub fn flag_or(code: impl Into<Cow<'static, str>>, default: impl Into<Value>, value: impl Into<Value>) -> Self {
        Rule::Flag { code: code.into(), default: Some(default.into()), value: value.into() }.into()
    }

    /// The organization signed in to has this code.
    pub fn organization(code: impl Into<Cow<'static, str>>) -> Self {
        Rule::Organization(code.into()).into()
    }

    /// The user signed in to an organization.
    pub fn any_organization() -> Self {
        Rule::AnyOrganization.into()
    }

    /// The user's own plan contains this feature. Kinde's account API lists a person's own entitlements; the plan of an
    /// organization is not in it.
    pub fn entitlement(feature_key: impl Into<Cow<'static, str>>) -> Entitlement {
        Entitlement { feature: feature_key.into(), at_least: None }
    }

    /// A claim equals this value, or is a list that contains it: of the access token, or of a session's ID token where
    /// the access token lacks the claim. It is taken as it was signed: that rights changed does not concern it, so
    /// permissions and roles have rules of their own.
    pub fn claim(name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        Rule::Claim { name: name.into(), value: value.into() }.into()
    }

    /// The user proved at the issuer who they are no longer ago than this: by the session's `auth_time`, else by when
    /// it began; a bearer token needs the claim `auth_time`. A page's GET that fails only this is led through a
    /// sign-in, once. Less than a minute makes little sense: clocks differ.
    pub fn recent_login(within: Duration) -> Self {
        Rule::RecentLogin(within).into()
    }

    /// All hold. Without policies it holds.
    pub fn all(policies: impl IntoIterator<Item = Self>) -> Self {
        Rule::All(policies.into_iter().collect()).into()
    }

    /// One of them holds. Without policies it fails.
    pub fn any(policies: impl IntoIterator<Item = Self>) -> Self {
        Rule::Any(policies.into_iter().collect()).into()
    }

    /// The same, but permissions, roles, feature flags and entitlements are asked of Kinde for every request, never
    /// taken from a token or from an earlier response. At other issuers the claims are all there is, and decide.
    #[must_use]
    pub fn fresh(self) -> Self {
        Rule::Fresh(Box::new(self)).into()
    }

    /// The same with a name, for the log and for parts of pages.
    #[must_use]
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The scopes that it names, each once.
    pub(super) fn scopes(&self) -> Vec<&str> {
        let mut scopes = Vec::new();
        self.visit(&mut |rule| {
            if let Rule::Scope(word) = rule
                && !scopes.contains(&word.as_ref())
            {
                scopes.push(word.as_ref());
            }
        });
        scopes
    }

    /// The most recent login that it asks for.
    pub(super) fn login_within(&self) -> Option<Duration> {
        let mut least: Option<Duration> = None;
        self.visit(&mut |rule| {
            if let Rule::RecentLogin(within) = rule {
                least = Some(least.map_or(*within, |least| least.min(*within)));
            }
        });
        least
    }

    fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Rule)) {
        see(&self.rule);
        match &self.rule {
            Rule::All(policies) | Rule::Any(policies) => policies.iter().for_each(|policy| policy.visit(see)),
            Rule::Fresh(policy) => policy.visit(see),
            _ => {}
        }
    }
}

/// The name, or the rule in words, such as `permission read:items`.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => f.write_str(name),
            None => self.rule.fmt(f),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permission(key) => write!(f, "permission {key}"),
            Self::Role(key) => write!(f, "role {key}"),
            Self::Scope(word) => write!(f, "scope {word}"),
            Self::Flag { code, value, .. } => write!(f, "flag {code} = {value}"),
            Self::Organization(code) => write!(f, "organization {code}"),
            Self::AnyOrganization => f.write_str("an organization"),
            Self::Entitlement(Entitlement { feature, at_least: None }) => write!(f, "entitlement {feature}"),
            Self::Entitlement(Entitlement { feature, at_least: Some(units) }) => {
                write!(f, "entitlement {feature} of at least {units}")
            }
            Self::Claim { name, value } => write!(f, "claim {name} = {value}"),
            Self::RecentLogin(within) => write!(f, "a login within {} s", within.as_secs()),
            Self::All(policies) => list(f, "all", policies),
            Self::Any(policies) => list(f, "any", policies),
            Self::Fresh(policy) => write!(f, "{policy}, fresh"),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, word: &str, policies: &[Policy]) -> fmt::Result {
    let members: Vec<String> = policies.iter().map(ToString::to_string).collect();
    write!(f, "{word} of ({})", members.join("; "))
}
