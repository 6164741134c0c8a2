//! Tests of what a page loads for its islands: the script, its nonce, the policy that lets it run, and the files.
//! What the islands do in a browser is tested in `end2end`.

use kinde_leptos::auth::paths::SIGNED_OUT;
use kinde_leptos::paths::{ISLANDS_SCRIPT, ISLANDS_WASM, OPENAPI};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use http::{Request, Response};
use kinde_leptos::auth::{Client, TrustedProxies};
use kinde_leptos::islands::FINGERPRINT;
use kinde_leptos::server::{App, AppState, Drain, IslandFiles};
use tower::ServiceExt;

use super::harness::{Browser, ITEM_FUNCTION, Site};

const NO_SCRIPT: &str = "default-src 'none'";

/// Writes the files of a build of the browser side, with the fingerprint of the server's build or of another.
fn build(folder: &Path, fingerprint: &str) {
    let pkg = folder.join("pkg");
    fs::create_dir_all(&pkg).unwrap();
    fs::write(pkg.join("kinde-leptos.js"), "export default 1;").unwrap();
    fs::write(pkg.join("kinde-leptos.wasm"), format!("\0asm …{fingerprint}…")).unwrap();
    fs::write(pkg.join("kinde-leptos.wasm.br"), "compressed").unwrap();
}

fn app(site: &Site, folder: &Path) -> App {
    App::new(AppState {
        auth: Client::new(site.config.clone(), site.store.clone()).unwrap(),
        notice: None,
        rate_limit: None,
        trusted_proxies: TrustedProxies::default(),
        drain: Drain::default(),
        start_facts: Arc::default(),
        island_files: IslandFiles::load(folder),
    })
}

async fn get(app: &App, path: &str, headers: &[(&str, &str)]) -> Response<String> {
    let mut request = Request::get(path).header("host", "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, body) = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Response::from_parts(parts, String::from_utf8_lossy(&body).into_owned())
}

fn header<'a>(response: &'a Response<String>, name: &str) -> &'a str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

fn nonce(response: &Response<String>) -> String {
    let policy = header(response, "content-security-policy");
    let (_, nonce) = policy.split_once("'nonce-").unwrap_or_else(|| panic!("no nonce: {policy}"));
    nonce.split('\'').next().unwrap().to_owned()
}

#[tokio::test]
async fn without_a_build_pages_have_no_script() {
    let site = Site::start().await;
    for path in [SIGNED_OUT, "/nothing-here"] {
        let page = Browser::new().get(&site.at(path)).await;
        assert!(!page.body.contains("<script"), "{path}");
        assert!(page.header("content-security-policy").starts_with(NO_SCRIPT));
        assert!(!page.header("content-security-policy").contains("script-src"));
    }
    assert_eq!(Browser::new().get(&site.at(ISLANDS_WASM)).await.status, 404);
}

#[tokio::test]
async fn a_script_runs_only_by_its_nonce_and_each_response_has_its_own() {
    let (site, folder) = (Site::start().await, tempfile::tempdir().unwrap());
    build(folder.path(), FINGERPRINT);
    let app = app(&site, folder.path());
    let mut nonces = Vec::new();
    for path in [SIGNED_OUT, SIGNED_OUT, "/nothing-here"] {
        let page = get(&app, path, &[]).await;
        let nonce = nonce(&page);
        let policy = header(&page, "content-security-policy");
        let script = format!("script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; connect-src 'self'");
        assert!(policy.starts_with(NO_SCRIPT) && policy.contains(&script), "{policy}");
        assert!(policy.ends_with("; require-trusted-types-for 'script'"), "{policy}");
        assert!(!policy.contains("'unsafe-"), "{policy}");
        assert_eq!(page.body().matches("<script").count(), 1, "{path}");
        assert!(page.body().contains(&format!("<script nonce=\"{nonce}\">")), "{}", page.body());
        assert_eq!(page.body().matches(&nonce).count(), 1, "the nonce stands in more than the script's attribute");
        assert!(nonce.len() >= 22, "not 128 bits: {nonce}");
        nonces.push(nonce);
    }
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 3);
}

#[tokio::test]
async fn what_is_no_page_gets_no_nonce() {
    let (site, folder) = (Site::start().await, tempfile::tempdir().unwrap());
    build(folder.path(), FINGERPRINT);
    let app = app(&site, folder.path());
    for path in [ITEM_FUNCTION, ISLANDS_SCRIPT, OPENAPI] {
        let response = get(&app, path, &[("accept", "application/json")]).await;
        assert!(!header(&response, "content-security-policy").contains("nonce"), "{path}");
    }
}

#[tokio::test]
async fn another_builds_files_are_not_used() {
    let (site, folder) = (Site::start().await, tempfile::tempdir().unwrap());
    build(folder.path(), "kinde-leptos-0123456789abcdef");
    let app = app(&site, folder.path());
    assert!(!get(&app, SIGNED_OUT, &[]).await.body().contains("<script"));
    assert_eq!(get(&app, ISLANDS_SCRIPT, &[]).await.status(), 404);
}

#[tokio::test]
async fn the_files_have_types_and_validators() {
    let (site, folder) = (Site::start().await, tempfile::tempdir().unwrap());
    build(folder.path(), FINGERPRINT);
    let app = app(&site, folder.path());
    let kinds = [("js", "text/javascript; charset=utf-8"), ("wasm", "application/wasm")];
    for (extension, kind) in kinds {
        let path = format!("/pkg/kinde-leptos.{extension}");
        let file = get(&app, &path, &[]).await;
        assert_eq!((file.status().as_u16(), header(&file, "content-type")), (200, kind));
        assert_eq!(header(&file, "cache-control"), "no-cache");
        let again = get(&app, &path, &[("if-none-match", header(&file, "etag"))]).await;
        assert_eq!((again.status().as_u16(), again.body().as_str()), (304, ""));
    }
}

#[tokio::test]
async fn the_compressed_file_goes_to_clients_that_accept_it() {
    let (site, folder) = (Site::start().await, tempfile::tempdir().unwrap());
    build(folder.path(), FINGERPRINT);
    let app = app(&site, folder.path());
    let plain = get(&app, ISLANDS_WASM, &[]).await;
    let compressed = get(&app, ISLANDS_WASM, &[("accept-encoding", "gzip, br")]).await;
    assert_eq!((header(&compressed, "content-encoding"), compressed.body().as_str()), ("br", "compressed"));
    assert_eq!(header(&compressed, "content-type"), "application/wasm");
    assert_eq!((header(&plain, "content-encoding"), header(&plain, "vary")), ("", "accept-encoding"));
    assert_ne!(header(&plain, "etag"), header(&compressed, "etag"));
}

#[tokio::test]
async fn islands_are_rendered_whole_and_carry_no_values() {
    let site = Site::start().await;
    let page = site.signed_in("ada").await.get(&site.at("/items/42?q=x")).await;
    assert!(page.body.contains("<leptos-island"), "{}", page.body);
    assert!(!page.body.contains("data-props"));
}
