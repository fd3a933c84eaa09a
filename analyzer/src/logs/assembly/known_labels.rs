//! Which label a sample has throughout a run: the given and the true label, collected from all
//! files, with the file that each comes from, so that a contradiction names both places.

use std::ops::Range;

use crate::logs::assembly::positions::Positions;
use crate::logs::order::Order;

/// The labels of one kind, per sample in the order of the run's index.
#[derive(Debug, Default)]
pub(crate) struct KnownLabels {
    labels: Vec<Option<u32>>,
    /// The file that said the first label.
    first_file: Option<u32>,
    /// The file that said the label of each sample; empty as long as it is the same for all, as where
    /// each file has all samples.
    files: Vec<u32>,
}

/// A label that contradicts what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OtherLabel {
    /// The number of its row among those that were taken up with it.
    pub(crate) row: usize,
    pub(crate) label: u32,
    pub(crate) known: u32,
    /// The file (by its number) that said first what is known.
    pub(crate) known_from: u32,
}

impl KnownLabels {
    /// Takes up what `file` says of the samples at `positions`, of `sample_count` in all by now; `Err`
    /// with the first label that is another one than known.
    pub(crate) fn add(
        &mut self,
        positions: &Positions,
        labels: impl Iterator<Item = Option<u32>>,
        sample_count: usize,
        file: u32,
    ) -> Result<(), OtherLabel> {
        let known = self.labels.len();
        if positions.are_in_a_row_from(known) {
            self.labels.extend(labels);
            self.note_file(known..self.labels.len(), file);
            return Ok(());
        }
        self.labels.resize(sample_count, None);
        for (row, (sample, label)) in positions.iter().zip(labels).enumerate() {
            let sample = sample as usize;
            match (self.labels[sample], label) {
                (Some(known), Some(label)) if known != label => {
                    return Err(OtherLabel {
                        row,
                        label,
                        known,
                        known_from: self.file(sample),
                    });
                }
                (None, Some(_)) => {
                    self.labels[sample] = label;
                    self.note_file(sample..sample + 1, file);
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(crate) fn into_labels(self, order: &Order) -> Vec<Option<u32>> {
        order.of(self.labels, None)
    }

    fn note_file(&mut self, samples: Range<usize>, file: u32) {
        let first = *self.first_file.get_or_insert(file);
        if file != first || !self.files.is_empty() {
            self.files.resize(self.labels.len(), first);
            self.files[samples].fill(file);
        }
    }

    fn file(&self, sample: usize) -> u32 {
        let of_sample = self.files.get(sample).copied();
        of_sample.or(self.first_file).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learn(labels: &mut KnownLabels, sample: u32, label: u32, file: u32) -> Option<(u32, u32)> {
        let positions = Positions::new(vec![0, sample]);
        let both = [None, Some(label)].into_iter();
        let count = labels.labels.len().max(5);
        let other = labels.add(&positions, both, count, file).err()?;
        assert_eq!((other.row, other.label), (1, label));
        Some((other.known, other.known_from))
    }

    #[test]
    fn another_label_for_the_same_sample_is_refused_with_its_place() {
        let mut labels = KnownLabels::default();
        let in_a_row = Positions::new(vec![0, 1, 2, 3]);
        let four = [None, Some(7), Some(1), None].into_iter();
        assert_eq!(labels.add(&in_a_row, four, 4, 4), Ok(()));
        assert_eq!(learn(&mut labels, 1, 7, 5), None);
        assert_eq!(learn(&mut labels, 1, 8, 6), Some((7, 4)));
        assert_eq!(learn(&mut labels, 3, 2, 6), None);
        assert_eq!(learn(&mut labels, 3, 3, 7), Some((2, 6)));
        let last = Positions::new(vec![5]);
        assert_eq!(labels.add(&last, [Some(9)].into_iter(), 6, 7), Ok(()));
        assert_eq!(learn(&mut labels, 2, 8, 8), Some((1, 4)));
        let labels = labels.into_labels(&Order::as_they_are(7));
        let expected = [None, Some(7), Some(1), Some(2), None, Some(9), None];
        assert_eq!(labels, expected);
    }

    #[test]
    fn samples_that_come_later_know_their_file() {
        let mut labels = KnownLabels::default();
        for (file, start) in [(3, 0), (4, 2)] {
            let positions = Positions::InARow(start..start + 2);
            let both = [Some(0); 2].into_iter();
            assert_eq!(labels.add(&positions, both, 4, file), Ok(()));
        }
        assert_eq!(learn(&mut labels, 1, 9, 5), Some((0, 3)));
        assert_eq!(learn(&mut labels, 2, 9, 5), Some((0, 4)));
    }
}
