//! Signals that would end a program without a word, and what becomes of them.
#![allow(unsafe_code, reason = "it calls `signal` of the C library")]

use std::ffi::c_int;

/// `SIGXFSZ` of Linux and macOS: a file has grown beyond the limit of its process.
#[cfg(unix)]
const FILE_TOO_LARGE: c_int = 25;
/// `SIGHUP`: the terminal is gone.
#[cfg(unix)]
const HANGUP: c_int = 1;
/// `SIG_IGN`.
#[cfg(unix)]
const IGNORE: usize = 1;

#[cfg(unix)]
unsafe extern "C" {
    fn signal(signal: c_int, action: usize) -> usize;
}

/// Has a file that may not grow refuse what is written to it, which is an error with a message, instead of
/// ending the program.
pub fn outlive_full_files() {
    // SAFETY: `signal` of the C library may be called at any time, and to ignore a signal runs no code.
    #[cfg(unix)]
    unsafe {
        signal(FILE_TOO_LARGE, IGNORE);
    }
}

/// Installs a handler of signals, but has those of a terminal that is gone ignored where they were: that is
/// what `nohup` is for.
pub fn keeping_nohup<R>(install: impl FnOnce() -> R) -> R {
    #[cfg(unix)]
    // SAFETY: as above; what is put back is what was there.
    let before = unsafe { signal(HANGUP, IGNORE) };
    #[cfg(unix)]
    if before != IGNORE {
        // SAFETY: the same.
        unsafe { signal(HANGUP, before) };
    }
    let installed = install();
    #[cfg(unix)]
    if before == IGNORE {
        // SAFETY: the same.
        unsafe { signal(HANGUP, IGNORE) };
    }
    installed
}
