//! The log of the process, on stderr, in text or as one JSON object a line: its lines, panics, and why a start failed.
//! What is logged is decided where it happens; the audit log is `auth`'s.

mod json;
mod text;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Display;
use std::io::{Stderr, stderr};

use kinde_leptos::config::LogFormat;
use kinde_leptos::otlp::{self, Exporter};
use kinde_leptos::server::{ACCESS_TARGET, REQUEST_TARGET};
use tracing::Subscriber;
use tracing::field::display;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::SubscriberBuilder;
use tracing_subscriber::fmt::format::{DefaultFields, Format};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use json::JsonLines;
use text::PlainFields;

use crate::terminal::has_color;

/// Logs what the filter lets pass from now on, and every panic; and passes spans to the exporter of traces.
pub(crate) fn start(filter: &str, format: LogFormat, exporter: Option<&Exporter>) {
    let filter = targets(filter);
    match (exporter, format) {
        (None, LogFormat::Text) if has_color(&stderr()) => {
            to_stderr(&filter).with_ansi(true).finish().with(filter).init()
        }
        (None, LogFormat::Text) => {
            to_stderr(&filter).with_ansi(false).fmt_fields(PlainFields).finish().with(filter).init()
        }
        (None, LogFormat::Json) => tracing_subscriber::registry().with(filter).with(JsonLines::new(stderr)).init(),
        (Some(exporter), format) => {
            let lines = lines(format).with_filter(filter.with_target(otlp::SPAN_TARGET, LevelFilter::OFF));
            tracing_subscriber::registry().with(exporter.layer()).with(lines).init();
        }
    }
    log_panics();
}

/// Lines of the levels that the filter lets pass for any target. What no target may log is so not even looked up: crates
/// that log by `log` would ask the filter for each of their lines.
fn to_stderr(filter: &Targets) -> SubscriberBuilder<DefaultFields, Format, LevelFilter, fn() -> Stderr> {
    let highest = Layer::<Registry>::max_level_hint(filter).unwrap_or(LevelFilter::TRACE);
    tracing_subscriber::fmt().with_max_level(highest).with_writer(stderr)
}

/// The lines as a layer of several, each with a filter of its own: each line costs a little more so.
fn lines<S: Subscriber + for<'span> LookupSpan<'span>>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync> {
    let text = tracing_subscriber::fmt::layer().with_writer(stderr);
    match format {
        LogFormat::Text if has_color(&stderr()) => text.with_ansi(true).boxed(),
        LogFormat::Text => text.with_ansi(false).fmt_fields(PlainFields).boxed(),
        LogFormat::Json => JsonLines::new(stderr).boxed(),
    }
}

/// What the filter lets pass, and whatever it says the two that have a setting of their own or none: a request's lines
/// always name the request, and `ACCESS_LOG` alone decides about the access log.
fn targets(filter: &str) -> Targets {
    let filter: Targets = filter.parse().expect("the settings have been checked");
    filter.with_targets([REQUEST_TARGET, ACCESS_TARGET].map(|target| (target, LevelFilter::INFO)))
}

/// Says why the program does not start: in the log when that is JSON, else in its own words, as also where the filter lets
/// no error pass.
pub(crate) fn failure(format: LogFormat, error: &dyn Display) {
    // Settings that cannot be used are reported before there is a log.
    if format == LogFormat::Json && !tracing::dispatcher::has_been_set() {
        start("info", format, None);
    }
    if format == LogFormat::Json && tracing::enabled!(tracing::Level::ERROR) {
        tracing::error!("{error}");
    } else {
        eprintln!("{error}");
    }
}

/// Logs panics with the request in which they happen. Where the filter lets no error pass, and for a panic of the log
/// itself, the standard library's own message stays.
fn log_panics() {
    let without_log = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !tracing::enabled!(tracing::Level::ERROR) {
            return without_log(panic);
        }
        let backtrace = Backtrace::capture();
        let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| display(backtrace));
        tracing::error!(
            location = panic.location().map(display),
            thread = std::thread::current().name(),
            backtrace,
            "panicked: {}",
            panic.payload_as_str().unwrap_or("no message")
        );
    }));
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no test panics with it").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_highest_level_of_any_target_is_looked_up_and_none_above() {
        for (filter, highest) in [
            ("info,redis=off,sqlx=warn", LevelFilter::INFO),
            ("warn,redis=debug", LevelFilter::DEBUG),
            ("sqlx=error", LevelFilter::INFO),
            ("off", LevelFilter::INFO),
            ("trace", LevelFilter::TRACE),
        ] {
            let targets = targets(filter);
            let subscriber = to_stderr(&targets).finish().with(targets);
            assert_eq!(subscriber.max_level_hint(), Some(highest), "{filter}");
        }
    }

    #[test]
    fn a_panic_is_a_line_with_its_place_and_the_request() {
        log_panics();
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::registry().with(JsonLines::new(move || writer.clone()));
        let panicked = tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("request", id = "x");
            span.in_scope(|| std::panic::catch_unwind(|| panic!("broken\nby {}", "a test")))
        });
        assert!(panicked.is_err());
        let lines = lines.0.lock().expect("as above").clone();
        let line: serde_json::Value = serde_json::from_slice(&lines).expect("one line");
        assert_eq!((&line["level"], &line["request.id"]), (&"ERROR".into(), &"x".into()), "{line}");
        assert_eq!(line["message"], "panicked: broken\nby a test");
        assert!(line["location"].as_str().is_some_and(|place| place.contains("src/log.rs:")), "{line}");
    }
}
