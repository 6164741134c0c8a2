//! `kinde-leptos check`: the diagnosis of the set-up in a terminal, for the settings that the program would start with.
//! What is examined is in `server::diagnosis`.

use std::fmt::Write as _;

use kinde_leptos::api::diagnosis::{Diagnosis, DiagnosisStatus};
use kinde_leptos::auth::examine_issuer;
use kinde_leptos::config::{Config, SignIn};
use kinde_leptos::emulation;
use kinde_leptos::server::{SignInFacts, diagnose};

use super::output::Format;
use super::{Done, exit_code};
use crate::credentials;

/// The command line arguments of `kinde-leptos check`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(super) format: Format,
}

/// Examines the settings and the issuer, prints what was found, and succeeds when there is no problem. Neither the
/// session store nor a port of the site is opened, so it runs beside the site. Where the emulated tenant is chosen, one
/// of its own is started, as the site has one of its own.
///
/// # Errors
/// What keeps the site from starting as well: settings that cannot be used.
pub(super) async fn check(arguments: &Arguments) -> Done {
    let mut config = Config::from_environment(emulation::AVAILABLE)?;
    if let SignIn::EmulatedTenant { port, .. } = &mut config.sign_in {
        // The one that it is set to may be the site's.
        *port = 0;
    }
    let (credentials, tenant) = credentials(&config).await?;
    let auth = config.auth(credentials);
    let issuer = examine_issuer(&auth).await?;
    let diagnosis = diagnose(&auth, &issuer, SignInFacts::default(), &config.start_facts());
    arguments.format.print(&diagnosis, || as_text(&diagnosis, tenant.is_some()))?;
    let is_well = diagnosis.status == DiagnosisStatus::Ok;
    Ok(exit_code(is_well))
}

fn as_text(diagnosis: &Diagnosis, is_emulated: bool) -> String {
    let Diagnosis { issuer, urls, problems, .. } = diagnosis;
    let emulated = if is_emulated { ", an emulated tenant started for this check" } else { "" };
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<26} {value}");
    };
    line("Issuer", &format!("{}{emulated}", issuer.url));
    line("Callback URL", &urls.callback);
    line("Logout redirect URL", &urls.logout_redirect);
    line("Application login URI", &urls.application_login);
    line("Webhook endpoint", &urls.webhook);
    if problems.is_empty() {
        text.push_str(
            "\nNo problem was found. The session store was not opened: `kinde-leptos health` asks the running site.\n",
        );
    } else {
        text.push_str("\nWhat is wrong:\n");
    }
    for problem in problems {
        let _ = writeln!(text, "  - {}\n    Where: {}", problem.what, problem.place);
    }
    text
}
