//! `kinde-leptos sessions list` and `sessions end`, beside a running site on each store.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{assert_refused_in_one_sentence, elsewhere};
use crate::harness::{Address, Browser, Ended, Kind, Program, StoreServer, TestTenant, person, settings_of};

/// How long a process may take to notice what a command did. On SQLite it looks every half second.
const NOTICED: Duration = Duration::from_secs(10);

/// A running site, and the settings that its commands need.
pub(super) struct Running {
    folder: TempDir,
    variables: Vec<(String, String)>,
    _program: Program,
    tenant: TestTenant,
    site: Address,
}

/// The URL of a new store of each kind.
pub(super) async fn store_urls() -> [String; 3] {
    let (redis, postgres) = (StoreServer::shared(Kind::Redis), StoreServer::shared(Kind::Postgres));
    ["sqlite:data/sessions.db".to_owned(), redis.database().await, postgres.database().await]
}

impl Running {
    async fn start(store: &str) -> Self {
        Self::start_with(&[("SESSION_STORE_URL", store)]).await
    }

    async fn start_with(settings: &[(&str, &str)]) -> Self {
        let (folder, site) = (tempfile::tempdir().unwrap(), Address::on_a_free_port());
        let tenant = TestTenant::start(&site.url).await;
        let variables = [&settings_of(&tenant, &site.url)[..], settings].concat();
        let _program = Program::start(folder.path(), &[], &variables).ready();
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { folder, variables, _program, tenant, site }
    }

    async fn command(&self, arguments: &[&str]) -> Ended {
        self.command_with(&[], arguments).await
    }

    /// Runs a command with the site's settings and these, which replace those of the same names.
    async fn command_with(&self, settings: &[(&str, &str)], arguments: &[&str]) -> Ended {
        let of_site = self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let variables: Vec<_> = of_site.chain(settings.iter().copied()).collect();
        command(self.folder.path(), arguments, &variables).await
    }

    async fn signed_in(&self, person: &str) -> Browser {
        let mut browser = Browser::new();
        assert_eq!(browser.sign_in_from(&self.site.at("/"), person).await.status, 200);
        browser
    }

    async fn is_signed_in(&self, browser: &mut Browser) -> bool {
        browser.get_json(&self.site.at("/")).await.status == 200
    }

    async fn until_signed_out(&self, browser: &mut Browser) {
        let begun = Instant::now();
        while self.is_signed_in(browser).await {
            assert!(begun.elapsed() < NOTICED, "the site has noticed nothing");
            tokio::task::yield_now().await;
        }
        println!("signed out after {:?}", begun.elapsed());
    }
}

/// Runs a command to its end.
pub(super) async fn command(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    let program = Program::start(folder, arguments, variables);
    tokio::task::spawn_blocking(|| program.end()).await.unwrap()
}

