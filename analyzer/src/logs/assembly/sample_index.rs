//! Where each sample of a run stands: gives every id a position, in the order of first appearance.
//!
//! Most files name their samples in the same order, so the position after the last one is tried
//! before the id is looked up; and most name them in ascending order, which needs no index at all.

use std::collections::BTreeMap;
use std::ops::Range;

use logformat::SampleIds;

use crate::logs::assembly::positions::Positions;
use crate::logs::order::Order;

/// The ids of one run, all of one kind.
#[derive(Debug)]
pub(crate) enum SampleIndex {
    Integers(IdIndex<i64>),
    Texts(IdIndex<String>),
}

/// Ids of the other kind than those before.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OtherKind {
    pub(crate) found: &'static str,
    pub(crate) expected: &'static str,
}

impl SampleIndex {
    /// An index for ids of the same kind as `ids`.
    pub(crate) fn of_kind(ids: &SampleIds) -> Self {
        match ids {
            SampleIds::Integers(_) => SampleIndex::Integers(IdIndex::new()),
            SampleIds::Texts(_) => SampleIndex::Texts(IdIndex::new()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            SampleIndex::Integers(index) => index.ids.len(),
            SampleIndex::Texts(index) => index.ids.len(),
        }
    }

    /// The positions of some `rows` of `ids`; unknown ids are taken up.
    pub(crate) fn positions(
        &mut self,
        ids: &SampleIds,
        rows: Range<usize>,
    ) -> Result<Positions, OtherKind> {
        match (self, ids) {
            (SampleIndex::Integers(index), SampleIds::Integers(ids)) => {
                Ok(index.positions(&ids[rows]))
            }
            (SampleIndex::Texts(index), SampleIds::Texts(ids)) => Ok(index.positions(&ids[rows])),
            (SampleIndex::Integers(_), SampleIds::Texts(_)) => Err(OtherKind {
                found: "texts",
                expected: "integers",
            }),
            (SampleIndex::Texts(_), SampleIds::Integers(_)) => Err(OtherKind {
                found: "integers",
                expected: "texts",
            }),
        }
    }

    /// The ids in ascending order.
    pub(crate) fn into_ascending(self) -> (SampleIds, Order) {
        match self {
            SampleIndex::Integers(index) => {
                let (ids, order) = index.into_ascending();
                (SampleIds::Integers(ids), order)
            }
            SampleIndex::Texts(index) => {
                let (ids, order) = index.into_ascending();
                (SampleIds::Texts(ids), order)
            }
        }
    }
}

#[derive(Debug)]
pub(crate) struct IdIndex<T> {
    /// In the order of first appearance.
    ids: Vec<T>,
    /// From the first id on that was not larger than all before.
    positions: Option<BTreeMap<T, u32>>,
    /// The position to try first.
    next: usize,
}

impl<T> IdIndex<T> {
    /// The ids in the order of their positions.
    pub(crate) fn ids(&self) -> &[T] {
        &self.ids
    }

    pub(crate) fn new() -> Self {
        Self {
            ids: Vec::new(),
            positions: None,
            next: 0,
        }
    }
}

impl<T: Ord + Clone> IdIndex<T> {
    fn positions(&mut self, ids: &[T]) -> Positions {
        let known = self.ids.len();
        let is_ascending = || ids.iter().zip(&ids[1..]).all(|(one, next)| one < next);
        match (self.ids.last(), ids.first()) {
            // More samples, as most files name them first: none of them can be known.
            (last, Some(first))
                if self.positions.is_none()
                    && last.is_none_or(|last| last < first)
                    && is_ascending() =>
            {
                self.ids.extend_from_slice(ids);
                self.next = 0;
                Positions::InARow(position_of(known)..position_of(self.ids.len()))
            }
            _ => Positions::new(ids.iter().map(|id| self.position(id)).collect()),
        }
    }

