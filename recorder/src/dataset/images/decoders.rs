//! The threads that decode images beside the training.

use std::sync::OnceLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::dataset::DatasetError;

/// Runs `work`, whose parallel iterators then use these threads: as many as operators have, but
/// others, since a thread that trains may be waiting for what is decoded here.
pub(crate) fn run<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    static DECODERS: OnceLock<Option<ThreadPool>> = OnceLock::new();
    let pool = DECODERS.get_or_init(|| {
        ThreadPoolBuilder::new()
            .num_threads(rayon::current_num_threads())
            .thread_name(|number| format!("decoder {number}"))
            .build()
            .ok()
    });
    match pool {
        Some(pool) => pool.install(work),
        None => work(),
    }
}

/// How many images are read, decoded and counted together.
pub(crate) const CHUNK: usize = 256;

/// Some encoded images in order, or why one of them is not there.
pub(crate) type Chunk = Vec<Result<Vec<u8>, DatasetError>>;
