//! Creating an organization, and switching to another one (AR-19), from the link to the new session.
//! Links of other sites are tested in `confirmation`.

use kinde_leptos::auth::paths::{CREATE_ORG, SIGNED_OUT, SWITCH_ORG};
use serde_json::Value;

use super::parameters;
use crate::harness::{Browser, Log, Site, person};

/// The organization of the access token in a browser's session, by its claim.
async fn claim_of_session(site: &Site, name: &str) -> String {
    let sessions = site.auth.sessions_of(&person("katherine").subject).await.unwrap();
    assert_eq!(sessions.len(), 1, "of Katherine");
    let tokens = site.auth.tokens(&sessions[0]).await.unwrap().unwrap();
    claim(secrecy::ExposeSecret::expose_secret(&tokens.access_token), name)
}

fn claim(token: &str, name: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    claims[name].as_str().unwrap_or_else(|| panic!("{name}: {claims}")).to_owned()
}

fn second_organization() -> String {
    person("katherine").organizations[1].code.clone()
}

/// The `prompt` of each authorization request so far.
async fn prompts(site: &Site) -> Vec<Option<String>> {
    let log = site.tenant.log().await;
    let requests = log.iter().filter(|entry| entry["path"] == "/oauth2/auth");
    requests.map(|entry| entry["query"]["prompt"].as_str().map(str::to_owned)).collect()
}

// AR-19
#[tokio::test]
async fn switching_needs_no_question_and_replaces_the_session() {
    let site = Site::start().await;
    let mut browser = site.signed_in("katherine").await;
    let former = browser.session().unwrap();
    let organization = second_organization();
    assert_ne!(claim_of_session(&site, "org_code").await, organization);
    site.tenant.clear_log().await;
    let link = format!("{SWITCH_ORG}?org_code={organization}&post_login_redirect_url=%2Fitems%2F3");
    let page = browser.visit(&site.at(&link)).await;
    assert_eq!((page.status, page.url.path()), (200, "/items/3"));
    assert_eq!(claim_of_session(&site, "org_code").await, organization);
    assert_eq!(prompts(&site).await, [Some("none".to_owned())]);
    assert!(!Browser::with_session(&former).is_signed_in(&site).await);
}

// AR-19
#[tokio::test]
async fn a_switch_that_the_issuer_cannot_do_silently_is_asked_for_once_more() {
    let site = Site::start().await;
    let mut browser = site.signed_in("katherine").await;
    let former = browser.session().unwrap();
    browser.leave_tenant();
    site.tenant.clear_log().await;
    let organization = second_organization();
    let page = browser
        .visit(&site.at(&format!("{SWITCH_ORG}?org_code={organization}&post_login_redirect_url=/items/3")))
        .await;
    assert!(page.url.as_str().starts_with(site.tenant.issuer()), "{}", page.url);
    assert_eq!(prompts(&site).await, [Some("none".to_owned()), None]);
    assert_eq!(parameters(&page.url)["org_code"], organization);
    assert_eq!(browser.session().as_ref(), Some(&former), "the session ended before the new one began");
    assert!(browser.is_signed_in(&site).await);
    let callback = browser.choose(&site, &page, &[("person", "katherine")]).await;
    let landed = browser.visit(&callback).await;
    assert_eq!((landed.status, landed.url.path()), (200, "/items/3"));
    assert_eq!(claim_of_session(&site, "org_code").await, organization);
}

// AR-19
#[tokio::test]
async fn an_issuer_that_refuses_every_switch_is_asked_twice_and_no_more() {
    let log = Log::capture();
    let site = Site::start().await;
    let mut browser = site.signed_in("katherine").await;
    site.tenant.clear_log().await;
    site.tenant.fault("cb_login_required").await;
    let page = browser.visit(&site.at(&format!("{SWITCH_ORG}?org_code={}", second_organization()))).await;
    assert_eq!(page.status, 400);
    assert_eq!(prompts(&site).await, [Some("none".to_owned()), None]);
    assert!(browser.is_signed_in(&site).await);
    let failures = log.text().lines().filter(|line| line.contains("event=\"sign_in\" outcome=\"failure\"")).count();
    assert_eq!(failures, 2, "{}", log.text());
}

#[tokio::test]
async fn a_new_organization_has_the_name_of_the_link() {
    let site = Site::start().await;
    let mut browser = site.signed_in("katherine").await;
    let page =
        browser.visit(&site.at(&format!("{CREATE_ORG}?org_name=Tea+%26+Cake&post_login_redirect_url=/items/4"))).await;
    let sent = parameters(&page.url);
    let asked = ["is_create_org", "org_name", "prompt"].map(|name| sent[name].as_str());
    assert_eq!(asked, ["true", "Tea & Cake", "create"]);
    let callback = browser.choose(&site, &page, &[("person", "katherine")]).await;
    assert_eq!(browser.visit(&callback).await.url.path(), "/items/4");
    assert_eq!(claim_of_session(&site, "org_name").await, "Tea & Cake");
}

#[tokio::test]
async fn an_anonymous_user_signs_in_to_the_organization() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let page = browser.visit(&site.at(&format!("{SWITCH_ORG}?org_code={}", second_organization()))).await;
    let callback = browser.choose(&site, &page, &[("person", "katherine")]).await;
    assert_eq!(browser.visit(&callback).await.status, 200);
    assert_eq!(claim_of_session(&site, "org_code").await, second_organization());
}

#[tokio::test]
async fn while_discovery_fails_organizations_are_not_denied() {
    let site = Site::start().await;
    site.tenant.fault("discovery_500").await;
    for path in [CREATE_ORG.to_owned(), format!("{SWITCH_ORG}?org_code=org_1")] {
        let response = Browser::new().get(&site.at(&path)).await;
        assert_eq!((response.status, response.location()), (503, None), "{path}");
        assert!(!response.header("retry-after").is_empty(), "{path}");
    }
    assert_eq!(Browser::new().get(&site.at(SIGNED_OUT)).await.status, 200);
}
