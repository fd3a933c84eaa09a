//! What happens on a panic, which is always a bug: one line on stderr and exit status 101.
//!
//! The reader of logs catches the panics of the Parquet decoder and makes errors of them, so a panic
//! says nothing by itself: the hook only keeps where it was, and the line is printed for a panic that
//! nobody caught.

use std::panic::{self, PanicHookInfo, UnwindSafe};
use std::sync::{Mutex, PoisonError};

static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Does `work`, or tells where it panicked and why.
///
/// # Errors
/// The line that the user is told.
pub fn guarded<T>(work: impl FnOnce() -> T + UnwindSafe) -> Result<T, String> {
    panic::set_hook(Box::new(keep));
    panic::catch_unwind(work).map_err(|_| {
        let mut last = LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner);
        let what = last.take().unwrap_or_else(|| "unknown".to_owned());
        format!("internal error: {what}; please report it with the command and the log")
    })
}

/// What `thread::scope` says after one of its threads panicked, which says where and why.
const SCOPE_MESSAGE: &str = "a scoped thread panicked";

fn keep(panic: &PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("panic without a message");
    if message == SCOPE_MESSAGE {
        return;
    }
    let place = panic.location().map_or_else(String::new, |location| {
        format!(" at {}:{}", location.file(), location.line())
    });
    let mut last = LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner);
    *last = Some(format!("{message}{place}"));
}
