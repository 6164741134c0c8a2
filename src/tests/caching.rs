//! Tests of what a browser or a proxy may store, and for whom: section CA of the security catalogue.
//!
//! The back button (CA-4) needs a real browser and is tested in `end2end`. No test uses a real caching proxy.

use kinde_leptos::auth::paths::{LOGIN, LOGOUT, SIGNED_OUT};
use kinde_leptos::paths::{ASSETS, DOCS};
use reqwest::Method;

use super::harness::{Browser, ITEM_FUNCTION, Response, Site, files, functions, routes};

const PROTECTED_PAGES: [&str; 4] = ["/", "/items/1", "/items/abc", "/items?item_id=1"];

fn is_never_stored(response: &Response) -> bool {
    let directives: Vec<_> = response.header("cache-control").split(',').map(str::trim).collect();
    directives.contains(&"no-store") && !directives.contains(&"public")
}

fn protected_addresses(site: &Site) -> Vec<String> {
    let functions = functions().into_iter().map(|path| site.at(&format!("{path}?item_id=1")));
    PROTECTED_PAGES.iter().map(|path| site.at(path)).chain(functions).collect()
}

// CA-1
#[tokio::test]
async fn what_a_session_opens_is_private_and_never_stored() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for url in protected_addresses(&site) {
        for response in [browser.get(&url).await, browser.get_json(&url).await] {
            assert!(is_never_stored(&response), "{url}: {}", response.header("cache-control"));
            assert!(response.header("cache-control").contains("private"), "{url}");
            assert_eq!(response.header("etag"), "", "{url}");
        }
    }
}

// CA-1: one address, two representations
#[tokio::test]
async fn pages_that_are_json_too_say_so_to_caches() {
    let site = Site::start().await;
    for mut browser in [Browser::new(), site.signed_in("ada").await] {
        for path in PROTECTED_PAGES {
            let response = browser.get(&site.at(path)).await;
            assert!(response.header("vary").to_ascii_lowercase().contains("accept"), "{path}");
        }
    }
}

// CA-2
#[tokio::test]
async fn a_refusal_and_a_redirect_to_sign_in_are_never_stored() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    for url in protected_addresses(&site) {
        for response in [browser.get(&url).await, browser.get_json(&url).await] {
            assert!(matches!(response.status, 303 | 401), "{url}");
            assert!(is_never_stored(&response), "{url}: {}", response.header("cache-control"));
        }
    }
    let login = browser.get(&site.at(LOGIN)).await;
    assert!(login.status == 303 && is_never_stored(&login));
}

// CA-2: responses of a layer or of the router, which reach no route, and the public page, whose header depends on the
// user.
#[tokio::test]
async fn errors_and_public_pages_are_never_stored_either() {
    let site = Site::start().await;
    let foreign: &[(&str, &str)] = &[("origin", "https://evil.example")];
    let other_name: &[(&str, &str)] = &[("host", "127.0.0.1")];
    let long = format!("/?{}", "x".repeat(9_000));
    for (method, path, headers, status) in [
        (Method::GET, SIGNED_OUT, &[][..], 200),
        (Method::GET, "/nothing", &[], 404),
        (Method::POST, SIGNED_OUT, &[], 405),
        (Method::POST, ITEM_FUNCTION, foreign, 403),
        (Method::GET, long.as_str(), &[], 414),
        (Method::GET, SIGNED_OUT, other_name, 303),
    ] {
        let response = Browser::new().send(method.clone(), &site.at(path), headers, None).await;
        assert_eq!(response.status, status, "{method} {path}");
        assert!(is_never_stored(&response), "{method} {path}: {}", response.header("cache-control"));
    }
}

/// A browser without a cookie, one that is signed in, one with the cookie of an ended session, and one with a malformed
/// cookie.
async fn browsers_of_every_kind(site: &Site) -> Vec<Browser> {
    let mut dead = site.signed_in("ada").await;
    let cookie = dead.cookie("localhost", "kinde_session").unwrap().to_owned();
    dead.post(&site.at(LOGOUT), &[]).await;
    dead.set_cookie("localhost", "kinde_session", &cookie);
    let mut malformed = Browser::new();
    malformed.set_cookie("localhost", "kinde_session", "x");
    vec![Browser::new(), site.signed_in("ada").await, dead, malformed]
}

// CA-3
#[tokio::test]
async fn no_response_that_sets_a_cookie_may_be_stored() {
    let site = Site::start().await;
    let paths: Vec<String> = routes(&site).await.into_iter().chain(files()).chain([DOCS.to_owned()]).collect();
    let mut setting = 0;
    for browser in browsers_of_every_kind(&site).await {
        for (path, method) in paths.iter().flat_map(|path| [Method::GET, Method::POST].map(|method| (path, method))) {
            let response = browser.clone().send(method, &site.at(path), &[("accept", "text/html")], None).await;
            if !response.set_cookies().is_empty() {
                setting += 1;
                assert!(is_never_stored(&response), "{path}: {}", response.header("cache-control"));
            }
        }
    }
    assert!(setting > 5, "the crawl saw only {setting} responses with cookies");
}

