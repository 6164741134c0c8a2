//! `kinde-leptos dev-issuer`: the emulated tenant in a process of its own, and the app as its client, as it is Kinde's.
//! The tenant's responses are tested in `dev_issuer`.

use crate::harness::Browser;
use crate::harness::{Address, Program};

const SETTINGS: [&str; 3] = ["KINDE_ISSUER_URL", "CLIENT_ID", "CLIENT_SECRET"];

/// Starts the tenant for one site. Returns the three settings that it prints.
fn start_tenant(folder: &std::path::Path, site: &Address, more: &[&str]) -> (Program, [String; 3]) {
    let (callback, logout) = (site.at("/api/auth/kinde_callback"), site.at("/api/auth/logout"));
    let arguments = ["dev-issuer", "--port", "0", "--callback-url", &callback, "--logout-url", &logout];
    let mut tenant = Program::start(folder, &[&arguments, more].concat(), &[]);
    tenant.read_until("CLIENT_SECRET=");
    let settings = SETTINGS.map(|name| setting(tenant.printed(), name));
    (tenant, settings)
}

fn setting(printed: &str, name: &str) -> String {
    let value = printed.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("{name} is missing: {printed}")).to_owned()
}

#[tokio::test]
async fn another_process_signs_in_at_the_tenant_alone() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Address::on_a_free_port());
    let (tenant, settings) = start_tenant(folder.path(), &site, &[]);
    // All that the tenant prints is a valid `.env` file.
    std::fs::write(folder.path().join(".env"), tenant.printed()).unwrap();
    let variables = [("SITE_URL", site.url.as_str()), ("RUST_LOG", "trace")];
    let app = Program::start(folder.path(), &[], &variables).ready();
    let block = app.printed();
    for text in [&settings[0], &site.at("/api/auth/kinde_callback"), &site.at("/api/auth/logout")] {
        assert!(block.contains(text), "{text} is missing: {block}");
    }
    let mut browser = Browser::new();
    let page = browser.sign_in_from(&site.at("/items/1"), "hypatia").await;
    assert_eq!((page.status, page.url.as_str()), (200, site.at("/items/1").as_str()));
    assert!(page.body.contains("Ὑπατία Θέωνος"));
    assert_eq!(browser.visit(&site.at("/api/auth/logout")).await.url.path(), "/signed-out");
    let ended = app.stop("TERM");
    assert_eq!(ended.code, Some(0));
    assert!(!ended.stdout.contains(&settings[2]), "the client secret is printed");
    assert!(!ended.stderr.contains(&settings[2]), "the client secret is in the log");
    assert_eq!(tenant.stop("TERM").code, Some(0));
}

#[test]
fn the_tenant_takes_a_client_that_exists() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Address::on_a_free_port());
    let more = ["--client-id", "my-id", "--client-secret", "my-secret"];
    let (tenant, [_, id, secret]) = start_tenant(folder.path(), &site, &more);
    assert_eq!((id.as_str(), secret.as_str()), ("my-id", "my-secret"));
    assert_eq!(tenant.stop("INT").code, Some(0));
    assert!(folder.path().read_dir().unwrap().next().is_none(), "it left something behind");
}

#[test]
fn a_client_id_needs_its_secret() {
    let folder = tempfile::tempdir().unwrap();
    let ended = Program::start(folder.path(), &["dev-issuer", "--port", "0", "--client-id", "my-id"], &[]).end();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.contains("--client-secret"), "{}", ended.stderr);
}
