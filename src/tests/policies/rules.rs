//! Each rule in each of the four places: where it holds, where it fails, and where that is not known.

use std::time::Duration;

use kinde_leptos::auth::Policy;
use kinde_leptos::dev_issuer::Shape;
use serde_json::{Value, json};

use super::{PLACES, Place, site, site_with, token_of};
use crate::harness::{Site, person};

/// What decides: a person, what the tenant knows of them, and whether its account API responds.
struct Case {
    person: &'static str,
    changes: Value,
    account_api: bool,
}

impl Case {
    fn of(person: &'static str) -> Self {
        Self { person, changes: json!({}), account_api: true }
    }

    fn with(self, changes: Value) -> Self {
        Self { changes, ..self }
    }

    /// The access token lists no rights, and the account API does not respond.
    fn unknown() -> Self {
        let without = json!({"claims": {"permissions": null, "roles": null, "feature_flags": null}});
        Self { account_api: false, ..Self::of("ada").with(without) }
    }
}

async fn check(policy: Policy, cases: &[(Case, u16)]) {
    let site = site(policy.clone()).await;
    for (case, expected) in cases {
        site.tenant.clear_faults().await;
        site.tenant.change_person(case.person, case.changes.clone()).await;
        site.auth.end_sessions_of(&person(case.person).subject).await.unwrap();
        let mut browser = site.signed_in(case.person).await;
        let token = token_of(&site, case.person).await;
        if !case.account_api {
            site.tenant.fault("account_500").await;
        }
        for place in PLACES {
            // A part is hidden where it is not known whether its policy holds.
            let expected = if place == Place::Part { (*expected).min(403) } else { *expected };
            let status = place.status(&site, &mut browser, &token).await;
            assert_eq!(status, expected, "{policy}, {place:?}, {}", case.person);
        }
    }
}

#[tokio::test]
async fn permission() {
    let unlisted = json!({"claims": {"permissions": null}});
    let cases = [(Case::of("ada"), 200), (Case::of("dorothy"), 403), (Case::of("ada").with(unlisted.clone()), 200)];
    check(Policy::permission("read:members"), &cases).await;
    check(Policy::permission("read:members"), &[(Case::of("dorothy").with(unlisted), 403)]).await;
    check(Policy::permission("read:members"), &[(Case::unknown(), 503)]).await;
    // About 65 kB of claims, and 3,001 permissions that the account API lists on 31 pages, of which 20 are read.
    let cut = json!({"claims": {"permissions": null}});
    check(Policy::permission("read:shelf-02999"), &[(Case::of("atlas"), 200)]).await;
    check(Policy::permission("read:shelf-01000"), &[(Case::of("atlas").with(cut.clone()), 200)]).await;
    check(Policy::permission("read:shelf-02999"), &[(Case::of("atlas").with(cut), 503)]).await;
}

#[tokio::test]
async fn role() {
    let listed = json!({"claims": {"roles": [{"id": "1", "key": "admin", "name": "Owner"}]}});
    let cases = [(Case::of("ada"), 200), (Case::of("grace"), 403), (Case::of("ada").with(listed.clone()), 200)];
    check(Policy::role("admin"), &cases).await;
    check(Policy::role("Owner"), &[(Case::of("ada").with(listed), 403)]).await;
    check(Policy::role("admin"), &[(Case::unknown(), 503)]).await;
}

#[tokio::test]
async fn scope() {
    check(Policy::scope("profile"), &[(Case::of("ada"), 200)]).await;
    check(Policy::scope("write"), &[(Case::of("ada"), 403), (Case::unknown(), 403)]).await;
}

#[tokio::test]
async fn flag() {
    let unlisted = json!({"claims": {"feature_flags": null}});
    for policy in [
        Policy::flag("is_dark_mode", true),
        Policy::flag("theme", "pink"),
        Policy::flag("competitions_limit", 5),
        Policy::flag("layout", json!({"columns": 2})),
    ] {
        let cases = [(Case::of("ada"), 200), (Case::of("dorothy"), 403), (Case::of("ada").with(unlisted.clone()), 200)];
        check(policy.clone(), &cases).await;
        check(policy, &[(Case::unknown(), 503)]).await;
    }
    let of_another_type = [(Case::of("ada"), 403), (Case::of("ada").with(unlisted), 403)];
    check(Policy::flag("is_dark_mode", "true"), &of_another_type).await;
    let defaults_hold = [(Case::of("dorothy"), 200), (Case::unknown(), 503)];
    check(Policy::flag_or("is_dark_mode", true, true), &defaults_hold).await;
    check(Policy::flag_or("is_dark_mode", false, true), &[(Case::of("dorothy"), 403)]).await;
}