// CA-5
#[tokio::test]
async fn a_page_that_looks_like_a_file_is_not_stored() {
    let site = Site::start().await;
    let browser = site.signed_in("ada").await;
    let cookie = browser.cookie_header(&site.url.parse().unwrap());
    for target in
        ["/items/1/x.css", "/items/1.css", "/items/1%2fa.js", "/;/a.css", "/items/1;a.css", "/items/1%00.js", "/x.css"]
    {
        let response = site.raw("GET", target, &[("cookie", &cookie)]).await;
        let never_stored = response.header("cache-control").contains("no-store");
        assert!(response.status == 404 || never_stored, "{target}: {} {}", response.status, response.head);
        assert!(never_stored || !response.body.contains("Lovelace"), "{target}");
    }
}

// CA-6: a file whose path changes with its content is kept; any other is asked for again each time.
#[tokio::test]
async fn files_have_nothing_to_do_with_sessions_and_are_kept_as_long_as_their_paths_allow() {
    let (site, store) = Site::start_breakable(|_| {}).await;
    let mut browser = site.signed_in("ada").await;
    store.panic();
    for path in files() {
        let file = browser.get(&site.at(&path)).await;
        let lasts = path.starts_with(ASSETS);
        let expected = if lasts { "public, max-age=31536000, immutable" } else { "no-cache" };
        assert_eq!((file.status, file.header("cache-control")), (200, expected), "{path}");
        assert!(file.set_cookies().is_empty(), "{path}");
        let etag = file.header("etag");
        assert!(etag.starts_with('"') && etag.len() > 16, "{path}: {etag}");
        let again = browser.send(Method::GET, &site.at(&path), &[("if-none-match", etag)], None).await;
        assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", etag), "{path}");
        assert_eq!(again.header("cache-control"), expected, "{path}");
    }
}

// CA-6: the one page that may be kept, by one browser and only as nobody's.
#[tokio::test]
async fn the_api_docs_are_kept_as_nobody_sees_them_and_never_as_a_user_does() {
    let site = Site::start().await;
    let mut nobody = Browser::new();
    let page = nobody.get(&site.at(DOCS)).await;
    let etag = page.header("etag").to_owned();
    assert_eq!((page.header("cache-control"), page.header("vary")), ("no-cache", "accept-encoding, cookie"));
    let known = [("if-none-match", etag.as_str())];
    assert_eq!(nobody.send(Method::GET, &site.at(DOCS), &known, None).await.status, 304);
    nobody.set_cookie("localhost", "theme", "dark");
    assert_eq!(
        nobody.send(Method::GET, &site.at(DOCS), &known, None).await.status,
        200,
        "another theme is another page"
    );
    let mut ada = site.signed_in("ada").await;
    let page = ada.send(Method::GET, &site.at(DOCS), &known, None).await;
    assert!(page.status == 200 && page.body.contains("Ada Lovelace"), "{}", page.status);
    assert!(is_never_stored(&page) && page.header("etag").is_empty(), "{:?}", page.headers);
}

// CA-6: what a cache keeps for good must not be found under a path that has no digest.
#[tokio::test]
async fn pages_link_to_files_by_paths_that_change_with_their_content() {
    let site = Site::start().await;
    for path in [SIGNED_OUT, DOCS] {
        let page = Browser::new().get(&site.at(path)).await;
        let loaded = page.body.split("<link ").skip(1).chain(page.body.split("<script ").skip(1)).filter_map(|rest| {
            let (tag, _) = rest.split_once('>').unwrap();
            let (_, rest) = tag.split_once("href=\"").or_else(|| tag.split_once("src=\""))?;
            rest.split('"').next()
        });
        let loaded: Vec<_> = loaded.collect();
        assert!(loaded.len() >= 2, "{loaded:?}");
        for file in loaded {
            let response = Browser::new().get(&site.at(file)).await;
            assert!(response.header("cache-control").contains("immutable"), "{path}: {file}");
        }
    }
}

// CA-7
#[tokio::test]
async fn no_unkeyed_header_is_repeated_in_a_response() {
    const EVIL: [(&str, &str); 11] = [
        ("x-forwarded-host", "evil.example"),
        ("x-host", "evil.example"),
        ("x-forwarded-server", "evil.example"),
        ("x-original-host", "evil.example"),
        ("forwarded", "host=evil.example"),
        ("origin", "https://evil.example"),
        ("referer", "https://evil.example/"),
        ("x-forwarded-prefix", "/evil"),
        ("x-original-url", "/evil"),
        ("x-forwarded-proto", "evil"),
        ("x-request-id", "evil"),
    ];
    let site = Site::start().await;
    for mut browser in [Browser::new(), site.signed_in("ada").await] {
        for path in routes(&site).await {
            let headers = [&EVIL[..], &[("accept", "text/html")]].concat();
            let response = browser.send(Method::GET, &site.at(&path), &headers, None).await;
            assert!(!format!("{:?}", response.headers).contains("evil"), "{path}: {:?}", response.headers);
            assert!(!response.body.contains("evil"), "{path}: {}", response.body);
        }
    }
}

// CA-7, for the header that every request has: another Host is served as usual, and is repeated in no response.
#[tokio::test]
async fn another_host_is_repeated_nowhere() {
    let site = Site::start().await;
    for path in routes(&site).await {
        let request = format!("GET {path} HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n");
        let response = site.raw_bytes(request.as_bytes()).await;
        assert_ne!(response.status, 0, "{path}");
        assert!(!response.head.contains("evil") && !response.body.contains("evil"), "{path}: {response:?}");
    }
}
