//! The program's commands beside `serve`, each in a file of its own. All of them take `--json`; those for a running site act
//! on its settings.
//!
//! | exit code | meaning |
//! | --- | --- |
//! | 0 | done; for `check` and `health`: nothing is wrong |
//! | 1 | it failed, or left something out; for `check` and `health`: something is wrong |
//! | 2 | the command line is wrong, or a confirmation is missing |
//!
//! The result goes to standard output; an error goes to standard error as a sentence, and with `--json` also to standard
//! output as `{"error": "…"}`.

mod check;
mod confirmation;
mod generate_key;
mod health;
#[cfg(debug_assertions)]
mod new_project;
mod output;
mod progress;
mod re_seal;
mod running_site;
mod sessions;
mod version;

use std::error::Error;
use std::process::ExitCode;

use clap::Subcommand;
use kinde_leptos::config::{LogFormat, log_filter_from_environment};
use kinde_leptos::emulation;

pub(crate) use version::print_version;

/// What ends a command, or what keeps it from its end.
type Done = Result<ExitCode, Box<dyn Error>>;

/// The exit code of a command that has printed its result: success only if nothing is wrong, and nothing was left out.
fn exit_code(is_well: bool) -> ExitCode {
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A command of the program.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run the emulated Kinde tenant alone, for apps in any language
    DevIssuer(emulation::Arguments),
    /// Examine the settings and the issuer, and say what is wrong
    ///
    /// It reads the settings as the site does, and asks the issuer. It opens neither the session store
    /// nor a port, so it runs beside the site. The exit code is 0 when nothing is wrong, else 1.
    #[command(verbatim_doc_comment)]
    Check(check::Arguments),
    /// Ask the running site whether it is well
    ///
    /// It asks at LISTEN_ADDR whether the site can serve (/readyz), which it cannot while its session
    /// store is away or the process ends. With --live it asks whether the process lives (/healthz), for
    /// a supervisor that restarts it: no restart brings a store back. It waits for two seconds at most,
    /// and needs no other setting. The exit code is 0 when the site is well, else 1.
    #[command(verbatim_doc_comment)]
    Health(health::Arguments),
    /// List or end sessions, while the site runs or not
    #[command(subcommand)]
    Sessions(sessions::Command),
    /// Seal all stored sessions with the first of SESSION_ENCRYPTION_KEYS
    ///
    /// The site may run meanwhile. Set SESSION_ENCRYPTION_KEYS to NEW,OLD in every process first, then
    /// run this; afterwards OLD can be removed. Each record is replaced only if it is as it was read, so
    /// nobody is signed out and nothing is lost. It can be run again at any time.
    #[command(verbatim_doc_comment)]
    ReSeal(re_seal::Arguments),
    /// Print a new key for SESSION_ENCRYPTION_KEYS
    ///
    /// Put it into .env, or wherever the settings of the site are, as SESSION_ENCRYPTION_KEYS=KEY. A site
    /// that has keys already keeps them: see re-seal.
    #[command(verbatim_doc_comment)]
    GenerateKey(generate_key::Arguments),
    /// Start a project of your own: copy this one to a new folder, under a new name
    #[cfg(debug_assertions)]
    New(new_project::Arguments),
}

impl Command {
    /// Runs the command, and prints its result or why it failed.
    pub(crate) async fn run(self) -> ExitCode {
        let format = match &self {
            Self::DevIssuer(arguments) => output::Format::of(arguments.want_json()),
            Self::Check(arguments) => arguments.format,
            Self::Health(arguments) => arguments.format,
            Self::Sessions(command) => command.format(),
            Self::ReSeal(arguments) => arguments.format,
            Self::GenerateKey(arguments) => arguments.format,
            #[cfg(debug_assertions)]
            Self::New(arguments) => arguments.format,
        };
        let done = match self {
            Self::DevIssuer(arguments) => run_tenant(arguments).await,
            Self::Check(arguments) => check::check(&arguments).await,
            Self::Health(arguments) => health::health(&arguments).await,
            Self::Sessions(command) => sessions::run(command).await,
            Self::ReSeal(arguments) => re_seal::re_seal(&arguments).await,
            Self::GenerateKey(arguments) => generate_key::generate_key(&arguments),
            #[cfg(debug_assertions)]
            Self::New(arguments) => new_project::new_project(&arguments),
        };
        done.unwrap_or_else(|error| format.print_error(&*error))
    }
}

/// What happens while the tenant runs is logged to standard error: standard output is for the settings of an app.
async fn run_tenant(arguments: emulation::Arguments) -> Done {
    crate::log::start(&log_filter_from_environment()?, LogFormat::Text, None);
    emulation::run_alone(arguments, crate::stop_signal()?).await?;
    Ok(ExitCode::SUCCESS)
}
