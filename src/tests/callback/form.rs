//! The form of callbacks and of their responses (CB-12, 19 to 21, 23 to 25).
//! Callbacks in a browser that did not begin them are tested in `ownership`.

use kinde_leptos::auth::paths::CALLBACK;
use reqwest::Method;

use super::{about_to_return, assert_rejected, assert_serves, code_exchanges, parameter, with_query};
use crate::harness::{Browser, Log, Response, Site};

// CB-12
#[tokio::test]
async fn a_parameter_twice_or_in_another_case_is_refused() {
    let site = Site::start().await;
    let spoiled: [fn(&str, &str) -> String; 5] = [
        |code, state| format!("code={code}&code={code}&state={state}"),
        |code, state| format!("code={code}&state={state}&code=zzzz-other"),
        |code, state| format!("code={code}&state={state}&state={state}"),
        |code, state| format!("code={code}&STATE={state}"),
        |code, state| format!("code={code}&state={state}&error=access_denied"),
    ];
    for spoil in spoiled {
        let (mut browser, callback) = about_to_return(&site).await;
        let query = spoil(&parameter(&callback, "code"), &parameter(&callback, "state"));
        assert_rejected(&browser.get(&with_query(&site, &query)).await);
        assert!(!browser.is_signed_in(&site).await, "{query}");
    }
    assert_eq!(code_exchanges(&site).await, 0);
    assert_serves(&site).await;
}

// CB-19
#[tokio::test]
async fn only_get_completes_a_sign_in() {
    let site = Site::start().await;
    for method in [Method::HEAD, Method::POST, Method::OPTIONS, Method::PUT, Method::DELETE] {
        let (mut browser, callback) = about_to_return(&site).await;
        let response = browser.send(method.clone(), &callback, &[], None).await;
        assert_eq!(response.status, 405, "{method}");
        assert!(response.header("allow").contains("GET"), "{method}");
        assert!(response.set_cookies().is_empty(), "{method}");
        assert_eq!(browser.visit(&callback).await.status, 200, "GET after {method}");
    }
}

// CB-19: a link scanner or an eager browser
#[tokio::test]
async fn a_prefetch_spends_no_code() {
    let site = Site::start().await;
    let (mut browser, callback) = about_to_return(&site).await;
    let response = browser.send(Method::GET, &callback, &[("sec-purpose", "prefetch")], None).await;
    assert!(response.set_cookies().is_empty() && response.location().is_none());
    assert_eq!(code_exchanges(&site).await, 0);
    assert_eq!(browser.visit(&callback).await.status, 200);
}

// CB-20
#[tokio::test]
async fn broken_encodings_are_refused_and_break_nothing() {
    let site = Site::start().await;
    for query in [
        "code=%FF&state=%",
        "code[]=1&state=xxxx",
        "code=%00&state=%00",
        "code=xxxx&state=%0d%0aX-Injected:1",
        "&&&=&==&%",
        "",
    ] {
        let response = Browser::new().get(&with_query(&site, query)).await;
        assert_rejected(&response);
        assert!(!response.headers.contains_key("x-injected"));
    }
    assert_serves(&site).await;
}

// CB-20: 414 and 431 come from the server's limits, before any handler runs
#[tokio::test]
async fn an_endless_query_is_refused_and_breaks_nothing() {
    let site = Site::start().await;
    for (length, statuses) in [(4_000, [400, 400]), (20_000, [414, 431]), (2_000_000, [414, 431])] {
        let long = "x".repeat(length);
        let request =
            format!("GET {CALLBACK}?code={long}&state=y HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        let status = site.raw_bytes(request.as_bytes()).await.status;
        // The server may close the connection before the longest request has been sent.
        let is_cut_off = status == 0 && length > 100_000;
        assert!(is_cut_off || statuses.contains(&status), "{length}: {status}");
    }
    assert_serves(&site).await;
}

// CB-21
#[tokio::test]
async fn neither_success_nor_failure_leaks_the_code() {
    let site = Site::start().await;
    let (mut browser, callback) = about_to_return(&site).await;
    let success = browser.get(&callback).await;
    assert_eq!((success.status, success.header("location")), (303, "/"));
    let again = browser.get(&callback).await;
    let failure = Browser::new().get(&callback).await;
    assert_rejected(&failure);
    for response in [success, again, failure] {
        assert!(matches!(response.header("referrer-policy"), "no-referrer" | "same-origin"));
        assert!(!response.body.contains(&parameter(&callback, "code")));
        let console = format!("{}/\"", site.tenant.origin());
        // The console is the issuer's, which knows the code.
        let is_safe = |resource: &str| resource.starts_with(['/', '#']) || resource.starts_with(&console);
        assert!(resources(&response.body).all(is_safe), "{}", response.body);
    }
}

/// The addresses that a page loads or links to.
fn resources(body: &str) -> impl Iterator<Item = &str> {
    ["src=\"", "href=\"", "action=\""].into_iter().flat_map(|attribute| body.split(attribute).skip(1))
}

// CB-23
#[tokio::test]
async fn unknown_parameters_are_passed_over() {
    let site = Site::start().await;
    let (mut browser, callback) = about_to_return(&site).await;
    let more = "&scope=openid&session_state=a.b&session_state=c&authuser=0&x=%FF&hd&=";
    assert_eq!(browser.visit(&format!("{callback}{more}")).await.status, 200);
}

// CB-24
#[tokio::test]
async fn other_spellings_of_the_path_lead_nowhere() {
    let site = Site::start().await;
    let (mut browser, callback) = about_to_return(&site).await;
    for path in [
        "/api/auth/kinde_callback/",
        "//api/auth/kinde_callback",
        "/api/auth/%6binde_callback",
        "/api/auth/KINDE_CALLBACK",
        "/api//auth/kinde_callback",
        "/api/auth/kinde_callback;x",
    ] {
        let response = browser.get(&callback.replacen(CALLBACK, path, 1)).await;
        assert_eq!(response.status, 404, "{path}");
        assert!(response.set_cookies().is_empty(), "{path}");
    }
    assert_eq!(code_exchanges(&site).await, 0);
    assert_eq!(browser.visit(&callback).await.status, 200);
}

// CB-25
#[tokio::test]
async fn every_rejection_reads_the_same_and_its_number_is_in_the_log() {
    let log = Log::capture();
    let site = Site::start().await;
    let (mut browser, callback) = about_to_return(&site).await;
    let code = parameter(&callback, "code");
    let state = parameter(&callback, "state");
    let responses = [
        browser.get(&with_query(&site, &format!("code={code}&state=wrong-state"))).await,
        browser.get(&with_query(&site, &format!("code={code}"))).await,
        Browser::new().get(&callback).await,
        browser.get(&with_query(&site, &format!("code=wrong-code&state={state}"))).await,
        browser.get(&with_query(&site, &format!("code={code}&state={state}&state={state}"))).await,
        browser.get(&callback).await,
    ];
    let texts: Vec<String> = responses.iter().map(text_without_number).collect();
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:#?}");
    for response in &responses {
        assert_rejected(response);
        let number = response.header("x-request-id");
        let line = log
            .text()
            .lines()
            .find(|line| line.contains(number) && line.contains("event=\"sign_in\" outcome=\"failure\""))
            .is_some();
        assert!(!number.is_empty() && line, "{number} is not in the log");
    }
    assert!(!log.text().contains(&code) && !log.text().contains(&state));
}

/// A page's text without its correlation id, which the page must show.
fn text_without_number(response: &Response) -> String {
    let number = response.header("x-request-id");
    assert!(response.body.contains(number), "the page shows no {number}");
    response.body.replace(number, "")
}
