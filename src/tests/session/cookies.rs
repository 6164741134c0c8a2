//! The attributes of the cookies, and the responses to broken ones (SE-1, 7, 8, 14).
//! What a valid cookie opens is tested in `lifetime` and `end`.

use kinde_leptos::auth::paths::{LOGIN, LOGOUT};

use super::{attributes, status_with};
use crate::harness::{Browser, HTTPS_ORIGIN, Records, Response, Site, session_id};

// SE-1; the program warns at the start of a site on http, which is not tested here
#[tokio::test]
async fn on_https_every_cookie_is_bound_to_the_host() {
    let site = Site::start_https().await;
    let set = cookies_of_a_visit(&site).await;
    assert_eq!(set.len(), 5, "begun, signed in, used up, signed out, marked: {set:?}");
    for cookie in set {
        assert!(cookie.starts_with("__Host-kinde_"), "{cookie}");
        let attributes = attributes(&cookie);
        assert_eq!(attributes.len(), 5, "{cookie}");
        assert!(attributes[1].starts_with("Max-Age="), "{cookie}");
        assert_eq!(
            [attributes[0], attributes[2], attributes[3], attributes[4]],
            ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]
        );
    }
}

// SE-1
#[tokio::test]
async fn on_http_loopback_names_are_plain_and_nothing_is_secure() {
    let site = Site::start().await;
    for cookie in cookies_of_a_visit(&site).await {
        assert!(cookie.starts_with("kinde_"), "{cookie}");
        let attributes = attributes(&cookie);
        assert_eq!([attributes[0], attributes[2], attributes[3]], ["HttpOnly", "Path=/", "SameSite=Lax"]);
        assert_eq!(attributes.len(), 4, "{cookie}");
    }
}

// SE-14
#[tokio::test]
async fn sign_out_removes_the_cookie_with_the_attributes_that_set_it() {
    for site in [Site::start().await, Site::start_https().await] {
        let set = cookies_of_a_visit(&site).await;
        let begun: Vec<_> = set.iter().filter(|cookie| cookie.contains("kinde_session=")).collect();
        let [set, removed] = begun[..] else { panic!("{set:?}") };
        let name = |cookie: &str| cookie.split('=').next().unwrap().to_owned();
        assert_eq!(name(set), name(removed));
        assert!(removed.contains("=; ") && attributes(removed).contains(&"Max-Age=0"), "{removed}");
        let without_age = |cookie| {
            let attributes = attributes(cookie).into_iter();
            attributes.filter(|attribute| !attribute.starts_with("Max-Age")).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(without_age(set), without_age(removed));
    }
}

/// Every `Set-Cookie` of the site from an anonymous visit to the sign-out.
async fn cookies_of_a_visit(site: &Site) -> Vec<String> {
    let mut browser = Browser::new();
    let begun = browser.get(&site.at(LOGIN)).await;
    let page = browser.visit(begun.location().unwrap().as_str()).await;
    let callback = browser.choose(site, &page, &[("person", "ada")]).await;
    assert_eq!(callback.starts_with(HTTPS_ORIGIN), site.config.site_url.scheme() == "https");
    let signed_in = browser.get(&site.behind_proxy(&callback)).await;
    assert!(browser.is_signed_in(site).await, "{}", signed_in.body);
    let signed_out = browser.get(&site.at(LOGOUT)).await;
    let responses = [begun, signed_in, signed_out];
    responses.iter().flat_map(Response::set_cookies).map(str::to_owned).collect()
}

// SE-7
#[tokio::test]
async fn large_tokens_make_no_large_cookie() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    let callback = browser.sign_in_up_to_callback(&site, "atlas", "/").await;
    let response = browser.get(&callback).await;
    assert_eq!(response.status, 303);
    assert!(response.set_cookies().iter().all(|cookie| cookie.len() < 4_096));
    let headers: usize = response.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    assert!(headers < 8_192, "{headers} bytes of headers");
    assert!(browser.is_signed_in(&site).await);
}

// SE-7: what is too large for a cookie must not be loaded with every page either
#[tokio::test]
async fn large_tokens_cost_a_page_nothing() {
    let site = Site::start().await;
    let session = session_id(&site.tenant, &site.signed_in("atlas").await.session().unwrap());
    let read = site.store.load(&session).await.unwrap().unwrap();
    let tokens = Records::open(&site.store_file()).await.tokens().await.to_string();
    assert!(tokens.len() > 60_000, "the tokens have {} bytes", tokens.len());
    assert!(read.content.len() < 1_000, "a page read loads {} bytes", read.content.len());
}

// SE-8
#[tokio::test]
async fn a_malformed_cookie_is_anonymous_and_cleared() {
    let site = Site::start().await;
    let id = site.signed_in("ada").await.session().unwrap();
    let flipped = id.replacen(id.chars().next().unwrap(), if id.starts_with('A') { "B" } else { "A" }, 1);
    let long = "x".repeat(8_192);
    for value in ["", "%FF", "\"", "nonsense", "é", "=", &flipped, &long, &format!("{id}x"), &id[..21]] {
        let (status, set) = status_with(&site, &format!("kinde_session={value}")).await;
        assert_eq!(status, 303, "{value}");
        assert!(set.iter().any(|cookie| cookie.starts_with("kinde_session=; ")), "{value} is not cleared");
    }
    let (status, set) = status_with(&site, &format!("kinde_session={id}; kinde_session={flipped}")).await;
    let changes = set.iter().filter(|cookie| cookie.starts_with("kinde_session="));
    assert_eq!((status, changes.count()), (303, 1), "two different ones");
}

// SE-8
#[tokio::test]
async fn foreign_cookies_beside_ours_disturb_nothing() {
    let site = Site::start().await;
    let id = site.signed_in("ada").await.session().unwrap();
    let many: String = (0..200).map(|number| format!("c{number}=v; ")).collect();
    for beside in [
        many.as_str(),
        "kinde_pending_=1.x; kinde_pending_nonsense=; ",
        ";;; ; =; x; ",
        "kinde_session_=x; xkinde_session=y; KINDE_SESSION=z; ",
        "theme=%FF; ",
        "city=München; ",
    ] {
        let (status, set) = status_with(&site, &format!("{beside}kinde_session={id}")).await;
        assert_eq!((status, set.len()), (200, 0), "{beside}");
    }
}

// SE-8: an unreadable record has the same effect as an unreadable cookie
#[tokio::test]
async fn a_spoiled_record_is_anonymous_and_not_an_error() {
    let site = Site::start().await;
    for statement in [
        "update kinde_sessions set data = ''",
        "update kinde_sessions set data = '[]'",
        "update kinde_sessions set data = 'session {}'",
        "update kinde_sessions set data = 'session {\"user\": 5}'",
        "update kinde_sessions set data = cast(x'ff' as text)",
    ] {
        let mut browser = site.signed_in("ada").await;
        site.spoil(statement).await;
        let response = browser.get(&site.at("/")).await;
        assert_eq!((response.status, browser.session()), (303, None), "{statement}");
        assert_eq!(browser.sign_in(&site, "ada", "/").await.status, 200, "{statement}");
    }
}
