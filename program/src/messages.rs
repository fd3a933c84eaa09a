//! What is said beside the results: one line each on stderr, after the name of the program.

use std::cell::RefCell;
use std::io::Write;
use std::sync::OnceLock;

use crate::printable::printable;

static PROGRAM_NAME: OnceLock<String> = OnceLock::new();

pub(crate) fn set_program_name(name: &str) {
    PROGRAM_NAME.get_or_init(|| name.to_owned());
}

pub(crate) fn program_name() -> &'static str {
    PROGRAM_NAME.get().map_or("", String::as_str)
}

/// Says what kept the program from a result.
pub(crate) fn error(message: &str) {
    line(message);
}

/// Says what makes a result doubtful.
pub fn warning(message: &str) {
    if !is_kept(|warnings| warnings.push(message.to_owned())) {
        line(&format!("warning: {message}"));
    }
}

/// Says what was done.
pub fn note(message: &str) {
    if !is_kept(|_| ()) {
        line(message);
    }
}

thread_local! {
    /// Warnings, while they are kept.
    static KEPT: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

fn is_kept(keep: impl FnOnce(&mut Vec<String>)) -> bool {
    KEPT.with_borrow_mut(|kept| kept.as_mut().map(keep).is_some())
}

/// Does `work` for a caller that is no terminal: its warnings are handed over, and its notes left out.
pub fn with_warnings_kept<T>(work: impl FnOnce() -> T) -> (T, Vec<String>) {
    KEPT.set(Some(Vec::new()));
    let done = work();
    (done, KEPT.take().unwrap_or_default())
}

/// A line that is read; what a file has in one place may be a gigabyte.
const MOST_CHARACTERS: usize = 10_000;

fn line(message: &str) {
    let (message, more) = match message.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => (&message[..end], " …"),
        None => (message, ""),
    };
    // A path or an id may hold a line break, or codes that a terminal would obey.
    let message = printable(&message.replace(char::is_control, " ")) + more;
    // At once, so that no line of another program gets into it. Without stderr there is nobody to tell.
    let line = format!("{}: {message}\n", program_name());
    let _ = std::io::stderr().write_all(line.as_bytes());
}
