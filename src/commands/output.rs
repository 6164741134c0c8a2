//! `Format`: how a command prints its result, as text for people or as JSON for programs, and its error.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;
use serde_json::json;

/// The argument that every command has.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(super) struct Format {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl Format {
    /// The form for a command that reads the argument by itself.
    pub(super) fn of(json: bool) -> Self {
        Self { json }
    }

    /// Prints a result: as one line of JSON, or as this text.
    pub(super) fn print(self, result: &impl Serialize, text: impl FnOnce() -> String) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.json { writeln!(out, "{}", serde_json::to_string(result)?) } else { out.write_all(text().as_bytes()) }
    }

    /// Prints why a command failed, and returns its exit code.
    pub(super) fn print_error(self, error: &dyn Error) -> ExitCode {
        eprintln!("{error}");
        if self.json {
            // Nobody is left to tell when this fails.
            let _ = writeln!(io::stdout(), "{}", json!({ "error": error.to_string() }));
        }
        ExitCode::FAILURE
    }
}
