//! What the recorder and the analyzer do alike as programs: every error is one line on stderr after
//! the program's name; the exit status is 0 when done, 1 when the input or the run is at fault, 2
//! for a wrong command line; a closed pipe ends quietly.

mod checked;
mod internal_error;
mod messages;
mod printable;
mod usage;
mod words;

use std::ffi::OsString;
use std::io;
use std::panic::UnwindSafe;
use std::process::ExitCode;

use clap::Parser;

pub use checked::{Checked, FromTyped};
pub use messages::{note, warning, with_warnings_kept};
pub use printable::printable;
pub use usage::parsed;
pub use words::{Word, words};

/// Parses the command line and runs the program with it.
pub fn main<C: Parser>(run: impl FnOnce(C) -> anyhow::Result<()> + UnwindSafe) -> ExitCode {
    main_of(std::env::args_os().collect(), run)
}

/// The same for a command line of these words, the program first.
pub fn main_of<C: Parser>(
    words: Vec<OsString>,
    run: impl FnOnce(C) -> anyhow::Result<()> + UnwindSafe,
) -> ExitCode {
    messages::set_program_name(C::command().get_name());
    internal_error::guard(|| match C::try_parse_from(words) {
        Err(error) => usage::answer(&error),
        Ok(cli) => match run(cli) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
            Err(error) => {
                messages::error(&format!("{error:#}"));
                ExitCode::FAILURE
            }
        },
    })
}

/// Whether nobody reads stdout any more, as in `analyzer aum logs | head -1`: that is no fault.
/// (Errors of files are wrapped in errors of the libraries, so this one is of stdout.)
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
