//! Texts of consecutive rows of which most are that of the row before, such as the names of runs: each
//! stretch of equal ones is kept once.

use std::sync::Arc;

/// The texts of consecutive rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RepeatedTexts {
    /// Of each stretch, other than the one before; and the first row after it.
    stretches: Vec<(Arc<str>, usize)>,
}

impl RepeatedTexts {
    /// Adds a text for `rows` more rows.
    pub(crate) fn push(&mut self, text: &str, rows: usize) {
        let end = self.len() + rows;
        match self.stretches.last_mut() {
            _ if rows == 0 => {}
            Some((last, last_end)) if **last == *text => *last_end = end,
            _ => self.stretches.push((Arc::from(text), end)),
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

    /// The text of `row`; `None` beyond the end.
    pub fn get(&self, row: usize) -> Option<&str> {
        self.stretch(row).map(|(text, _)| &**text)
    }

    /// The first row after `row` that has another text, or the number of rows.
    pub fn end_of_equal(&self, row: usize) -> usize {
        self.stretch(row).map_or(self.len(), |(_, end)| *end)
    }

    fn stretch(&self, row: usize) -> Option<&(Arc<str>, usize)> {
        let before = self.stretches.partition_point(|(_, end)| *end <= row);
        self.stretches.get(before)
    }
}

impl<'a> FromIterator<&'a str> for RepeatedTexts {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        let mut repeated = Self::default();
        for text in texts {
            repeated.push(text, 1);
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
        let rows: Vec<_> = (0..5).map(|row| texts.get(row)).collect();
        assert_eq!(rows, [Some("a"), Some("a"), Some("b"), Some("a"), None]);
        let ends: Vec<_> = (0..5).map(|row| texts.end_of_equal(row)).collect();
        assert_eq!(ends, [2, 2, 3, 4, 4]);
        assert_eq!((texts.len(), texts.is_empty()), (4, false));
    }

    #[test]
    fn stretches_that_follow_each_other_are_one() {
        let mut texts = RepeatedTexts::default();
        texts.push("", 0);
        assert!(texts.is_empty());
        texts.push("a", 2);
        texts.push("a", 3);
        texts.push("b", 0);
        assert_eq!(texts, std::iter::repeat_n("a", 5).collect());
    }
}
