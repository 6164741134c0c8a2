//! The organizations and rights in the account, and where they come from.

use kinde_leptos::api::account::ReadAccount;
use kinde_leptos::auth::paths::{ACCOUNT, SWITCH_ORG};
use leptos::server_fn::ServerFn;
use serde_json::{Value, json};

use super::account;
use crate::harness::{Browser, Site, person};

/// The audience of the API.
const API: &str = "https://app.example/api";

async fn site_for_programs() -> Site {
    Site::start_with(|config| *config = config.clone().with_audiences([API]).with_api_audiences([API])).await
}

/// The account that a program gets with this token, which is the same at both addresses.
async fn with_token(site: &Site, token: &str) -> Value {
    let mut accounts = Vec::new();
    for path in [ACCOUNT, ReadAccount::PATH] {
        let headers = [("accept", "application/json"), ("authorization", &*format!("Bearer {token}"))];
        let response = Browser::new().send(reqwest::Method::GET, &site.at(path), &headers, None).await;
        assert_eq!(response.status, 200, "{path}: {}", response.body);
        accounts.push(response.json());
    }
    assert_eq!(accounts[0], accounts[1]);
    accounts.pop().unwrap()
}

#[tokio::test]
async fn a_user_may_switch_to_any_other_organization() {
    let site = Site::start().await;
    let [first, second] = &person("katherine").organizations[..] else { panic!("two organizations") };
    let mut katherine = site.signed_in("katherine").await;
    let seen = account(&site, &mut katherine).await;
    assert_eq!(seen["organization"], json!({"code": first.code, "name": first.name}));
    let organizations = json!([{"code": first.code, "name": first.name}, {"code": second.code, "name": null}]);
    assert_eq!(seen["organizations"], organizations);
    let page = katherine.get(&site.at(ACCOUNT)).await;
    let (_, switcher) = page.body.split_once("id=\"other-organizations\"").unwrap();
    let link = format!("{SWITCH_ORG}?org_code={}", second.code);
    let href = format!("href=\"{link}&amp;post_login_redirect_url=%2Faccount\"");
    assert!(switcher.contains(&href) && !page.body.contains(&format!("{SWITCH_ORG}?org_code={}", first.code)));
    let arrived = katherine.visit(&site.at(&format!("{link}&post_login_redirect_url=%2Faccount"))).await;
    assert_eq!((arrived.status, arrived.url.path()), (200, ACCOUNT));
    let seen = account(&site, &mut katherine).await;
    assert_eq!(seen["organization"], json!({"code": second.code, "name": second.name}));
    assert_eq!(seen["permissions"], json!(["create:orbits", "read:items", "read:members"]));
    assert_eq!(seen["sessions"].as_array().unwrap().len(), 1, "the switch replaced the session");
}

#[tokio::test]
async fn three_thousand_permissions_are_fifty_and_a_count() {
    let site = Site::start().await;
    let mut atlas = site.signed_in("atlas").await;
    let page = atlas.get(&site.at(ACCOUNT)).await;
    assert_eq!(page.status, 200);
    let (_, list) = page.body.split_once("id=\"permissions\"").unwrap();
    let (list, rest) = list.split_once("</ul>").unwrap();
    assert_eq!(list.matches("<li>").count(), 50);
    assert!(rest.contains("and 2,951 more"), "{rest}");
    assert_eq!(account(&site, &mut atlas).await["permissions"].as_array().unwrap().len(), 3_001);
}

/// As in the access tokens of an application at Kinde without "Token customization".
#[tokio::test]
async fn lists_that_no_claim_has_are_asked_for_once() {
    let site = Site::start().await;
    let claims = json!({"claims": {"permissions": null, "roles": null, "feature_flags": null, "org_name": null}});
    site.tenant.change_person("ada", claims).await;
    let mut ada = site.signed_in("ada").await;
    for _ in 0..2 {
        let seen = account(&site, &mut ada).await;
        assert_eq!(seen["permissions"].as_array().unwrap().len(), 5);
        assert_eq!(seen["roles"], json!([{"key": "admin", "name": "admin"}]));
        assert_eq!(seen["feature_flags"]["theme"], json!({"type": "string", "value": "pink"}));
        assert_eq!(seen["feature_flags"]["layout"]["type"], "json");
        assert_eq!(seen["organization"]["name"], Value::Null);
    }
    for list in ["permissions", "roles", "feature_flags"] {
        assert_eq!(site.tenant.requests_at(&format!("/account_api/v1/{list}")).await, 1, "{list}");
    }
    assert_eq!(site.tenant.requests_at("/account_api/v1/entitlements").await, 0);
}

#[tokio::test]
async fn lists_that_are_not_known_are_null_and_the_page_says_so() {
    let site = Site::start().await;
    site.tenant.change_person("ada", json!({"claims": {"permissions": null, "roles": null}})).await;
    let mut ada = site.signed_in("ada").await;
    site.tenant.fault("account_500").await;
    let seen = account(&site, &mut ada).await;
    assert_eq!((&seen["permissions"], &seen["roles"]), (&Value::Null, &Value::Null));
    assert_eq!(seen["feature_flags"].as_object().unwrap().len(), 4, "the claim has them");
    let page = ada.get(&site.at(ACCOUNT)).await;
    assert_eq!((page.status, page.body.matches("Not known at the moment.").count()), (200, 2));
}

#[tokio::test]
async fn a_list_that_is_longer_than_is_read_is_not_known() {
    let site = Site::start().await;
    site.tenant.change_person("atlas", json!({"claims": {"permissions": null}})).await;
    let mut atlas = site.signed_in("atlas").await;
    assert_eq!(account(&site, &mut atlas).await["permissions"], Value::Null);
}

#[tokio::test]
async fn rights_that_changed_are_not_shown_any_more() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    assert_eq!(account(&site, &mut ada).await["roles"].as_array().unwrap().len(), 1);
    site.tenant.change_person("ada", json!({"roles": [], "permissions": ["read:items"]})).await;
    site.auth.invalidate_rights_of(&person("ada").subject).await.unwrap();
    let seen = account(&site, &mut ada).await;
    assert_eq!((&seen["roles"], &seen["permissions"]), (&json!([]), &json!(["read:items"])));
}

#[tokio::test]
async fn a_program_sees_its_users_rights_and_no_session() {
    let site = site_for_programs().await;
    site.signed_in("dorothy").await;
    let token = site.tenant.token_for("dorothy", API).await;
    let seen = with_token(&site, &token).await;
    let organization = &person("dorothy").organizations[0];
    assert_eq!(seen["organization"]["code"], organization.code.as_str());
    assert_eq!(seen["organizations"], json!([seen["organization"]]), "no ID token names others");
    assert_eq!((&seen["permissions"], &seen["feature_flags"]), (&json!([]), &json!({})));
    assert_eq!(seen["sessions"], Value::Null);
    assert!(!seen["name"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn a_machine_has_a_name_and_no_rights_of_a_user() {
    let site = site_for_programs().await;
    let token = site.tenant.machine_token(API, &["read:items"]).await;
    let mut seen = with_token(&site, &token).await;
    assert!(!seen["name"].take().as_str().unwrap().is_empty());
    let expected = json!({
        "name": null, "email": null, "picture": null, "organization": null, "organizations": [],
        "permissions": [], "roles": [], "feature_flags": {}, "sessions": null,
    });
    assert_eq!(seen, expected);
}
