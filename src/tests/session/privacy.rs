//! What can be learned from a cookie, from debug output and from the disk (SE-6, SE-18); and that simultaneous users
//! are not taken for each other (SE-16, without its load).

use kinde_leptos::auth::paths::{LOGIN, LOGOUT};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use kinde_leptos::auth::SealingKeys;
use secrecy::ExposeSecret;

use crate::harness::{Browser, Site, person};

// SE-6
#[tokio::test]
async fn cookies_are_small_and_say_nothing_about_the_user() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let begun = browser.get(&site.at(LOGIN)).await;
    let page = browser.visit(begun.location().unwrap().as_str()).await;
    let callback = browser.choose(&site, &page, &[("person", "ada")]).await;
    let signed_in = browser.get(&callback).await;
    let set: Vec<&str> = begun.set_cookies().into_iter().chain(signed_in.set_cookies()).collect();
    assert!(set.len() >= 2);
    for cookie in set {
        assert!(cookie.len() < 200, "{} bytes: {cookie}", cookie.len());
        let value = cookie.split(['=', ';']).nth(1).unwrap();
        let decoded: Vec<u8> =
            value.split('.').flat_map(|part| URL_SAFE_NO_PAD.decode(part).unwrap_or_default()).collect();
        let both = format!("{value} {}", String::from_utf8_lossy(&decoded)).to_lowercase();
        // No shorter texts: a random value may contain any three letters.
        for personal in ["lovelace", "example.com", "access_token"] {
            assert!(!both.contains(personal), "{personal} in {both}");
        }
        assert!(value.split('.').all(|part| !part.starts_with("eyJ")), "{value} begins like a token");
    }
}

// SE-18
#[cfg(unix)]
#[tokio::test]
async fn the_session_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let site = Site::start().await;
    site.signed_in("ada").await;
    let mut files = 0;
    for file in std::fs::read_dir(site.store_file().parent().unwrap()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
        files += 1;
    }
    assert_eq!(files, 4, "the file, its -wal, its -shm and its .lock");
}

// SE-18
#[tokio::test]
async fn with_a_key_the_session_file_holds_neither_tokens_nor_claims() {
    let key = STANDARD.encode(std::array::from_fn::<u8, 32, _>(|_| rand_byte()));
    let site = Site::start_with(|config| config.sealing_keys = Arc::new(SealingKeys::parse(&key).unwrap())).await;
    let mut browser = site.signed_in("ada").await;
    assert!(browser.is_signed_in(&site).await);
    let mut stored = Vec::new();
    for file in std::fs::read_dir(site.store_file().parent().unwrap()).unwrap() {
        stored.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let stored = String::from_utf8_lossy(&stored);
    let session = site.auth.sessions_of(&person("ada").subject).await.unwrap().remove(0);
    let tokens = site.auth.tokens(&session).await.unwrap().unwrap();
    let (access_token, refresh_token) = (tokens.access_token.expose_secret(), tokens.refresh_token.unwrap());
    // Long enough not to turn up in what is sealed, which is as good as random.
    let beginnings = [access_token, refresh_token.expose_secret()].map(|token| &token[..16]);
    for plain in ["Lovelace", "ada@example.com", "code_verifier", "access_token"].iter().chain(&beginnings) {
        assert!(!stored.contains(plain), "{plain} stands in the file");
    }
}

/// A random byte for a key.
fn rand_byte() -> u8 {
    tower_sessions::session::Id::default().0.to_le_bytes()[0]
}

// SE-16, without its load
#[tokio::test]
async fn many_users_at_once_each_see_their_own_name() {
    let site = Arc::new(Site::start().await);
    let users =
        [("ada", "Ada Lovelace"), ("grace", "Grace"), ("dorothy", "Dorothy Vaughan"), ("hypatia", "Ὑπατία Θέωνος")];
    let visits: Vec<_> = users
        .into_iter()
        .cycle()
        .take(16)
        .map(|(person, name)| {
            let site = Arc::clone(&site);
            tokio::spawn(async move {
                for _ in 0..2 {
                    let mut browser = site.signed_in(person).await;
                    for _ in 0..10 {
                        assert_eq!(browser.greeted(&site).await.as_deref(), Ok(name));
                    }
                    browser.get(&site.at(LOGOUT)).await;
                    assert_eq!(browser.greeted(&site).await, Err(401));
                }
            })
        })
        .collect();
    for visit in visits {
        visit.await.unwrap();
    }
}

// SE-18; the types that hold tokens or secrets and that a program can print
#[tokio::test]
async fn debug_output_holds_no_secret() {
    let site = Site::start().await;
    let config = format!("{:?}", site.config);
    assert!(config.contains("REDACTED") && !config.contains(site.config.client_secret.expose_secret()));
    site.signed_in("ada").await;
    let session = site.auth.sessions_of(&person("ada").subject).await.unwrap().remove(0);
    let tokens = site.auth.tokens(&session).await.unwrap().unwrap();
    let access_token = site.auth.access_token(&session).await.unwrap();
    let printed = format!("{tokens:?} {access_token:?} {:?}", site.auth.claims(&session).await.unwrap());
    assert!(printed.contains("REDACTED"), "{printed}");
    for secret in [&tokens.access_token, tokens.refresh_token.as_ref().unwrap()] {
        assert!(!printed.contains(secret.expose_secret()), "{printed}");
    }
    assert!(!printed.contains("Lovelace"), "{printed}");
}
