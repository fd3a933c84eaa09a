//! Which of the training samples are trained on: a share may be split off for the test, some may be held out for validation, as Pleiss et al.
//! 2020 do (section 4), and of the rest only some may be wanted, for a quick look at a large set.
//! Both are drawn from the data seed alone, before any noise.

use std::collections::BTreeMap;

use rand::seq::SliceRandom;

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::Samples;
use crate::dataset::samples::standardisation::Standardisation;
use crate::dataset::settings::{DatasetSettings, TestShare};
use crate::error::dataset::DatasetError;
use crate::seeds::{Stream, stream};

impl Dataset {
    /// Splits off the share of `--test-share`, where the set comes in one part: without it, all samples are
    /// training samples, since those for the test are never judged.
    pub(crate) fn split_off_test(
        &mut self,
        settings: &DatasetSettings,
        data_seed: u64,
    ) -> Result<(), DatasetError> {
        let Some(TestShare(share)) = settings.test_share else {
            return Ok(());
        };
        if !self.test.is_empty() {
            return Err(DatasetError::HasTestPart {
                path: self.test.origins.place(0).0,
            });
        }
        let count = (self.train.len() as f64 * share).round() as usize;
        let draws = &mut stream(data_seed, "split");
        let (test, train) = drawn_for_test(&self.train.labels, count, draws);
        let asked = [test.as_slice(), &train].concat();
        let samples = std::mem::replace(&mut self.train, Samples::none());
        (self.test, self.train) = samples.part(&asked, test.len());
        self.standardisation = Standardisation::measure(&self.train, self.sample_shape[0]);
        Ok(())
    }

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
    check_count("validation", count, samples.saturating_sub(1))?;
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
    check_count("subset", count, labels.len())?;
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

/// So many samples for the test, drawn one after the other, and the others, both ascending; the last sample of a
/// class is never drawn.
fn drawn_for_test(labels: &[u32], count: usize, draws: &mut Stream) -> (Vec<usize>, Vec<usize>) {
    let mut left: BTreeMap<u32, usize> = BTreeMap::new();
    for &label in labels {
        *left.entry(label).or_default() += 1;
    }
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.shuffle(draws);
    let (mut test, mut train) = (Vec::with_capacity(count), Vec::new());
    for sample in order {
        let of_class = left.entry(labels[sample]).or_default();
        match test.len() < count && *of_class > 1 {
            true => {
                *of_class -= 1;
                test.push(sample);
            }
            false => train.push(sample),
        }
    }
    test.sort_unstable();
    train.sort_unstable();
    (test, train)
}

#[cfg(test)]
mod tests {
    use crate::dataset::kinds::digits::DIGITS;
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
        let before = validation.origins.sample_id(7);
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
        assert!(reason.starts_with("`validation` asks for 1438"), "{reason}");
        let reason = refusal(38, 1401);
        assert!(
            reason.contains("`subset` asks for 1401 of the training samples, but there are 1400"),
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
    fn a_split_has_every_sample_once_and_leaves_one_of_each_class_in_training() {
        // Eight of class 0, and one each of class 1 and 2.
        let labels = [0, 0, 1, 0, 0, 0, 2, 0, 0, 0];
        for seed in 0..20 {
            let (test, train) = drawn_for_test(&labels, 3, &mut stream(seed, "split"));
            assert_eq!((test.len(), train.len()), (3, 7));
            assert!(train.contains(&2) && train.contains(&6), "{train:?}");
            assert!(train.is_sorted() && test.is_sorted());
            let mut all = [test, train].concat();
            all.sort_unstable();
            assert_eq!(all, (0..10).collect::<Vec<_>>());
        }
        // As many as can be.
        let (test, train) = drawn_for_test(&labels, 10, &mut stream(0, "split"));
        assert_eq!((test.len(), train.len()), (7, 3));
    }
}
