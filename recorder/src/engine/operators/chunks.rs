//! How work is divided so that its result does not depend on the number of threads: into chunks
//! whose number follows from the shapes alone. Sums over chunks are made in the chunks' order.

use std::ops::Range;

use rayon::prelude::*;

use crate::engine::operators::instructions::vectorized;

/// Sums over samples are made in this many parts at most: enough for eight threads, few enough
/// that a part's share of the samples pays for adding it up.
pub(crate) const MOST_PARTS: usize = 8;
/// Below this, handing work to another thread costs more than doing it.
pub(crate) const LEAST_VALUES_TO_SHARE: usize = 1 << 14;

/// `length` items in `most` ranges at most, whose lengths differ by one at most.
pub(crate) fn ranges(length: usize, most: usize) -> Vec<Range<usize>> {
    let count = most.min(length).max(1);
    let start = |index: usize| index * length / count;
    (0..count)
        .map(|index| start(index)..start(index + 1))
        .collect()
}

/// Calls `work` with each sample's number, its values in `inputs` and in `outputs`.
pub(crate) fn for_samples<F>(inputs: &[f32], outputs: &mut [f32], samples: usize, work: F)
where
    F: Fn(usize, &[f32], &mut [f32]) + Sync,
{
    let (input_length, output_length) = (inputs.len() / samples, outputs.len() / samples);
    if input_length == 0 || output_length == 0 {
        return;
    }
    let one = |(sample, (input, output)): (usize, (&[f32], &mut [f32]))| {
        vectorized(
            #[inline(always)]
            || work(sample, input, output),
        );
    };
    if inputs.len() + outputs.len() < LEAST_VALUES_TO_SHARE {
        let pairs = inputs
            .chunks(input_length)
            .zip(outputs.chunks_mut(output_length));
        pairs.enumerate().for_each(one);
    } else {
        let pairs = inputs
            .par_chunks(input_length)
            .zip(outputs.par_chunks_mut(output_length));
        pairs.enumerate().for_each(one);
    }
}

/// Adds up parts of equal length in their order.
pub(crate) fn ordered_sum(mut parts: Vec<Vec<f32>>) -> Vec<f32> {
    let mut rest = parts.split_off(1.min(parts.len()));
    let Some(mut sum) = parts.pop() else {
        return Vec::new();
    };
    let add = |(index, sum): (usize, &mut [f32])| {
        let start = index * LEAST_VALUES_TO_SHARE;
        for part in &rest {
            let part = &part[start..start + sum.len()];
            vectorized(|| {
                sum.iter_mut()
                    .zip(part)
                    .for_each(|(sum, part)| *sum += part)
            });
        }
    };
    if sum.len() <= LEAST_VALUES_TO_SHARE {
        add((0, &mut sum));
    } else {
        let pieces = sum.par_chunks_mut(LEAST_VALUES_TO_SHARE);
        pieces.enumerate().for_each(add);
    }
    rest.drain(..)
        .for_each(crate::engine::operators::buffers::give);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_everything_once_and_evenly() {
        assert_eq!(ranges(7, 3), [0..2, 2..4, 4..7]);
        assert_eq!(ranges(2, 8), [0..1, 1..2]);
        assert_eq!(ranges(0, 8).into_iter().flatten().count(), 0);
    }

    #[test]
    fn an_ordered_sum_adds_every_part() {
        let parts = vec![vec![1.0; 40_000], vec![2.0; 40_000], vec![4.0; 40_000]];
        assert_eq!(ordered_sum(parts), vec![7.0; 40_000]);
        assert!(ordered_sum(Vec::new()).is_empty());
    }
}
