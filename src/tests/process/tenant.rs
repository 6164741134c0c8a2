//! `kinde-leptos dev-issuer`: the emulated tenant in a process of its own, and the app as its client, as it is Kinde's.
//! The tenant's responses are tested in `dev_issuer`.

use crate::harness::{Address, Browser, Program, client, free_port};

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
fn the_settings_go_to_a_file_when_the_tenant_is_ready() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Address::on_a_free_port());
    let (tenant, [issuer, id, secret]) = start_tenant(folder.path(), &site, &["--env-file", "tenant.env"]);
    let written = std::fs::read_to_string(folder.path().join("tenant.env")).unwrap();
    for (name, value) in [
        ("KINDE_ISSUER_URL", &issuer),
        ("KINDE_HOST", &issuer),
        ("CLIENT_ID", &id),
        ("KINDE_CLIENT_ID", &id),
        ("CLIENT_SECRET", &secret),
        ("KINDE_CLIENT_SECRET", &secret),
    ] {
        assert_eq!(&setting(&written, name), value, "{name}");
    }
    assert_eq!(tenant.stop("TERM").code, Some(0));
}

#[test]
fn a_file_for_the_settings_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["dev-issuer", "--port", "0", "--json", "--env-file", "nowhere/tenant.env"];
    let ended = Program::start(folder.path(), &arguments, &[]).end();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("nowhere/tenant.env") && ended.stderr.contains("--env-file"), "{}", ended.stderr);
    let error: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(error["error"].as_str().unwrap(), ended.stderr.trim_end());
}

/// Starts the tenant with a state file, and returns what its line of JSON says.
fn start_with_state(folder: &std::path::Path) -> (Program, serde_json::Value) {
    let mut tenant = Program::start(folder, &["dev-issuer", "--port", "0", "--json", "--state", "state.json"], &[]);
    tenant.read_until("\n");
    let said = serde_json::from_str(tenant.printed()).unwrap();
    (tenant, said)
}

async fn rename_ada(switchboard: &str, name: &str) {
    let request = client().patch(format!("{switchboard}people/ada")).header("content-type", "application/json");
    let response = request.body(serde_json::json!({"given_name": name}).to_string()).send().await.unwrap();
    assert_eq!(response.status(), 200);
}

async fn adas_name(switchboard: &str) -> String {
    let people = client().get(format!("{switchboard}people")).send().await.unwrap().text().await.unwrap();
    let people: serde_json::Value = serde_json::from_str(&people).unwrap();
    people[0]["given_name"].as_str().unwrap().to_owned()
}

#[test]
fn a_seed_that_is_changed_and_cannot_be_used_is_named_in_the_log() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Address::on_a_free_port());
    let seed = folder.path().join("people.json");
    std::fs::write(&seed, r#"{"people":[{"person":"rosalind"}]}"#).unwrap();
    let (mut tenant, settings) = start_tenant(folder.path(), &site, &["--seed", "people.json"]);
    std::fs::write(&seed, r#"{"people":[{"person":"Rosalind Franklin"}]}"#).unwrap();
    tenant.read_log_until("people[0].person");
    std::fs::write(&seed, r#"{"people":[]}"#).unwrap();
    tenant.read_log_until("was read again");
    let ended = tenant.stop("TERM");
    assert!(ended.stderr.contains(" WARN ") && ended.stderr.contains("everything stays as it was"), "{}", ended.stderr);
    assert!(!ended.stderr.contains(&settings[2]), "the client secret is in the log");
    // Every line that was printed is still one of a `.env` file.
    assert!(
        ended.stdout.lines().all(|line| line.is_empty() || line.starts_with('#') || line.contains('=')),
        "{}",
        ended.stdout
    );
    assert!(!ended.stdout.contains("seed"), "{}", ended.stdout);
}

#[tokio::test]
async fn a_state_that_cannot_be_written_is_named_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let (mut tenant, said) = start_with_state(folder.path());
    // The file that is written first, and then put in the place of the present one.
    std::fs::create_dir(folder.path().join("state.json.new")).unwrap();
    rename_ada(said["switchboard"].as_str().unwrap(), "Augusta").await;
    tenant.read_log_until("could not be written");
    let ended = tenant.stop("TERM");
    assert_eq!((ended.code, ended.stdout.lines().count()), (Some(0), 1), "{}", ended.stdout);
}

#[test]
fn the_log_of_the_tenant_follows_its_filter() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["dev-issuer", "--port", "0", "--json"];
    let mut quiet = Program::start(folder.path(), &arguments, &[]);
    quiet.read_until("\n");
    assert_eq!(quiet.stop("TERM").stderr, "");
    let wrong = Program::start(folder.path(), &arguments, &[("RUST_LOG", "a=b=c")]).end();
    assert_eq!(wrong.code, Some(1));
    assert!(wrong.stderr.contains("RUST_LOG is \"a=b=c\""), "{}", wrong.stderr);
}

