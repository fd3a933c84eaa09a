//! The memory of a program that reads file after file: each asks for the same large pieces that the one
//! before has given back. glibc returns such pieces to the system, which clears each page again; told
//! otherwise, it keeps them. Other allocators are left as they are.

/// Keeps the pages of freed memory for the rest of the program.
pub(crate) fn keep_pages() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    glibc::keep_pages();
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    use std::ffi::c_int;

    /// Parameters of `mallopt` in glibc's malloc.h.
    const M_TRIM_THRESHOLD: c_int = -1;
    const M_MMAP_THRESHOLD: c_int = -3;

    /// So much free memory at the end of the heap is kept.
    const KEPT_BYTES: c_int = 256 << 20;
    /// Larger pieces are mapped by themselves, and unmapped; more than this glibc does not take.
    const LARGEST_ON_HEAP: c_int = 32 << 20;

    unsafe extern "C" {
        fn mallopt(parameter: c_int, value: c_int) -> c_int;
    }

    pub(super) fn keep_pages() {
        // SAFETY: it sets two numbers of the allocator, as its manual says, and is free to be called at
        // any time. Where it takes one of them not (0), all is as without.
        unsafe {
            mallopt(M_MMAP_THRESHOLD, LARGEST_ON_HEAP);
            mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
        }
    }
}
