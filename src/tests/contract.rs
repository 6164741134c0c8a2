//! The contract of pages, items and server functions: how each address responds, with and without a session, byte for
//! byte where the response is JSON.
//! Sign-in and sign-out are tested in `sign_in` and `sign_out`, the parsers beside their code.

mod anonymous;
mod greeting;
mod item;
mod item_form;
mod item_id;
mod negotiation;
mod problems;
mod raw_requests;
mod server_functions;

use reqwest::Method;

use crate::harness::{Browser, Response};

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";

/// Asserts a JSON response byte for byte.
#[track_caller]
fn assert_json(response: &Response, status: u16, body: &str) {
    let given = (response.status, response.header("content-type"), response.body.as_str());
    assert_eq!(given, (status, JSON, body), "{}", response.url);
}

/// Asserts that a response is a page of the site with this status.
#[track_caller]
fn assert_page(response: &Response, status: u16) {
    assert_eq!((response.status, response.header("content-type")), (status, HTML), "{}", response.url);
    assert!(response.body.starts_with("<!DOCTYPE html>") && response.body.ends_with("</html>"), "{}", response.body);
}

/// Sends a request with this `Accept` header and no other header.
async fn request(browser: &mut Browser, method: &str, url: &str, accept: &str) -> Response {
    let method: Method = method.parse().unwrap();
    browser.send(method, url, &[("accept", accept)], None).await
}

/// A text as one segment of a path, or one value of a query: every byte that is no letter or digit is escaped.
fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A text as HTML writes it between tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
