//! The parameters of the authorization request (AR-1 to AR-8, AR-15).
//! Which requests may cause one is tested in `abuse`.

use kinde_leptos::auth::paths::{CALLBACK, CREATE_ORG, LOGIN};
use std::collections::BTreeSet;

use super::{BEGINNINGS, REGISTER, parameters, with_query};
use crate::harness::{Browser, Records, Site};

const VALUE_CHARACTERS: usize = 43;

fn is_base64url(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

// AR-1
#[tokio::test]
async fn every_sign_in_uses_a_proof_key_by_sha256() {
    let site = Site::start().await;
    site.tenant.settings(serde_json::json!({"require_pkce": true})).await;
    site.signed_in("ada").await;
    let log = site.tenant.log().await;
    let sent = log.iter().find(|entry| entry["path"] == "/oauth2/auth").unwrap();
    assert_eq!(sent["query"]["code_challenge_method"], "S256");
    assert_eq!(sent["query"]["code_challenge"].as_str().unwrap().len(), VALUE_CHARACTERS);
    let exchanged = log.iter().find(|entry| entry["path"] == "/oauth2/token").unwrap();
    let verifier = exchanged["form"]["code_verifier"].as_str().unwrap();
    assert!((43..=128).contains(&verifier.len()), "{} characters", verifier.len());
}

// AR-2, AR-3; and AR-12 for a tenth of its 10,000 attempts: 2 MB of file instead of 20
#[tokio::test]
async fn a_thousand_attempts_share_no_value_and_take_little_space() {
    let site = Site::start().await;
    let mut seen: [BTreeSet<String>; 3] = Default::default();
    for number in 0..1_000 {
        let response = Browser::new().get(&site.at(BEGINNINGS[number % BEGINNINGS.len()])).await;
        let sent = parameters(&response.location().unwrap());
        assert_ne!(sent["state"], sent["nonce"]);
        // The code verifier cannot be seen from outside; its digest can.
        for (seen, name) in seen.iter_mut().zip(["state", "nonce", "code_challenge"]) {
            let value = &sent[name];
            assert!(value.len() >= 22 && is_base64url(value), "{name} is {value}");
            assert!(seen.insert(value.clone()), "{name} repeats");
        }
    }
    assert_eq!(Records::open(&site.store_file()).await.count().await, 1_000);
    let bytes = std::fs::metadata(site.store_file()).unwrap().len();
    assert!(bytes < 2_000_000, "{bytes} bytes");
}

// AR-4
#[tokio::test]
async fn no_header_decides_where_the_issuer_sends_the_code() {
    let site = Site::start().await;
    for path in BEGINNINGS {
        for header in [
            ("host", "evil.example"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "gopher"),
            ("forwarded", "host=evil.example;proto=https"),
            ("x-original-host", "evil.example"),
            ("x-forwarded-port", "1"),
            ("x-forwarded-prefix", "/evil"),
        ] {
            let response = Browser::new().send(reqwest::Method::GET, &site.at(path), &[header], None).await;
            let sent = parameters(&response.location().unwrap());
            assert_eq!(sent["redirect_uri"], site.at(CALLBACK), "{header:?}");
            assert!(!format!("{response:?}").contains("evil"), "{header:?}");
        }
    }
}

// AR-5, AR-15
#[tokio::test]
async fn no_protocol_parameter_of_the_users_request_reaches_the_issuer() {
    let site = Site::start().await;
    let attack = "redirect_uri=https://evil.example&client_id=x&state=s&nonce=n&response_type=token\
        &response_mode=fragment&scope=admin&code_challenge=c&code_challenge_method=plain\
        &request_uri=https://evil.example&request=eyJ&state=again&audience=evil&supports_reauth=evil\
        &is_invitation=evil&reauth_state=evil&ui_locales=evil&prompt[]=none";
    for path in BEGINNINGS {
        let response = Browser::new().get(&site.at(&with_query(path, attack))).await;
        let location = response.location().unwrap();
        let sent = parameters(&location);
        assert!(!location.as_str().contains("evil"), "{location}");
        assert_eq!(sent["client_id"], site.config.client_id);
        assert_eq!(sent["response_type"], "code");
        assert_eq!(sent["code_challenge_method"], "S256");
        assert_eq!(sent["scope"], site.config.scope);
        let random = ["state", "nonce", "code_challenge"].map(|name| sent[name].len());
        assert_eq!(random, [VALUE_CHARACTERS; 3]);
        let prompt = sent.get("prompt").map(String::as_str);
        let expected = match path {
            LOGIN => None,
            REGISTER | CREATE_ORG => Some("create"),
            _ => Some("none"),
        };
        assert_eq!(prompt, expected, "{path}");
    }
}

/// The parameters that every authorization request has.
const OWN: [&str; 8] = [
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
];
/// The parameters that the app adds, and those that a link may bring.
const OPTIONS: [&str; 14] = [
    "connection_id",
    "invitation_code",
    "is_create_org",
    "is_invitation",
    "lang",
    "login_hint",
    "org_code",
    "org_name",
    "pages_mode",
    "plan_interest",
    "pricing_table_key",
    "prompt",
    "supports_reauth",
    "workflow_deployment_id",
];
const MARKETING_TAGS: [&str; 17] = [
    "ad_group_id",
    "ad_position",
    "campaign_id",
    "click_id",
    "creative",
    "device",
    "fbclid",
    "gclid",
    "hsa_acc",
    "keyword",
    "li_fat_id",
    "match_type",
    "msclkid",
    "network",
    "ttclid",
    "twclid",
    "utm_source",
];
const NOT_FORWARDED: [&str; 18] = [
    "acr_values",
    "audience",
    "claims",
    "display",
    "has_success_page",
    "id_token_hint",
    "max_age",
    "post_login_redirect_url",
    "reauth_state",
    "request",
    "request_uri",
    "resource",
    "response_mode",
    "start_page",
    "State",
    "ui_locales",
    "utm_",
    "x[]",
];

// AR-5
#[tokio::test]
async fn nothing_outside_the_list_reaches_the_issuer() {
    let site = Site::start().await;
    let mut begun = 0;
    let names = OWN.iter().chain(&OPTIONS).chain(&MARKETING_TAGS).chain(&NOT_FORWARDED);
    let values = ["true", "none", "300", "https://evil.example/", "a%26state%3Db%26redirect_uri=c", "%0d%0aX:%20y", ""];
    for (name, value) in names.flat_map(|name| values.map(|value| (name, value))) {
        for query in [format!("{name}={value}"), format!("{name}={value}&x=1&{name}={value}")] {
            let response = Browser::new().get(&site.at(&with_query(LOGIN, &query))).await;
            let Some(location) = response.location() else {
                assert_eq!(response.status, 400, "{query}");
                continue;
            };
            begun += 1;
            let sent = parameters(&location);
            let is_listed =
                |name: &str| OWN.contains(&name) || OPTIONS.contains(&name) || MARKETING_TAGS.contains(&name);
            let foreign: Vec<_> = sent.keys().filter(|name| !is_listed(name)).collect();
            assert!(foreign.is_empty(), "{query}: {foreign:?}");
            assert!(OWN.iter().all(|own| sent.contains_key(*own)), "{query}: {sent:?}");
            assert_eq!(sent["client_id"], site.config.client_id, "{query}");
            assert_eq!(sent["redirect_uri"], site.at(CALLBACK), "{query}");
            assert_eq!(sent["scope"], site.config.scope, "{query}");
            assert_eq!(sent["state"].len(), VALUE_CHARACTERS, "{query}");
            assert_eq!(sent["supports_reauth"], "true", "{query}");
        }
    }
    assert!(begun > 300, "only {begun} requests began a sign-in");
}

// AR-6
#[tokio::test]
async fn the_scope_is_exactly_the_configured_one() {
    let usual = Site::start().await;
    assert_eq!(requested_scope(&usual).await, "openid profile email offline");
    let other = Site::start_with(|config| config.scope = "openid email".to_owned()).await;
    assert_eq!(requested_scope(&other).await, "openid email");
}

async fn requested_scope(site: &Site) -> String {
    site.signed_in("ada").await;
    let log = site.tenant.log().await;
    let sent = log.iter().find(|entry| entry["path"] == "/oauth2/auth").unwrap();
    sent["query"]["scope"].as_str().unwrap().to_owned()
}

// AR-7
#[tokio::test]
async fn registering_signs_a_new_user_in() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let page = browser.visit(&site.at(REGISTER)).await;
    assert!(page.url.query().unwrap().contains("prompt=create"));
    let account = [("action", "create"), ("email", "joan@example.com"), ("given_name", "Joan")];
    let callback = browser.choose(&site, &page, &account).await;
    let home = browser.visit(&callback).await;
    assert_eq!((home.status, home.url.path()), (200, "/"));
    assert!(home.body.contains("Joan"));
}

// AR-8
#[tokio::test]
async fn the_address_of_the_issuer_holds_no_secret() {
    use secrecy::ExposeSecret;
    let site = Site::start().await;
    for path in BEGINNINGS {
        let mut browser = Browser::new();
        let location = browser.get(&site.at(path)).await.location().unwrap();
        for hidden in ["client_secret", "code_verifier", "token", site.config.client_secret.expose_secret()] {
            assert!(!location.as_str().contains(hidden), "{hidden} in {location}");
        }
        for (name, value) in browser.cookies_at("localhost") {
            assert!(!location.as_str().contains(&value), "the value of {name} in {location}");
        }
    }
}
