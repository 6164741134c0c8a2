//! The greeting of every person of the emulated tenant, on the page and in JSON; and the page after signing out.
//! Claims that the tenant's people do not have are tested beside the code that reads them.

use kinde_leptos::auth::paths::{LOGIN, REGISTER, SIGNED_OUT};
use kinde_leptos::dev_issuer::DevIssuer;
use serde_json::json;

use super::{assert_json, assert_page, escaped};
use crate::harness::{Browser, GREETING_FUNCTION, Site};

/// The tenant's seeded people by key, and the name in each one's greeting.
const NAMES: [(&str, &str); 10] = [
    ("ada", "Ada Lovelace"),
    ("grace", "Grace"),
    ("nameless", "nameless@example.com"),
    ("hypatia", "Ὑπατία Θέωνος"),
    ("katherine", "Katherine Johnson"),
    ("dorothy", "Dorothy Vaughan"),
    // Her ID token has no name; the issuer's user profile has.
    ("emmy", "Emmy Noether"),
    ("augusta", "Augusta King"),
    ("mallory", "<b onclick=alert(1)>Mallory</b> O'Hara X-Injected: \"yes\" & more"),
    ("atlas", "Atlas Farnese"),
];

#[tokio::test]
async fn the_greeting_is_the_tutorial_programs_json() {
    let site = Site::start().await;
    let response = site.signed_in("ada").await.get_json(&site.at("/")).await;
    assert_json(&response, 200, r#"{"info":"Route protected with Kinde","user_info":"Ada Lovelace"}"#);
}

#[tokio::test]
async fn every_user_is_greeted_by_name_on_the_page_and_in_json() {
    let site = Site::start().await;
    assert_eq!(
        NAMES.map(|(person, _)| person).as_slice(),
        DevIssuer::people().iter().map(|p| &p.key).collect::<Vec<_>>()
    );
    for (person, name) in NAMES {
        let mut browser = site.signed_in(person).await;
        let page = browser.get(&site.at("/")).await;
        assert_page(&page, 200);
        assert!(page.body.contains(&format!("Hello, <bdi>{}</bdi>", escaped(name))), "{person}: {}", page.body);
        assert!(page.body.contains("Route protected with Kinde"));
        assert!(!page.body.contains("None") && !page.body.contains("null"), "{}", page.body);
        let greeting = json!({"info": "Route protected with Kinde", "user_info": name});
        assert_eq!(browser.get_json(&site.at("/")).await.json(), greeting);
        assert_eq!(browser.get(&site.at(GREETING_FUNCTION)).await.json(), greeting);
    }
}

#[tokio::test]
async fn a_name_with_markup_makes_no_element_and_no_header() {
    let site = Site::start().await;
    let page = site.signed_in("mallory").await.get(&site.at("/")).await;
    assert!(!page.body.contains("<b onclick") && !page.body.contains("</b>"), "{}", page.body);
    assert!(page.headers.get("x-injected").is_none());
}

#[tokio::test]
async fn a_user_with_huge_tokens_has_a_short_cookie_and_a_page_like_any_other() {
    let site = Site::start().await;
    let mut browser = site.signed_in("atlas").await;
    let cookies = browser.cookie_header(&site.url.parse().unwrap());
    assert!(cookies.len() < 100, "{cookies}");
    let (atlas, ada) = (browser.get(&site.at("/")).await, site.signed_in("ada").await.get(&site.at("/")).await);
    assert!(atlas.body.len() < ada.body.len() + 100, "{}", atlas.body);
}

#[tokio::test]
async fn the_signed_out_page_is_public_and_offers_both_ways_in() {
    let site = Site::start().await;
    let page = Browser::new().get(&site.at(SIGNED_OUT)).await;
    assert_page(&page, 200);
    for (href, label) in [(LOGIN, "Sign in"), (REGISTER, "Create account")] {
        let link = page.body.split("<a ").find(|link| link.contains(&format!("href=\"{href}\"")));
        assert!(link.is_some_and(|link| link.contains(&format!(">{label}</a>"))), "{}", page.body);
    }
}

#[tokio::test]
async fn the_signed_out_page_tells_a_signed_in_user_who_is_still_signed_in() {
    let site = Site::start().await;
    let page = site.signed_in("ada").await.get(&site.at(SIGNED_OUT)).await;
    assert_page(&page, 200);
    assert!(page.body.contains("You are still signed in as") && page.body.contains("Ada Lovelace"), "{}", page.body);
    assert!(page.body.contains("action=\"/api/auth/logout\""), "{}", page.body);
}
