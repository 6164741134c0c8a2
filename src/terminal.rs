//! Whether an output is a terminal that shows color.

use std::env;
use std::io::IsTerminal;

/// Whether color is wanted on this output: on a terminal, unless `NO_COLOR` or a terminal without color says otherwise,
/// and with `CLICOLOR_FORCE` anywhere (<https://no-color.org>, <https://bixense.com/clicolors>).
pub(crate) fn has_color(output: &impl IsTerminal) -> bool {
    wants_color(output.is_terminal(), |name| env::var(name).ok())
}

fn wants_color(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    if set("NO_COLOR").is_some() {
        return false;
    }
    let is_forced = set("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    is_forced || is_terminal && set("TERM").is_none_or(|terminal| terminal != "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn color_is_for_terminals_unless_a_variable_says_otherwise() {
        for (is_terminal, variable, expected) in [
            (true, ("", ""), true),
            (false, ("", ""), false),
            (true, ("NO_COLOR", "1"), false),
            (true, ("NO_COLOR", ""), true),
            (true, ("TERM", "dumb"), false),
            (false, ("CLICOLOR_FORCE", "1"), true),
            (false, ("CLICOLOR_FORCE", "0"), false),
        ] {
            let wants = wants_color(is_terminal, |name| (name == variable.0).then(|| variable.1.to_owned()));
            assert_eq!(wants, expected, "{is_terminal} {variable:?}");
        }
    }
}
