//! Links to sign-in at issuers that are not Kinde: they get the standard's parameters alone, `max_age` among them, and
//! have neither organizations nor invitations.
//! The parameters at Kinde are tested in `authorization_request::options`.

use kinde_leptos::auth::paths::{CREATE_ORG, LOGIN, REGISTER, SWITCH_ORG};
use serde_json::json;
use std::time::Duration;

use crate::harness::{Browser, Records, Site, person};

/// The parameters of the authorization request that a path leads to, without those that every request has.
async fn options_sent(site: &Site, path: &str) -> Vec<(String, String)> {
    let location = Browser::new().get(&site.at(path)).await.location().unwrap_or_else(|| panic!("{path}"));
    let own = ["client_id", "response_type", "redirect_uri", "scope", "state", "nonce"];
    let is_own = |name: &str| own.contains(&name) || name.starts_with("code_challenge");
    location.query_pairs().into_owned().filter(|(name, _)| !is_own(name)).collect()
}

// AR-5
#[tokio::test]
async fn kindes_parameters_are_left_out() {
    let site = Site::start_plain(|_| {}).await;
    let link = format!(
        "{LOGIN}?login_hint=ada%40example.com&lang=de&prompt=login&max_age=300&connection_id=conn_1&org_code=org_1\
        &org_name=x&is_create_org=true&plan_interest=pro&pricing_table_key=t&workflow_deployment_id=wf_1&pages_mode=preview\
        &invitation_code=inv_1&utm_source=news"
    );
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let standards = [
        pair("login_hint", "ada@example.com"),
        pair("ui_locales", "de"),
        pair("max_age", "300"),
        pair("prompt", "login"),
    ];
    assert_eq!(options_sent(&site, &link).await, standards);
    assert_eq!(options_sent(&site, LOGIN).await, []);
}

#[tokio::test]
async fn a_malformed_or_doubled_max_age_begins_nothing() {
    let site = Site::start_plain(|_| {}).await;
    let mut records = Records::open(&site.store_file()).await;
    for query in ["max_age=", "max_age=-1", "max_age=1.5", "max_age=31536001", "max_age=0&max_age=0"] {
        let page = Browser::new().get(&site.at(&format!("{LOGIN}?{query}"))).await;
        assert_eq!((page.status, page.location()), (400, None), "{query}");
        assert!(page.body.contains("its parameter max_age is malformed"), "{query}: {}", page.body);
    }
    assert_eq!(records.count().await, 0);
}

/// When Ada, who has one session, last proved who she is.
async fn authenticated_at(site: &Site) -> time::OffsetDateTime {
    let sessions = site.auth.sessions_of(&person("ada").subject).await.unwrap();
    assert_eq!(sessions.len(), 1);
    sessions[0].authenticated_at()
}

#[tokio::test]
async fn an_authentication_older_than_max_age_is_repeated_and_a_younger_one_is_not() {
    let site = Site::start_plain(|_| {}).await;
    let mut browser = site.signed_in("ada").await;
    let first = authenticated_at(&site).await;
    site.advance(Duration::from_secs(300));
    site.tenant.settings(json!({"clock_offset": 300})).await;

    let home = browser.visit(&site.at(&format!("{LOGIN}?max_age=3600"))).await;
    assert_eq!((home.status, home.url.as_str()), (200, site.at("/").as_str()));
    assert_eq!(authenticated_at(&site).await, first, "the session at the issuer was enough");

    let page = browser.visit(&site.at(&format!("{LOGIN}?max_age=300"))).await;
    assert!(page.body.contains("Choose who signs in"), "{}: {}", page.url, page.body);
    let callback = browser.choose(&site, &page, &[("person", "ada")]).await;
    assert_eq!(browser.visit(&callback).await.status, 200);
    let second = authenticated_at(&site).await;
    assert!(second - first >= time::Duration::seconds(300), "{first} {second}");

    browser.visit(&site.at(&format!("{LOGIN}?max_age=300"))).await;
    assert_eq!(authenticated_at(&site).await, second, "the new one counts");
}

#[tokio::test]
async fn registering_is_an_ordinary_sign_in_unless_discovery_lists_it() {
    let site = Site::start_plain(|_| {}).await;
    assert_eq!(options_sent(&site, REGISTER).await, []);
    let mut browser = Browser::new();
    let page = browser.visit(&site.at(REGISTER)).await;
    let callback = browser.choose(&site, &page, &[("person", "ada")]).await;
    assert_eq!(browser.visit(&callback).await.status, 200);
    let site = Site::start_plain(|_| {}).await;
    site.tenant.settings(json!({"prompt_values_supported": ["none", "login", "create"]})).await;
    assert_eq!(options_sent(&site, REGISTER).await, [("prompt".to_owned(), "create".to_owned())]);
}

#[tokio::test]
async fn there_are_no_organizations() {
    let site = Site::start_plain(|_| {}).await;
    for mut browser in [Browser::new(), site.signed_in("ada").await] {
        for path in [CREATE_ORG.to_owned(), format!("{SWITCH_ORG}?org_code=org_1"), SWITCH_ORG.to_owned()] {
            let page = browser.get(&site.at(&path)).await;
            assert_eq!((page.status, page.location()), (404, None), "{path}");
            assert!(page.body.contains("has no organizations"), "{path}: {}", page.body);
            let detail = browser.get_json(&site.at(&path)).await.json()["detail"].as_str().unwrap().to_owned();
            assert_eq!(detail, "The sign-in service of this site has no organizations.", "{path}");
        }
    }
}

#[tokio::test]
async fn a_page_may_have_a_parameter_of_the_name_of_kindes_invitations() {
    let site = Site::start_plain(|_| {}).await;
    let mut browser = site.signed_in("ada").await;
    for page in ["/?invitation_code=inv_1", "/items/4?invitation_code=inv_1", "/signed-out?invitation_code=inv_1"] {
        assert_eq!(browser.get(&site.at(page)).await.status, 200, "{page}");
    }
}
