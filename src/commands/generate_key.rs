//! `kinde-leptos generate-key`: a new key for `SESSION_ENCRYPTION_KEYS`.

use std::process::ExitCode;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::Done;
use super::output::Format;

/// The length of a key, in bytes.
const KEY_LENGTH: usize = 32;

/// The command line arguments of `kinde-leptos generate-key`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(super) format: Format,
}

/// Prints 32 random bytes in base64.
///
/// # Errors
/// When the system has no random bytes, or the output is closed.
pub(super) fn generate_key(arguments: &Arguments) -> Done {
    let mut key = [0_u8; KEY_LENGTH];
    aws_lc_rs::rand::fill(&mut key)?;
    let key = STANDARD.encode(key);
    arguments.format.print(&json!({ "key": key }), || format!("{key}\n"))?;
    Ok(ExitCode::SUCCESS)
}
