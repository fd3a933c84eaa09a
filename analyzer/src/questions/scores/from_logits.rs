//! The scores that need logits: of each row only the log-probability of the assigned label and the
//! length of the error vector are kept, and of each epoch only until its turn has come, so that
//! they are added up in the order of the epochs, whatever the order of files and rows.

use std::collections::BTreeMap;

use crate::logs::run_log::PassLog;
use crate::rules::window::Window;

/// What the logits of one row say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RowStatistics {
    /// The logarithm of the softmax of the assigned label; 0 or less.
    pub(crate) log_probability: f64,
    /// The distance between the softmax and the assigned label as a vector of 0 and one 1.
    pub(crate) error_norm: f64,
}

/// What the logits of one sample in one pass say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LogitScores {
    pub(crate) confidence: f64,
    pub(crate) variability: f64,
    pub(crate) el2n: f64,
    pub(crate) mean_loss: f64,
}

/// The statistics of a row with these logits; `None` for a label beyond them.
pub(crate) fn row_statistics(logits: &[f32], label: u32) -> Option<RowStatistics> {
    let label = usize::try_from(label).ok()?;
    let own = f64::from(*logits.get(label)?);
    // Against the largest, so that no exponential overflows.
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let largest = f64::from(largest);
    let (mut sum, mut squares_of_others) = (0.0, 0.0);
    let (mut own_exponential, mut others) = (0.0, 0.0);
    for (class, &logit) in logits.iter().enumerate() {
        let exponential = (f64::from(logit) - largest).exp();
        sum += exponential;
        if class == label {
            own_exponential = exponential;
        } else {
            others += exponential;
            squares_of_others += exponential * exponential;
        }
    }
    debug_assert!(own_exponential >= 0.0);
    // 1 − p is the share of the others: a difference from 1 would lose what is small.
    let miss = others / sum;
    Some(RowStatistics {
        log_probability: own - largest - f64::ln(sum),
        error_norm: (miss * miss + squares_of_others / (sum * sum)).sqrt(),
    })
}

/// Adds up the rows of one pass.
#[derive(Debug)]
pub(crate) struct PassSums {
    /// The epochs of the window that are still to be added, the last one first, and how many rows
    /// each has.
    to_come: Vec<(u32, usize)>,
    waiting: BTreeMap<u32, WaitingEpoch>,
    sums: Vec<Sums>,
}

#[derive(Debug)]
struct WaitingEpoch {
    rows: usize,
    statistics: Vec<Option<RowStatistics>>,
}

/// Of one sample, over the epochs so far.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    epochs: u32,
    mean_probability: f64,
    squared_deviations: f64,
    error_norms: f64,
    losses: f64,
}

impl PassSums {
    pub(crate) fn new(pass: &PassLog, window: Window) -> Self {
        let samples = pass.assigned_labels.len();
        let rows = |epoch: &crate::logs::run_log::EpochMargins| {
            let recorded = (0..samples).filter(|&sample| epoch.margin(sample).is_some());
            (epoch.epoch, recorded.count())
        };
        let mut to_come: Vec<(u32, usize)> = pass.epochs_within(window).map(rows).collect();
        to_come.reverse();
        Self {
            to_come,
            waiting: BTreeMap::new(),
            sums: vec![Sums::default(); samples],
        }
    }

    pub(crate) fn add(&mut self, epoch: u32, sample: usize, statistics: Option<RowStatistics>) {
        let samples = self.sums.len();
        let waiting = self.waiting.entry(epoch).or_insert_with(|| WaitingEpoch {
            rows: 0,
            statistics: vec![None; samples],
        });
        waiting.rows += 1;
        waiting.statistics[sample] = statistics;
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
        for (sums, statistics) in self.sums.iter_mut().zip(epoch.statistics) {
            if let Some(statistics) = statistics {
                sums.add(statistics);
            }
        }
    }

    pub(crate) fn finish(mut self) -> Vec<Option<LogitScores>> {
        while !self.to_come.is_empty() {
            self.add_next();
        }
        self.sums.iter().map(Sums::scores).collect()
    }
}

impl Sums {
    fn add(&mut self, row: RowStatistics) {
        let probability = row.log_probability.exp();
        self.epochs += 1;
        // Welford's update: a difference of two large sums would lose the variance.
        let before = probability - self.mean_probability;
        self.mean_probability += before / f64::from(self.epochs);
        self.squared_deviations += before * (probability - self.mean_probability);
        self.error_norms += row.error_norm;
        self.losses -= row.log_probability;
    }

    fn scores(&self) -> Option<LogitScores> {
        let epochs = f64::from(self.epochs);
        (self.epochs > 0).then(|| LogitScores {
            confidence: self.mean_probability,
            variability: (self.squared_deviations / epochs).sqrt(),
            el2n: self.error_norms / epochs,
            mean_loss: self.losses / epochs,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::run_log::EpochMargins;
    use crate::rules::window::WindowRule;

    #[test]
    fn a_row_can_be_computed_by_hand() {
        // Softmax of ln 1, ln 2, ln 5 is 1/8, 2/8, 5/8; the label is class 1.
        let logits = [1.0_f32, 2.0, 5.0].map(f32::ln);
        let row = row_statistics(&logits, 1).unwrap();
        assert!((row.log_probability - 0.25_f64.ln()).abs() < 1e-6);
        let expected = f64::sqrt(1.0 / 64.0 + 36.0 / 64.0 + 25.0 / 64.0);
        assert!((row.error_norm - expected).abs() < 1e-6);
    }

    #[test]
    fn huge_logits_stay_finite_and_labels_beyond_them_are_nothing() {
        let row = row_statistics(&[1000.0, -1000.0], 1).unwrap();
        assert_eq!(row.log_probability, -2000.0);
        assert!((row.error_norm - 2.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(row_statistics(&[0.0, 0.0], 2), None);
    }

    fn row(probability: f64) -> Option<RowStatistics> {
        Some(RowStatistics {
            log_probability: probability.ln(),
            error_norm: 1.0 - probability,
        })
    }

    fn sums(rows: &[(u32, usize, f64)]) -> Vec<Option<LogitScores>> {
        let epochs = [2, 3, 4].map(|epoch| EpochMargins::new(epoch, &[Some(0.0); 2]));
        let pass = PassLog {
            pass: 1,
            assigned_labels: vec![Some(0); 2],
            is_threshold_sample: vec![false; 2],
            epochs: epochs.to_vec(),
            sums: None,
        };
        let window = Window {
            first: 2,
            last: 4,
            rule: WindowRule::FromSecond,
        };
        let mut sums = PassSums::new(&pass, window);
        for &(epoch, sample, probability) in rows {
            sums.add(epoch, sample, row(probability));
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
        assert!((in_order[0].unwrap().confidence - 0.3).abs() < 1e-12);
        let variance = (0.01 + 0.0 + 0.01) / 3.0;
        assert!((in_order[0].unwrap().variability - f64::sqrt(variance)).abs() < 1e-12);
        assert!((in_order[0].unwrap().el2n - 0.7).abs() < 1e-12);
    }
}
