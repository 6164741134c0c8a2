//! Tests of limits on requests: section DL of the security catalogue.
//!
//! Load and memory are not tested here. DL-9 is tested in `route_protection`.

use std::time::{Duration, Instant};

use kinde_leptos::auth::paths::{LOGIN, LOGOUT, SIGNED_OUT};
use kinde_leptos::paths::{HEALTH, THEME};
use kinde_leptos::server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::harness::{Browser, Log, RawResponse, Records, Site, functions};

const TWO_MEGABYTES: usize = 2_000_000;

/// Sends a body piece by piece until the site responds. Returns the status and the number of bytes sent.
async fn status_while_sending(mut stream: TcpStream, head: &str, piece: &[u8]) -> (u16, usize) {
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut sent, mut received) = (0, vec![0; 4096]);
    while sent < 10 * TWO_MEGABYTES {
        tokio::select! {
            biased;
            read = stream.read(&mut received) => {
                let line = String::from_utf8_lossy(&received[..read.unwrap_or_default()]).into_owned();
                return (line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default(), sent);
            }
            () = tokio::task::yield_now() => {}
        }
        match stream.try_write(piece) {
            Ok(written) => sent += written,
            Err(_) => tokio::task::yield_now().await,
        }
    }
    (0, sent)
}

// DL-1
#[tokio::test]
async fn an_endless_body_is_refused_before_it_is_read() {
    let site = Site::start().await;
    let lengths =
        [("content-length: 200000000", &[b'x'; 65536][..]), ("transfer-encoding: chunked", b"8\r\nxxxxxxxx\r\n")];
    for path in functions().into_iter().chain(["/", LOGOUT, LOGIN, "/nothing"]) {
        for (length, piece) in lengths {
            let head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\n{length}\r\n\r\n");
            let (status, sent) = status_while_sending(site.connect().await, &head, piece).await;
            assert!((300..500).contains(&status), "{path} {length}: {status}");
            assert!(sent < TWO_MEGABYTES, "{path} {length}: {sent} bytes were taken");
            assert!(status == 413 || length.contains("chunked"), "{path}: {status}");
        }
    }
}

// DL-1: the limit itself
#[tokio::test]
async fn a_body_of_64_kib_is_taken_and_one_byte_more_is_not() {
    let site = Site::start().await;
    for (length, status) in [(65536, 303), (65537, 413)] {
        let response = Browser::new().post(&site.at(LOGOUT), &[("x", &"x".repeat(length - 2))]).await;
        assert_eq!(response.status, status, "{length}");
    }
}

// DL-3: no route waits for a body, so a slow body delays nothing.
#[tokio::test]
async fn a_body_that_never_arrives_delays_nothing() {
    let site = Site::start().await;
    for path in functions().into_iter().chain(["/", LOGOUT]) {
        for length in ["content-length: 1000", "transfer-encoding: chunked"] {
            let request = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\n{length}\r\n\r\n1\r\n");
            let response = site.raw_bytes(request.as_bytes()).await;
            assert!((300..500).contains(&response.status), "{path} {length}: {response:?}");
        }
    }
}

// DL-12: the theme's form is the one route that waits for its body.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beyond_a_thousand_requests_that_wait_the_next_are_refused_at_once() {
    const MOST_WAITING: usize = 1_000;
    let choice = |length: &str| {
        let form = "content-type: application/x-www-form-urlencoded";
        format!("POST {THEME} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{form}\r\n{length}\r\n\r\ntheme=dark")
    };
    server::raise_descriptor_limit();
    let site = Site::start().await;
    let one_more_waits = async |waiting: &mut Vec<TcpStream>| {
        let mut connection = site.connect().await;
        connection.write_all(choice("content-length: 11").as_bytes()).await.unwrap();
        waiting.push(connection);
    };
    let mut waiting = Vec::new();
    for _ in 0..MOST_WAITING {
        one_more_waits(&mut waiting).await;
    }
    let deadline = Instant::now() + Duration::from_secs(15);
    let refused = loop {
        let response = site.raw_bytes(choice("content-length: 10").as_bytes()).await;
        if response.status != 204 {
            break response;
        }
        assert!(Instant::now() < deadline, "requests that wait keep nobody out");
        // This one may have had the last place when one of those that wait arrived.
        one_more_waits(&mut waiting).await;
    };
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"), "{refused:?}");
    assert!(refused.body.contains("This site is busy"), "{refused:?}");
    // Neither users without a body to send, nor a supervisor.
    for path in [SIGNED_OUT, HEALTH] {
        assert_eq!(site.raw("GET", path, &[]).await.status, 200, "{path}");
    }
    waiting.clear();
    while site.raw_bytes(choice("content-length: 10").as_bytes()).await.status != 204 {
        assert!(Instant::now() < deadline, "places stay taken");
    }
}

