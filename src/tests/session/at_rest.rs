//! The records in the session store open no session: not to a reader of the store, not in another application on the
//! same store, and not beyond the number of sessions that a user may have (SE-18).
//! Sealed records are tested in `privacy`.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sqlx::{Connection, PgConnection, SqliteConnection};

use super::status_with;
use crate::harness::{Browser, Site, person};
use crate::stores::{Tested, every_store};

// SE-18: a backup, a replica, MONITOR
#[tokio::test]
async fn no_text_in_a_store_opens_a_session_as_a_cookie() {
    for tested in every_store().await {
        let site = Site::start_on(Arc::clone(&tested.store), |_| {}).await;
        let mut browser = site.signed_in("ada").await;
        Browser::new().sign_in_up_to_callback(&site, "grace", "/").await;
        let cookie = browser.session().unwrap();
        let texts = texts_in(&tested).await;
        assert!(texts.len() > 10, "{}: {texts:?}", tested.name);
        for text in &texts {
            for candidate in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').chain([&**text]) {
                assert!(!is_part_of(candidate, &cookie), "{}: {candidate}", tested.name);
                if candidate.bytes().any(|byte| byte.is_ascii_control() || byte == b';') || candidate.len() > 4_000 {
                    continue;
                }
                // The padded text has the length of a cookie, in case a part of the secret suffices.
                for cookie in BTreeSet::from([candidate.to_owned(), format!("{candidate:A<43}")]) {
                    let (status, _) = status_with(&site, &format!("kinde_session={cookie}")).await;
                    assert_eq!(status, 303, "{}: {cookie}", tested.name);
                }
            }
        }
        assert!(browser.is_signed_in(&site).await, "{}: looking disturbs nothing", tested.name);
    }
}

/// Whether a text contains 64 bits of a cookie's secret: in the cookie's encoding, or encoded separately.
fn is_part_of(text: &str, cookie: &str) -> bool {
    let share = |left: &[u8], right: &[u8], length| {
        left.windows(length).any(|part| right.windows(length).any(|other| part == other))
    };
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    share(text.as_bytes(), cookie.as_bytes(), 11) || share(&bytes(text), &bytes(cookie), 8)
}

/// Every key and every value in the store.
async fn texts_in(tested: &Tested) -> BTreeSet<String> {
    let select = "select id as text from kinde_sessions union select owner from kinde_sessions where owner is not null union select data from kinde_sessions";
    let texts: Vec<String> = match tested.name {
        "SQLite" => {
            let file = tested.url.strip_prefix("sqlite:").unwrap();
            let mut connection = SqliteConnection::connect(file).await.unwrap();
            sqlx::query_scalar(select).fetch_all(&mut connection).await.unwrap()
        }
        "PostgreSQL" => {
            let mut connection = PgConnection::connect(&tested.url).await.unwrap();
            sqlx::query_scalar(select).fetch_all(&mut connection).await.unwrap()
        }
        _ => redis_texts(&tested.url).await,
    };
    let parts = texts.iter().flat_map(|text| text.split(['"', '\n', ' ', ':'])).filter(|part| !part.is_empty());
    parts.map(str::to_owned).chain(texts.iter().cloned()).collect()
}

async fn redis_texts(url: &str) -> Vec<String> {
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut connection).await.unwrap();
    let mut texts = keys.clone();
    for key in keys {
        let (command, arguments) = if key.contains(":owner:") { ("ZRANGE", "0 -1") } else { ("GET", "") };
        let mut read = redis::cmd(command);
        read.arg(&key);
        arguments.split_whitespace().for_each(|argument| {
            read.arg(argument);
        });
        if command == "GET" {
            texts.push(read.query_async(&mut connection).await.unwrap());
        } else {
            texts.extend(read.query_async::<Vec<String>>(&mut connection).await.unwrap());
        }
    }
    texts
}

#[tokio::test]
async fn two_applications_on_one_store_do_not_open_each_others_sessions() {
    for tested in every_store().await {
        let ours = Site::start_on(Arc::clone(&tested.store), |_| {}).await;
        let ours_to_be = ours.config.clone();
        // Another client at the same issuer.
        let theirs = Site::start_on(Arc::clone(&tested.store), |config| {
            config.issuer_url = ours_to_be.issuer_url.clone();
            config.client_id = "another-client".to_owned();
        })
        .await;
        let mut browser = ours.signed_in("ada").await;
        let mut elsewhere = Browser::with_session(&browser.session().unwrap());
        assert!(!elsewhere.is_signed_in(&theirs).await, "{}", tested.name);
        assert_eq!(theirs.auth.end_sessions_of(&person("ada").subject).await.unwrap(), 0, "{}", tested.name);
        assert!(browser.is_signed_in(&ours).await, "{}", tested.name);
    }
}

/// Records keep whole seconds, and stores list records of the same second in any order.
#[tokio::test]
async fn a_sign_in_never_ends_the_session_that_it_begins() {
    for tested in every_store().await {
        let one = |config: &mut kinde_leptos::auth::Config| config.sessions_per_user = NonZeroUsize::MIN;
        let site = Site::start_on(Arc::clone(&tested.store), one).await;
        let mut former = site.signed_in("ada").await;
        for round in 0..10 {
            let mut latter = site.signed_in("ada").await;
            assert!(latter.is_signed_in(&site).await, "{}, round {round}", tested.name);
            assert!(!former.is_signed_in(&site).await, "{}, round {round}", tested.name);
            former = latter;
        }
    }
}

#[tokio::test]
async fn a_sign_in_beyond_the_number_of_a_users_sessions_ends_the_oldest() {
    for tested in every_store().await {
        let two = |config: &mut kinde_leptos::auth::Config| config.sessions_per_user = NonZeroUsize::new(2).unwrap();
        let site = Site::start_on(Arc::clone(&tested.store), two).await;
        let mut grace = site.signed_in("grace").await;
        let mut browsers = Vec::new();
        for _ in 0..4 {
            browsers.push(site.signed_in("ada").await);
            site.advance(Duration::from_secs(1));
        }
        let mut signed_in = Vec::new();
        for browser in &mut browsers {
            signed_in.push(browser.is_signed_in(&site).await);
        }
        assert_eq!(signed_in, [false, false, true, true], "{}", tested.name);
        assert!(grace.is_signed_in(&site).await, "{}: others keep theirs", tested.name);
    }
}
