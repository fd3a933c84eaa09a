//! Rows that repeat a sample within its epoch: a data-parallel sampler pads the last batches with samples
//! that were there already, and a training that accumulates gradients may see a sample twice. The method
//! wants one margin a sample and epoch.

use std::collections::BTreeMap;

use logformat::Repeats;

use crate::logs::order::Order;

/// The samples that have several rows in one epoch of one pass, and what was made of these.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RepeatedRows {
    pub(crate) rule: Repeats,
    /// By pass, epoch and position in the run: how many rows there are.
    rows: BTreeMap<(u32, u32, usize), u32>,
}

impl RepeatedRows {
    pub(crate) fn new(rule: Repeats) -> Self {
        Self {
            rule,
            rows: BTreeMap::new(),
        }
    }

    /// Takes up those of a pass, by epoch and position in the index of the run, whose order is `order`.
    pub(crate) fn add(&mut self, pass: u32, rows: &BTreeMap<(u32, u32), u32>, order: &Order) {
        if rows.is_empty() {
            return;
        }
        let samples = u32::try_from(order.len()).unwrap_or(u32::MAX);
        let mut places = vec![0; order.len()];
        let in_order = order.of((0..samples).collect(), 0);
        for (place, sample) in in_order.into_iter().enumerate() {
            places[sample as usize] = place;
        }
        for (&(epoch, sample), &count) in rows {
            let place = places[sample as usize];
            self.rows.insert((pass, epoch, place), count);
        }
    }

    /// Whether there are rows of which means are taken.
    pub(crate) fn are_averaged(&self) -> bool {
        self.rule == Repeats::Mean && !self.rows.is_empty()
    }

    /// How many rows a sample has in an epoch, where it has several.
    pub(crate) fn of(&self, pass: u32, epoch: u32, sample: usize) -> Option<u32> {
        self.rows.get(&(pass, epoch, sample)).copied()
    }

    /// How many rows there are beyond the first of each sample and epoch.
    pub fn count(&self) -> usize {
        self.rows.values().map(|&rows| rows as usize - 1).sum()
    }
}
