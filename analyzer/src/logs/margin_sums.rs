//! Running sums of margins: all that AUMs need, where nobody asks for the curves. The memory that
//! they take does not grow with the number of epochs.
//!
//! Margins are added up in the order of the epochs, in 64 bits, as in [`crate::rules::aum`], so that the
//! AUMs are the same to the last bit. Which window is asked for later depends on the protocol, so
//! there is a sum for each window that may be.

use crate::logs::order::Order;
use crate::rules::protocol::FirstEpoch;
use crate::rules::window::{EpochRange, Window, default_epochs};

/// The sums of one pass. Samples are in the order of the run, or of its index while files are read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MarginSums {
    windows: Vec<WindowSums>,
    /// The largest margin without its sign, up to the first epoch where it is larger than
    /// [`MarginSums::LARGEST_OF_PROBABILITIES`].
    largest_margin: f32,
}

/// The sums over the epochs of one window.
#[derive(Debug, Clone, PartialEq)]
struct WindowSums {
    epochs: EpochRange,
    /// How many epochs were added.
    epoch_count: u32,
    /// Per sample.
    sums: Vec<f64>,
    /// Per sample, how many margins were added; fewer than epochs where it misses some.
    counts: Vec<u32>,
}

impl MarginSums {
    /// Margins of probabilities are not larger.
    pub(crate) const LARGEST_OF_PROBABILITIES: f32 = 1.0;

    /// Sums over the epochs asked for, or else over every window that is the default of a protocol
    /// where the learning rate drops at the beginning of `learning_rate_drops`. `first` is the first epoch
    /// of the pass: that of the run is the same, or an earlier one, and then no epoch is left out here.
    pub(crate) fn new(
        first: u32,
        asked_for: Option<EpochRange>,
        learning_rate_drops: &[u32],
    ) -> Self {
        let mut ranges: Vec<EpochRange> = match asked_for {
            Some(range) => vec![range],
            None => vec![
                default_epochs(first, learning_rate_drops, FirstEpoch::LeftOut),
                default_epochs(first, learning_rate_drops, FirstEpoch::Counted),
                EpochRange::default(), // where the default leaves none
            ],
        };
        ranges.dedup();
        Self {
            windows: ranges.into_iter().map(WindowSums::new).collect(),
            largest_margin: 0.0,
        }
    }

    /// AUMs that somebody else computed, over epochs that are not known.
    pub(crate) fn of_aums(aums: impl Iterator<Item = Option<f64>> + Clone) -> Self {
        let window = WindowSums {
            epochs: EpochRange::default(),
            epoch_count: 1,
            sums: aums.clone().map(|aum| aum.unwrap_or(0.0)).collect(),
            counts: aums.map(|aum| u32::from(aum.is_some())).collect(),
        };
        Self {
            windows: vec![window],
            largest_margin: 0.0,
        }
    }

    /// Adds an epoch, which comes after those added before; NaN where a sample misses it, as do those
    /// beyond the end of `margins`.
    pub(crate) fn add(&mut self, epoch: u32, margins: &[f32]) {
        let windows = self.windows.iter_mut();
        for window in windows.filter(|window| window.epochs.contains(epoch)) {
            window.add(margins);
        }
        if self.largest_margin <= Self::LARGEST_OF_PROBABILITIES {
            self.largest_margin = self.largest_margin.max(largest_margin(margins));
        }
    }

    /// Puts the samples into the order of their run.
    pub(crate) fn reordered(mut self, order: &Order) -> Self {
        let windows = self.windows.into_iter();
        self.windows = windows.map(|window| window.reordered(order)).collect();
        self
    }

    /// The largest margin without its sign; once it is larger than
    /// [`MarginSums::LARGEST_OF_PROBABILITIES`], later epochs are not looked at.
    pub(crate) fn largest_margin(&self) -> f32 {
        self.largest_margin
    }

    /// The sums over those of the `recorded` epochs that `window` has; `None` where they were not
    /// asked for.
    fn of_window(
        &self,
        window: Window,
        recorded: impl Iterator<Item = u32>,
    ) -> Option<&WindowSums> {
        let recorded: Vec<u32> = recorded.collect();
        self.windows.iter().find(|sums| {
            let mut epochs = recorded.iter();
            epochs.all(|&epoch| sums.epochs.contains(epoch) == window.contains(epoch))
        })
    }

    /// The AUM of each sample over those of the `recorded` epochs that `window` has; `None` where the
    /// sums of that window were not asked for.
    pub(crate) fn aums(
        &self,
        window: Window,
        recorded: impl Iterator<Item = u32>,
    ) -> Option<Vec<Option<f64>>> {
        let window = self.of_window(window, recorded)?;
        let aums = window.sums.iter().zip(&window.counts);
        Some(
            aums.map(|(sum, &count)| (count > 0).then(|| sum / f64::from(count)))
                .collect(),
        )
    }

    /// Marks the samples that miss any of the recorded epochs of `window`.
    pub(crate) fn mark_gaps(
        &self,
        window: Window,
        recorded: impl Iterator<Item = u32>,
        has_gap: &mut [bool],
    ) {
        if let Some(sums) = self.of_window(window, recorded) {
            for (has_gap, &count) in has_gap.iter_mut().zip(&sums.counts) {
                *has_gap |= count < sums.epoch_count;
            }
        }
    }
}

