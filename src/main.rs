//! The process: settings, session store, ports, and a graceful stop.
//! Requests are handled in `server`, the other commands in `commands`.

mod commands;
mod log;
mod start_message;
mod terminal;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use commands::{Command, print_version};
use kinde_leptos::api::diagnosis::Problem;
use kinde_leptos::app::Notice;
use kinde_leptos::auth::Client;
use kinde_leptos::config::{Config, Credentials, SignIn};
use kinde_leptos::emulation::{self, RunningTenant};
use kinde_leptos::otlp::Exporter;
use kinde_leptos::server::{self, App, AppState, Drain, IslandFiles, Listeners, Metrics, Observation};
use kinde_leptos::sessions::{self, OpenError, StoreUrl};

/// A request allocates often, and this allocator needs fewer instructions for it than glibc's.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A Leptos app with sign-in by Kinde. Without a command the site runs
#[derive(Parser)]
#[command(after_help = AFTER_HELP)]
struct Arguments {
    /// Print the version
    #[arg(short = 'V', long)]
    version: bool,
    /// With --version: print the features and the files of this build too
    #[arg(long, requires = "version")]
    verbose: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER_HELP: &str = "\
Settings come from the environment and from .env; .env.example describes each with its default.
Nothing needs to be set: an emulated Kinde tenant then starts beside the site (not in a release).

  kinde-leptos                                   runs the site on http://localhost:8000
  SITE_URL=http://localhost:9000 kinde-leptos    runs it on another port
  kinde-leptos check                             says what is wrong, and where to solve it";

/// How long sign-ins, sign-outs and revocations under way may take after the last connection has ended.
const FINISH_TIMEOUT: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { version, verbose, command } = Arguments::parse();
    match command {
        _ if version => print_version(verbose).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS),
        Some(command) => command.run().await,
        None => run().await,
    }
}

