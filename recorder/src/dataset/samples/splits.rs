//! Which of the training samples are trained on: some may be held out for validation, as Pleiss et al.
//! 2020 do (section 4), and of the rest only some may be wanted, for a quick look at a large set.
//! Both are drawn from the data seed alone, before any noise.

use rand::seq::SliceRandom;

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::Samples;
use crate::dataset::samples::standardisation::Standardisation;
use crate::dataset::settings::DatasetSettings;
use crate::error::dataset::DatasetError;
use crate::seeds::{Stream, stream};

impl Dataset {
    /// Holds out what `settings` say and keeps the wanted part of the rest, each in the order of the
    /// data set. The same samples are held out whatever part is wanted.
    pub(crate) fn divide(
        &mut self,
        settings: &DatasetSettings,
        data_seed: u64,
    ) -> Result<(), DatasetError> {
        if let Some(count) = settings.validation {
            let draws = &mut stream(data_seed, "validation");
            let (held_out, rest) = held_out(self.train.len(), count.get(), draws)?;
            let labels = |samples: &[usize]| -> Vec<u32> {
                samples
                    .iter()
                    .map(|&sample| self.train.labels[sample])
                    .collect()
            };
            let emptied = emptied_class(&self.train.labels, &labels(&rest), self.class_count());
            if let Some(class) = emptied {
                return Err(DatasetError::EmptiedByValidation {
                    asked: count.get(),
                    class: self.class_names[class].clone(),
                });
            }
            self.validation = Some(self.train.select(&held_out));
            self.train = self.train.select(&rest);
        }
        if let Some(count) = settings.subset {
            let draws = &mut stream(data_seed, "subset");
            let kept = stratified(&self.train.labels, self.class_count(), count.get(), draws)?;
            self.train = self.train.select(&kept);
        }
        if settings.validation.or(settings.subset).is_some() {
            self.standardisation = Standardisation::measure(&self.train, self.sample_shape[0]);
        }
        Ok(())
    }
}

/// `count` of so many samples, and the others, both ascending.
fn held_out(
    samples: usize,
    count: usize,
    draws: &mut Stream,
) -> Result<(Vec<usize>, Vec<usize>), DatasetError> {
    check_count("--validation", count, samples.saturating_sub(1))?;
    let mut order: Vec<usize> = (0..samples).collect();
    order.shuffle(draws);
    let mut rest = order.split_off(count);
    order.sort_unstable();
    rest.sort_unstable();
    Ok((order, rest))
}

fn check_count(option: &'static str, asked: usize, samples: usize) -> Result<(), DatasetError> {
    match asked <= samples {
        true => Ok(()),
        false => Err(DatasetError::TooFewSamples {
            option,
            asked,
            samples,
        }),
    }
}

/// `count` samples, ascending, with as close to the same share of each class as whole samples allow, and
/// one at least of each class that has any.
fn stratified(
    labels: &[u32],
    class_count: usize,
    count: usize,
    draws: &mut Stream,
) -> Result<Vec<usize>, DatasetError> {
    check_count("--subset", count, labels.len())?;
    let mut classes: Vec<Vec<usize>> = vec![Vec::new(); class_count];
    for (sample, &label) in labels.iter().enumerate() {
        classes[label as usize].push(sample);
    }
    let sizes: Vec<usize> = classes.iter().map(Vec::len).collect();
    let shares = shares(&sizes, count).ok_or(DatasetError::SubsetTooSmall {
        asked: count,
        class_count,
    })?;
    let mut kept = Vec::with_capacity(count);
    for (class, share) in classes.iter_mut().zip(shares) {
        class.shuffle(draws);
        kept.extend_from_slice(&class[..share]);
    }
    kept.sort_unstable();
    Ok(kept)
}

/// How `count` is divided among classes of these sizes: one for each that has any, and then always for
/// the one that is furthest below its share, the first of equal ones. `None` where there are more.
fn shares(sizes: &[usize], count: usize) -> Option<Vec<usize>> {
    let total: usize = sizes.iter().sum();
    let exact = |size: usize| size as f64 * count as f64 / total as f64;
    let mut shares: Vec<usize> = sizes
        .iter()
        .map(|&size| (exact(size) as usize).max(usize::from(size > 0)))
        .collect();
    if sizes.iter().filter(|&&size| size > 0).count() > count {
        return None;
    }
    let lack = |shares: &[usize], class: usize| exact(sizes[class]) - shares[class] as f64;
    let sum = |shares: &[usize]| shares.iter().sum::<usize>();
    while sum(&shares) != count {
        let is_short = sum(&shares) < count;
        let may_change = |class: &usize| match is_short {
            true => shares[*class] < sizes[*class],
            false => shares[*class] > 1,
        };
        let classes = (0..sizes.len()).filter(may_change);
        let order = |a: &usize, b: &usize| {
            let order = lack(&shares, *a).total_cmp(&lack(&shares, *b));
            let order = if is_short { order.reverse() } else { order };
            order.then(a.cmp(b))
        };
        let class = classes.min_by(order)?;
        match is_short {
            true => shares[class] += 1,
            false => shares[class] -= 1,
        }
    }
    Some(shares)
}

/// The first class that had labels and has none any more; all labels are below `class_count`.
pub(crate) fn emptied_class(before: &[u32], after: &[u32], class_count: usize) -> Option<usize> {
    let is_there = |labels: &[u32]| {
        let mut is_there = vec![false; class_count];
        for &label in labels {
            is_there[label as usize] = true;
        }
        is_there
    };
    let (before, after) = (is_there(before), is_there(after));
    (0..class_count).find(|&class| before[class] && !after[class])
}

