//! Values of consecutive rows of which most are that of the row before, such as the name of the run or the
//! number of the epoch: each stretch of equal ones is kept once.

use std::ops::Index;
use std::sync::Arc;

/// The values of consecutive rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated<T> {
    /// Of each stretch, other than the one before; and the first row after it.
    stretches: Vec<(T, usize)>,
}

/// The texts of consecutive rows.
pub type RepeatedTexts = Repeated<Arc<str>>;

impl<T> Repeated<T> {
    /// The same value in each of `rows` rows.
    pub(crate) fn of_one(value: T, rows: usize) -> Self {
        let stretches = (rows > 0).then_some((value, rows));
        Self {
            stretches: stretches.into_iter().collect(),
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.stretches.last().map_or(0, |(_, end)| *end)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// The value of `row`; `None` beyond the end.
    pub fn get(&self, row: usize) -> Option<&T> {
        let stretch = self.stretches.get(self.stretch(row));
        stretch.map(|(value, _)| value)
    }

    /// The first row after `row` that has another value, or the number of rows.
    pub fn end_of_equal(&self, row: usize) -> usize {
        let stretch = self.stretches.get(self.stretch(row));
        stretch.map_or(self.len(), |(_, end)| *end)
    }

    /// The number of the stretch with `row`; that of all stretches beyond the end.
    fn stretch(&self, row: usize) -> usize {
        self.stretches.partition_point(|(_, end)| *end <= row)
    }

    /// Adds the value of one more row, which is `is_last` where it is that of the row before.
    fn push(&mut self, is_last: impl FnOnce(&T) -> bool, value: impl FnOnce() -> T) {
        let end = self.len() + 1;
        match self.stretches.last_mut() {
            Some((last, last_end)) if is_last(last) => *last_end = end,
            _ => self.stretches.push((value(), end)),
        }
    }
}

impl<T> Default for Repeated<T> {
    fn default() -> Self {
        Self {
            stretches: Vec::new(),
        }
    }
}

/// # Panics
/// Beyond the end.
impl<T> Index<usize> for Repeated<T> {
    type Output = T;

    fn index(&self, row: usize) -> &T {
        &self.stretches[self.stretch(row)].0
    }
}

impl<'a> FromIterator<&'a str> for Repeated<Arc<str>> {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        let mut repeated = Self::default();
        for text in texts {
            repeated.push(|last| **last == *text, || Arc::from(text));
        }
        repeated
    }
}

impl FromIterator<u32> for Repeated<u32> {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut repeated = Self::default();
        for number in numbers {
            repeated.push(|last| *last == number, || number);
        }
        repeated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_has_its_text_and_the_end_of_its_stretch() {
        let texts: RepeatedTexts = ["a", "a", "b", "a"].into_iter().collect();
        let rows: Vec<_> = (0..5)
            .map(|row| texts.get(row).map(AsRef::as_ref))
            .collect();
        assert_eq!(rows, [Some("a"), Some("a"), Some("b"), Some("a"), None]);
        let ends: Vec<_> = (0..5).map(|row| texts.end_of_equal(row)).collect();
        assert_eq!(ends, [2, 2, 3, 4, 4]);
        assert_eq!((texts.len(), texts.is_empty()), (4, false));
    }

    #[test]
    fn a_number_in_every_row_is_one_stretch() {
        let numbers: Repeated<u32> = [7, 7, 7].into_iter().collect();
        assert_eq!(numbers, Repeated::of_one(7, 3));
        assert_eq!((numbers[2], numbers.get(3)), (7, None));
        assert!(Repeated::of_one(7, 0).is_empty());
    }
}
