//! What a link to sign-in asks of Kinde, parameter by parameter, up to the tenant's log of requests; and links that
//! cannot be used. The rules of each parameter are tested beside the code, organizations in `organizations`.

use kinde_leptos::auth::ReturnTo;
use kinde_leptos::auth::paths::{CREATE_ORG, LOGIN, REGISTER, SWITCH_ORG};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{BEGINNINGS, parameters, with_query};
use crate::harness::{Browser, Records, Site};

/// The parameters with which a browser that opens this path arrives at the tenant.
async fn arriving(site: &Site, path: &str) -> Map<String, Value> {
    site.tenant.clear_log().await;
    let location = Browser::new().get(&site.at(path)).await.location().unwrap_or_else(|| panic!("{path}"));
    Browser::new().get(location.as_str()).await;
    let log = site.tenant.log().await;
    let arrived = log.iter().find(|entry| entry["path"] == "/oauth2/auth").unwrap();
    arrived["query"].as_object().unwrap().clone()
}

#[tokio::test]
async fn each_option_of_a_link_arrives_at_kinde() {
    let site = Site::start().await;
    for (query, arrived) in [
        ("login_hint=ada%40example.com", json!({"login_hint": "ada@example.com"})),
        ("login_hint=phone:%2B61444110110:au", json!({"login_hint": "phone:+61444110110:au"})),
        ("connection_id=conn_1", json!({"connection_id": "conn_1"})),
        ("org_code=org_1", json!({"org_code": "org_1"})),
        ("org_name=Tea+%26+Cake&is_create_org=true", json!({"org_name": "Tea & Cake", "is_create_org": "true"})),
        ("lang=en-AU", json!({"lang": "en-AU"})),
        ("prompt=login", json!({"prompt": "login"})),
        ("prompt=create", json!({"prompt": "create"})),
        ("prompt=none", json!({"prompt": "none"})),
        ("max_age=300", json!({})),
        ("plan_interest=pro", json!({"plan_interest": "pro"})),
        ("pricing_table_key=table", json!({"pricing_table_key": "table"})),
        ("workflow_deployment_id=wf_1", json!({"workflow_deployment_id": "wf_1"})),
        ("pages_mode=preview", json!({"pages_mode": "preview"})),
        ("utm_source=a+b&gclid=c&utm_term=%00", json!({"utm_source": "a b", "gclid": "c"})),
        ("", json!({})),
    ] {
        let mut sent = arriving(&site, &with_query(LOGIN, query)).await;
        for own in ["client_id", "response_type", "redirect_uri", "scope", "state", "nonce"] {
            assert!(sent.remove(own).is_some(), "{query}: {own}");
        }
        assert_eq!(sent.remove("code_challenge_method"), Some("S256".into()));
        assert!(sent.remove("code_challenge").is_some());
        assert_eq!(sent.remove("supports_reauth"), Some("true".into()), "{query}");
        assert_eq!(Value::Object(sent), arrived, "{query}");
    }
}

#[tokio::test]
async fn an_invitation_is_a_registration_on_every_route() {
    let site = Site::start().await;
    for path in [LOGIN, REGISTER] {
        for more in ["", "&prompt=login", "&is_invitation=false"] {
            let location =
                Browser::new().get(&site.at(&format!("{path}?invitation_code=inv_1{more}"))).await.location();
            let sent = parameters(&location.unwrap());
            let invited = ["invitation_code", "is_invitation", "prompt"].map(|name| sent[name].as_str());
            assert_eq!(invited, ["inv_1", "true", "create"], "{path}{more}");
        }
    }
}

#[tokio::test]
async fn each_audience_of_the_settings_arrives_once() {
    let audiences = ["https://api.example/v1?x=1&y", "reports"];
    let site = Site::start_with(|config| config.audiences = audiences.map(str::to_owned).to_vec()).await;
    for path in BEGINNINGS {
        let location = Browser::new().get(&site.at(path)).await.location().unwrap();
        let sent: Vec<_> =
            location.query_pairs().filter(|(name, _)| name == "audience").map(|(_, value)| value).collect();
        assert_eq!(sent, audiences, "{path}");
    }
    assert_eq!(arriving(&site, LOGIN).await["audience"], json!(audiences));
}

