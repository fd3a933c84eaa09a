//! The scores that need logits: of each row only a number for each of them is kept, and of each epoch only
//! until its turn has come, so that they are added up in the order of the epochs, whatever the order of files
//! and rows.

use std::collections::BTreeMap;

use crate::logs::run_log::{EpochMargins, PassLog};
use crate::questions::scores::SCORES;
use crate::questions::scores::logit_row::LogitRow;
use crate::questions::scores::over_epochs::EachSample;
use crate::questions::scores::score::{Score, Source};
use crate::rules::window::Window;

/// How many of the scores need logits.
const COUNT: usize = {
    let (mut count, mut at) = (0, 0);
    while at < SCORES.len() {
        count += matches!(SCORES[at].from, Source::Logits(..)) as usize;
        at += 1;
    }
    count
};

/// What each of these scores takes of a row, in the order of [`SCORES`].
pub(crate) type OfRow = [f64; COUNT];

/// The numbers of a row with these logits; `None` for a label beyond them.
pub(crate) fn of_row(logits: &[f32], label: u32) -> Option<OfRow> {
    let row = LogitRow::new(logits, label)?;
    let mut numbers = [0.0; COUNT];
    for (number, (_, of_row, _)) in numbers.iter_mut().zip(scores()) {
        *number = of_row(&row);
    }
    Some(numbers)
}

type OfLogits = (
    &'static Score,
    fn(&LogitRow<'_>) -> f64,
    fn(usize) -> Box<dyn EachSample>,
);

fn scores() -> impl Iterator<Item = OfLogits> {
    SCORES.iter().filter_map(|score| match score.from {
        Source::Logits(of_row, each_sample) => Some((score, of_row, each_sample)),
        Source::Aums | Source::Margins(_) | Source::HeldOut(_) => None,
    })
}

/// Adds up the rows of one pass.
#[derive(Debug)]
pub(crate) struct PassSums {
    /// The epochs of the window that are still to be added, the last one first, and how many rows
    /// each has.
    to_come: Vec<(u32, usize)>,
    waiting: BTreeMap<u32, WaitingEpoch>,
    sums: Vec<Box<dyn EachSample>>,
    samples: usize,
}

#[derive(Debug)]
struct WaitingEpoch {
    rows: usize,
    numbers: Vec<Option<OfRow>>,
}

impl PassSums {
    pub(crate) fn new(pass: &PassLog, window: Window) -> Self {
        let samples = pass.assigned_labels.len();
        let rows = |epoch: &EpochMargins| {
            let recorded = (0..samples).filter(|&sample| epoch.margin(sample).is_some());
            (epoch.epoch, recorded.count())
        };
        let mut to_come: Vec<(u32, usize)> = pass.epochs_within(window).map(rows).collect();
        to_come.reverse();
        Self {
            to_come,
            waiting: BTreeMap::new(),
            sums: scores()
                .map(|(.., each_sample)| each_sample(samples))
                .collect(),
            samples,
        }
    }

    pub(crate) fn add(&mut self, epoch: u32, sample: usize, numbers: Option<OfRow>) {
        let samples = self.samples;
        let waiting = self.waiting.entry(epoch).or_insert_with(|| WaitingEpoch {
            rows: 0,
            numbers: vec![None; samples],
        });
        waiting.rows += 1;
        waiting.numbers[sample] = numbers;
        while let Some(&(next, rows)) = self.to_come.last()
            && self
                .waiting
                .get(&next)
                .is_some_and(|epoch| epoch.rows >= rows)
        {
            self.add_next();
        }
    }

    fn add_next(&mut self) {
        let Some((epoch, _)) = self.to_come.pop() else {
            return;
        };
        let Some(epoch) = self.waiting.remove(&epoch) else {
            return;
        };
        for (sample, numbers) in epoch.numbers.into_iter().enumerate() {
            for (sum, number) in self.sums.iter_mut().zip(numbers.into_iter().flatten()) {
                sum.add(sample, number);
            }
        }
    }

    /// By the name of each score, the number of each sample.
    pub(crate) fn finish(mut self) -> BTreeMap<&'static str, Vec<Option<f64>>> {
        while !self.to_come.is_empty() {
            self.add_next();
        }
        let sums = self.sums.iter().map(|sum| sum.values());
        scores().map(|(score, ..)| score.name).zip(sums).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::window::WindowRule;

    fn sums(rows: &[(u32, usize, f64)]) -> BTreeMap<&'static str, Vec<Option<f64>>> {
        let epochs = [2, 3, 4].map(|epoch| EpochMargins::new(epoch, &[Some(0.0); 2]));
        let pass = PassLog {
            pass: 1,
            assigned_labels: vec![Some(0); 2],
            is_threshold_sample: vec![false; 2],
            epochs: epochs.to_vec(),
            sums: None,
            held_out_accuracies: Vec::new(),
        };
        let window = Window {
            first: 2,
            last: 4,
            rule: WindowRule::FromSecond,
        };
        let mut sums = PassSums::new(&pass, window);
        for &(epoch, sample, number) in rows {
            sums.add(epoch, sample, Some([number; COUNT]));
        }
        sums.finish()
    }

    #[test]
    fn the_order_of_rows_changes_no_bit() {
        let mut rows = Vec::new();
        for epoch in 1..=4 {
            for sample in 0..2 {
                rows.push((epoch, sample, 0.1 * f64::from(epoch) + 0.07 * sample as f64));
            }
        }
        let in_order = sums(&rows);
        rows.reverse();
        assert_eq!(sums(&rows), in_order);
        // Epoch 1 is outside the window: the mean of 0.2, 0.3 and 0.4.
        let of_first = |name: &str| in_order[name][0].unwrap();
        assert!((of_first("confidence") - 0.3).abs() < 1e-12);
        let variance = (0.01 + 0.0 + 0.01) / 3.0;
        assert!((of_first("variability") - f64::sqrt(variance)).abs() < 1e-12);
        assert!((of_first("el2n") - 0.3).abs() < 1e-12);
    }
}