pub(super) fn json_of(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {} {}", ended.stdout, ended.stderr))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_users_sessions_are_listed_and_end_in_the_running_site() {
    let subject = person("ada").subject;
    for store in store_urls().await {
        let running = Running::start(&store).await;
        let (mut first, mut second) = (running.signed_in("ada").await, running.signed_in("ada").await);
        let mut grace = running.signed_in("grace").await;

        let listed = running.command(&["sessions", "list", "--user", &subject, "--json"]).await;
        assert_eq!(listed.code, Some(0), "{store}: {}", listed.stderr);
        let list = json_of(&listed);
        let account = first.get_json(&running.site.at("/account")).await.json();
        let ids = |sessions: &Value| {
            let mut ids: Vec<_> =
                sessions.as_array().unwrap().iter().map(|one| one["id"].clone().to_string()).collect();
            ids.sort();
            ids
        };
        assert_eq!(ids(&list["sessions"]), ids(&account["sessions"]), "{store}");
        assert_eq!(list["user"], json!(subject), "{store}");
        for field in ["started_at", "last_seen", "device"] {
            assert!(list["sessions"][0].get(field).is_some(), "{store}: {list}");
        }
        let as_text = running.command(&["sessions", "list", "--user", &subject]).await;
        assert_eq!(as_text.stdout.lines().count(), 3, "{store}: {}", as_text.stdout);
        let secret = first.session().unwrap();
        assert!(![&listed.stdout, &as_text.stdout].iter().any(|text| text.contains(&secret)), "{store}");

        let ended = running.command(&["sessions", "end", "--user", &subject, "--json"]).await;
        let counts = json!({"user": subject, "ended": 2, "tokens_revoked": 2, "tokens_not_revoked": 0});
        assert_eq!((ended.code, json_of(&ended)), (Some(0), counts), "{store}");
        running.until_signed_out(&mut first).await;
        running.until_signed_out(&mut second).await;
        assert!(running.is_signed_in(&mut grace).await, "{store}: others stay");
        assert_eq!(running.tenant.requests_at("/oauth2/revoke").await, 2, "{store}");
        let audit: Vec<_> = ended.stderr.lines().filter(|line| line.contains("session_ended")).collect();
        assert_eq!(audit.len(), 2, "{store}: {}", ended.stderr);
        for line in audit {
            assert!(line.contains("sessions end --user") && line.contains(&subject), "{store}: {line}");
        }
        let none = running.command(&["sessions", "end", "--user", &subject]).await;
        assert_eq!((none.code, none.stdout), (Some(0), format!("{subject} has no session.\n")), "{store}");
        let mut anew = running.signed_in("ada").await;
        assert!(running.is_signed_in(&mut anew).await, "{store}: and in again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_sessions_end_in_the_running_site() {
    for store in store_urls().await {
        let running = Running::start(&store).await;
        let mut browsers = [running.signed_in("ada").await, running.signed_in("grace").await];
        let ended = running.command(&["sessions", "end", "--all", "--yes", "--json"]).await;
        let counts = json!({"ended": 2, "tokens_revoked": 2, "tokens_not_revoked": 0, "unreadable": 0});
        assert_eq!((ended.code, json_of(&ended)), (Some(0), counts), "{store}: {}", ended.stderr);
        assert_eq!(ended.stderr.matches("sessions end --all").count(), 2, "{store}: {}", ended.stderr);
        for browser in &mut browsers {
            running.until_signed_out(browser).await;
        }
        assert_eq!(running.tenant.requests_at("/oauth2/revoke").await, 2, "{store}");
        let as_text = running.command(&["sessions", "end", "--all", "--yes"]).await;
        let nothing = "Ended sessions: 0. Their tokens revoked at the issuer: 0.\n";
        assert_eq!((as_text.code, as_text.stdout.as_str()), (Some(0), nothing), "{store}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_sessions_end_only_after_a_confirmation() {
    let running = Running::start("sqlite:data/sessions.db").await;
    let mut browser = running.signed_in("ada").await;
    let refused = running.command(&["sessions", "end", "--all", "--json"]).await;
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("--yes") && json_of(&refused)["error"].as_str().unwrap().contains("--yes"));
    for arguments in [&["sessions", "end"][..], &["sessions", "end", "--all", "--user", "x"], &["sessions"]] {
        let wrong = running.command(arguments).await;
        assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(2), ""), "{arguments:?}");
    }
    assert!(running.is_signed_in(&mut browser).await);
}

async fn new_key() -> String {
    let folder = tempfile::tempdir().unwrap();
    let printed = command(folder.path(), &["generate-key", "--json"], &[]).await;
    json_of(&printed)["key"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_do_not_open_with_the_commands_keys_are_not_said_to_be_none() {
    let (key, subject) = (new_key().await, person("ada").subject);
    for wrong in ["none".to_owned(), new_key().await] {
        let running = Running::start_with(&[("SESSION_ENCRYPTION_KEYS", &key)]).await;
        let mut browser = running.signed_in("ada").await;
        let keys = [("SESSION_ENCRYPTION_KEYS", wrong.as_str())];

        let listed = running.command_with(&keys, &["sessions", "list", "--user", &subject, "--json"]).await;
        assert_eq!((listed.code, &json_of(&listed)["unreadable"]), (Some(1), &json!(1)), "{wrong}");
        let listed = running.command_with(&keys, &["sessions", "list", "--user", &subject]).await;
        assert!(listed.stdout.contains("SESSION_ENCRYPTION_KEYS: 1."), "{wrong}: {}", listed.stdout);
        assert!(!listed.stdout.contains("has no session"), "{wrong}: {}", listed.stdout);

        let all = running.command_with(&keys, &["sessions", "end", "--all", "--yes"]).await;
        assert_eq!(all.code, Some(1), "{wrong}: {}", all.stdout);
        assert!(all.stdout.contains("Left alone: 1"), "{wrong}: {}", all.stdout);
        assert!(running.is_signed_in(&mut browser).await, "{wrong}");

        let ended = running.command_with(&keys, &["sessions", "end", "--user", &subject]).await;
        assert_eq!(ended.code, Some(0), "{wrong}: {}", ended.stderr);
        let words = [format!("Ended sessions of {subject}: 1."), "Not revoked: 1".to_owned()];
        assert!(words.iter().all(|words| ended.stdout.contains(words)), "{wrong}: {}", ended.stdout);
        assert_eq!(ended.stderr.matches("session_ended").count(), 1, "{wrong}: {}", ended.stderr);
        running.until_signed_out(&mut browser).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_is_not_found_by_name_or_address_and_the_command_says_so() {
    let running = Running::start("sqlite:data/sessions.db").await;
    let mut browser = running.signed_in("ada").await;
    for user in ["ada", "ada@example.com"] {
        for command in ["list", "end"] {
            let ended = running.command(&["sessions", command, "--user", user]).await;
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
            assert!(ended.stdout.contains("kp_…"), "{user}: {}", ended.stdout);
        }
    }
    for command in ["list", "end"] {
        assert_eq!(running.command(&["sessions", command, "--user", ""]).await.code, Some(2));
    }
    assert!(running.is_signed_in(&mut browser).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sessions_of_a_site_with_the_emulated_tenant_are_found_too() {
    let folder = tempfile::tempdir().unwrap();
    let port = crate::harness::free_port().to_string();
    let (_program, site) = Program::start_site(folder.path(), &[("DEV_ISSUER_PORT", &port)]);
    let mut browser = Browser::new();
    browser.sign_in_from(&site.at("/"), "ada").await;
    let variables = [("SITE_URL", site.url.as_str()), ("DEV_ISSUER_PORT", port.as_str())];
    let ended = command(folder.path(), &["sessions", "end", "--all", "--yes", "--json"], &variables).await;
    assert_eq!(json_of(&ended)["ended"], 1, "{}", ended.stderr);
    let begun = Instant::now();
    while browser.get_json(&site.at("/")).await.status == 200 {
        assert!(begun.elapsed() < NOTICED, "the site has noticed nothing");
    }
    let variables = [("SITE_URL", site.url.as_str()), ("DEV_ISSUER_PORT", "0")];
    let unknown = command(folder.path(), &["sessions", "list", "--user", "x"], &variables).await;
    assert_refused_in_one_sentence(&unknown, &["DEV_ISSUER_PORT"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_in_the_wrong_folder_says_so_and_creates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let settings = elsewhere("correct-horse");
    for arguments in [&["sessions", "list", "--user", "x"][..], &["sessions", "end", "--all", "--yes"]] {
        let ended = command(folder.path(), arguments, &settings).await;
        assert_refused_in_one_sentence(&ended, &["data/sessions.db", "no site has used that file"]);
    }
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/sessions.db"), "").unwrap();
    let ended = command(folder.path(), &["sessions", "list", "--user", "x"], &settings).await;
    assert_refused_in_one_sentence(&ended, &["no site has used that file"]);
    let ended = command(folder.path(), &["sessions", "list", "--user", "x", "--json"], &settings[..2]).await;
    assert_eq!(ended.code, Some(1));
    for text in [&ended.stderr, &ended.stdout] {
        assert!(text.contains("CLIENT_SECRET is not set"), "{text}");
    }
    assert!(json_of(&ended)["error"].is_string());
}