// DL-4
#[tokio::test]
async fn an_oversized_head_is_refused() {
    let site = Site::start().await;
    let (header, url) = ("x".repeat(1_000_000), format!("/?{}", "x".repeat(64_000)));
    let cookies = (0..200).map(|n| format!("cookie{n}=value")).collect::<Vec<_>>().join("; ");
    // The parser refuses a head that is too long and closes at once, so its response may be lost.
    assert!(matches!(site.raw("GET", "/", &[("x-long", &header)]).await.status, 431 | 400 | 0));
    assert!(matches!(site.raw("GET", &url, &[]).await.status, 414 | 431));
    assert_eq!(site.raw("GET", &format!("/?{}", "x".repeat(9_000)), &[]).await.status, 414);
    let many: Vec<_> = (0..200).map(|_| ("x-many", "x")).collect();
    assert!(matches!(site.raw("GET", "/", &many).await.status, 431 | 400));
    assert_eq!(site.raw("GET", "/", &[("cookie", &cookies)]).await.status, 303);
    assert_eq!(site.raw("GET", "/signed-out", &[]).await.status, 200, "others go on");
}

/// Asserts that a refusal is a page of the site, with every header of one.
#[track_caller]
fn assert_problem_page(response: &RawResponse, status: u16, title: &str) {
    assert_eq!(response.status, status, "{response:?}");
    assert!(response.body.contains(title), "{}", response.body);
    for (name, part) in [
        ("content-type", "text/html"),
        ("content-security-policy", "default-src 'none'"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("x-request-id", ""),
    ] {
        let value = response.header(name);
        assert!(!value.is_empty() && value.to_lowercase().contains(&part.to_lowercase()), "{name}: {value:?}");
    }
}

// DL-4: below what the parser refuses, with its own page.
#[tokio::test]
async fn large_headers_are_refused_with_a_page_and_all_headers() {
    let site = Site::start().await;
    let large = "x".repeat(40_000);
    let many = [("x-many", "x"); 90];
    for path in ["/", LOGIN, "/nothing"] {
        for headers in [&[("accept", "text/html"), ("cookie", large.as_str())][..], &many] {
            let response = site.raw("GET", path, headers).await;
            assert_eq!(response.status, 431, "{path}: {response:?}");
        }
    }
    let response = site.raw("GET", LOGIN, &[("accept", "text/html"), ("cookie", &large)]).await;
    assert_problem_page(&response, 431, "Too much at once");
    let as_json = site.raw("GET", "/", &[("accept", "application/json"), ("cookie", &large)]).await;
    assert_eq!(as_json.body, r#"{"detail":"Request Header Fields Too Large"}"#);
    assert_eq!(site.raw("GET", "/signed-out", &[("x", &"x".repeat(30_000))]).await.status, 200);
}

#[tokio::test]
async fn a_request_with_two_hosts_is_refused_with_a_page() {
    let site = Site::start().await;
    for second in [site.url.trim_start_matches("http://"), "evil.example", ""] {
        for path in [LOGIN, HEALTH, "/nothing"] {
            let response = site.raw("GET", path, &[("host", second), ("accept", "text/html")]).await;
            assert_eq!(response.status, 400, "{path} {second:?}: {response:?}");
        }
        let response = site.raw("GET", LOGIN, &[("host", second), ("accept", "text/html")]).await;
        assert_problem_page(&response, 400, "more than one host");
    }
}

// DL-5, as far as one client goes: many sign-ins begun send the issuer one request.
#[tokio::test]
async fn a_flood_of_sign_ins_begun_does_not_reach_the_issuer() {
    let site = Site::start().await;
    for _ in 0..200 {
        assert_eq!(site.raw("GET", LOGIN, &[]).await.status, 303);
    }
    assert_eq!(site.tenant.log().await.len(), 1, "discovery alone");
}

// DL-5: they also fill neither the browser's cookies nor the store.
#[tokio::test]
async fn a_browser_holds_ten_attempts_and_forgets_the_oldest() {
    let site = Site::start().await;
    let mut browser = Browser::new();
    for _ in 0..30 {
        browser.get(&site.at(LOGIN)).await;
    }
    let cookies = browser.cookie_header(&site.url.parse().unwrap());
    assert_eq!(cookies.matches("kinde_pending_").count(), 10, "{cookies}");
}

// DL-8
#[tokio::test]
async fn an_endless_response_of_the_issuer_is_cut_at_a_mebibyte() {
    for (fault, status) in [("discovery_huge", 503), ("token_huge", 502), ("jwks_huge", 502)] {
        let site = Site::start().await;
        let log = Log::capture();
        site.tenant.fault_times(fault, 1).await;
        let (mut browser, begun) = (Browser::new(), Instant::now());
        let response = match fault {
            "discovery_huge" => browser.get(&site.at(LOGIN)).await,
            _ => browser.sign_in(&site, "ada", "/").await,
        };
        assert_eq!(response.status, status, "{fault}");
        assert!(begun.elapsed() < Duration::from_secs(4), "{fault}: {:?}", begun.elapsed());
        assert_eq!(log.lines_with("larger than 1 MiB").len(), 1, "{fault}: {}", log.text());
    }
}

// DL-10
#[tokio::test]
async fn no_page_that_repeats_a_users_text_holds_a_secret_or_is_compressed() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let session = browser.cookie("localhost", "kinde_session").unwrap().to_owned();
    let tokens = Records::open(&site.store_file()).await.tokens().await;
    let token = tokens["access_token"].as_str().unwrap().to_owned();
    for path in ["/items/1?q=guess", "/items/guess"] {
        let headers = [("accept", "text/html"), ("accept-encoding", "gzip, br, zstd, deflate")];
        let page = browser.send(reqwest::Method::GET, &site.at(path), &headers, None).await;
        assert!(page.body.contains("guess"));
        assert!(!page.body.contains(&session) && !page.body.contains(&token), "{path}");
        let hidden = |more: &str| page.body.matches(&format!("type=\"hidden\"{more}")).count();
        assert_eq!(hidden(""), hidden(" name=\"return_to\""), "{path}: more than the page's own address");
        assert_eq!(page.header("content-encoding"), "", "{path}");
    }
}

// DL-2, without its load
#[tokio::test]
async fn a_client_that_never_ends_its_headers_is_cut_off_while_others_are_served() {
    let site = Site::start().await;
    let mut slow = site.connect().await;
    slow.write_all(b"GET / HTTP/1.1\r\nhost: loc").await.unwrap();
    assert_eq!(Browser::new().get(&site.at("/signed-out")).await.status, 200);
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(30), slow.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "the connection is still open after 30 s");
}

// DL-6, without its load
#[tokio::test]
async fn callbacks_without_a_sign_in_send_the_issuer_nothing() {
    let site = Site::start().await;
    for number in 0..100 {
        let callback = site.at(&format!("/api/auth/kinde_callback?code=x&state=bogus-state-{number}"));
        assert_eq!(Browser::new().get(&callback).await.status, 400);
    }
    assert!(site.tenant.log().await.is_empty());
}

// DL-11, smaller
#[tokio::test]
async fn idle_connections_keep_nobody_out() {
    let site = Site::start().await;
    let mut idle = Vec::new();
    for _ in 0..300 {
        let mut connection = site.connect().await;
        connection.write_all(b"GET /robots.txt HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        assert!(connection.read(&mut [0; 1024]).await.unwrap() > 0);
        idle.push(connection);
    }
    let begun = Instant::now();
    let mut browser = site.signed_in("ada").await;
    assert_eq!(browser.get(&site.at("/")).await.status, 200);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    drop(idle);
    assert_eq!(browser.get(&site.at("/")).await.status, 200);
}
