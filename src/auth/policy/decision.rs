//! Decides a policy from what is known of a caller. A rule is true, false or unknown, and rules combine as in Kleene's
//! three-valued logic. Nothing is looked up here.

use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;

use super::{Entitlement, Policy, Rule};
use crate::auth::claims::{AccessTokenClaims, ClaimMap, Flag, FlagKind};
use crate::auth::rights::{Flags, Listed, Resource, Rights};

/// Whether something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) enum Truth {
    True,
    False,
    Unknown,
}

/// What is known of a caller.
#[derive(Debug, Clone, Copy)]
pub(in crate::auth) struct Facts<'a> {
    /// The claims of the access token. `None` when it is opaque, or failed verification.
    pub(in crate::auth) access_token: Option<&'a AccessTokenClaims>,
    /// The claims of the access token and of the ID token as they were signed, as far as there are such.
    pub(in crate::auth) claims: [Option<&'a ClaimMap>; 2],
    /// When the user last proved at the issuer who they are, if that is known.
    pub(in crate::auth) authenticated_at: Option<OffsetDateTime>,
    /// The rights that are known and not known to be old.
    pub(in crate::auth) known: &'a Rights,
    /// The rights that were asked for this very request.
    pub(in crate::auth) asked: &'a Rights,
    pub(in crate::auth) now: OffsetDateTime,
}

/// How a policy is looked at.
#[derive(Clone, Copy)]
struct View<'a> {
    facts: Facts<'a>,
    /// Inside [`Policy::fresh`].
    is_fresh: bool,
    /// Whether every login counts as recent.
    supposes_login: bool,
}

impl Policy {
    /// Whether the policy holds.
    pub(in crate::auth) fn decide(&self, facts: Facts<'_>) -> Truth {
        self.truth(View { facts, is_fresh: false, supposes_login: false })
    }

    /// Whether it would hold if the user had just signed in.
    pub(in crate::auth) fn decide_after_login(&self, facts: Facts<'_>) -> Truth {
        self.truth(View { facts, is_fresh: false, supposes_login: true })
    }

    /// The lists that it names and that are not known.
    pub(in crate::auth) fn missing(&self, facts: Facts<'_>) -> Vec<Resource> {
        let mut missing = Vec::new();
        self.collect_missing(View { facts, is_fresh: false, supposes_login: false }, &mut missing);
        missing
    }

    /// The codes of feature flags that have another type than it expects.
    pub(in crate::auth) fn flags_of_another_type(&self, facts: Facts<'_>) -> Vec<&str> {
        let flags = [&facts.known.feature_flags, &facts.asked.feature_flags];
        let has_another_type = |code: &str, value: &Value| {
            let found = flags.into_iter().flatten().find_map(|flags| flags.find(code).flatten());
            found.is_some_and(|flag| !has_type_of(flag, value))
        };
        let mut codes = Vec::new();
        self.visit(&mut |rule| match rule {
            Rule::Flag { code, value, .. } if has_another_type(code, value) => codes.push(code.as_ref()),
            _ => {}
        });
        codes
    }

    fn collect_missing(&self, view: View<'_>, missing: &mut Vec<Resource>) {
        let resource = match &self.rule {
            Rule::Permission(_) => Resource::Permissions,
            Rule::Role(_) => Resource::Roles,
            Rule::Flag { .. } => Resource::FeatureFlags,
            Rule::Entitlement(_) => Resource::Entitlements,
            Rule::All(policies) | Rule::Any(policies) => {
                return policies.iter().for_each(|policy| policy.collect_missing(view, missing));
            }
            Rule::Fresh(policy) => return policy.collect_missing(View { is_fresh: true, ..view }, missing),
            Rule::Scope(_)
            | Rule::Organization(_)
            | Rule::AnyOrganization
            | Rule::Claim { .. }
            | Rule::RecentLogin(_) => return,
        };
        if !view.rights().has(resource) && !missing.contains(&resource) {
            missing.push(resource);
        }
    }

