//! Tests of how files are sent: codings, validators, parts, and what stands in for another version.
//! How long caches keep them is tested in `caching`, which islands are used in `browser_side`.

use std::io::Read;

use axum::body::{Body, Bytes};
use flate2::read::GzDecoder;
use http::{Method, Request, Response};
use kinde_leptos::assets::STYLE_SHEET;
use kinde_leptos::paths::{OPENAPI, ROBOTS};
use kinde_leptos::server::App;
use tower::ServiceExt;

use super::browser_side::app;
use super::harness::{Site, files};

async fn app_without_islands() -> (Site, App) {
    let site = Site::start().await;
    let app = app(&site, "/nowhere".as_ref());
    (site, app)
}

async fn send(app: &App, method: Method, path: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
    let request = Request::builder().method(method).uri(path).header("host", "localhost");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, axum::body::to_bytes(body, usize::MAX).await.unwrap())
}

async fn get(app: &App, path: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
    send(app, Method::GET, path, headers).await
}

fn header<'a>(response: &'a Response<Bytes>, name: &str) -> &'a str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

fn unpacked(content: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(content).read_to_end(&mut plain).unwrap();
    plain
}

#[tokio::test]
async fn every_file_is_sent_as_it_is_and_compressed() {
    let (_site, app) = app_without_islands().await;
    for path in files().iter().map(String::as_str).chain([OPENAPI]) {
        let plain = get(&app, path, &[]).await;
        assert_eq!((plain.status().as_u16(), header(&plain, "content-encoding")), (200, ""), "{path}");
        assert_eq!(header(&plain, "vary"), "accept-encoding", "{path}");
        assert_eq!(header(&plain, "content-length"), plain.body().len().to_string(), "{path}");
        let packed = get(&app, path, &[("accept-encoding", "deflate, gzip;q=0.5")]).await;
        assert_eq!((packed.status().as_u16(), header(&packed, "content-encoding")), (200, "gzip"), "{path}");
        assert_eq!(header(&packed, "vary"), "accept-encoding", "{path}");
        assert_eq!(header(&packed, "content-type"), header(&plain, "content-type"), "{path}");
        assert_eq!(header(&packed, "cache-control"), header(&plain, "cache-control"), "{path}");
        assert_ne!(header(&packed, "etag"), header(&plain, "etag"), "{path}");
        assert!(unpacked(packed.body()) == *plain.body(), "{path}");
    }
}

#[tokio::test]
async fn files_are_those_of_the_sources_where_nothing_was_prepared() {
    let (_site, app) = app_without_islands().await;
    for (path, content_type, content) in [
        (STYLE_SHEET.path(), "text/css; charset=utf-8", include_str!("../../style/main.css")),
        ("/favicon.ico", "image/svg+xml", include_str!("../../public/favicon.svg")),
        (ROBOTS, "text/plain; charset=utf-8", include_str!("../../public/robots.txt")),
    ] {
        let file = get(&app, path, &[]).await;
        assert_eq!((file.status().as_u16(), header(&file, "content-type")), (200, content_type), "{path}");
        assert!(file.body() == content, "{path}");
    }
}

