//! Tests of sign-out, section LO of the security catalogue: that it ends the session, who can cause it, and where it
//! redirects to.
//! Cookies and records are tested in `session`. Back-channel logout (LO-12) is not offered.

#[cfg(unix)]
mod to_its_end;

use std::time::{Duration, Instant};

use kinde_leptos::auth::paths::{LOGIN, LOGOUT, SIGNED_OUT};
use reqwest::Method;
use serde_json::json;

use crate::harness::{Browser, GREETING_FUNCTION, Records, Response, Site};

const SLOWEST: Duration = Duration::from_secs(3);

// LO-1
#[tokio::test]
async fn sign_out_ends_the_session_and_lands_on_a_page() {
    for method in [Method::GET, Method::POST] {
        let site = Site::start().await;
        let mut browser = site.signed_in("ada").await;
        let old = browser.session().unwrap();
        let response = browser
            .send(
                method.clone(),
                &site.at(LOGOUT),
                &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate")],
                None,
            )
            .await;
        assert_eq!(response.status, 303, "{method}");
        let landing = browser.visit(response.location().unwrap().as_str()).await;
        assert_eq!((landing.status, landing.url.path()), (200, SIGNED_OUT));
        assert!(!browser.is_signed_in(&site).await);
        assert!(!Browser::with_session(&old).is_signed_in(&site).await);
        assert_eq!(Records::open(&site.store_file()).await.count().await, 0, "the tokens are gone, too");
    }
}

// LO-3
#[tokio::test]
async fn the_issuers_own_session_ends_too() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    assert_eq!(silent_sign_in(&mut browser, &site).await, None);
    let location = browser.get(&site.at(LOGOUT)).await.location().unwrap();
    browser.visit(location.as_str()).await;
    assert_eq!(silent_sign_in(&mut browser, &site).await.as_deref(), Some("login_required"));
}

/// The error with which the tenant responds to a sign-in without its sign-in page. `None`: it knows the user.
async fn silent_sign_in(browser: &mut Browser, site: &Site) -> Option<String> {
    let mut request = browser.get(&site.at(LOGIN)).await.location().unwrap();
    request.query_pairs_mut().append_pair("prompt", "none");
    let callback = browser.get(request.as_str()).await.location().unwrap();
    callback.query_pairs().find(|(name, _)| name == "error").map(|(_, error)| error.into_owned())
}

// LO-4
#[tokio::test]
async fn an_issuer_that_is_down_or_slow_keeps_nobody_signed_in() {
    for fault in ["all_down", "all_slow", "all_500"] {
        let site = Site::start().await;
        let browser = site.signed_in("ada").await;
        site.tenant.fault(fault).await;
        assert_signs_out_at_once(&site, browser, fault).await;
    }
}

// LO-4: a process that has just started must first request the address of the issuer's sign-out
#[tokio::test]
async fn an_issuer_that_is_still_unknown_and_down_or_slow_keeps_nobody_signed_in() {
    for fault in ["all_down", "all_slow", "all_500"] {
        let site = Site::start().await;
        let browser = site.signed_in("ada").await;
        let site = site.restarted().await;
        site.tenant.fault(fault).await;
        assert_signs_out_at_once(&site, browser, fault).await;
    }
}

async fn assert_signs_out_at_once(site: &Site, mut browser: Browser, fault: &str) {
    let old = browser.session().unwrap();
    let began = Instant::now();
    let response = browser.get(&site.at(LOGOUT)).await;
    assert_eq!(response.status, 303, "{fault}");
    assert_eq!(browser.session(), None, "{fault}");
    assert!(!Browser::with_session(&old).is_signed_in(site).await, "{fault}");
    // A user who is stuck at the issuer returns to the site and signs out again, which leads here.
    assert_eq!(browser.visit(&site.at(LOGOUT)).await.url.path(), SIGNED_OUT, "{fault}");
    assert!(began.elapsed() < SLOWEST, "{fault}: {:?}", began.elapsed());
}

// LO-5
#[tokio::test]
async fn signing_out_without_a_session_lands_on_the_same_page() {
    let site = Site::start().await;
    for mut browser in [Browser::new(), Browser::with_session("nonsense"), Browser::with_session(&"A".repeat(22))] {
        for method in [Method::GET, Method::POST] {
            let response = browser.send(method, &site.at(LOGOUT), &[("accept", "text/html")], None).await;
            assert_eq!(response.status, 303);
            assert_eq!(browser.visit(response.location().unwrap().as_str()).await.url.path(), SIGNED_OUT);
        }
    }
}

// LO-6
#[tokio::test]
async fn twenty_sign_outs_at_once_all_end_anonymous() {
    let site = Site::start().await;
    let browser = site.signed_in("ada").await;
    let requests: Vec<_> = (0..20)
        .map(|_| {
            let (mut browser, url) = (browser.clone(), site.at(LOGOUT));
            tokio::spawn(async move {
                let status = browser.get(&url).await.status;
                (status, browser.session())
            })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.unwrap(), (303, None));
    }
    assert!(!browser.clone().is_signed_in(&site).await);
}

