//! The sessions in the account: what they tell of a device, when they were seen, and what they do not tell.

use std::sync::Arc;
use std::time::Duration;

use kinde_leptos::auth::SessionLifetime;
use kinde_leptos::auth::paths::ACCOUNT;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{FIREFOX, IPHONE, own_id, sessions, signed_in_with};
use crate::harness::{Browser, Records, Site, session_id};

const HOUR: Duration = Duration::from_secs(3600);

/// Every text that the session file holds.
fn stored(site: &Site) -> String {
    let files = std::fs::read_dir(site.store_file().parent().unwrap()).unwrap();
    files.map(|file| String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()).into_owned()).collect()
}

fn time_in(session: &Value, name: &str) -> OffsetDateTime {
    OffsetDateTime::parse(session[name].as_str().unwrap_or_else(|| panic!("no {name}: {session}")), &Rfc3339).unwrap()
}

#[tokio::test]
async fn the_session_that_asks_comes_first_and_then_the_newest() {
    let site = Site::start().await;
    let mut first = signed_in_with(&site, "ada", FIREFOX).await;
    // Less than clocks may differ: the tenant's stays as it is.
    site.advance(Duration::from_secs(10));
    let mut second = signed_in_with(&site, "ada", IPHONE).await;
    site.advance(Duration::from_secs(10));
    let mut third = signed_in_with(&site, "ada", "Ada's own program").await;
    site.signed_in("grace").await;
    let shown = async |browser: &mut Browser| -> Vec<Value> {
        sessions(&site, browser)
            .await
            .into_iter()
            .map(|session| json!([session["device"], session["current"]]))
            .collect()
    };
    let (firefox, iphone, other) = (json!("Firefox on Linux"), json!("Safari on iPhone"), json!(null));
    assert_eq!(shown(&mut first).await, [json!([firefox, true]), json!([other, false]), json!([iphone, false])]);
    assert_eq!(shown(&mut second).await, [json!([iphone, true]), json!([other, false]), json!([firefox, false])]);
    assert_eq!(shown(&mut third).await, [json!([other, true]), json!([iphone, false]), json!([firefox, false])]);
    let page = third.get(&site.at(ACCOUNT)).await;
    assert_eq!((page.body.matches("This session").count(), page.body.matches("Unknown device").count()), (1, 2));
}

// SE-23
#[tokio::test]
async fn neither_the_user_agent_nor_the_address_is_stored() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(&site, "ada", "/").await;
    let headers = [("user-agent", FIREFOX), ("x-forwarded-for", "203.0.113.77")];
    browser.send(reqwest::Method::GET, &callback, &headers, None).await;
    let stored = stored(&site);
    assert!(stored.contains("\"device\":\"Firefox on Linux\""), "{stored}");
    for raw in ["Mozilla", "Gecko", "rv:132", "203.0.113.77"] {
        assert!(!stored.contains(raw), "{raw}");
    }
}

// SE-23
#[tokio::test]
async fn an_id_is_neither_the_cookies_nor_the_stores_and_opens_nothing() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    let id = own_id(&site, &mut ada).await;
    let cookie = ada.session().unwrap();
    assert!(id != session_id(&site.tenant, &cookie).to_string() && !cookie.contains(&id));
    assert!(!stored(&site).contains(&id));
    for cookie in [id.clone(), format!("{id:A<43}")] {
        assert!(!Browser::with_session(&cookie).is_signed_in(&site).await);
    }
    assert_eq!(own_id(&site, &mut ada).await, id, "it stays the same");
    // Another application on the same store, even for the same cookie.
    let theirs = Site::start_on(Arc::clone(&site.store), |_| {}).await;
    assert_ne!(own_id(&theirs, &mut theirs.signed_in("ada").await).await, id);
}

#[tokio::test]
async fn a_session_was_seen_when_its_expiry_was_moved() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    let mut other = site.signed_in("ada").await;
    let began = time_in(&sessions(&site, &mut other).await[0], "started_at");
    for _ in 0..2 {
        site.advance(HOUR);
        ada.get(&site.at("/")).await;
    }
    site.advance(HOUR);
    let seen = sessions(&site, &mut other).await.pop().unwrap();
    let since = time_in(&seen, "last_seen") - began;
    assert!((since - HOUR * 2).abs() < Duration::from_secs(60), "{since}");
    assert!((time_in(&seen, "started_at") - began).abs() < Duration::from_secs(60));
}

#[tokio::test]
async fn when_it_was_seen_is_not_known_of_a_session_that_its_age_ends() {
    let lifetime = SessionLifetime::new(HOUR * 2, HOUR * 3);
    let site = Site::start_with(|config| *config = config.clone().with_lifetime(lifetime)).await;
    let mut ada = site.signed_in("ada").await;
    assert!(sessions(&site, &mut ada).await[0]["last_seen"].is_string());
    site.advance(HOUR * 3 / 2);
    ada.get(&site.at("/")).await;
    let session = sessions(&site, &mut ada).await.remove(0);
    assert_eq!((&session["last_seen"], &session["current"]), (&Value::Null, &json!(true)));
    let page = ada.get(&site.at(ACCOUNT)).await;
    assert!(page.status == 200 && !page.body.contains("Last seen"), "{}", page.body);
}

/// A session that an earlier version began.
#[tokio::test]
async fn a_session_without_a_device_is_still_a_session() {
    let site = Site::start().await;
    let mut ada = signed_in_with(&site, "ada", FIREFOX).await;
    let forget = "update kinde_sessions set data = replace(data, '\"device\":\"Firefox on Linux\",', '')";
    site.spoil(forget).await;
    assert_eq!(sessions(&site, &mut ada).await[0]["device"], Value::Null);
    assert!(ada.get(&site.at(ACCOUNT)).await.body.contains("Unknown device"));
}

#[tokio::test]
async fn a_refresh_keeps_the_device() {
    let site = Site::start().await;
    site.tenant.settings(json!({"access_token_lifetime": 60})).await;
    let mut ada = signed_in_with(&site, "ada", FIREFOX).await;
    let before = Records::open(&site.store_file()).await.tokens().await;
    site.advance(Duration::from_secs(90));
    site.tenant.settings(json!({"clock_offset": site.seconds_ahead()})).await;
    assert_eq!(sessions(&site, &mut ada).await[0]["device"], "Firefox on Linux");
    assert_ne!(Records::open(&site.store_file()).await.tokens().await, before);
}
