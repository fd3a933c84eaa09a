//! An allocator that says so where there is no memory: without it, a program ends by a signal after a line that
//! names neither the program nor what to do.
#![expect(unsafe_code, reason = "an allocator is unsafe to write")]

use std::alloc::{GlobalAlloc, Layout};
use std::io::Write;

use crate::messages::program_name;

/// The exit status, as of every fault of the input or the place.
const FAILURE: i32 = 1;

/// An allocator, to be made the global one of a program, under which a piece of memory that cannot be had ends
/// the program with a line and exit status 1.
///
/// So `try_reserve` and its like never come back with an error; no reading rests on that, since what files claim
/// is checked before.
#[derive(Debug, Clone, Copy, Default)]
pub struct Telling<A>(pub A);

// SAFETY: every call goes to the allocator inside as it came, and what comes back is not changed.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Telling<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        told(unsafe { self.0.alloc(layout) }, layout.size())
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        told(unsafe { self.0.alloc_zeroed(layout) }, layout.size())
    }

    #[inline]
    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        told(unsafe { self.0.realloc(piece, layout, size) }, size)
    }

    #[inline]
    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.dealloc(piece, layout) }
    }
}

#[inline]
fn told(piece: *mut u8, bytes: usize) -> *mut u8 {
    if piece.is_null() {
        end(bytes);
    }
    piece
}

/// Says it and ends; nothing here takes memory.
#[cold]
fn end(bytes: usize) -> ! {
    // Without stderr there is nobody to tell.
    let _ = writeln!(
        std::io::stderr(),
        "{}: there is no memory for {bytes} bytes more; use a machine, or a limit, with more, or a part of the data",
        program_name()
    );
    std::process::exit(FAILURE)
}
