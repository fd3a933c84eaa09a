//! What a wrong command line is told: one line, as every other error, and exit status 2.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::messages;

/// What these words ask for, the program first.
///
/// # Errors
/// The line that the user is told.
pub fn parsed<C: Parser>(words: &[OsString]) -> Result<C, String> {
    C::try_parse_from(words).map_err(|error| one_line(&error.render().to_string()))
}

/// Answers what is not a command to run: help and version on stdout, a usage error on stderr.
pub(crate) fn answer(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // A reader that went away has seen enough.
            let _ = error.print();
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            ExitCode::from(2)
        }
        _ => {
            let message = one_line(&error.render().to_string());
            messages::error(&format!("{message} (see --help)"));
            ExitCode::from(2)
        }
    }
}

/// The message without clap's heading, its usage and its line breaks.
fn one_line(rendered: &str) -> String {
    let message = rendered.strip_prefix("error: ").unwrap_or(rendered);
    let end = ["\n\nUsage:", "\n\nFor more information"]
        .iter()
        .filter_map(|mark| message.find(mark))
        .min()
        .unwrap_or(message.len());
    let paragraphs: Vec<String> = message[..end]
        .split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    paragraphs.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usage_error_becomes_one_line() {
        let rendered = "error: unexpected argument '--percentil' found\n\n  tip: a similar argument exists: '--percentile'\n\nUsage: analyzer aum\n\nFor more information, try '--help'.\n";
        assert_eq!(
            one_line(rendered),
            "unexpected argument '--percentil' found; tip: a similar argument exists: '--percentile'"
        );
        let rendered = "error: the following required arguments were not provided:\n  <LOGS>...\n\nUsage: analyzer aum <LOGS>...\n";
        assert_eq!(
            one_line(rendered),
            "the following required arguments were not provided: <LOGS>..."
        );
    }
}