    fn truth(&self, view: View<'_>) -> Truth {
        let Facts { access_token, claims, .. } = view.facts;
        match &self.rule {
            Rule::Permission(key) => contains(view.rights().permissions.as_ref(), key),
            Rule::Role(key) => contains(view.rights().roles.as_ref(), key),
            Rule::Scope(word) => {
                let scope = access_token.and_then(|token| token.scope.as_ref());
                scope.is_some_and(|scope| scope.iter().any(|granted| granted == word)).into()
            }
            Rule::Flag { code, default, value } => {
                flag(view.rights().feature_flags.as_ref(), code, default.as_ref(), value)
            }
            Rule::Organization(code) => organization(access_token).is_some_and(|own| own == code).into(),
            Rule::AnyOrganization => organization(access_token).is_some().into(),
            Rule::Entitlement(entitlement) => entitled(view.rights(), entitlement),
            Rule::Claim { name, value } => {
                let claim = claims.into_iter().flatten().find_map(|claims| claims.get(name.as_ref()));
                claim.is_some_and(|claim| is_or_contains(claim, value)).into()
            }
            Rule::RecentLogin(within) => view.has_login_within(*within).into(),
            Rule::All(policies) => Truth::all(policies.iter().map(|policy| policy.truth(view))),
            Rule::Any(policies) => Truth::any(policies.iter().map(|policy| policy.truth(view))),
            Rule::Fresh(policy) => policy.truth(View { is_fresh: true, ..view }),
        }
    }
}

impl<'a> View<'a> {
    fn rights(self) -> &'a Rights {
        if self.is_fresh { self.facts.asked } else { self.facts.known }
    }

    fn has_login_within(self, within: Duration) -> bool {
        let oldest = time::Duration::try_from(within).ok().and_then(|within| self.facts.now.checked_sub(within));
        let is_recent = |at: OffsetDateTime| oldest.is_none_or(|oldest| at >= oldest);
        self.supposes_login || self.facts.authenticated_at.is_some_and(is_recent)
    }
}

impl Truth {
    fn all(truths: impl Iterator<Item = Self>) -> Self {
        truths.fold(Self::True, |all, truth| match (all, truth) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::True, Self::True) => Self::True,
        })
    }

    fn any(truths: impl Iterator<Item = Self>) -> Self {
        truths.fold(Self::False, |any, truth| match (any, truth) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::False, Self::False) => Self::False,
        })
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

/// Whether an entry of a list is as it should be; unknown when the entry is.
fn entry<T>(list: Option<&Listed<T>>, key: &str, is_right: impl FnOnce(Option<&T>) -> bool) -> Truth {
    list.and_then(|list| list.find(key)).map_or(Truth::Unknown, |entry| is_right(entry).into())
}

fn contains<T>(list: Option<&Listed<T>>, key: &str) -> Truth {
    entry(list, key, |entry| entry.is_some())
}

fn flag(flags: Option<&Flags>, code: &str, default: Option<&Value>, value: &Value) -> Truth {
    entry(flags, code, |flag| match flag {
        None => default == Some(value),
        Some(flag) => has_type_of(flag, value) && flag.value == *value,
    })
}

fn has_type_of(flag: &Flag, value: &Value) -> bool {
    match flag.kind {
        FlagKind::Bool => value.is_boolean(),
        FlagKind::String => value.is_string(),
        FlagKind::Integer => value.is_number(),
        FlagKind::Json => true,
        FlagKind::Other => false,
    }
}

fn entitled(rights: &Rights, Entitlement { feature, at_least }: &Entitlement) -> Truth {
    let reaches = |limit: Option<i64>| match (limit, at_least) {
        (Some(limit), Some(units)) => i128::from(limit) >= i128::from(*units),
        _ => true,
    };
    entry(rights.entitlements.as_ref(), feature, |limit| limit.is_some_and(|limit| reaches(*limit)))
}

fn organization(access_token: Option<&AccessTokenClaims>) -> Option<&String> {
    access_token.and_then(|token| token.org_code.as_ref())
}

