//! Options that exclude each other in ways that clap has no words for: they are typed in one form and
//! held against each other once, so that behind the door there is no invalid combination.

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

/// What options stand for.
pub trait FromTyped: Sized {
    /// The options as they are typed.
    type Typed: Args;

    /// What they stand for, or why they do not go together and what to do about it.
    ///
    /// # Errors
    /// The line that the user is told.
    fn from_typed(typed: Self::Typed) -> Result<Self, &'static str>;
}

/// A part of the command line that was checked.
#[derive(Debug, Clone)]
pub struct Checked<T>(pub T);

impl<T: FromTyped> FromArgMatches for Checked<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let typed = T::Typed::from_arg_matches(matches)?;
        let conflict = |reason| Error::raw(ErrorKind::ArgumentConflict, reason);
        T::from_typed(typed).map(Self).map_err(conflict)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<T: FromTyped> Args for Checked<T> {
    fn augment_args(command: Command) -> Command {
        T::Typed::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        T::Typed::augment_args_for_update(command)
    }
}
