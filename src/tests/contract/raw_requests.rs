//! Requests that no browser sends and no HTTP library can send, byte for byte.
//! What hyper itself refuses is not tested here.

use std::io::{Read, Write};
use std::net::TcpStream;

use url::Url;

use crate::harness::{Browser, Site};

/// The whole response to a GET of this target with the browser's cookies and these header lines.
async fn request_raw(site: &Site, browser: &Browser, target: &str, headers: &str) -> String {
    let url = Url::parse(&site.url).unwrap();
    let (port, cookies) = (url.port().unwrap(), browser.cookie_header(&url));
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookies}\r\nConnection: close\r\n{headers}\r\n"
    );
    let exchange = tokio::task::spawn_blocking(move || {
        let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        connection.read_to_string(&mut response).unwrap();
        response
    });
    exchange.await.unwrap()
}

#[tokio::test]
async fn a_request_without_accept_gets_the_page() {
    let site = Site::start().await;
    let signed_in = request_raw(&site, &site.signed_in("ada").await, "/", "").await;
    assert!(signed_in.starts_with("HTTP/1.1 200 ") && signed_in.contains("content-type: text/html"), "{signed_in}");
    let anonymous = request_raw(&site, &Browser::new(), "/", "").await;
    assert!(anonymous.starts_with("HTTP/1.1 303 "), "{anonymous}");
}

#[tokio::test]
async fn dots_and_raw_letters_are_item_ids_that_are_no_numbers() {
    let site = Site::start().await;
    let browser = site.signed_in("ada").await;
    for (target, written) in [
        ("/items/.", "."),
        ("/items/..", ".."),
        ("/items/%2E", "."),
        ("/items/%2e%2e", ".."),
        ("/items/%2E%2E?q=x", ".."),
        ("/items/٣", "٣"),
    ] {
        let body = format!(
            r#"{{"detail":[{{"type":"int_parsing","loc":["path","item_id"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"{written}"}}]}}"#
        );
        let json = request_raw(&site, &browser, target, "Accept: application/json\r\n").await;
        assert!(json.starts_with("HTTP/1.1 422 ") && json.ends_with(&body), "{target}: {json}");
        let page = request_raw(&site, &browser, target, "Accept: text/html\r\n").await;
        let shown = format!("{written}</bdi>");
        assert!(page.starts_with("HTTP/1.1 422 ") && page.contains(&shown), "{target}: {page}");
    }
}

#[tokio::test]
async fn no_raw_target_leads_an_anonymous_browser_off_the_site() {
    let site = Site::start().await;
    for target in [
        "/items/٣",
        "/items/1?q=٣",
        "/items/..",
        "/items/%0d%0aX:1",
        "/items/\\evil.example",
        "//evil.example",
        "/?//evil.example",
    ] {
        let response = request_raw(&site, &Browser::new(), target, "").await;
        let location = response.lines().find_map(|line| line.strip_prefix("location: "));
        let is_local =
            |location: &str| location.starts_with("/api/auth/login?post_login_redirect_url=%2F") && location.is_ascii();
        assert!(location.is_none_or(is_local) && !response.contains("\nX:1"), "{target}: {response}");
        assert!(response.starts_with("HTTP/1.1 303 ") == location.is_some(), "{target}: {response}");
    }
}
