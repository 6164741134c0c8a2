//! `kinde-leptos re-seal`: the key of stored sessions is changed while the site runs and requests come in, on each store.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::json;

use super::session_commands::{command, json_of, store_urls};
use super::{assert_refused_in_one_sentence, elsewhere};
use crate::harness::{Address, Browser, Program, TestTenant, settings_of};

async fn new_key(folder: &std::path::Path) -> String {
    let printed = command(folder, &["generate-key", "--json"], &[]).await;
    json_of(&printed)["key"].as_str().unwrap().to_owned()
}

/// Requests the greeting again and again until told to stop. Returns how many requests there were; all were signed in.
async fn keep_requesting(
    mut browser: Browser,
    url: String,
    is_over: Arc<AtomicBool>,
    count: Arc<AtomicUsize>,
) -> Browser {
    while !is_over.load(Ordering::SeqCst) {
        assert_eq!(browser.get_json(&url).await.status, 200, "a request during re-seal");
        count.fetch_add(1, Ordering::SeqCst);
    }
    browser
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_old_key_can_be_dropped_afterwards_and_nobody_is_signed_out() {
    for store in store_urls().await {
        let (folder, site) = (tempfile::tempdir().unwrap(), Address::on_a_free_port());
        let (old, new) = (new_key(folder.path()).await, new_key(folder.path()).await);
        let tenant = TestTenant::start(&site.url).await;
        let with_keys = |keys: &str| {
            let own = [("SESSION_STORE_URL", store.as_str()), ("SESSION_ENCRYPTION_KEYS", keys)];
            let settings = settings_of(&tenant, &site.url).into_iter().chain(own);
            settings.map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
        };
        let start = |keys: &str| {
            let variables = with_keys(keys);
            let variables: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            Program::start(folder.path(), &[], &variables).ready()
        };

        let program = start(&old);
        let mut browsers = Vec::new();
        for person in ["ada", "grace", "hypatia"] {
            let mut browser = Browser::new();
            assert_eq!(browser.sign_in_from(&site.at("/"), person).await.status, 200, "{store}");
            browsers.push(browser);
        }
        let mut half_way = Browser::new();
        let callback = half_way.callback_from(&site.at("/"), "emmy").await;
        assert_eq!(program.stop("TERM").code, Some(0));

        let keys = format!("{new},{old}");
        let program = start(&keys);
        let (is_over, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        // Connections ended with the former process.
        let requesting: Vec<_> = browsers
            .iter()
            .map(|browser| Browser::with_session(&browser.session().unwrap()))
            .map(|browser| tokio::spawn(keep_requesting(browser, site.at("/"), is_over.clone(), count.clone())))
            .collect();
        while count.load(Ordering::SeqCst) < 10 {
            assert!(!requesting.iter().any(|task| task.is_finished()), "{store}: a request failed");
            tokio::task::yield_now().await;
        }
        let variables = with_keys(&keys);
        let variables: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let sealed = command(folder.path(), &["re-seal", "--json"], &variables).await;
        assert_eq!(sealed.code, Some(0), "{store}: {}", sealed.stderr);
        let counts = json_of(&sealed);
        // Three records of each session, and one pending authorization.
        assert_eq!((&counts["rewritten"], &counts["unreadable"]), (&json!(10), &json!(0)), "{store}: {counts}");
        let again = command(folder.path(), &["re-seal"], &variables).await;
        assert_eq!(again.code, Some(0), "{store}");
        assert!(again.stdout.contains("       10  sealed with it already\n"), "{store}: {}", again.stdout);
        is_over.store(true, Ordering::SeqCst);
        for task in requesting {
            task.await.unwrap();
        }
        assert_eq!(program.stop("TERM").code, Some(0));

        let _program = start(&new);
        for browser in browsers {
            let mut browser = Browser::with_session(&browser.session().unwrap());
            assert_eq!(browser.get_json(&site.at("/")).await.status, 200, "{store}: without the old key");
        }
        assert_eq!(half_way.get(callback.as_str()).await.status, 303, "{store}: a sign-in begun under the old key");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_record_opens_with_none_of_the_keys_it_fails_and_no_key_is_to_be_removed() {
    let (folder, site) = (tempfile::tempdir().unwrap(), Address::on_a_free_port());
    let tenant = TestTenant::start(&site.url).await;
    let (old, new) = (new_key(folder.path()).await, new_key(folder.path()).await);
    let with_keys = |keys| [&settings_of(&tenant, &site.url)[..], &[("SESSION_ENCRYPTION_KEYS", keys)]].concat();
    let program = Program::start(folder.path(), &[], &with_keys(&old)).ready();
    let mut browser = Browser::new();
    assert_eq!(browser.sign_in_from(&site.at("/"), "ada").await.status, 200);
    // The former key was forgotten.
    let sealed = command(folder.path(), &["re-seal"], &with_keys(&new)).await;
    assert_eq!(sealed.code, Some(1), "{}", sealed.stdout);
    assert!(sealed.stdout.contains("        3  open with none of the keys\n"), "{}", sealed.stdout);
    assert!(sealed.stdout.contains("Remove no key yet"), "{}", sealed.stdout);
    assert!(!sealed.stdout.contains("can be removed"), "{}", sealed.stdout);
    let both = format!("{new},{old}");
    let sealed = command(folder.path(), &["re-seal"], &with_keys(&both)).await;
    assert_eq!(sealed.code, Some(0), "{}", sealed.stdout);
    assert!(sealed.stdout.contains("can be removed"), "{}", sealed.stdout);
    drop(program);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_key_it_says_how_to_get_one() {
    let folder = tempfile::tempdir().unwrap();
    let (program, site) = Program::start_site(folder.path(), &elsewhere("secret"));
    let variables = [&elsewhere("secret")[..], &[("SITE_URL", site.url.as_str())]].concat();
    let refused = command(folder.path(), &["re-seal"], &variables).await;
    assert_refused_in_one_sentence(&refused, &["SESSION_ENCRYPTION_KEYS", "generate-key"]);
    drop(program);
}
