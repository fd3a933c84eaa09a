//! The memory of a program that reads file after file and ends soon: most of its time went to the
//! system, which hands memory out in pages of four kilobytes and clears each. glibc is told to keep what
//! is given back, and to take its memory from one place, of which Linux makes large pages where it has
//! some. Other allocators are left as they are.

/// Sets the allocator up; to be called before there are other threads.
pub(crate) fn set_up() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    glibc::set_up();
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    use std::ffi::{c_int, c_void};
    use std::hint::black_box;
    use std::mem::forget;

    /// Parameters of `mallopt` in glibc's malloc.h.
    const M_TRIM_THRESHOLD: c_int = -1;
    const M_TOP_PAD: c_int = -2;
    const M_MMAP_THRESHOLD: c_int = -3;
    const M_ARENA_MAX: c_int = -8;
    /// In Linux's mman-common.h.
    const MADV_HUGEPAGE: c_int = 14;

    /// So much free memory at the end of the heap is kept.
    const KEPT_BYTES: c_int = 256 << 20;
    /// Larger pieces are mapped by themselves, and unmapped; more than this glibc does not take.
    const LARGEST_ON_HEAP: c_int = 32 << 20;
    /// The heap grows by so much: addresses alone, until they are used.
    const HEAP_STEP: c_int = 128 << 20;
    const LARGE_PAGE: usize = 2 << 20;
    /// glibc begins with 132 kB.
    const MORE_THAN_AT_HAND: usize = 256 << 10;

    unsafe extern "C" {
        fn mallopt(parameter: c_int, value: c_int) -> c_int;
        fn sbrk(increment: isize) -> *mut c_void;
        fn madvise(start: *mut c_void, length: usize, advice: c_int) -> c_int;
    }

    pub(super) fn set_up() {
        let parameters = [
            (M_MMAP_THRESHOLD, LARGEST_ON_HEAP),
            (M_TRIM_THRESHOLD, KEPT_BYTES),
            (M_TOP_PAD, HEAP_STEP),
            (M_ARENA_MAX, 1),
        ];
        for (parameter, value) in parameters {
            // SAFETY: it sets a number of the allocator, as its manual says, and is free to be called at
            // any time. Where it does not take one (0), all is as without.
            unsafe { mallopt(parameter, value) };
        }
        let before = heap_end();
        // The heap grows by its step.
        drop(black_box(Vec::<u8>::with_capacity(MORE_THAN_AT_HAND)));
        // Beyond what was just written to: a large page is made where none of it was touched.
        let start = (before + MORE_THAN_AT_HAND).next_multiple_of(LARGE_PAGE);
        // What lies before stays unused, or it would be filled in small pages, each by itself.
        forget(black_box(Vec::<u8>::with_capacity(start - before)));
        if let Some(length) = heap_end().checked_sub(start) {
            // SAFETY: the range is the heap's, and the advice changes nothing that is in it: which pages
            // Linux gives is its own affair, and so is to give none of these (an error).
            unsafe { madvise(start as *mut c_void, length, MADV_HUGEPAGE) };
        }
    }

    fn heap_end() -> usize {
        // SAFETY: an increment of 0 moves nothing.
        unsafe { sbrk(0) as usize }
    }
}