/// The share for the test of sets that come without a split, as is common.
pub(crate) const TEST_SHARE: f64 = 0.2;

/// Splits into training and test samples by one permutation from the data seed.
pub(crate) fn split(samples: Samples, test_share: f64, data_seed: u64) -> (Samples, Samples) {
    let mut order: Vec<usize> = (0..samples.len()).collect();
    order.shuffle(&mut stream(data_seed, "split"));
    let test_count = (samples.len() as f64 * test_share).round() as usize;
    let (test, train) = samples.part(&order, test_count);
    (train, test)
}

#[cfg(test)]
mod tests {
    use crate::dataset::kinds::digits::DIGITS;
    use crate::dataset::samples::origins::Origins;
    use std::num::NonZeroUsize;

    use super::*;
    use crate::dataset::samples::sample_set::Inputs;

    fn digits(validation: usize, subset: usize, data_seed: u64) -> Result<Dataset, String> {
        let settings = DatasetSettings {
            validation: NonZeroUsize::new(validation),
            subset: NonZeroUsize::new(subset),
            ..DatasetSettings::of(&DIGITS)
        };
        Dataset::load(&settings, data_seed).map_err(|error| error.to_string())
    }

    #[test]
    fn shares_are_those_of_the_whole_and_no_class_is_lost() {
        assert_eq!(shares(&[50, 30, 20], 10).unwrap(), [5, 3, 2]);
        // 3.33 each: the first one gets what is left.
        assert_eq!(shares(&[10, 10, 10], 10).unwrap(), [4, 3, 3]);
        // 9.8, 0.1, 0.1: the small ones get one, at the cost of the large one.
        assert_eq!(shares(&[98, 1, 1], 10).unwrap(), [8, 1, 1]);
        assert_eq!(shares(&[5, 0, 5], 2).unwrap(), [1, 0, 1]);
        assert_eq!(shares(&[5, 5, 5], 2), None);
        assert_eq!(shares(&[5, 1, 3], 9).unwrap(), [5, 1, 3]);
    }

    #[test]
    fn held_out_samples_are_no_training_samples_and_their_rows_are_known() {
        let (all, parted) = (digits(0, 0, 3).unwrap(), digits(200, 0, 3).unwrap());
        let validation = parted.validation.unwrap();
        assert_eq!((parted.train.len(), validation.len()), (1238, 200));
        let rows = [parted.train.origins.rows, validation.origins.rows.clone()].concat();
        let sorted = |mut rows: Vec<(u32, u64)>| {
            rows.sort_unstable();
            rows
        };
        assert_eq!(sorted(rows), sorted(all.train.origins.rows.clone()));
        // Place 7 of those held out: where it was read, its label and its first pixels are the same.
        let kept = all.train.origins.kept.unwrap();
        let place = validation.origins.kept.unwrap().places[7];
        let before = kept
            .places
            .iter()
            .position(|&other| other == place)
            .unwrap();
        assert_eq!(validation.origins.rows[7], all.train.origins.rows[before]);
        assert_eq!(validation.labels[7], all.train.labels[before]);
        let (Inputs::Pixels(held_out), Inputs::Pixels(pixels)) =
            (validation.inputs, all.train.inputs)
        else {
            panic!("the digits are images");
        };
        assert_eq!(held_out[7 * 64..8 * 64], pixels[before * 64..][..64]);
    }

    #[test]
    fn the_same_samples_are_held_out_whatever_part_is_wanted() {
        let rows = |subset, seed| {
            digits(100, subset, seed)
                .unwrap()
                .validation
                .unwrap()
                .origins
                .rows
        };
        assert_eq!(rows(0, 1), rows(50, 1));
        assert_ne!(rows(0, 1), rows(0, 2));
    }

    #[test]
    fn a_subset_is_measured_by_itself() {
        let digits = digits(0, 20, 0).unwrap();
        assert_eq!(digits.train.len(), 20);
        let measured = Standardisation::measure(&digits.train, 1);
        assert_eq!(digits.standardisation, measured);
    }

    #[test]
    fn more_than_there_is_or_less_than_the_classes_is_refused() {
        let refusal = |validation, subset| digits(validation, subset, 0).unwrap_err();
        let reason = refusal(1438, 0);
        assert!(reason.starts_with("--validation asks for 1438"), "{reason}");
        let reason = refusal(38, 1401);
        assert!(
            reason.contains("--subset asks for 1401 of the training samples, but there are 1400"),
            "{reason}"
        );
        let reason = refusal(0, 9);
        assert!(reason.contains("each of the 10 classes"), "{reason}");
        // Whichever class the one left has, one of the first two has none.
        let reason = refusal(1437, 0);
        assert!(
            ["0", "1"].iter().any(|class| {
                reason.contains(&format!("leaves no training sample of the class {class};"))
            }),
            "{reason}"
        );
    }

    #[test]
    fn a_split_has_every_sample_once() {
        let samples = Samples {
            inputs: Inputs::Values((0..20).map(|value| value as f32).collect()),
            labels: (0..10).collect(),
            origins: Origins::rows_of("test", 10),
        };
        let (train, test) = split(samples.clone(), 0.3, 7);
        assert_eq!((train.len(), test.len()), (7, 3));
        let mut labels = [train.labels.clone(), test.labels].concat();
        labels.sort_unstable();
        assert_eq!(labels, samples.labels);
        let first = train.labels[0];
        assert_eq!(train.origins.rows[0], (0, first.into()));
        let Inputs::Values(values) = train.inputs else {
            panic!("the inputs have become something else");
        };
        assert_eq!(values[..2], [2.0 * first as f32, 2.0 * first as f32 + 1.0]);
    }
}