    /// The position of an id, which is taken up where it is unknown.
    pub(crate) fn position(&mut self, id: &T) -> u32 {
        let position = if self.ids.get(self.next) == Some(id) {
            position_of(self.next)
        } else if let Some(position) = self.find(id) {
            position
        } else {
            self.take_up(id)
        };
        self.next = position as usize + 1;
        if self.next == self.ids.len() {
            self.next = 0;
        }
        position
    }

    fn find(&self, id: &T) -> Option<u32> {
        match &self.positions {
            Some(positions) => positions.get(id).copied(),
            None => self.ids.binary_search(id).ok().map(position_of),
        }
    }

    fn take_up(&mut self, id: &T) -> u32 {
        let position = position_of(self.ids.len());
        let id = id.clone();
        if self.positions.is_none() && self.ids.last().is_some_and(|last| *last > id) {
            let known = self.ids.iter().cloned().zip(0..);
            self.positions = Some(known.collect());
        }
        if let Some(positions) = &mut self.positions {
            positions.insert(id.clone(), position);
        }
        self.ids.push(id);
        position
    }

    fn into_ascending(self) -> (Vec<T>, Order) {
        match self.positions {
            Some(positions) => {
                let (ids, places) = positions.into_iter().unzip();
                (ids, Order::of_places(places))
            }
            None => {
                let order = Order::as_they_are(self.ids.len());
                (self.ids, order)
            }
        }
    }
}

fn position_of(place: usize) -> u32 {
    u32::try_from(place).expect("four billion ids take more memory than their positions could")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(index: &mut SampleIndex, ids: &SampleIds) -> Vec<u32> {
        let found = index.positions(ids, 0..ids.len()).unwrap();
        found.iter().collect()
    }

    #[test]
    fn positions_follow_the_first_appearance_in_whatever_order_ids_come_later() {
        let first = SampleIds::Integers(vec![30, 10, 20]);
        let mut index = SampleIndex::of_kind(&first);
        assert_eq!(positions(&mut index, &first), [0, 1, 2]);
        assert_eq!(positions(&mut index, &first), [0, 1, 2]);
        let shuffled = SampleIds::Integers(vec![20, 20, 30, 15, 10]);
        assert_eq!(positions(&mut index, &shuffled), [2, 2, 0, 3, 1]);
        assert_eq!(index.len(), 4);
        let (ids, order) = index.into_ascending();
        assert_eq!(ids, SampleIds::Integers(vec![10, 15, 20, 30]));
        assert_eq!(order, Order::of_places(vec![1, 3, 2, 0]));
    }

    #[test]
    fn ascending_ids_are_found_without_an_index_and_others_with_one() {
        let ascending = SampleIds::Integers(vec![10, 20, 30]);
        let mut index = SampleIndex::of_kind(&ascending);
        assert_eq!(positions(&mut index, &ascending), [0, 1, 2]);
        let some = SampleIds::Integers(vec![30, 10, 40]);
        assert_eq!(positions(&mut index, &some), [2, 0, 3]);
        let SampleIndex::Integers(ids) = &index else {
            panic!("integers")
        };
        assert!(ids.positions.is_none());
        let between = SampleIds::Integers(vec![15, 20, 15]);
        assert_eq!(positions(&mut index, &between), [4, 1, 4]);
        let (ids, order) = index.into_ascending();
        assert_eq!(ids, SampleIds::Integers(vec![10, 15, 20, 30, 40]));
        assert_eq!(order, Order::of_places(vec![0, 4, 1, 2, 3]));
    }

    #[test]
    fn ids_of_the_other_kind_are_noticed() {
        let texts = SampleIds::Texts(vec!["a.png".to_owned()]);
        let mut index = SampleIndex::of_kind(&texts);
        assert_eq!(positions(&mut index, &texts), [0]);
        let error = index.positions(&SampleIds::Integers(vec![1]), 0..1);
        assert_eq!(error.unwrap_err().found, "integers");
    }
}
