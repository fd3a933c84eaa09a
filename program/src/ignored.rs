//! Options that say nothing beside others: refused, since whoever typed them expects something of them.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

/// An option that another makes say nothing.
#[derive(Debug, Clone, Copy)]
pub struct Ignored {
    /// Its name in the code.
    pub option: &'static str,
    /// The name of the other in the code; an option or a positional argument.
    pub beside: &'static str,
    /// With which values of the other.
    pub values: Values,
    /// Why.
    pub why: &'static str,
}

/// Values of an option as they are typed, defaults included.
#[derive(Debug, Clone, Copy)]
pub enum Values {
    /// All that can be given.
    Any,
    /// These.
    Of(&'static [&'static str]),
    /// All but these.
    But(&'static [&'static str]),
}

impl Values {
    fn contain(self, value: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Of(values) => values.contains(&value),
            Self::But(values) => !values.contains(&value),
        }
    }
}

/// The first of `ignored` that was typed, as one line.
pub(crate) fn refusal(
    command: &Command,
    matches: &ArgMatches,
    ignored: &[Ignored],
) -> Option<String> {
    if let Some((name, matches)) = matches.subcommand() {
        return refusal(command.find_subcommand(name)?, matches, ignored);
    }
    ignored.iter().find_map(|ignored| {
        let find = |id| {
            command
                .get_arguments()
                .find(|argument| argument.get_id() == id)
        };
        let (option, beside) = (find(ignored.option)?, find(ignored.beside)?);
        if matches.value_source(ignored.option) != Some(ValueSource::CommandLine) {
            return None;
        }
        let mut typed = matches.get_raw(ignored.beside)?;
        let value = typed.find_map(|value| {
            let value = value.to_string_lossy();
            ignored.values.contain(&value).then(|| value.into_owned())
        })?;
        Some(format!(
            "{} says nothing with {}: {}; leave it out",
            shown(option, ""),
            shown(beside, &value),
            ignored.why
        ))
    })
}

/// An option with its value; of a positional argument the value alone.
fn shown(argument: &Arg, value: &str) -> String {
    let long = argument.get_long().map(|long| format!("--{long}"));
    let words = long.iter().map(String::as_str).chain([value]);
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const IGNORED: [Ignored; 1] = [Ignored {
        option: "first_epoch",
        beside: "epochs",
        values: Values::But(&["auto"]),
        why: "these are the epochs",
    }];

    fn refused(words: &[&str]) -> Option<String> {
        let aum = Command::new("aum")
            .arg(
                Arg::new("first_epoch")
                    .long("first")
                    .default_value("counted"),
            )
            .arg(Arg::new("epochs").long("epochs").default_value("auto"));
        let mut command = Command::new("a")
            .subcommand(aum)
            .subcommand(Command::new("b"));
        let matches = command.try_get_matches_from_mut(words).unwrap();
        refusal(&command, &matches, &IGNORED)
    }

    #[test]
    fn what_says_nothing_is_refused_where_it_was_typed() {
        let both = ["a", "aum", "--first", "counted", "--epochs", "2.."];
        let expected = "--first says nothing with --epochs 2..: these are the epochs; leave it out";
        assert_eq!(refused(&both).unwrap(), expected);
        assert_eq!(refused(&both[..4]), None);
        assert_eq!(refused(&["a", "aum", "--epochs", "2.."]), None);
        assert_eq!(refused(&["a", "b"]), None);
    }
}
