//! The log: what is logged, in which form, and whether each request is a line of it.
//! The log itself is set up in the program.

use tracing_subscriber::filter::Targets;

use super::settings::Settings;

/// What is logged when `RUST_LOG` is not set.
const DEFAULT_FILTER: &str = "info,redis=off,sqlx=warn";

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line, for programs.
    Json,
}

pub(super) fn filter(settings: &mut Settings<'_>) -> String {
    let Some(text) = settings.one_of(&["RUST_LOG"]) else { return DEFAULT_FILTER.to_owned() };
    if let Some(problem) = problem_of(&text) {
        settings.problem(problem);
    }
    text
}

/// What is logged by a command that has no other setting: what `RUST_LOG` of the environment says, or the default.
///
/// # Errors
/// A sentence, when `RUST_LOG` is no filter.
pub fn filter_from_environment() -> Result<String, String> {
    let text = std::env::var("RUST_LOG").unwrap_or_default();
    match text.trim() {
        "" => Ok(DEFAULT_FILTER.to_owned()),
        text => problem_of(text).map_or(Ok(text.to_owned()), Err),
    }
}

fn problem_of(text: &str) -> Option<String> {
    let reason = why_no_filter(text)?;
    Some(format!("RUST_LOG is {text:?}, which is no filter ({reason}): write for example {DEFAULT_FILTER}."))
}

/// [`Targets`] takes a span in brackets for a part of a target.
fn why_no_filter(text: &str) -> Option<String> {
    if text.contains('[') {
        return Some("it chooses by target and level, not by span or field".to_owned());
    }
    text.parse::<Targets>().err().map(|error| error.to_string())
}

pub(super) fn format(settings: &mut Settings<'_>) -> LogFormat {
    match settings.one_of(&["LOG_FORMAT"]).as_deref() {
        None | Some("text") => LogFormat::Text,
        Some("json") => LogFormat::Json,
        Some(text) => {
            settings.problem(format!("LOG_FORMAT is {text:?}: write text or json."));
            LogFormat::Text
        }
    }
}

/// Whether each request is a line of the log; unless it is set, of a log in JSON.
pub(super) fn access_log(settings: &mut Settings<'_>, format: LogFormat) -> bool {
    match settings.one_of(&["ACCESS_LOG"]).as_deref() {
        None => format == LogFormat::Json,
        Some("on") => true,
        Some("off") => false,
        Some(text) => {
            settings.problem(format!("ACCESS_LOG is {text:?}: write on or off."));
            false
        }
    }
}
