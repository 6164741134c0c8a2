//! Asks a person at a terminal before a command does what cannot be undone.

use std::io::{self, IsTerminal, Write};

/// Whether the command may go on.
pub(super) enum Confirmation {
    Given,
    /// The person typed something else.
    Refused,
    /// There is no terminal to ask at.
    Impossible,
}

/// Asks at the terminal, where there is one. Only the word `yes` goes on.
///
/// # Errors
/// When the terminal cannot be read.
pub(super) fn ask(question: &str) -> io::Result<Confirmation> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(Confirmation::Impossible);
    }
    eprint!("{question} Type yes to go on: ");
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(if answer.trim() == "yes" { Confirmation::Given } else { Confirmation::Refused })
}