#[tokio::test]
async fn organization() {
    let code = person("ada").organizations[0].code.clone();
    check(Policy::organization(code), &[(Case::of("ada"), 200), (Case::of("katherine"), 403)]).await;
    let without = json!({"claims": {"org_code": null}});
    check(Policy::any_organization(), &[(Case::of("ada"), 200), (Case::of("ada").with(without), 403)]).await;
}

#[tokio::test]
async fn entitlement() {
    let cases = [(Case::of("ada"), 200), (Case::of("grace"), 200), (Case::of("dorothy"), 403), (Case::unknown(), 503)];
    check(Policy::entitlement("items").into(), &cases).await;
    check(Policy::entitlement("items").at_least(100), &[(Case::of("ada"), 200), (Case::of("grace"), 200)]).await;
    check(Policy::entitlement("items").at_least(101), &[(Case::of("ada"), 403), (Case::of("grace"), 200)]).await;
}

#[tokio::test]
async fn claim() {
    let groups = json!({"claims": {"groups": ["a", "b"], "level": 3}});
    check(Policy::claim("groups", "b"), &[(Case::of("ada"), 403), (Case::of("ada").with(groups.clone()), 200)]).await;
    check(Policy::claim("level", 3), &[(Case::of("ada").with(groups), 200), (Case::of("grace"), 403)]).await;
}

#[tokio::test]
async fn recent_login() {
    let site = site(Policy::recent_login(Duration::from_secs(300))).await;
    // Access tokens have no `auth_time` at Kinde, unless the tenant adds it.
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    site.tenant.change_person("ada", json!({"claims": {"auth_time": now}})).await;
    let mut browser = site.signed_in("ada").await;
    let token = token_of(&site, "ada").await;
    for place in PLACES {
        assert_eq!(place.status(&site, &mut browser, &token).await, 200, "{place:?}");
    }
    site.advance(Duration::from_secs(310));
    for (place, status) in [(Place::Route, 303), (Place::Function, 403), (Place::Bearer, 403), (Place::Part, 403)] {
        assert_eq!(place.status(&site, &mut browser, &token).await, status, "{place:?}");
    }
}

#[tokio::test]
async fn all_and_any() {
    let (held, failed) = (|| Policy::permission("read:members"), || Policy::permission("other"));
    check(Policy::all([held(), Policy::any_organization()]), &[(Case::of("ada"), 200)]).await;
    check(Policy::all([held(), failed()]), &[(Case::of("ada"), 403)]).await;
    check(Policy::any([failed(), held()]), &[(Case::of("ada"), 200)]).await;
    check(Policy::all([]), &[(Case::of("dorothy"), 200), (Case::unknown(), 200)]).await;
    check(Policy::any([]), &[(Case::of("ada"), 403), (Case::unknown(), 403)]).await;
    // Kleene: one rule that holds decides `any`, one that fails decides `all`, whatever else is unknown.
    check(Policy::any([held(), Policy::scope("profile")]), &[(Case::unknown(), 200)]).await;
    check(Policy::all([held(), Policy::scope("write")]), &[(Case::unknown(), 403)]).await;
    check(Policy::any([held(), Policy::scope("write")]), &[(Case::unknown(), 503)]).await;
}

#[tokio::test]
async fn fresh() {
    let outdated = json!({"claims": {"permissions": ["read:members"]}, "permissions": []});
    check(Policy::permission("read:members"), &[(Case::of("ada").with(outdated.clone()), 200)]).await;
    check(Policy::permission("read:members").fresh(), &[(Case::of("grace"), 200)]).await;
    check(Policy::permission("read:members").fresh(), &[(Case::of("ada").with(outdated), 403)]).await;
    check(Policy::permission("read:members").fresh(), &[(Case::unknown(), 503)]).await;
}

/// The claims decide at issuers other than Kinde, also where a fresh answer is asked for.
#[tokio::test]
async fn another_issuer_has_claims_only() {
    for (policy, listed, other) in [
        (Policy::permission("read"), json!({"permissions": ["read"]}), json!({})),
        (Policy::permission("read").fresh(), json!({"permissions": ["read"]}), json!({"permissions": []})),
        (Policy::scope("profile"), json!({}), json!({"scope": "openid"})),
    ] {
        let site = site_with(Shape::Plain, policy.clone()).await;
        site.tenant.settings(json!({"opaque_access_tokens": false})).await;
        for (claims, status) in [(listed, 200), (other, 403)] {
            site.tenant.change_person("ada", json!({"claims": claims})).await;
            site.auth.end_sessions_of(&person("ada").subject).await.unwrap();
            let mut browser = site.signed_in("ada").await;
            let token = token_of(&site, "ada").await;
            for place in PLACES {
                assert_eq!(place.status(&site, &mut browser, &token).await, status, "{policy}, {place:?}");
            }
        }
    }
    let site: Site = site_with(Shape::Plain, Policy::entitlement("items").into()).await;
    let mut browser = site.signed_in("ada").await;
    assert_eq!(browser.get(&site.at("/route")).await.status, 403);
}