/// The largest of some margins without its sign; 0 where there is none.
pub(crate) fn largest_margin(margins: &[f32]) -> f32 {
    // NaN, where none was recorded, is never the larger one.
    let sizes = margins.iter().map(|margin| margin.abs());
    sizes.fold(0.0, f32::max)
}

impl WindowSums {
    fn new(epochs: EpochRange) -> Self {
        Self {
            epochs,
            epoch_count: 0,
            sums: Vec::new(),
            counts: Vec::new(),
        }
    }

    fn add(&mut self, margins: &[f32]) {
        let samples = margins.len().max(self.sums.len());
        self.sums.resize(samples, 0.0);
        self.counts.resize(samples, 0);
        for ((sum, count), margin) in self.sums.iter_mut().zip(&mut self.counts).zip(margins) {
            let is_recorded = !margin.is_nan();
            *sum += if is_recorded { f64::from(*margin) } else { 0.0 };
            *count += u32::from(is_recorded);
        }
        self.epoch_count += 1;
    }

    fn reordered(self, order: &Order) -> Self {
        Self {
            sums: order.of(self.sums, 0.0),
            counts: order.of(self.counts, 0),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::window::WindowRule;

    fn window(first: u32, last: u32) -> Window {
        Window {
            first,
            last,
            rule: WindowRule::Requested,
        }
    }

    /// Three epochs; sample 1 misses the second, sample 2 comes with the third.
    fn sums(asked_for: Option<&str>, drops: &[u32]) -> MarginSums {
        let asked_for = asked_for.map(|range| range.parse().unwrap());
        let mut sums = MarginSums::new(1, asked_for, drops);
        sums.add(1, &[8.0, 1.0]);
        sums.add(2, &[2.0, f32::NAN]);
        sums.add(3, &[1.0, 3.0, -4.0]);
        sums
    }

    #[test]
    fn there_is_a_mean_for_each_default_window() {
        let sums = sums(None, &[]);
        let from_second = sums.aums(window(2, 3), 1..=3).unwrap();
        assert_eq!(from_second, [Some(1.5), Some(3.0), Some(-4.0)]);
        let from_first = sums.aums(window(1, 3), 1..=3).unwrap();
        assert_eq!(from_first, [Some(11.0 / 3.0), Some(2.0), Some(-4.0)]);
        assert_eq!(sums.aums(window(2, 2), 1..=3), None);
    }

    #[test]
    fn windows_end_before_the_learning_rate_drops_and_there_is_one_of_all() {
        let sums = sums(None, &[3]);
        assert_eq!(sums.aums(window(2, 2), 1..=3).unwrap()[0], Some(2.0));
        assert_eq!(sums.aums(window(1, 2), 1..=3).unwrap()[0], Some(5.0));
        assert_eq!(sums.aums(window(1, 3), 1..=3).unwrap()[2], Some(-4.0));
    }

    #[test]
    fn a_pass_may_begin_with_any_epoch_and_after_others_of_its_run() {
        let mut sums = MarginSums::new(0, None, &[]);
        sums.add(0, &[8.0]);
        sums.add(1, &[2.0]);
        assert_eq!(sums.aums(window(1, 1), 0..=1).unwrap(), [Some(2.0)]);
        assert_eq!(sums.aums(window(0, 1), 0..=1).unwrap(), [Some(5.0)]);
        let mut later = MarginSums::new(3, None, &[]);
        later.add(3, &[4.0]);
        later.add(4, &[6.0]);
        assert_eq!(later.aums(window(1, 4), 3..=4).unwrap(), [Some(5.0)]);
    }

    #[test]
    fn what_is_asked_for_is_summed_alone() {
        let sums = sums(Some("..2"), &[]);
        let aums = sums.aums(window(1, 2), 1..=3).unwrap();
        assert_eq!(aums, [Some(5.0), Some(1.0)]);
        assert_eq!(sums.aums(window(2, 3), 1..=3), None);
    }

    #[test]
    fn samples_that_miss_an_epoch_are_marked_and_keep_their_places() {
        let sums = sums(None, &[]).reordered(&Order::of_places(vec![2, 1, 0]));
        let mut has_gap = [false; 3];
        sums.mark_gaps(window(2, 3), 1..=3, &mut has_gap);
        assert_eq!(has_gap, [true, true, false]);
        let aums = sums.aums(window(2, 3), 1..=3).unwrap();
        assert_eq!(aums, [Some(-4.0), Some(3.0), Some(1.5)]);
    }

    #[test]
    fn a_sample_of_another_pass_has_no_aum() {
        let mut sums = MarginSums::new(2, None, &[]);
        sums.add(2, &[1.0]);
        let aums = sums
            .reordered(&Order::of_places(vec![1, 0]))
            .aums(window(2, 2), 2..=2);
        assert_eq!(aums.unwrap(), [None, Some(1.0)]);
    }

    #[test]
    fn the_largest_margin_is_that_of_any_epoch_and_of_any_sign() {
        let mut sums = MarginSums::new(1, None, &[]);
        sums.add(1, &[0.5, f32::NAN]);
        assert_eq!(sums.largest_margin(), 0.5);
        sums.add(2, &[-3.0, 0.1]);
        assert_eq!(sums.largest_margin(), 3.0);
    }
}
