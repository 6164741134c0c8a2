//! What a cookie, a debugger or a reader of the disk learns (SE-6, SE-18).
//! It leaves out encryption at rest, which is not offered yet.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kinde_leptos::auth::TokenSet;
use secrecy::ExposeSecret;

use crate::harness::{Browser, Site};

// SE-6
#[tokio::test]
async fn cookies_are_small_and_say_nothing_about_the_person() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let begun = browser.get(&site.at("/api/auth/login")).await;
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
        // Nothing shorter: a random value may hold any three letters.
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
    assert_eq!(files, 3, "the file, its -wal and its -shm");
}

// SE-18; the types that hold tokens or secrets and that a program can print
#[tokio::test]
async fn debug_output_holds_no_secret() {
    let site = Site::start().await;
    let config = format!("{:?}", site.config);
    assert!(config.contains("REDACTED") && !config.contains(site.config.client_secret.expose_secret()));
    let tokens = TokenSet {
        access_token: "sesame".to_owned().into(),
        refresh_token: Some("sesame".to_owned().into()),
        expires_at: time::OffsetDateTime::UNIX_EPOCH,
    };
    let tokens = format!("{tokens:?}");
    assert!(tokens.contains("REDACTED") && !tokens.contains("sesame"), "{tokens}");
}
