//! How far a number would move with other samples: the percentile bootstrap (Efron and Tibshirani,
//! *An Introduction to the Bootstrap*, 1993, chapter 13). Each replicate draws the samples of a run
//! with replacement, from its own stream of random numbers, so
//! that neither threads nor their number change anything.

use std::thread;

use rand::rngs::ChaCha12Rng;
use rand::{RngExt, SeedableRng};

/// What `replicate` makes of `count` draws of `samples` samples; it gets how often each is drawn.
/// In the order of the draws.
pub(crate) fn replicates<T: Send>(
    samples: usize,
    count: u32,
    seed: u64,
    replicate: impl Fn(&[u32]) -> T + Sync,
) -> Vec<T> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let numbers: Vec<u32> = (0..count).collect();
    let replicate = &replicate;
    thread::scope(|scope| {
        let parts: Vec<_> = numbers
            .chunks(numbers.len().div_ceil(threads).max(1))
            .map(|part| {
                scope.spawn(move || {
                    let draws = part.iter().map(|&number| draw(samples, seed, number));
                    draws.map(|weights| replicate(&weights)).collect::<Vec<T>>()
                })
            })
            .collect();
        let joined = parts.into_iter().map(thread::ScopedJoinHandle::join);
        joined
            .flat_map(|part| part.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// How often each sample is drawn.
fn draw(samples: usize, seed: u64, number: u32) -> Vec<u32> {
    let mut random = ChaCha12Rng::seed_from_u64(seed);
    random.set_stream(number.into());
    let mut weights = vec![0; samples];
    // A log has fewer than 2³² samples, and 32 bits draw the same on every platform.
    let count = u32::try_from(samples).unwrap_or(u32::MAX);
    for _ in 0..count {
        weights[random.random_range(0..count) as usize] += 1;
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_replicate_draws_as_many_samples_as_there_are() {
        let draws = replicates(50, 20, 7, <[u32]>::to_vec);
        assert_eq!(draws.len(), 20);
        assert!(
            draws
                .iter()
                .all(|weights| weights.iter().sum::<u32>() == 50)
        );
        assert_ne!(draws[0], draws[1]);
        assert_eq!(draws, replicates(50, 20, 7, <[u32]>::to_vec));
        assert_ne!(draws, replicates(50, 20, 8, <[u32]>::to_vec));
    }
}
