//! The values of a column, with what they are: it decides how they look and how they are written.

use std::sync::Arc;

use logformat::{SampleId, SampleIds};

/// The values of a column, one per row; `None` where a value is not defined or not known.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Words.
    Texts(Vec<Option<Arc<str>>>),
    /// Samples.
    Ids(SampleIds),
    /// Numbers that name something: of passes, epochs, ranks. Below 2³¹.
    Numbers(Vec<Option<u32>>),
    /// Class indices; the text for people shows the names of the classes. Below 2³¹.
    Classes(Vec<Option<u32>>),
    /// How many.
    Counts(Vec<Option<u64>>),
    /// Yes or no.
    Flags(Vec<Option<bool>>),
    /// The rows that stand out; the text for people shows an arrow there and nothing elsewhere.
    Marks(Vec<bool>),
    /// Measured or computed values.
    Floats(Vec<Option<f64>>, Quantity),
}

/// What a value is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Logit units: margins, AUMs, thresholds.
    Logits,
    /// From 0 to 1, or −1 to 1, shown with three decimals: precision, a correlation.
    Ratio,
    /// A share of a whole, 0 to 1, shown in percent.
    Share,
    /// As given, with as many digits as it needs: a percentile in percent.
    Plain,
}

impl Cells {
    /// A column of words that are all there.
    pub fn texts<T: Into<Arc<str>>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::Texts(texts.into_iter().map(|text| Some(text.into())).collect())
    }

    /// A column of samples: texts as soon as one of them is a text.
    pub fn ids(ids: impl IntoIterator<Item = SampleId>) -> Self {
        let ids: Vec<SampleId> = ids.into_iter().collect();
        let integer = |id: &SampleId| match id {
            SampleId::Integer(id) => Some(*id),
            SampleId::Text(_) => None,
        };
        let integers: Option<Vec<i64>> = ids.iter().map(integer).collect();
        Self::Ids(integers.map_or_else(
            || SampleIds::Texts(ids.iter().map(ToString::to_string).collect()),
            SampleIds::Integers,
        ))
    }

    /// A column of numbers that name something and are all there.
    pub fn numbers(numbers: impl IntoIterator<Item = u32>) -> Self {
        Self::Numbers(numbers.into_iter().map(Some).collect())
    }

    /// A column of class indices.
    pub fn classes(classes: impl IntoIterator<Item = Option<u32>>) -> Self {
        Self::Classes(classes.into_iter().collect())
    }

    /// A column of counts.
    pub fn counts(counts: impl IntoIterator<Item = Option<usize>>) -> Self {
        let wide = |count: usize| count as u64;
        Self::Counts(counts.into_iter().map(|count| count.map(wide)).collect())
    }

    /// A column in logit units.
    pub fn logits(values: impl IntoIterator<Item = Option<f64>>) -> Self {
        Self::Floats(values.into_iter().collect(), Quantity::Logits)
    }

    /// A column of ratios.
    pub fn ratios(values: impl IntoIterator<Item = Option<f64>>) -> Self {
        Self::Floats(values.into_iter().collect(), Quantity::Ratio)
    }

    /// A column of shares, 0 to 1.
    pub fn shares(values: impl IntoIterator<Item = Option<f64>>) -> Self {
        Self::Floats(values.into_iter().collect(), Quantity::Share)
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::Texts(values) => values.len(),
            Self::Ids(ids) => ids.len(),
            Self::Numbers(values) | Self::Classes(values) => values.len(),
            Self::Counts(values) => values.len(),
            Self::Flags(values) => values.len(),
            Self::Marks(values) => values.len(),
            Self::Floats(values, _) => values.len(),
        }
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A column of the same kind with `count` rows and no value. (Ids cannot be missing: without
    /// any they become texts.)
    pub(crate) fn none(&self, count: usize) -> Self {
        match self {
            Self::Ids(ids) if count == 0 => Self::Ids(match ids {
                SampleIds::Integers(_) => SampleIds::Integers(Vec::new()),
                SampleIds::Texts(_) => SampleIds::Texts(Vec::new()),
            }),
            Self::Texts(_) | Self::Ids(_) => Self::Texts(vec![None; count]),
            Self::Numbers(_) => Self::Numbers(vec![None; count]),
            Self::Classes(_) => Self::Classes(vec![None; count]),
            Self::Counts(_) => Self::Counts(vec![None; count]),
            Self::Flags(_) => Self::Flags(vec![None; count]),
            Self::Marks(_) => Self::Marks(vec![false; count]),
            Self::Floats(_, quantity) => Self::Floats(vec![None; count], *quantity),
        }
    }

    /// Cuts the column, or fills it up with no value.
    pub(crate) fn resize(&mut self, count: usize) {
        match self {
            Self::Texts(values) => values.resize(count, None),
            Self::Ids(ids) if count > ids.len() => {
                *self = Self::Texts(self.as_texts());
                self.resize(count);
            }
            Self::Ids(SampleIds::Integers(ids)) => ids.truncate(count),
            Self::Ids(SampleIds::Texts(ids)) => ids.truncate(count),
            Self::Numbers(values) | Self::Classes(values) => values.resize(count, None),
            Self::Counts(values) => values.resize(count, None),
            Self::Flags(values) => values.resize(count, None),
            Self::Marks(values) => values.resize(count, false),
            Self::Floats(values, _) => values.resize(count, None),
        }
    }

    /// Puts the values of `other` below. Two kinds that differ make a column of texts.
    pub(crate) fn append(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Texts(own), Self::Texts(other)) => own.extend(other),
            (Self::Ids(SampleIds::Integers(own)), Self::Ids(SampleIds::Integers(other))) => {
                own.extend(other)
            }
            (Self::Ids(SampleIds::Texts(own)), Self::Ids(other)) => {
                own.extend(
                    (0..other.len())
                        .filter_map(|row| other.get(row))
                        .map(text_of),
                );
            }
            (Self::Numbers(own), Self::Numbers(other))
            | (Self::Classes(own), Self::Classes(other)) => own.extend(other),
            (Self::Counts(own), Self::Counts(other)) => own.extend(other),
            (Self::Flags(own), Self::Flags(other)) => own.extend(other),
            (Self::Marks(own), Self::Marks(other)) => own.extend(other),
            (Self::Floats(own, _), Self::Floats(other, _)) => own.extend(other),
            (_, other) => {
                let mut texts = self.as_texts();
                texts.extend(other.as_texts());
                *self = Self::Texts(texts);
            }
        }
    }

    /// The values as they stand in a file.
    pub(crate) fn as_texts(&self) -> Vec<Option<Arc<str>>> {
        fn texts<T: ToString>(values: &[Option<T>]) -> Vec<Option<Arc<str>>> {
            let text = |value: &T| Arc::from(value.to_string());
            values
                .iter()
                .map(|value| value.as_ref().map(text))
                .collect()
        }
        match self {
            Self::Texts(values) => values.clone(),
            Self::Ids(ids) => (0..ids.len())
                .map(|row| ids.get(row).map(|id| Arc::from(text_of(id))))
                .collect(),
            Self::Numbers(values) | Self::Classes(values) => texts(values),
            Self::Counts(values) => texts(values),
            Self::Flags(values) => texts(values),
            Self::Marks(values) => texts(&values.iter().map(Some).collect::<Vec<_>>()),
            Self::Floats(values, _) => texts(values),
        }
    }
}

fn text_of(id: SampleId) -> String {
    id.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integer_and_text_ids_share_a_column_of_texts() {
        let mut ids = Cells::Ids(SampleIds::Integers(vec![7]));
        ids.append(Cells::Ids(SampleIds::Texts(vec!["a".to_owned()])));
        assert_eq!(ids, Cells::texts(["7", "a"]));
        let mut ids = Cells::Ids(SampleIds::Texts(vec!["a".to_owned()]));
        ids.append(Cells::Ids(SampleIds::Integers(vec![7])));
        let expected = SampleIds::Texts(vec!["a".to_owned(), "7".to_owned()]);
        assert_eq!(ids, Cells::Ids(expected));
    }

    #[test]
    fn a_column_is_filled_up_with_no_value_or_cut() {
        let mut ratios = Cells::ratios([Some(0.5)]);
        ratios.resize(2);
        assert_eq!(ratios, Cells::ratios([Some(0.5), None]));
        ratios.resize(0);
        assert!(ratios.is_empty());
    }
}
