//! Tests of requests that another site makes a user's browser send: section CS of the security catalogue.
//!
//! That real browsers send these headers, and that a form works without JavaScript, is tested in `end2end`.

use kinde_leptos::auth::paths::{END_SESSION, LOGOUT, LOGOUT_EVERYWHERE, SIGNED_OUT};
use reqwest::Method;

use super::harness::{Browser, READING_FUNCTIONS, Response, Site, files, functions, routes, session_id};

type Headers = [(&'static str, &'static str)];

/// The headers that browsers set on a request that another site caused.
const FOREIGN: [&Headers; 7] = [
    // CS-1
    &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
    &[("origin", "https://evil.example")],
    &[("sec-fetch-site", "cross-site")],
    // CS-4: a sibling subdomain is another site.
    &[("origin", "https://other.example.test"), ("sec-fetch-site", "same-site")],
    &[("origin", "https://localhost")],
    // CS-6: a sandboxed frame, a file, or a redirect across sites.
    &[("origin", "null")],
    &[("origin", "null"), ("sec-fetch-site", "cross-site")],
];

/// Content types that a form or a script can send without a preflight request, and one that it cannot.
const CONTENT_TYPES: [Option<&str>; 6] = [
    None,
    Some("application/x-www-form-urlencoded"),
    Some("text/plain"),
    Some("text/plain; application/json"),
    Some("multipart/form-data; boundary=x"),
    Some("application/json"),
];

async fn post(browser: &mut Browser, url: &str, foreign: &Headers, content_type: Option<&str>) -> Response {
    let headers: Vec<_> = foreign.iter().copied().chain(content_type.map(|kind| ("content-type", kind))).collect();
    browser.send(Method::POST, url, &headers, Some("item_id=1".to_owned())).await
}

async fn is_signed_in(browser: &mut Browser, site: &Site) -> bool {
    browser.get(&site.at("/")).await.status == 200
}

// CS-1, CS-2, CS-4, CS-6
#[tokio::test]
async fn nothing_that_another_site_posts_reaches_a_server_function() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for path in functions() {
        for (foreign, content_type) in FOREIGN.iter().flat_map(|foreign| CONTENT_TYPES.map(|kind| (foreign, kind))) {
            let response = post(&mut browser, &site.at(path), foreign, content_type).await;
            assert_eq!(response.status, 403, "{path} {foreign:?} {content_type:?}");
            assert!(!response.body.contains("item_id"), "{}", response.body);
        }
    }
    assert!(is_signed_in(&mut browser, &site).await);
}

// CS-1, CS-2, CS-4, CS-6, for the routes by which a user ends sessions
#[tokio::test]
async fn nothing_that_another_site_posts_signs_a_user_out() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for path in [LOGOUT, LOGOUT_EVERYWHERE, END_SESSION] {
        for (foreign, content_type) in FOREIGN.iter().flat_map(|foreign| CONTENT_TYPES.map(|kind| (foreign, kind))) {
            let response = post(&mut browser, &site.at(path), foreign, content_type).await;
            assert_eq!(response.status, 403, "{path} {foreign:?} {content_type:?}");
            assert!(response.set_cookies().is_empty(), "{path} {foreign:?}");
        }
    }
    assert!(is_signed_in(&mut browser, &site).await);
}

// CS-3: a function that writes would have to be a POST, and to be left out of this list.
#[tokio::test]
async fn server_functions_that_take_get_change_nothing() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let id = session_id(&site.tenant, &browser.session().unwrap());
    let before = site.store.load(&id).await.unwrap().unwrap();
    for path in functions() {
        let response = browser.get_json(&site.at(&format!("{path}?item_id=1"))).await;
        let takes_get = response.status != 405;
        assert_eq!(takes_get, READING_FUNCTIONS.contains(&path), "{path} responds to GET with {}", response.status);
        assert!(response.set_cookies().is_empty());
    }
    assert_eq!(site.store.load(&id).await.unwrap(), Some(before));
}

// CS-5: allowed by choice. Every current browser sends Origin with a cross-site POST, and the cookie's SameSite=Lax
// keeps it out of such a POST besides; a client that sends neither is a program of the user's own.
#[tokio::test]
async fn a_request_without_any_metadata_is_taken_for_the_users_own() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    assert_eq!(browser.post(&site.at(LOGOUT), &[]).await.status, 303);
    assert!(!is_signed_in(&mut browser, &site).await);
}