#[tokio::test]
async fn a_kill_at_any_time_leaves_a_whole_state() {
    let folder = tempfile::tempdir().unwrap();
    let mut before = String::from("Ada");
    let mut client_id = None;
    for round in 0..4 {
        let (tenant, said) = start_with_state(folder.path());
        let switchboard = said["switchboard"].as_str().unwrap();
        let name = adas_name(switchboard).await;
        assert!(name == before || name.starts_with(&format!("round {}", round - 1)), "{name} after {before}");
        assert_eq!(client_id.get_or_insert_with(|| said["client_id"].clone()), &said["client_id"]);
        for change in 0..100 {
            rename_ada(switchboard, &format!("round {round}, {change}")).await;
        }
        before = name;
        assert_eq!(tenant.stop("KILL").code, None);
    }
    let (tenant, said) = start_with_state(folder.path());
    rename_ada(said["switchboard"].as_str().unwrap(), "Augusta").await;
    assert_eq!(tenant.stop("TERM").code, Some(0));
    let (tenant, said) = start_with_state(folder.path());
    assert_eq!(adas_name(said["switchboard"].as_str().unwrap()).await, "Augusta");
    assert_eq!(tenant.stop("TERM").code, Some(0));
}

#[test]
fn a_state_and_a_number_for_random_values_exclude_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["dev-issuer", "--port", "0", "--state", "state.json", "--random-seed", "7"];
    let ended = Program::start(folder.path(), &arguments, &[]).end();
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("--random-seed"), "{}", ended.stderr);
}

#[tokio::test]
async fn the_tenant_beside_the_app_keeps_its_state_too() {
    let folder = tempfile::tempdir().unwrap();
    let (site, port) = (Address::on_a_free_port(), free_port().to_string());
    let variables =
        [("SITE_URL", site.url.as_str()), ("DEV_ISSUER_PORT", port.as_str()), ("DEV_ISSUER_STATE", "state.json")];
    let switchboard = format!("http://127.0.0.1:{port}/dev/");
    let app = Program::start(folder.path(), &[], &variables).ready();
    rename_ada(&switchboard, "Augusta").await;
    let mut browser = Browser::new();
    assert!(browser.sign_in_from(&site.at("/items/1"), "ada").await.body.contains("Augusta"));
    assert_eq!(app.stop("TERM").code, Some(0));
    let app = Program::start(folder.path(), &[], &variables).ready();
    assert_eq!(adas_name(&switchboard).await, "Augusta");
    // The tenant's session lasts, so its sign-in page does not appear.
    assert_eq!(browser.visit(&site.at("/api/auth/logout")).await.url.path(), "/signed-out");
    assert_eq!(app.stop("TERM").code, Some(0));
}

#[test]
fn a_client_id_needs_its_secret() {
    let folder = tempfile::tempdir().unwrap();
    let ended = Program::start(folder.path(), &["dev-issuer", "--port", "0", "--client-id", "my-id"], &[]).end();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(ended.stderr.contains("--client-secret"), "{}", ended.stderr);
}
