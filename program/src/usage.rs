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
        // The advice to write `-- --option` helps nobody here.
        .filter(|paragraph| !paragraph.starts_with("tip: to pass "))
        .collect();
    let message = paragraphs.join("; ");
    let of_numbers = NO_WHOLE_NUMBER.iter();
    of_numbers.fold(message, |message, (of_std, words)| {
        message.replace(of_std, words)
    })
}

/// What the standard library says of a text that is no whole number, and what people are told.
const NO_WHOLE_NUMBER: [(&str, &str); 3] = [
    (
        "invalid digit found in string",
        "it must be a whole number, 0 or more",
    ),
    (
        "cannot parse integer from empty string",
        "it must be a whole number, 0 or more",
    ),
    (
        "number too large to fit in target type",
        "the number is too large",
    ),
];

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

    #[test]
    fn people_are_told_of_numbers_in_their_words_and_get_no_advice_that_does_not_help() {
        let rendered = "error: invalid value 'x' for '--bottom <N>': invalid digit found in string\n\nFor more information, try '--help'.\n";
        assert_eq!(
            one_line(rendered),
            "invalid value 'x' for '--bottom <N>': it must be a whole number, 0 or more"
        );
        let rendered = "error: unexpected argument '--run' found\n\n  tip: to pass '--run' as a value, use '-- --run'\n\nUsage: analyzer check\n";
        assert_eq!(one_line(rendered), "unexpected argument '--run' found");
    }
}