// LO-7
#[tokio::test]
async fn another_tab_learns_of_the_sign_out_with_its_next_request() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let mut other_tab = browser.clone();
    assert_eq!(other_tab.get_json(&site.at(GREETING_FUNCTION)).await.status, 200);
    browser.get(&site.at(LOGOUT)).await;
    let call = other_tab.get_json(&site.at(GREETING_FUNCTION)).await;
    assert_eq!((call.status, call.json()), (401, json!({"detail": "Not authenticated"})));
    let page = Browser::with_session("").get(&site.at("/items/1")).await;
    assert!(page.location().unwrap().path().starts_with(LOGIN));
}

// LO-8
#[tokio::test]
async fn prefetches_and_other_methods_sign_nobody_out() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for (method, header) in [
        (Method::HEAD, ("accept", "text/html")),
        (Method::OPTIONS, ("accept", "text/html")),
        (Method::GET, ("sec-purpose", "prefetch")),
        (Method::GET, ("sec-purpose", "prefetch;prerender")),
        (Method::GET, ("purpose", "prefetch")),
        (Method::PUT, ("accept", "text/html")),
        (Method::DELETE, ("accept", "text/html")),
    ] {
        let response = browser.send(method.clone(), &site.at(LOGOUT), &[header], None).await;
        assert!(response.set_cookies().is_empty() && response.location().is_none(), "{method} {header:?}");
        assert!(browser.is_signed_in(&site).await, "{method} {header:?}");
    }
}

// LO-1 for links of other sites (CS-7)
#[tokio::test]
async fn another_site_cannot_sign_anybody_out() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for (method, foreign) in [
        (Method::GET, vec![("sec-fetch-site", "cross-site"), ("sec-fetch-dest", "image")]),
        (Method::GET, vec![("sec-fetch-site", "cross-site"), ("sec-fetch-dest", "document"), ("accept", "text/html")]),
        (Method::GET, vec![("sec-fetch-site", "same-site")]),
        (Method::POST, vec![("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]),
        (Method::POST, vec![("origin", "https://evil.example")]),
        (Method::POST, vec![("origin", "null")]),
    ] {
        let response = browser.send(method.clone(), &site.at(LOGOUT), &foreign, None).await;
        assert_eq!(response.status, 403, "{method} {foreign:?}");
        assert!(browser.is_signed_in(&site).await, "{method} {foreign:?}");
    }
    let typed = browser.get(&site.at(LOGOUT)).await;
    assert_eq!(typed.status, 303);
    assert!(!browser.is_signed_in(&site).await);
}

// LO-14: no link of this site has a `state`, so this one is of another, even if it was entered by hand
#[tokio::test]
async fn a_link_that_imitates_the_return_from_the_issuer_signs_nobody_out() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let imitated = site.at(&format!("{LOGOUT}?state={}", "A".repeat(43)));
    let response = browser.get(&imitated).await;
    assert!(response.status == 403 && response.set_cookies().is_empty(), "{response:?}");
    assert!(response.body.contains("confirm"), "{}", response.body);
    assert!(browser.is_signed_in(&site).await);
    let anonymous = Browser::new().get(&imitated).await;
    assert_eq!((anonymous.status, anonymous.location().unwrap().path()), (303, SIGNED_OUT));
}

// LO-9, LO-10
#[tokio::test]
async fn the_issuer_gets_the_configured_return_address_and_nothing_else() {
    let site = Site::start().await;
    for query in [
        "",
        "?post_logout_redirect_uri=https://evil.example",
        "?redirect=https://evil.example&redirect_uri=https://evil.example&id_token_hint=eyJ",
        "?post_login_redirect_url=//evil.example",
    ] {
        let mut browser = site.signed_in("ada").await;
        let location = browser.get(&site.at(&format!("{LOGOUT}{query}"))).await.location().unwrap();
        let return_address = ("redirect".to_owned(), site.config.logout_redirect_url.to_string());
        assert!(location.as_str().starts_with(&format!("{}/logout?", site.tenant.issuer())));
        assert_eq!(location.query_pairs().into_owned().collect::<Vec<_>>(), [return_address], "{query}");
        assert!(location.as_str().len() < 2_048);
        assert_eq!(browser.visit(location.as_str()).await.url.path(), SIGNED_OUT, "the issuer allows it");
    }
}

// LO-11
#[tokio::test]
async fn sign_out_forgets_sign_ins_under_way() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let callback = browser.sign_in_up_to_callback(&site, "ada", LOGIN).await;
    browser.get(&site.at(LOGOUT)).await;
    let left: Vec<_> = browser.cookies_at("localhost").into_iter().map(|(name, _)| name).collect();
    assert_eq!(left, ["kinde_signed_out"], "cookies of attempts are left");
    assert_eq!(browser.get(&callback).await.status, 400);
    assert!(!browser.is_signed_in(&site).await);
    assert_eq!(Records::open(&site.store_file()).await.count().await, 0);
}

// LO-13: there is no `Clear-Site-Data`, because no response about a user may be stored in the first place
#[tokio::test]
async fn no_browser_keeps_what_a_signed_in_user_saw() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let responses: [Response; 4] = [
        browser.get(&site.at("/")).await,
        browser.get(&site.at("/items/1")).await,
        browser.get_json(&site.at(GREETING_FUNCTION)).await,
        browser.get(&site.at(LOGOUT)).await,
    ];
    for response in responses {
        assert!(response.header("cache-control").contains("no-store"), "{}", response.url);
    }
}
