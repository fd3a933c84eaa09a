//! What the recorder and the analyzer do alike as programs: every error is one line on stderr after
//! the program's name; the exit status is 0 when done, 1 when the input or the run is at fault, 2
//! for a wrong command line; a closed pipe ends quietly; where there is no memory, that is said.

mod allocation;
mod checked;
mod file_memory;
mod ignored;
mod internal_error;
mod messages;
mod options;
mod output;
mod printable;
mod quoting;
mod self_description;
mod usage;
mod words;
mod wrong_use;

use std::ffi::OsString;
use std::io;
use std::panic::UnwindSafe;
use std::process::ExitCode;

pub use allocation::Telling;
pub use checked::{Checked, FromTyped};
pub use file_memory::FileMemoryArgs;
pub use ignored::{Ignored, Values};
pub use internal_error::guarded;
pub use messages::{note, warning, with_warnings_kept};
pub use options::with_options;
pub use output::print;
pub use printable::printable;
pub use quoting::quoted;
pub use self_description::{CompletionsArgs, ManArgs, version};
pub use usage::{CommandLine, parsed};
pub use words::{Word, words};
pub use wrong_use::WrongUse;

const SUCCESS: u8 = 0;
const FAILURE: u8 = 1;
const PANICKED: u8 = 101;

/// Parses the command line and runs the program with it.
pub fn main<C: CommandLine>(run: impl FnOnce(C) -> anyhow::Result<()> + UnwindSafe) -> ExitCode {
    main_of(std::env::args_os().collect(), run).into()
}

/// The same for a command line of these words, the program first; the exit status.
pub fn main_of<C: CommandLine>(
    words: Vec<OsString>,
    run: impl FnOnce(C) -> anyhow::Result<()> + UnwindSafe,
) -> u8 {
    messages::set_program_name(C::command().get_name());
    let done = guarded(|| match usage::parse(&words) {
        Err(error) => usage::answer(&error),
        Ok(cli) => match run(cli) {
            Ok(()) => SUCCESS,
            Err(error) if is_closed_pipe(&error) => SUCCESS,
            Err(error) if error.is::<WrongUse>() => usage::refuse(&error.to_string()),
            Err(error) => {
                messages::error(&format!("{error:#}"));
                FAILURE
            }
        },
    });
    done.unwrap_or_else(|panic| {
        messages::error(&panic);
        PANICKED
    })
}

/// Whether nobody reads stdout any more, as in `analyzer aum logs | head -1`: that is no fault.
/// (Errors of files are wrapped in errors of the libraries, so this one is of stdout.)
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
