//! `/members` and `GET /api/members`: the live example of a policy on a page, a part of it, and a server function.

use serde_json::json;

use kinde_leptos::api::members::ReadMembers;
use kinde_leptos::auth::paths::LOGIN;
use kinde_leptos::paths::MEMBERS;
use leptos::server_fn::ServerFn;

use crate::harness::{Browser, Log, Site, person, routes};

#[tokio::test]
async fn members_are_shown_to_those_who_may_read_them() {
    let site = Site::start().await;
    let organization = &person("ada").organizations[0];
    let mut ada = site.signed_in("ada").await;
    let page = ada.get(&site.at(MEMBERS)).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains(&organization.name) && page.body.contains(&organization.code), "{}", page.body);
    let expected = json!({"org_code": organization.code, "org_name": organization.name});
    for path in [MEMBERS, ReadMembers::PATH] {
        let response = ada.get_json(&site.at(path)).await;
        assert_eq!((response.status, response.json()), (200, expected.clone()), "{path}");
    }
}

#[tokio::test]
async fn only_those_who_may_invite_see_how() {
    let site = Site::start().await;
    let mut pages = Vec::new();
    for key in ["ada", "grace"] {
        pages.push(site.signed_in(key).await.get(&site.at(MEMBERS)).await.body);
    }
    assert!(pages[0].contains("Invite members") && pages[0].contains("organization_members"), "{}", pages[0]);
    assert!(!pages[1].contains("Invite members") && pages[1].contains("can invite others"), "{}", pages[1]);
}

// RP-15
#[tokio::test]
async fn a_person_without_the_permission_is_refused_on_page_function_and_api_alike() {
    let site = Site::start().await;
    let mut dorothy = site.signed_in("dorothy").await;
    let page = dorothy.get(&site.at(MEMBERS)).await;
    assert_eq!((page.status, page.location()), (403, None));
    assert!(page.body.contains("Not allowed") && page.body.contains("Dorothy Vaughan"), "{}", page.body);
    for path in [MEMBERS, ReadMembers::PATH] {
        let response = dorothy.get_json(&site.at(path)).await;
        assert_eq!((response.status, response.json()), (403, json!({"detail": "Not allowed"})), "{path}");
    }
    assert_eq!(dorothy.get(&site.at("/")).await.status, 200);
}

#[tokio::test]
async fn nobody_is_sent_to_sign_in_or_refused() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    assert_eq!(browser.get(&site.at(MEMBERS)).await.location().unwrap().path(), LOGIN);
    for path in [MEMBERS, ReadMembers::PATH] {
        let response = browser.get_json(&site.at(path)).await;
        assert_eq!((response.status, response.json()), (401, json!({"detail": "Not authenticated"})), "{path}");
    }
}

#[tokio::test]
async fn unknown_rights_are_a_503_that_keeps_the_session() {
    let site = Site::start().await;
    site.tenant.change_person("ada", json!({"claims": {"permissions": null}})).await;
    let mut ada = site.signed_in("ada").await;
    site.tenant.fault("account_500").await;
    let page = ada.get(&site.at(MEMBERS)).await;
    assert_eq!((page.status, page.header("retry-after")), (503, "6"));
    assert!(page.body.contains("Try again") && page.body.contains("Ada Lovelace"), "{}", page.body);
    for path in [MEMBERS, ReadMembers::PATH] {
        let response = ada.get_json(&site.at(path)).await;
        assert_eq!((response.status, response.header("retry-after")), (503, "6"), "{path}: {}", response.body);
    }
    site.tenant.clear_faults().await;
    assert_eq!(ada.get(&site.at(MEMBERS)).await.status, 200);
}

/// An access token without the organization's name, as Kinde issues it by default.
#[tokio::test]
async fn an_organization_without_a_name_goes_by_its_code() {
    let site = Site::start().await;
    site.tenant.change_person("ada", json!({"claims": {"org_name": null}})).await;
    let code = &person("ada").organizations[0].code;
    let mut ada = site.signed_in("ada").await;
    for path in [MEMBERS, ReadMembers::PATH] {
        let response = ada.get_json(&site.at(path)).await;
        assert_eq!(response.json(), json!({"org_code": code, "org_name": null}), "{path}");
    }
    let page = ada.get(&site.at(MEMBERS)).await.body;
    assert!(page.contains(&format!("<bdi>{code}</bdi></h2>")), "{page}");
}

/// A part whose policy no handler evaluates is hidden, and the log says so.
#[tokio::test]
async fn every_part_of_a_page_asks_for_a_policy_that_its_handler_evaluates() {
    let log = Log::capture();
    let site = Site::start().await;
    for key in ["ada", "dorothy"] {
        let mut browser = site.signed_in(key).await;
        for path in routes(&site).await.iter().map(String::as_str).chain(["/items/x", "/nowhere"]) {
            browser.get(&site.at(path)).await;
        }
    }
    assert_eq!(log.lines_with("did not evaluate"), [""; 0]);
}

/// A refused page and a refused function are counted alike.
#[tokio::test]
async fn refusals_are_counted() {
    let log = Log::capture();
    let site = Site::start().await;
    let mut dorothy = site.signed_in("dorothy").await;
    for path in [MEMBERS, ReadMembers::PATH] {
        assert_eq!(dorothy.get_json(&site.at(path)).await.status, 403);
    }
    drop(site);
    let begun = std::time::Instant::now();
    while log.lines_with("not_allowed").is_empty() {
        assert!(begun.elapsed().as_secs() < 10, "{}", log.text());
        tokio::task::yield_now().await;
    }
    assert!(log.lines_with("not_allowed")[0].contains("count=2"), "{}", log.text());
}
