//! The kinds of columns that a table of results is made of: what its values are decides how they are
//! written and how they look.

use logformat::SampleId;
use polars::prelude::{NamedFrom, Series};

use crate::results::tables::{Heading, ResultTable, Shown};

/// The table with one column more, at the right, that has as many rows as those before. First comes its name
/// in files, such as `flagged_share`, then its heading; a value that is not defined or not known is `None`.
impl ResultTable {
    /// Words that are all there.
    pub(crate) fn texts<T: Into<String>>(
        self,
        name: &str,
        heading: &str,
        texts: impl IntoIterator<Item = T>,
    ) -> Self {
        let texts: Vec<String> = texts.into_iter().map(Into::into).collect();
        self.with(Series::new(name.into(), texts), heading, Shown::Plain)
    }

    /// Samples; their ids are texts as soon as one of them is a text.
    pub(crate) fn samples(self, ids: impl IntoIterator<Item = SampleId>) -> Self {
        let ids: Vec<SampleId> = ids.into_iter().collect();
        let integer = |id: &SampleId| match id {
            SampleId::Integer(id) => Some(*id),
            SampleId::Text(_) => None,
        };
        let integers: Option<Vec<i64>> = ids.iter().map(integer).collect();
        let column = match integers {
            Some(integers) => Series::new("sample_id".into(), integers),
            None => {
                let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
                Series::new("sample_id".into(), texts)
            }
        };
        self.with(column, "Sample", Shown::Plain)
    }

    /// Numbers that name something: of passes, epochs, ranks. Below 2³¹.
    pub(crate) fn numbers(
        self,
        name: &str,
        heading: &str,
        numbers: impl IntoIterator<Item = u32>,
    ) -> Self {
        let numbers = numbers.into_iter().map(Some);
        self.with(small_integers(name, numbers), heading, Shown::Plain)
    }

    /// Class indices, below 2³¹.
    pub(crate) fn classes(
        self,
        name: &str,
        heading: &str,
        classes: impl IntoIterator<Item = Option<u32>>,
    ) -> Self {
        self.with(small_integers(name, classes), heading, Shown::Class)
    }

    /// How many.
    pub(crate) fn counts<T: Into<Option<usize>>>(
        self,
        name: &str,
        heading: &str,
        counts: impl IntoIterator<Item = T>,
    ) -> Self {
        let counts = counts.into_iter().map(Into::into);
        let wide = counts.map(|count| count.map(|count| count as i64));
        let column = Series::new(name.into(), wide.collect::<Vec<Option<i64>>>());
        self.with(column, heading, Shown::Count)
    }

    /// Yes or no.
    pub(crate) fn flags(
        self,
        name: &str,
        heading: &str,
        flags: impl IntoIterator<Item = Option<bool>>,
    ) -> Self {
        let flags: Vec<Option<bool>> = flags.into_iter().collect();
        self.with(Series::new(name.into(), flags), heading, Shown::Plain)
    }

    /// Whether a row stands out.
    pub(crate) fn marks(
        self,
        name: &str,
        heading: &str,
        marks: impl IntoIterator<Item = bool>,
    ) -> Self {
        let marks: Vec<bool> = marks.into_iter().collect();
        self.with(Series::new(name.into(), marks), heading, Shown::Mark)
    }

    /// Measured or computed values.
    pub(crate) fn floats(
        self,
        name: &str,
        heading: &str,
        values: impl Floats,
        shown: Shown,
    ) -> Self {
        let values: Vec<Option<f64>> = values.into_iter().map(Into::into).collect();
        self.with(Series::new(name.into(), values), heading, shown)
    }

    /// In logit units.
    pub(crate) fn logits(self, name: &str, heading: &str, values: impl Floats) -> Self {
        self.floats(name, heading, values, Shown::Logits)
    }

    /// Ratios, 0 to 1 or −1 to 1.
    pub(crate) fn ratios(self, name: &str, heading: &str, values: impl Floats) -> Self {
        self.floats(name, heading, values, Shown::Ratio)
    }

    /// Shares of a whole, 0 to 1.
    pub(crate) fn shares(self, name: &str, heading: &str, values: impl Floats) -> Self {
        self.floats(name, heading, values, Shown::Share)
    }

    pub(super) fn with(mut self, column: Series, heading: &str, shown: Shown) -> Self {
        let text = heading.to_owned();
        self.push(column.into(), Heading { text, shown });
        self
    }
}

/// Numbers that may be undefined.
pub(crate) trait Floats: IntoIterator<Item: Into<Option<f64>>> {}

impl<T: IntoIterator<Item: Into<Option<f64>>>> Floats for T {}

fn small_integers(name: &str, values: impl IntoIterator<Item = Option<u32>>) -> Series {
    let signed = values.into_iter().map(|value| value.map(u32::cast_signed));
    Series::new(name.into(), signed.collect::<Vec<Option<i32>>>())
}
