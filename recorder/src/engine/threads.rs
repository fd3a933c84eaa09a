//! The threads that operators share their work among.

use rayon::ThreadPoolBuilder;

/// Makes the calling thread one of rayon's threads, for the whole process: operators called on it then
/// share their work without waking a sleeping thread and falling asleep themselves, hundreds of times
/// in a step. `RAYON_NUM_THREADS` counts it, too.
///
/// Returns whether that was done: it cannot be where rayon's threads are at work already. Without it
/// everything works as well, but slower.
pub fn join_pool() -> bool {
    ThreadPoolBuilder::new()
        .use_current_thread()
        .build_global()
        .is_ok()
}