#[tokio::test]
async fn a_form_that_the_client_has_is_not_sent_again_but_another_is() {
    let (_site, app) = app_without_islands().await;
    for path in [STYLE_SHEET.path(), ROBOTS, OPENAPI] {
        let gzip = ("accept-encoding", "gzip");
        let (plain, packed) = (get(&app, path, &[]).await, get(&app, path, &[gzip]).await);
        let weak = format!("\"other\", W/{}", header(&plain, "etag"));
        for known in [header(&plain, "etag"), &weak, "*"] {
            let again = get(&app, path, &[("if-none-match", known)]).await;
            assert_eq!((again.status().as_u16(), again.body().len()), (304, 0), "{path} {known}");
            for name in ["etag", "cache-control", "vary"] {
                assert_eq!(header(&again, name), header(&plain, name), "{path} {known}");
            }
        }
        let again = get(&app, path, &[gzip, ("if-none-match", header(&plain, "etag"))]).await;
        assert_eq!((again.status().as_u16(), header(&again, "etag")), (200, header(&packed, "etag")), "{path}");
        let again = get(&app, path, &[gzip, ("if-none-match", header(&packed, "etag"))]).await;
        assert_eq!(again.status(), 304, "{path}");
    }
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let (_site, app) = app_without_islands().await;
    for path in files() {
        let range = [("range", "bytes=0-1")];
        let (get, head) = (get(&app, &path, &[]).await, send(&app, Method::HEAD, &path, &range).await);
        assert_eq!((head.status().as_u16(), head.body().len()), (200, 0), "{path}");
        for name in ["content-length", "content-type", "etag", "cache-control", "vary", "accept-ranges"] {
            assert_eq!(header(&head, name), header(&get, name), "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn a_part_of_a_file_can_be_asked_for() {
    let (_site, app) = app_without_islands().await;
    let whole = get(&app, ROBOTS, &[]).await;
    let length = whole.body().len();
    assert_eq!(header(&whole, "accept-ranges"), "bytes");
    for (range, part) in [("bytes=3-5", 3..6), ("bytes=3-", 3..length), ("Bytes=-4", length - 4..length)] {
        let response = get(&app, ROBOTS, &[("range", range)]).await;
        assert_eq!((response.status().as_u16(), header(&response, "etag")), (206, header(&whole, "etag")), "{range}");
        let stated = format!("bytes {}-{}/{length}", part.start, part.end - 1);
        assert_eq!(header(&response, "content-range"), stated, "{range}");
        assert_eq!(response.body(), &whole.body()[part], "{range}");
    }
    let beyond = get(&app, ROBOTS, &[("range", "bytes=5000-")]).await;
    assert_eq!((beyond.status().as_u16(), header(&beyond, "content-range")), (416, &*format!("bytes */{length}")));
    assert_eq!(header(&beyond, "cache-control"), "no-store");
    for range in ["bytes=0-1,3-4", "bytes=5-3", "bytes=x", "lines=1-2", "bytes"] {
        let response = get(&app, ROBOTS, &[("range", range)]).await;
        assert_eq!((response.status().as_u16(), response.body()), (200, whole.body()), "{range}");
    }
}

#[tokio::test]
async fn a_part_is_one_of_the_content_that_the_client_has_a_part_of() {
    let (_site, app) = app_without_islands().await;
    let etag = header(&get(&app, ROBOTS, &[]).await, "etag").to_owned();
    let range = ("range", "bytes=0-9");
    assert_eq!(get(&app, ROBOTS, &[range, ("if-range", &etag)]).await.status(), 206);
    assert_eq!(get(&app, ROBOTS, &[range, ("if-range", "\"other\"")]).await.status(), 200);
    assert_eq!(get(&app, ROBOTS, &[range, ("if-none-match", &etag)]).await.status(), 304);
    let compressed = get(&app, ROBOTS, &[range, ("accept-encoding", "gzip")]).await;
    assert_eq!((compressed.status().as_u16(), header(&compressed, "accept-ranges")), (200, ""));
}

// While processes are replaced one by one, a page of the new build may ask the old one for its style sheet.
#[tokio::test]
async fn a_style_sheet_stands_in_for_its_other_versions_and_is_not_stored_as_them() {
    let (_site, app) = app_without_islands().await;
    let other = "/assets/main.0123456789abcdef.css";
    let response = get(&app, other, &[]).await;
    assert_eq!((response.status().as_u16(), header(&response, "cache-control")), (200, "no-store"));
    assert!(response.body() == include_str!("../../style/main.css"));
    let script = files().into_iter().find(|path| path.starts_with("/assets/docs.") && path.ends_with(".js")).unwrap();
    let other_script = "/assets/docs.0123456789abcdef.js";
    assert_eq!((script.len(), get(&app, other_script, &[]).await.status().as_u16()), (other_script.len(), 404));
    for path in ["/assets/main.css", "/assets/main.0.css", "/assets/", "/assets/print.0123456789abcdef.css"] {
        let response = get(&app, path, &[]).await;
        assert_eq!((response.status().as_u16(), header(&response, "cache-control")), (404, "no-store"), "{path}");
    }
}

#[tokio::test]
async fn files_are_only_read() {
    let (_site, app) = app_without_islands().await;
    for path in files() {
        let response = send(&app, Method::POST, &path, &[]).await;
        assert_eq!((response.status().as_u16(), header(&response, "allow")), (405, "GET,HEAD"), "{path}");
    }
}
