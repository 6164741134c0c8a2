//! `kinde-leptos re-seal`: after a change of keys, seals every stored session with the new one.

use kinde_leptos::auth::ReSealing;
use serde_json::json;

use super::output::Format;
use super::progress::Progress;
use super::running_site::RunningSite;
use super::{Done, exit_code};

/// The command line arguments of `kinde-leptos re-seal`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(super) format: Format,
}

/// Seals the records, and prints how many there were of each kind. It fails when some open with none of the keys: their
/// users would be signed out if the key that they are sealed with were dropped.
///
/// # Errors
/// Without keys; and when the settings or the store cannot be used.
pub(super) async fn re_seal(arguments: &Arguments) -> Done {
    let site = RunningSite::open().await?;
    if site.config.sealing_keys.is_empty() {
        return Err("there is no key to seal with: set SESSION_ENCRYPTION_KEYS to the new key and the old one, separated by a comma (`kinde-leptos generate-key` prints a key)".into());
    }
    let mut progress = Progress::begin();
    let counts = site
        .auth
        .re_seal(|counts| {
            progress.say(|| format!("{} records so far, {} rewritten", counts.records(), counts.rewritten))
        })
        .await?;
    arguments.format.print(&as_json(&counts), || as_text(&counts))?;
    Ok(exit_code(counts.unreadable == 0))
}

fn as_json(counts: &ReSealing) -> serde_json::Value {
    json!({
        "records": counts.records(),
        "rewritten": counts.rewritten,
        "already_new": counts.already_new,
        "never_sealed": counts.never_sealed,
        "unreadable": counts.unreadable,
        "removed": counts.removed,
        "changed_meanwhile": counts.changed_meanwhile,
    })
}

fn as_text(counts: &ReSealing) -> String {
    let lines = [
        ("sealed anew with the first key", counts.rewritten),
        ("sealed with it already", counts.already_new),
        ("never sealed, because they are no secret", counts.never_sealed),
        ("open with none of the keys", counts.unreadable),
        ("removed by the site meanwhile", counts.removed),
    ];
    let lines = lines.map(|(what, number)| format!("{number:>9}  {what}\n"));
    let retried = match counts.changed_meanwhile {
        0 => String::new(),
        number => format!("Records that the site changed meanwhile were looked at again: {number}.\n"),
    };
    let next = if counts.unreadable == 0 {
        "Once every process has the first key in first place, the others can be removed."
    } else {
        "Remove no key yet: what opens with none was sealed with another key, which belongs into SESSION_ENCRYPTION_KEYS before this is run again; or it was stored before there were keys, or is another application's (two on one store have a SESSION_STORE_NAMESPACE each)."
    };
    format!("{:>9}  records\n{}{retried}{next}\n", counts.records(), lines.concat())
}
