//! The allocator for programs that train: each step asks for the same large pieces of memory that the
//! step before has given back. The system's allocator returns them to the system, which clears each
//! page again; this one keeps them.
#![expect(unsafe_code, reason = "it sets an option of the allocator's C library")]

use std::ffi::{c_int, c_long};

/// To be made the global allocator of a program, which then calls [`keep_pages`].
pub use mimalloc::MiMalloc as Allocator;

/// `mi_option_purge_delay` of mimalloc 3 (and 2): after how many milliseconds unused pages go back to
/// the system; −1 for never.
const PURGE_DELAY: c_int = 15;

unsafe extern "C" {
    /// From mimalloc, which is linked into every program that has this library.
    fn mi_option_set(option: c_int, value: c_long);
}

/// Keeps the pages of freed memory for the rest of the program, where [`Allocator`] is the global one.
pub fn keep_pages() {
    // SAFETY: it sets a number in mimalloc's table of options, as the declaration in mimalloc.h says,
    // and is free to be called at any time.
    unsafe { mi_option_set(PURGE_DELAY, -1) }
}