fn is_or_contains(claim: &Value, value: &Value) -> bool {
    claim == value || claim.as_array().is_some_and(|members| members.contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::rights::Keys;
    use proptest::prelude::*;
    use serde_json::json;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn rights() -> Rights {
        let flag = |kind, value| Flag { kind, value };
        let flags = [
            ("on".to_owned(), flag(FlagKind::Bool, json!(true))),
            ("theme".to_owned(), flag(FlagKind::String, json!("pink"))),
            ("seats".to_owned(), flag(FlagKind::Integer, json!(5))),
            ("look".to_owned(), flag(FlagKind::Json, json!({"dark": true}))),
            ("new".to_owned(), flag(FlagKind::Other, json!(true))),
        ];
        Rights {
            permissions: Some(Keys::of_keys(["read:items".to_owned()], true)),
            roles: Some(Listed::new([("admin".to_owned(), None)], true)),
            feature_flags: Some(Listed::new(flags, true)),
            entitlements: Some(Listed::new([("items".to_owned(), Some(100)), ("seats".to_owned(), None)], true)),
        }
    }

    fn access_token() -> ClaimMap {
        let claims = json!({
            "iss": "https://issuer.example", "sub": "kp_1", "exp": 7, "scp": ["openid", "read"], "org_code": "org_1",
            "department": "sales", "groups": ["a", "b"], "level": 3,
        });
        claims.as_object().unwrap().clone()
    }

    /// The truth with these rights known, these asked, and a login a minute ago.
    fn truth(policy: &Policy, known: &Rights, asked: &Rights) -> Truth {
        let map = access_token();
        let typed = AccessTokenClaims::from_map(map.clone()).unwrap();
        let id_token = json!({"department": "research", "zoneinfo": "Europe/London"});
        policy.decide(Facts {
            access_token: Some(&typed),
            claims: [Some(&map), id_token.as_object()],
            authenticated_at: Some(NOW - Duration::from_secs(60)),
            known,
            asked,
            now: NOW,
        })
    }

    fn known(policy: &Policy) -> Truth {
        truth(policy, &rights(), &Rights::default())
    }

    #[test]
    fn each_rule_holds_or_fails_by_what_is_known() {
        for (policy, holds) in [
            (Policy::permission("read:items"), true),
            (Policy::permission("read"), false),
            (Policy::role("admin"), true),
            (Policy::role("Admin"), false),
            (Policy::scope("read"), true),
            (Policy::scope("write"), false),
            (Policy::flag("on", true), true),
            (Policy::flag("on", false), false),
            (Policy::flag("theme", "pink"), true),
            (Policy::flag("seats", 5), true),
            (Policy::flag("seats", 4), false),
            (Policy::flag("look", json!({"dark": true})), true),
            (Policy::flag("absent", true), false),
            (Policy::flag_or("absent", true, true), true),
            (Policy::flag_or("absent", false, true), false),
            (Policy::flag_or("on", false, true), true),
            (Policy::organization("org_1"), true),
            (Policy::organization("org_2"), false),
            (Policy::any_organization(), true),
            (Policy::entitlement("items").into(), true),
            (Policy::entitlement("items").at_least(100), true),
            (Policy::entitlement("items").at_least(101), false),
            (Policy::entitlement("seats").at_least(u64::MAX), true),
            (Policy::entitlement("other").into(), false),
            (Policy::claim("department", "sales"), true),
            (Policy::claim("department", "research"), false),
            (Policy::claim("groups", "b"), true),
            (Policy::claim("groups", json!(["a", "b"])), true),
            (Policy::claim("groups", "c"), false),
            (Policy::claim("level", 3), true),
            (Policy::claim("level", "3"), false),
            (Policy::claim("zoneinfo", "Europe/London"), true),
            (Policy::claim("absent", Value::Null), false),
            (Policy::recent_login(Duration::from_secs(60)), true),
            (Policy::recent_login(Duration::from_secs(59)), false),
            (Policy::recent_login(Duration::MAX), true),
            (Policy::all([]), true),
            (Policy::any([]), false),
        ] {
            assert_eq!(known(&policy), holds.into(), "{policy}");
            assert_eq!(known(&policy.clone().named("a name")), holds.into(), "{policy}");
        }
    }

    #[test]
    fn a_flag_of_another_type_fails_even_where_a_default_would_hold() {
        for policy in [
            Policy::flag("on", "true"),
            Policy::flag("theme", true),
            Policy::flag("seats", "5"),
            Policy::flag("new", true),
            Policy::flag_or("theme", true, true),
        ] {
            assert_eq!(known(&policy), Truth::False, "{policy}");
        }
    }

    #[test]
    fn what_is_not_known_is_neither_true_nor_false() {
        let nothing = Rights::default();
        for policy in [
            Policy::permission("read:items"),
            Policy::role("admin"),
            Policy::flag("on", true),
            Policy::flag_or("absent", true, true),
            Policy::entitlement("items").into(),
        ] {
            assert_eq!(truth(&policy, &nothing, &rights()), Truth::Unknown, "{policy}");
            assert_eq!(truth(&policy.clone().fresh(), &rights(), &nothing), Truth::Unknown, "{policy}");
            assert_eq!(truth(&policy.clone().fresh(), &nothing, &rights()), Truth::True, "{policy}");
        }
    }

    #[test]
    fn only_lists_that_a_policy_names_and_that_are_not_known_are_missing() {
        let map = access_token();
        let typed = AccessTokenClaims::from_map(map.clone()).unwrap();
        let missing = |policy: &Policy, known: &Rights| {
            policy.missing(Facts {
                access_token: Some(&typed),
                claims: [Some(&map), None],
                authenticated_at: None,
                known,
                asked: &Rights::default(),
                now: NOW,
            })
        };
        let policy = Policy::all([
            Policy::permission("a"),
            Policy::any([Policy::permission("b"), Policy::role("c").fresh()]),
            Policy::scope("d"),
        ]);
        assert_eq!(missing(&policy, &Rights::default()), [Resource::Permissions, Resource::Roles]);
        assert_eq!(missing(&policy, &rights()), [Resource::Roles]);
        assert_eq!(missing(&Policy::scope("d").fresh(), &Rights::default()), []);
    }

    #[test]
    fn a_policy_may_fail_for_the_login_alone() {
        let map = access_token();
        let typed = AccessTokenClaims::from_map(map.clone()).unwrap();
        let (known, asked) = (rights(), Rights::default());
        let facts = Facts {
            access_token: Some(&typed),
            claims: [Some(&map), None],
            authenticated_at: None,
            known: &known,
            asked: &asked,
            now: NOW,
        };
        let login = || Policy::recent_login(Duration::from_secs(300));
        let allowed = Policy::all([Policy::permission("read:items"), login()]);
        let other = Policy::all([Policy::permission("write:items"), login()]);
        assert_eq!((allowed.decide(facts), allowed.decide_after_login(facts)), (Truth::False, Truth::True));
        assert_eq!((other.decide(facts), other.decide_after_login(facts)), (Truth::False, Truth::False));
        assert_eq!(
            Policy::any([allowed, Policy::recent_login(Duration::from_secs(60))]).login_within(),
            Some(Duration::from_secs(60))
        );
    }

    #[test]
    fn scopes_are_listed_once_each() {
        let policy = Policy::any([Policy::scope("a"), Policy::all([Policy::scope("b"), Policy::scope("a")]).fresh()]);
        assert_eq!(policy.scopes(), ["a", "b"]);
    }

    /// A policy of this truth.
    fn of(truth: Truth) -> Policy {
        match truth {
            Truth::True => Policy::permission("read:items"),
            Truth::False => Policy::permission("other"),
            Truth::Unknown => Policy::role("admin"),
        }
    }

    fn any_truth() -> impl Strategy<Value = Truth> {
        prop_oneof![Just(Truth::True), Just(Truth::False), Just(Truth::Unknown)]
    }

    proptest! {
        #[test]
        fn policies_combine_as_in_kleenes_logic(truths in proptest::collection::vec(any_truth(), 0..6)) {
            let rights = Rights { roles: None, ..rights() };
            let combined = |combine: fn(Vec<Policy>) -> Policy| {
                truth(&combine(truths.iter().copied().map(of).collect()), &rights, &Rights::default())
            };
            let has = |truth| truths.contains(&truth);
            let (all, any) = (combined(Policy::all), combined(Policy::any));
            prop_assert_eq!(all == Truth::False, has(Truth::False));
            prop_assert_eq!(any == Truth::True, has(Truth::True));
            prop_assert_eq!(all == Truth::Unknown, !has(Truth::False) && has(Truth::Unknown));
            prop_assert_eq!(any == Truth::Unknown, !has(Truth::True) && has(Truth::Unknown));
        }
    }
}