/// Runs the site to its end. Why it cannot is said in the form of the log.
async fn run() -> ExitCode {
    let (log_format, done) = match Config::from_environment(emulation::AVAILABLE) {
        Ok(config) => (config.log_format, serve(config).await),
        Err(problems) => (problems.log_format, Err(problems.into())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::failure(log_format, &error);
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: Config) -> Result<(), Box<dyn Error>> {
    let stop = stop_signal()?;
    let exporter = Exporter::start(&config.otlp)?;
    log::start(&config.log_filter, config.log_format, exporter.as_ref());
    server::raise_descriptor_limit();
    let listeners = Listeners::bind(&config.listen).await;
    let mut listeners = listeners.map_err(|error| format!("{error} (SITE_URL or LISTEN_ADDR)"))?;
    if config.rate_limit.is_some() && !config.lacks_trusted_proxies() {
        listeners = listeners.with_address_cap(config.trusted_proxies.clone());
    }
    let metrics = metrics(&config).await?;
    let (credentials, tenant) = credentials(&config).await?;
    if let Some(warning) = &config.store_warning {
        tracing::warn!("{warning}");
    }
    let store = sessions::open(&config.store, &config.store_namespace).await;
    let store = store.map_err(|error| match &error {
        OpenError::Owned { .. } => format!("{error} (SESSION_STORE_URL, such as redis://… or postgres://…)"),
        _ => format!("{error} ({})", cure_of_store(&config.store)),
    })?;
    let issuer_url = credentials.issuer_url.clone();
    let sign_in = config.auth(credentials);
    let sign_in = match &tenant {
        Some(tenant) => tenant.observing(sign_in),
        None => sign_in,
    };
    let make_client = || Client::new(sign_in, store);
    let auth = match &metrics {
        Some((metrics, _)) => metrics.receive_from(make_client)?,
        None => make_client()?,
    };
    warn_about(&config);
    let metrics_at = metrics.as_ref().and_then(|(_, listeners)| listeners.addresses().first().copied());
    start_message::show(&config, &issuer_url, tenant.as_ref(), metrics_at);
    let state = AppState {
        notice: tenant.as_ref().map(|tenant| Notice { text: emulation::NOTICE, console: tenant.console().into() }),
        rate_limit: config.rate_limit,
        trusted_proxies: config.trusted_proxies.clone(),
        drain: Drain::with_notice(config.shutdown_notice),
        start_facts: Arc::new(config.start_facts()),
        observation: Observation { access_log: config.access_log, traces: exporter.is_some() },
        island_files: IslandFiles::find(config.live_reload_port),
        metrics: metrics.as_ref().map(|(metrics, _)| metrics.clone()),
        ..AppState::new(auth)
    };
    if let Some((metrics, listeners)) = metrics {
        tokio::spawn(metrics.serve(listeners));
    }
    let (auth, drain) = (state.auth.clone(), state.drain.clone());
    if tenant.is_none() {
        tokio::spawn(warn_of_obstacles(auth.clone()));
    }
    listeners.serve(App::new(state), stop, drain).await;
    if tokio::time::timeout(FINISH_TIMEOUT, auth.finish()).await.is_err() {
        tracing::warn!("some sign-ins or sign-outs did not finish in time and were cut off");
    }
    if let Some(exporter) = exporter {
        exporter.finish().await;
    }
    Ok(())
}

/// What to do about a session store that cannot be opened.
fn cure_of_store(store: &StoreUrl) -> String {
    match store {
        StoreUrl::Sqlite(file) => {
            let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
            format!(
                "let this user write to the folder {}, or set SESSION_STORE_URL, for example sqlite:///var/lib/sessions.db, redis://… or postgres://…",
                folder.map_or(".".into(), |folder| folder.display().to_string())
            )
        }
        _ => "start it, or correct SESSION_STORE_URL".to_owned(),
    }
}

/// Metrics, and the port that they are to be served at, where one is set.
async fn metrics(config: &Config) -> Result<Option<(Metrics, Listeners)>, String> {
    let Some(address) = config.metrics else { return Ok(None) };
    let listeners = Listeners::bind(&[address]).await.map_err(|error| format!("{error} (METRICS_ADDR)"))?;
    Ok(Some((Metrics::new(), listeners.with_few_places())))
}

/// Logs settings that weaken a site, or have no effect.
fn warn_about(config: &Config) {
    if config.site_url.scheme() == "http" {
        tracing::info!(
            "the site is plain http, for this machine alone: its cookies are neither Secure nor __Host- cookies"
        );
    }
    for sentence in &config.misspelt {
        tracing::warn!("{}", sentence.trim_end_matches('.'));
    }
    if !config.otlp.ignored.is_empty() {
        tracing::warn!(
            ignored = config.otlp.ignored.join(", "),
            "this build cannot export traces, so these settings have no effect: build it with --features otlp, or unset them"
        );
    }
    if config.lacks_trusted_proxies() {
        tracing::warn!(
            "TRUSTED_PROXIES is not set, so every request may arrive from the same proxy, and AUTH_RATE_LIMIT is not applied: set TRUSTED_PROXIES to the addresses of your proxies, or to none where nothing stands in front"
        );
    }
}

/// Asks the issuer, and logs what keeps everybody from signing in there, before the first user finds it out.
async fn warn_of_obstacles(auth: Client) {
    let issuer = auth.examine_issuer().await;
    for Problem { what, place } in server::sign_in_obstacles(auth.config(), &issuer) {
        tracing::warn!(place, "{}", what.trim_end_matches('.'));
    }
}

/// Where to sign in; starts the emulated tenant when nothing else is set.
async fn credentials(config: &Config) -> Result<(Credentials, Option<RunningTenant>), emulation::StartError> {
    match &config.sign_in {
        SignIn::Kinde(credentials) => Ok((credentials.clone(), None)),
        SignIn::EmulatedTenant { port, seed, random_seed, state } => {
            let tenant = emulation::start_beside(config, *port, seed.clone(), *random_seed, state.clone()).await?;
            Ok((tenant.credentials(), Some(tenant)))
        }
    }
}

/// Completes on SIGINT (Ctrl-C) and SIGTERM. Both are listened for from the call on, so that none is missed before
/// this is awaited.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Completes on Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// The program and all its commands, each with its path.
    fn every_command() -> Vec<(String, clap::Command)> {
        fn add(path: String, command: clap::Command, all: &mut Vec<(String, clap::Command)>) {
            for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
                add(format!("{path} {}", inner.get_name()), inner.clone(), all);
            }
            all.push((path, command));
        }
        let (mut program, mut all) = (Arguments::command(), Vec::new());
        program.build();
        add("kinde-leptos".to_owned(), program, &mut all);
        all
    }

    #[test]
    fn help_fits_a_terminal_of_a_hundred_columns() {
        for (path, mut command) in every_command() {
            for help in [command.render_help(), command.render_long_help()] {
                let help = help.to_string();
                let widest = help.lines().max_by_key(|line| line.chars().count()).unwrap_or_default();
                assert!(widest.chars().count() <= 100, "{path} --help: {widest}");
            }
        }
    }

    #[test]
    fn each_command_and_each_option_says_what_it_does() {
        for (path, command) in every_command() {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(!about.is_empty() && !about.ends_with('.') && !about.contains('\n'), "{path}: {about:?}");
            for argument in command.get_arguments() {
                let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(!help.is_empty() && !help.ends_with('.'), "{path} {}: {help:?}", argument.get_id());
            }
        }
    }

    #[cfg(any(debug_assertions, feature = "dev-issuer"))]
    #[test]
    fn each_option_of_the_tenant_says_its_default_and_the_setting_beside_the_site() {
        let all = every_command();
        let (_, tenant) = all.iter().find(|(path, _)| path.ends_with("dev-issuer")).expect("it is a command");
        let settings = [
            ("port", "DEV_ISSUER_PORT"),
            ("seed", "DEV_ISSUER_SEED"),
            ("random_seed", "DEV_ISSUER_RANDOM_SEED"),
            ("state", "DEV_ISSUER_STATE"),
        ];
        for argument in tenant.get_arguments().filter(|argument| argument.get_action().takes_values()) {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            let has_default = !argument.get_default_values().is_empty() || help.contains("by default");
            assert!(has_default, "{}: {help}", argument.get_id());
            if let Some((_, setting)) = settings.iter().find(|(id, _)| argument.get_id() == id) {
                assert!(help.contains(setting), "{}: {help}", argument.get_id());
            }
        }
    }
}