// CS-7
#[tokio::test]
async fn an_image_a_link_or_a_form_of_another_site_signs_nobody_out() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for (from, destination) in
        [("cross-site", "image"), ("cross-site", "document"), ("cross-site", "iframe"), ("same-site", "image")]
    {
        let headers = [("sec-fetch-site", from), ("sec-fetch-dest", destination), ("accept", "text/html")];
        let response = browser.send(Method::GET, &site.at(LOGOUT), &headers, None).await;
        assert_eq!(response.status, 403, "{from} {destination}");
        assert!(response.set_cookies().is_empty());
        assert!(is_signed_in(&mut browser, &site).await, "{from} {destination}");
    }
}

// CS-7: an image on a page of the site itself, a frame, a script, and a request that does not say where it comes from
#[tokio::test]
async fn a_request_that_is_no_navigation_of_the_user_must_be_confirmed() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for headers in [
        vec![],
        vec![("sec-fetch-site", "same-origin")],
        vec![("sec-fetch-mode", "navigate")],
        vec![("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")],
        vec![("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")],
        vec![("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
    ] {
        let headers = [headers, vec![("accept", "text/html")]].concat();
        let response = browser.send(Method::GET, &site.at(LOGOUT), &headers, None).await;
        assert_eq!(response.status, 403, "{headers:?}");
        assert!(response.body.contains("Please confirm") && response.set_cookies().is_empty(), "{}", response.body);
        assert!(is_signed_in(&mut browser, &site).await, "{headers:?}");
    }
    let anonymous = Browser::new().send(Method::GET, &site.at(LOGOUT), &[("accept", "text/html")], None).await;
    assert_eq!((anonymous.status, anonymous.header("location")), (303, SIGNED_OUT));
}

// CS-7, the other half
#[tokio::test]
async fn a_users_own_link_signs_out() {
    let site = Site::start().await;
    for from in ["same-origin", "none"] {
        let mut browser = site.signed_in("ada").await;
        let headers = [("sec-fetch-site", from), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        assert_eq!(browser.send(Method::GET, &site.at(LOGOUT), &headers, None).await.status, 303, "{from}");
        assert!(!is_signed_in(&mut browser, &site).await, "{from}");
    }
}

// CS-8, as far as it goes without a browser
#[tokio::test]
async fn the_sites_own_form_needs_nothing_but_the_cookie() {
    let site = Site::start().await;
    let own: [&[(&str, &str)]; 3] = [
        &[("origin", &site.url), ("sec-fetch-site", "same-origin")],
        &[("origin", &site.url)],
        &[("sec-fetch-site", "same-origin")],
    ];
    for headers in own {
        let mut browser = site.signed_in("ada").await;
        let response = browser.send(Method::POST, &site.at(LOGOUT), headers, None).await;
        assert_eq!(response.status, 303, "{headers:?}");
        assert!(!is_signed_in(&mut browser, &site).await, "{headers:?}");
    }
}

// CS-9
#[tokio::test]
async fn no_route_lets_another_site_read_its_response() {
    let site = Site::start().await;
    let paths: Vec<String> = routes(&site).await.into_iter().chain(files()).collect();
    for (path, method) in paths.iter().flat_map(|path| [Method::GET, Method::POST, Method::OPTIONS].map(|m| (path, m)))
    {
        let mut browser = Browser::new();
        let headers = [("origin", "https://evil.example"), ("access-control-request-method", "POST")];
        let response = browser.send(method.clone(), &site.at(path), &headers, None).await;
        let allowing = response.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
        assert_eq!(allowing, None, "{method} {path}");
    }
}

// CS-10
#[tokio::test]
async fn a_server_functions_response_is_no_script() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let headers = [("sec-fetch-site", "cross-site"), ("sec-fetch-dest", "script"), ("sec-fetch-mode", "no-cors")];
    for (path, accept) in functions().into_iter().flat_map(|path| ["*/*", "text/html"].map(|accept| (path, accept))) {
        let headers = [&headers[..], &[("accept", accept)]].concat();
        let response = browser.send(Method::GET, &site.at(path), &headers, None).await;
        assert!(response.header("content-type").starts_with("application/json"), "{path} {accept}");
        assert_eq!(response.header("x-content-type-options"), "nosniff");
        assert_eq!(response.header("cross-origin-resource-policy"), "same-origin");
    }
}

// CS-11: there is no socket to open, so there is nothing to refuse with 403.
#[tokio::test]
async fn no_route_becomes_a_websocket() {
    let site = Site::start().await;
    let headers = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("origin", "https://evil.example"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let mut browser = site.signed_in("ada").await;
    for path in routes(&site).await {
        let response = browser.send(Method::GET, &site.at(&path), &headers, None).await;
        assert_ne!(response.status, 101, "{path}");
        assert_eq!(response.header("upgrade"), "", "{path}");
    }
}