#[tokio::test]
async fn the_issuers_pages_have_the_language_of_the_link_or_the_browser() {
    let site = Site::start().await;
    for (query, accepted, lang) in [
        ("", "de-CH, de;q=0.9, en;q=0.8", Some("de-CH")),
        ("", "en;q=0.5, *;q=0.4, fr;q=0.7", Some("fr")),
        ("", "*", None),
        ("", "x&state=evil", None),
        ("lang=it", "de", Some("it")),
    ] {
        let url = site.at(&with_query(LOGIN, query));
        let response = Browser::new().send(Method::GET, &url, &[("accept-language", accepted)], None).await;
        let sent = parameters(&response.location().unwrap());
        assert_eq!(sent.get("lang").map(String::as_str), lang, "{query} {accepted}");
    }
}

// AR-17
#[tokio::test]
async fn a_link_that_cannot_be_used_names_its_parameter_and_begins_nothing() {
    let site = Site::start().await;
    let mut records = Records::open(&site.store_file()).await;
    let long = format!("org_name={}", "x".repeat(256));
    for (path, query, name) in [
        (LOGIN, "org_code=a%20b", "org_code"),
        (LOGIN, "org_code=", "org_code"),
        (LOGIN, "connection_id=%3Cscript%3E", "connection_id"),
        (LOGIN, "lang=klingon!", "lang"),
        (LOGIN, "prompt=consent", "prompt"),
        (LOGIN, "prompt=none&prompt=none", "prompt"),
        (LOGIN, "max_age=", "max_age"),
        (LOGIN, "max_age=31536001", "max_age"),
        (LOGIN, "max_age=300&max_age=300", "max_age"),
        (LOGIN, "login_hint=a%0d%0ab", "login_hint"),
        (LOGIN, "is_create_org=yes", "is_create_org"),
        (LOGIN, "pages_mode=live", "pages_mode"),
        (REGISTER, "plan_interest=%FF", "plan_interest"),
        (REGISTER, "pricing_table_key=a/b", "pricing_table_key"),
        (REGISTER, "workflow_deployment_id=%C3%A9", "workflow_deployment_id"),
        (REGISTER, "invitation_code=a&invitation_code=b", "invitation_code"),
        (CREATE_ORG, long.as_str(), "org_name"),
        (SWITCH_ORG, "", "org_code"),
        (SWITCH_ORG, "org_code=a&org_code=a", "org_code"),
    ] {
        let url = site.at(&with_query(path, query));
        let page = Browser::new().get(&url).await;
        assert_eq!((page.status, page.location()), (400, None), "{url}");
        assert!(page.body.contains(&format!("its parameter {name} is malformed")), "{url}: {}", page.body);
        assert!(page.set_cookies().is_empty() && page.header("cache-control").contains("no-store"), "{url}");
        let detail = Browser::new().get_json(&url).await.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(name) && !detail.contains("script"), "{detail}");
    }
    assert_eq!(records.count().await, 0);
}

#[tokio::test]
async fn a_sign_in_without_a_usable_return_path_leads_to_the_default_one() {
    let paths = kinde_leptos::auth::Paths::default();
    let site = Site::start_with(|config| config.default_return_to = ReturnTo::parse("/items/7?q=x", &paths)).await;
    site.tenant.settings(json!({"auto_sign_in": "ada"})).await;
    for (query, landing) in [
        ("", "/items/7?q=x"),
        ("post_login_redirect_url=//evil.example", "/items/7?q=x"),
        ("post_login_redirect_url=/api/auth/logout", "/items/7?q=x"),
        ("post_login_redirect_url=/items/1&post_login_redirect_url=", "/items/7?q=x"),
        ("post_login_redirect_url=/", "/"),
        ("post_login_redirect_url=/items/1", "/items/1"),
    ] {
        let page = Browser::new().visit(&site.at(&with_query(LOGIN, query))).await;
        assert_eq!((page.status, page.url.as_str()), (200, site.at(landing).as_str()), "{query}");
    }
}
