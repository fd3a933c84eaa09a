//! How far a number would move with other samples: the percentile bootstrap (Efron and Tibshirani,
//! *An Introduction to the Bootstrap*, 1993, chapter 13). Each replicate draws the samples of a run
//! with replacement, ordinary and threshold samples alike, from its own stream of random numbers, so
//! that neither threads nor their number change anything.

use std::thread;

use rand::rngs::ChaCha12Rng;
use rand::{RngExt, SeedableRng};

/// The part of the replicates that lies within an interval.
const COVERAGE: f64 = 0.95;

/// A number and where it would lie in 95 % of repetitions with other samples.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Interval {
    /// The number itself; `None` where it is not defined.
    pub estimate: Option<f64>,
    /// The lower end; `None` where too few replicates have the number.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

impl Interval {
    /// The interval of an estimate from its replicates; those without the number are left out.
    pub(super) fn new(
        estimate: Option<f64>,
        replicates: impl Iterator<Item = Option<f64>>,
    ) -> Self {
        let mut values: Vec<f64> = replicates.flatten().collect();
        values.sort_by(f64::total_cmp);
        let tail = (1.0 - COVERAGE) / 2.0;
        let at = |share: f64| {
            let last = values.len().checked_sub(1)?;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 0 and the last index"
            )]
            values.get((share * last as f64).round() as usize).copied()
        };
        let known = estimate.is_some();
        Self {
            estimate,
            low: at(tail).filter(|_| known),
            high: at(1.0 - tail).filter(|_| known),
        }
    }
}

/// What `replicate` makes of `count` draws of `samples` samples; it gets how often each is drawn.
/// In the order of the draws.
pub(super) fn replicates<T: Send>(
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

    #[test]
    fn an_interval_holds_the_middle_95_percent() {
        let values = (0_u32..=200).map(|value| Some(f64::from(value)));
        let interval = Interval::new(Some(90.0), values);
        assert_eq!((interval.low, interval.high), (Some(5.0), Some(195.0)));
    }

    #[test]
    fn what_is_undefined_has_no_interval() {
        assert_eq!(
            Interval::new(None, [Some(1.0)].into_iter()),
            Interval::default()
        );
        assert_eq!(Interval::new(Some(1.0), [None].into_iter()).low, None);
    }
}
