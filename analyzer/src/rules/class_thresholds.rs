//! Thresholds by class: a network says a rare class less often, whether a label of it is right or wrong, so that its
//! samples have low AUMs for being rare.
//!
//! A logit holds the logarithm of how often its class is trained on; logit adjustment takes that out again (Menon et
//! al., *Long-tail learning via logit adjustment*, ICLR 2021). So for a given class of n samples, fewer than the mean
//! over the classes, the threshold of a pass moves down by ln(n / mean). It does not move up for common ones: that flags
//! more of these, and fewer rightly (`benchmarks/README.md`).

use std::collections::BTreeMap;

use crate::rules::verdict::PassAums;

/// By how much the threshold moves for each sample, in logit units, 0 or less; 0 for one without a given label.
pub(crate) fn threshold_shifts(given_labels: &[Option<u32>]) -> Vec<f64> {
    let mut counts = BTreeMap::<u32, f64>::new();
    for label in given_labels.iter().flatten() {
        *counts.entry(*label).or_default() += 1.0;
    }
    let mean = counts.values().sum::<f64>() / counts.len().max(1) as f64;
    let shift = |label: u32| (counts[&label] / mean).ln().min(0.0);
    let labels = given_labels.iter();
    labels.map(|label| label.map_or(0.0, shift)).collect()
}

/// The AUMs less the shifts of their samples: below the one threshold of a pass lies what lies below that of its class.
/// Threshold samples, which have the extra class, stay as they are.
pub(crate) fn less_shifts(passes: &[PassAums], shifts: &[f64]) -> Vec<PassAums> {
    let shifted = passes.iter().map(|pass| {
        let samples = pass.aums.iter().zip(&pass.is_threshold_sample).zip(shifts);
        let aums = samples.map(|((aum, &is_threshold_sample), shift)| {
            aum.map(|aum| {
                if is_threshold_sample {
                    aum
                } else {
                    aum - shift
                }
            })
        });
        PassAums {
            aums: aums.collect(),
            ..pass.clone()
        }
    });
    shifted.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_of_a_rare_class_is_lower_and_that_of_a_common_one_stays() {
        // Classes of 1, 2 and 3 samples, 2 on average; one sample without a label.
        let labels = [Some(0), Some(4), Some(4), Some(7), Some(7), Some(7), None];
        let shifts = threshold_shifts(&labels);
        assert_eq!(shifts, [0.5_f64.ln(), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert!(threshold_shifts(&[]).is_empty());
        assert_eq!(threshold_shifts(&[None]), [0.0]);
    }

    #[test]
    fn classes_of_one_size_have_the_threshold_of_the_pass() {
        assert_eq!(
            threshold_shifts(&[Some(0), Some(1), Some(1), Some(0)]),
            [0.0; 4]
        );
    }

    #[test]
    fn threshold_samples_stay_where_they_are() {
        let pass = PassAums {
            pass: 1,
            aums: vec![Some(1.0), Some(2.0), None],
            is_threshold_sample: vec![false, true, false],
        };
        let shifted = less_shifts(&[pass], &[-0.5, -0.5, -0.5]);
        assert_eq!(shifted[0].aums, [Some(1.5), Some(2.0), None]);
    }
}
