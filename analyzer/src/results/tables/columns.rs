//! The kinds of columns that a table of results is made of: what its values are decides how they are
//! written and how they look.

use logformat::{SampleId, SampleIds};
use polars::prelude::{NamedFrom, Series};

use crate::logs::origins::{Told, of_one_kind};
use crate::logs::run_log::RunLog;
use crate::results::tables::text::origin_text;
use crate::results::tables::{Heading, ResultTable, Shown};
use crate::rules::evaluation::{ANOTHER_CLASS, is_mislabeled, known_class};

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

    /// The ids of samples in their log, texts as soon as one of them is a text.
    pub(crate) fn sample_ids(self, ids: impl Iterator<Item = SampleId>) -> Self {
        let ids = match of_one_kind(ids.collect()) {
            SampleIds::Integers(ids) => Series::new("sample_id".into(), ids),
            SampleIds::Texts(ids) => Series::new("sample_id".into(), ids),
        };
        self.with(ids, "Sample", Shown::Name)
    }

    /// Samples of a run by their positions there: the id in the log, and then what leads back to their
    /// owner's data, of which people are told what says more than that id.
    pub(crate) fn samples(
        mut self,
        log: &RunLog,
        samples: impl IntoIterator<Item = usize> + Clone,
    ) -> Self {
        let ids = samples.clone().into_iter();
        self = self.sample_ids(ids.filter_map(|at| log.sample_ids.get(at)));
        let told = log.origins.told;
        let mut heading = match told {
            Told::Nothing => "",
            Told::Id => "Id",
            Told::File => "File",
            Told::FileAndRow => "File:row",
        };
        for column in log.origins.of(samples) {
            let text = std::mem::take(&mut heading).to_owned();
            let shown = Shown::Origin(told);
            self.push(column, Heading { text, shown });
        }
        self
    }

    /// Several samples of a run in each row: their ids in the log, and beside them what says more than these
    /// and is then what people are told.
    pub(crate) fn sample_lists<'a>(
        mut self,
        log: &RunLog,
        heading: &str,
        lists: impl IntoIterator<Item = &'a [usize]>,
    ) -> Self {
        let tables = lists.into_iter();
        let tables = tables.map(|samples| Self::new().samples(log, samples.iter().copied()));
        let tables: Vec<Self> = tables.collect();
        let ids = tables
            .iter()
            .filter_map(|table| table.frame.columns().first());
        let ids: Vec<Series> = ids
            .map(|ids| ids.as_materialized_series().clone())
            .collect();
        let told = log.origins.told;
        let (of_ids, of_origins) = match told {
            Told::Nothing => (heading, None),
            _ => ("", Some(heading)),
        };
        self = self.with(Series::new("examples".into(), ids), of_ids, Shown::Plain);
        let Some(heading) = of_origins else {
            return self;
        };
        let origins = tables.iter().map(|table| {
            let texts = (0..table.len()).map(|row| origin_text(table, row, told));
            Series::new("".into(), texts.collect::<Vec<String>>())
        });
        let origins = Series::new("example_origins".into(), origins.collect::<Vec<_>>());
        self.with(origins, heading, Shown::Plain)
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

    /// The true labels of some samples, given and true labels of all being these; and, where of some no more is
    /// known than that the given one is wrong, whether they are mislabeled.
    pub(crate) fn true_labels(
        self,
        given: &[Option<u32>],
        truth: &[Option<u32>],
        samples: impl Iterator<Item = usize> + Clone,
    ) -> Self {
        let labels = samples.clone().map(|sample| known_class(truth[sample]));
        let table = self.classes("true_label", "True label", labels);
        table.mislabeled(given, truth, samples)
    }

    /// Whether the samples are mislabeled, where of some of the run no more is known than that.
    pub(crate) fn mislabeled(
        self,
        given: &[Option<u32>],
        truth: &[Option<u32>],
        samples: impl Iterator<Item = usize>,
    ) -> Self {
        match truth.contains(&Some(ANOTHER_CLASS)) {
            false => self,
            true => self.flags(
                "is_mislabeled",
                "Mislabeled",
                samples.map(|sample| is_mislabeled(given[sample], truth[sample])),
            ),
        }
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
