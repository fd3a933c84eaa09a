//! What a wrong command line is told: one line, as every other error, and exit status 2.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{Arg, Command, Parser};

use crate::ignored::{Ignored, refusal};
use crate::messages;
use crate::wrong_use::WrongUse;

/// The command line of a program.
pub trait CommandLine: Parser {
    /// Which options say nothing beside which others.
    const IGNORED: &'static [Ignored] = &[];
}

/// What these words ask for, the program first.
///
/// # Errors
/// The line that the user is told.
pub fn parsed<C: CommandLine>(words: &[OsString]) -> Result<C, WrongUse> {
    parse(words).map_err(|error| WrongUse(one_line(&error.render().to_string())))
}

pub(crate) fn parse<C: CommandLine>(words: &[OsString]) -> Result<C, clap::Error> {
    let mut command = taking_negative_numbers(C::command());
    let matches = command.try_get_matches_from_mut(words)?;
    match refusal(&command, &matches, C::IGNORED) {
        Some(refusal) => Err(clap::Error::raw(ErrorKind::ArgumentConflict, refusal)),
        None => C::from_arg_matches(&matches),
    }
}

/// With every option taking a negative number for its value, so that its own parser takes or refuses it.
fn taking_negative_numbers(command: Command) -> Command {
    let option = |argument: Arg| {
        let is_option = !argument.is_positional() && argument.get_action().takes_values();
        argument.allow_negative_numbers(is_option)
    };
    let command = command.mut_args(option);
    command.mut_subcommands(taking_negative_numbers)
}

/// Answers what is not a command to run: help and version on stdout, a usage error on stderr.
pub(crate) fn answer(error: &clap::Error) -> u8 {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // A reader that went away has seen enough.
            let _ = error.print();
            0
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            2
        }
        _ => refuse(&one_line(&error.render().to_string())),
    }
}

/// Says what is wrong with the command line, in one line.
pub(crate) fn refuse(what: &str) -> u8 {
    messages::error(&format!("{what} (see --help)"));
    2
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
