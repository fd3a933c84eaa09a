//! The memory of a program that reads file after file and ends soon: glibc gives each large piece back to the
//! system and takes the next one page by page, which is a seventh of the time of a log of 150 files. It is told
//! to keep what is given back, and one heap for all threads. Other allocators are left as they are.
#![allow(unsafe_code, reason = "it sets options of the C library's allocator")]

/// Sets the allocator up; to be called before there are other threads.
pub(crate) fn set_up() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use std::ffi::c_int;

        unsafe extern "C" {
            fn mallopt(parameter: c_int, value: c_int) -> c_int;
        }
        // M_MMAP_THRESHOLD (as large as it may be), M_TRIM_THRESHOLD, M_TOP_PAD and M_ARENA_MAX of malloc.h.
        for (parameter, value) in [(-3, 32 << 20), (-1, 256 << 20), (-2, 128 << 20), (-8, 1)] {
            // SAFETY: it sets a number of the allocator, as its manual says, and is free to be called at
            // any time. Where it does not take one (0), all is as without.
            unsafe { mallopt(parameter, value) };
        }
    }
}
