//! Tests of what a page loads for its islands: the script, its nonce, the policy that lets it run, and whose files.
//! What the islands do in a browser is tested in `end2end`, how files are sent in `files`.

use kinde_leptos::auth::paths::SIGNED_OUT;
use kinde_leptos::paths::OPENAPI;
use std::fs;
use std::path::Path;

use axum::body::Body;
use http::{Request, Response};
use kinde_leptos::auth::Client;
use kinde_leptos::islands::FINGERPRINT;
use kinde_leptos::server::{App, AppState, IslandFiles};
use tower::ServiceExt;

use super::harness::{Browser, ITEM_FUNCTION, Response as Page, Site};

const NO_SCRIPT: &str = "default-src 'none'";

/// Writes the files of a build of the browser side, with the fingerprint of the server's build or of another.
pub(super) fn build(folder: &Path, fingerprint: &str) {
    let pkg = folder.join("pkg");
    fs::create_dir_all(&pkg).unwrap();
    fs::write(pkg.join("kinde-leptos.js"), "export default 1;").unwrap();
    fs::write(pkg.join("kinde-leptos.wasm"), format!("\0asm …{fingerprint}…")).unwrap();
}

pub(super) fn app(site: &Site, folder: &Path) -> App {
    let auth = Client::new(site.config.clone(), site.store.clone()).unwrap();
    App::new(AppState { island_files: IslandFiles::load(folder), ..AppState::new(auth) })
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
async fn without_a_build_pages_load_no_script() {
    let site = Site::start().await;
    let policy = |page: &Page| page.header("content-security-policy").to_owned();
    let page = Browser::new().get(&site.at("/nothing-here")).await;
    assert!(!page.body.contains("<script") && !policy(&page).contains("script-src"));
    for page in [Browser::new().get(&site.at(SIGNED_OUT)).await, site.signed_in("ada").await.get(&site.at("/")).await] {
        assert!(policy(&page).starts_with(NO_SCRIPT) && !policy(&page).contains("strict-dynamic"), "{}", policy(&page));
        assert!(!policy(&page).contains("connect-src") && islands(&page.body).is_empty(), "{}", page.body);
    }
}

/// A page about a user watches for the end of the session, whether there are islands or not, and no other does.
#[tokio::test]
async fn pages_about_a_user_load_anew_when_they_are_shown_again() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    for path in ["/", "/items/1", "/items/x", "/account", "/nothing-here", SIGNED_OUT] {
        let page = ada.get(&site.at(path)).await;
        assert!(page.body.contains("pageshow") && page.body.contains("Ada"), "{path}: {}", page.body);
        let page = Browser::new().get(&site.at(path)).await;
        assert!(!page.body.contains("pageshow"), "{path}");
    }
}

#[tokio::test]
async fn only_the_page_on_which_a_sign_out_ends_tells_other_tabs() {
    let site = Site::start().await;
    let mut ada = site.signed_in("ada").await;
    for (browser, path, tells) in [
        (&mut Browser::new(), SIGNED_OUT, true),
        (&mut Browser::new(), "/nothing-here", false),
        (&mut ada.clone(), SIGNED_OUT, false),
        (&mut ada, "/", false),
    ] {
        let page = browser.get(&site.at(path)).await;
        assert_eq!(page.body.contains("postMessage"), tells, "{path}");
    }
}

/// The paths of the loader and the code that a page's script names.
fn islands(page: &str) -> Vec<String> {
    let paths = page.split('"').filter(|text| text.starts_with("/assets/islands."));
    paths.map(str::to_owned).collect()
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
    let script = islands(get(&app, SIGNED_OUT, &[]).await.body()).remove(0);
    for path in [ITEM_FUNCTION, &script, OPENAPI] {
        let response = get(&app, path, &[("accept", "application/json")]).await;
        assert!(!header(&response, "content-security-policy").contains("nonce"), "{path}");
    }
}

#[tokio::test]
async fn a_page_loads_the_islands_of_its_own_build() {
    let (site, folder) = (Site::start().await, tempfile::tempdir().unwrap());
    build(folder.path(), FINGERPRINT);
    let app = app(&site, folder.path());
    let page = get(&app, SIGNED_OUT, &[]).await;
    let files = islands(page.body());
    assert_eq!(files.len(), 2, "{files:?}");
    for (path, kind) in files.iter().zip(["text/javascript; charset=utf-8", "application/wasm"]) {
        let file = get(&app, path, &[]).await;
        assert_eq!((file.status().as_u16(), header(&file, "content-type")), (200, kind), "{path}");
        assert!(header(&file, "cache-control").contains("immutable"), "{path}");
    }
}

#[tokio::test]
async fn another_builds_files_are_not_used() {
    let (site, folder) = (Site::start().await, tempfile::tempdir().unwrap());
    build(folder.path(), "kinde-leptos-0123456789abcdef");
    let app = app(&site, folder.path());
    let page = get(&app, SIGNED_OUT, &[]).await;
    assert!(islands(page.body()).is_empty(), "{}", page.body());
}

// A page may come from one build and its files be asked for at another, while processes are replaced one by one.
#[tokio::test]
async fn code_of_another_build_is_not_found_and_never_stands_in_for_it() {
    let (site, folder) = (Site::start().await, tempfile::tempdir().unwrap());
    build(folder.path(), FINGERPRINT);
    let app = app(&site, folder.path());
    for path in islands(get(&app, SIGNED_OUT, &[]).await.body()) {
        let (name, extension) = path.rsplit_once('.').unwrap();
        let other = format!("{}0123456789abcdef.{extension}", &name[..name.len() - 16]);
        let response = get(&app, &other, &[]).await;
        assert_eq!((response.status().as_u16(), header(&response, "cache-control")), (404, "no-store"), "{other}");
    }
}

#[tokio::test]
async fn islands_are_rendered_whole_and_carry_no_values() {
    let site = Site::start().await;
    let page = site.signed_in("ada").await.get(&site.at("/items/42?q=x")).await;
    assert!(page.body.contains("<leptos-island"), "{}", page.body);
    assert!(!page.body.contains("data-props"));
}
