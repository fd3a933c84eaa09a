//! A table of results: a Polars frame, with the heading of each column and how its values look in the text
//! for people. Polars joins, orders and writes it (CSV, Parquet); the text and the JSON are made here.

pub(crate) mod columns;
pub(crate) mod rows;
pub(crate) mod text;

use polars::prelude::{Column, DataFrame, DataType, NamedFrom, Scalar, Series};

use crate::logs::origins::Told;
use crate::logs::run_log::RunLog;

/// The name of the column that says which run a row belongs to.
const RUN_COLUMN: &str = "run";

/// A table of results.
#[must_use]
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ResultTable {
    frame: DataFrame,
    /// Of each column.
    headings: Vec<Heading>,
}

/// What the text for people has of a column beside its values.
#[derive(Debug, Clone, PartialEq)]
struct Heading {
    /// What stands above it, such as `Flagged share`; empty for a column that people are not shown.
    text: String,
    shown: Shown,
}

/// How the values of a column look in the text for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// With as many digits as they need: texts, samples, numbers that name something, percentiles.
    Plain,
    /// Names of samples, long ones without their middle.
    Name,
    /// Class indices by the names of the classes.
    Class,
    /// Where a sample came from, in the fewest words; the other columns of it stand beside.
    Origin(Told),
    /// How many, with digits grouped.
    Count,
    /// An arrow in the rows that stand out.
    Mark,
    /// Logit units: margins, AUMs, thresholds.
    Logits,
    /// From 0 to 1, or −1 to 1, with three decimals: precision, a correlation.
    Ratio,
    /// A share of a whole, 0 to 1, in percent.
    Share,
}

impl ResultTable {
    /// A table without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column at the right.
    fn push(&mut self, column: Column, heading: Heading) {
        let added = self.frame.with_column(column);
        added.expect("a row of every column is made of one thing");
        self.headings.push(heading);
    }

    /// The table as Polars has it: 64-bit or text ids, 32-bit classes and numbers, 64-bit counts and floats.
    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.frame.height()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tables of some runs one below the other, with the name of its run (`None` for the unnamed
    /// one) in each row, and those of the classes. A column that some of them lack has no value there.
    pub fn of_runs<'a>(tables: impl IntoIterator<Item = (&'a RunLog, ResultTable)>) -> Self {
        Self::of_named(tables.into_iter().map(|(log, table)| {
            let table = table.with_class_names(&log.class_names);
            (log.run.as_deref(), table)
        }))
    }

    /// The same of runs by their names.
    pub(crate) fn of_named<'a>(
        tables: impl IntoIterator<Item = (Option<&'a str>, ResultTable)>,
    ) -> Self {
        let mut all = Self::new();
        for (run, table) in tables {
            let runs = Series::new(RUN_COLUMN.into(), vec![run; table.len()]);
            let mut part = Self::new().with(runs, "Run", Shown::Plain);
            let columns = table.frame.into_columns().into_iter();
            columns
                .zip(table.headings)
                .for_each(|(column, heading)| part.push(column, heading));
            all.append(part);
        }
        all
    }

    /// With the name of each class beside its index, for programs: `given_class` beside `given_label`.
    /// Nothing is added where classes have no names.
    pub fn with_class_names(self, class_names: &[String]) -> Self {
        if class_names.is_empty() {
            return self;
        }
        let mut named = Self::new();
        for (column, heading) in self.frame.columns().iter().zip(&self.headings) {
            named.push(column.clone(), heading.clone());
            let Ok(classes) = column.i32() else { continue };
            let name = class_column(column.name());
            if heading.shown != Shown::Class || self.frame.column(&name).is_ok() {
                continue;
            }
            let class = |class: i32| class_names.get(usize::try_from(class).ok()?);
            let names = classes
                .iter()
                .map(|at| at.and_then(class).map(String::as_str));
            let names = names.map(|name| name.filter(|name| !name.is_empty()));
            let names: Vec<Option<&str>> = names.collect();
            named = named.with(Series::new(name.into(), names), "", Shown::Plain);
        }
        named
    }

    /// The rows of `other` below those of this table.
    pub fn append(&mut self, mut other: ResultTable) {
        if self.headings.is_empty() {
            *self = other;
            return;
        }
        self.take_columns_of(&other);
        other.take_columns_of(self);
        let below = other.frame.select(self.frame.get_column_names_owned());
        let stacked = below.and_then(|below| self.frame.vstack_mut(&below).map(|_| ()));
        stacked.expect("both have the same columns by now");
        self.frame.rechunk_mut();
    }

    /// Adds the columns that only `other` has, without values, and makes texts of those that have other
    /// types there.
    fn take_columns_of(&mut self, other: &Self) {
        for (column, heading) in other.frame.columns().iter().zip(&other.headings) {
            let name = column.name().clone();
            match self.frame.column(&name) {
                Err(_) if heading.shown == Shown::Mark => {
                    let marks = Column::new_scalar(name, Scalar::from(false), self.len());
                    self.push(marks, heading.clone());
                }
                Err(_) => {
                    let none = Column::full_null(name, self.len(), column.dtype());
                    self.push(none, heading.clone());
                }
                Ok(own) if own.dtype() != column.dtype() => {
                    let texts = own.cast(&DataType::String);
                    let replaced =
                        texts.and_then(|texts| self.frame.with_column(texts).map(|_| ()));
                    replaced.expect("every value can be a text");
                }
                Ok(_) => {}
            }
        }
    }
}

/// The column with the names of the classes of another: `given_class` of `given_label`.
fn class_column(labels: &str) -> String {
    match labels.strip_suffix("_label") {
        Some(kind) => format!("{kind}_class"),
        None => format!("{labels}_name"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use logformat::SampleIds;
    use serde_json::json;

    use super::*;
    use crate::logs::origins::Origins;
    use crate::logs::two_passes::two_passes;

    #[test]
    fn tables_of_runs_are_stacked_and_what_one_lacks_is_empty() {
        let first = ResultTable::new().numbers("pass", "Pass", [1, 2]).logits(
            "aum",
            "AUM",
            [Some(0.5), None],
        );
        let second = ResultTable::new()
            .numbers("pass", "Pass", [1])
            .counts("flagged", "Flagged", [7])
            .marks("best", "Best", [true]);
        let stacked = ResultTable::of_named([(Some("a"), first), (None, second)]);
        let expected = json!([
            {"run": "a", "pass": 1, "aum": 0.5, "flagged": null, "best": false},
            {"run": "a", "pass": 2, "aum": null, "flagged": null, "best": false},
            {"run": null, "pass": 1, "aum": null, "flagged": 7, "best": true},
        ]);
        assert_eq!(serde_json::to_value(&stacked).unwrap(), expected);
    }

    #[test]
    fn integer_and_text_ids_share_a_column_of_texts() {
        let integers = || ResultTable::new().samples(&two_passes(), [1]);
        let mut log = two_passes();
        log.sample_ids = SampleIds::Texts(["a", "b", "c", "d"].map(str::to_owned).to_vec());
        let texts = || ResultTable::new().samples(&log, [0]);
        let ids = |mut above: ResultTable, below| {
            above.append(below);
            serde_json::to_value(&above).unwrap()
        };
        let expected = json!([{"sample_id": "1"}, {"sample_id": "a"}]);
        assert_eq!(ids(integers(), texts()), expected);
        let expected = json!([{"sample_id": "a"}, {"sample_id": "1"}]);
        assert_eq!(ids(texts(), integers()), expected);
    }

    #[test]
    fn a_sample_leads_back_to_its_file_its_row_and_its_owners_id() {
        let mut log = two_passes();
        let own = SampleIds::Texts(["w", "x", "y", "z"].map(str::to_owned).to_vec());
        let files = vec![Some(Arc::from("t.csv")); 4];
        let rows = [4, 5, 6, 7].map(Some);
        log.origins = Origins::new(&log.sample_ids, &files, &rows, Some(&own));
        let table = ResultTable::new().samples(&log, [3, 1]);
        let expected = json!([
            {"sample_id": 3, "file": "t.csv", "row": 7, "id": "z"},
            {"sample_id": 1, "file": "t.csv", "row": 5, "id": "x"},
        ]);
        assert_eq!(serde_json::to_value(&table).unwrap(), expected);
        let people = "  Sample  Id\n       3  z\n       1  x\n";
        assert_eq!(text::render_table(&table, &[]), people);
        log.origins = Origins::new(&log.sample_ids, &files, &rows, None);
        let table = ResultTable::new().samples(&log, [3]);
        let people = "  Sample  File:row\n       3  t.csv:7\n";
        assert_eq!(text::render_table(&table, &[]), people);
    }

    #[test]
    fn names_of_classes_stand_beside_their_indices() {
        let classes = [Some(1), None, Some(7)];
        let table = ResultTable::new().classes("given_label", "Given label", classes);
        let names = ["cat", "dog"].map(str::to_owned);
        let expected = json!([
            {"given_label": 1, "given_class": "dog"},
            {"given_label": null, "given_class": null},
            {"given_label": 7, "given_class": null},
        ]);
        let named = table
            .clone()
            .with_class_names(&names)
            .with_class_names(&names);
        assert_eq!(serde_json::to_value(&named).unwrap(), expected);
        assert_eq!(table.clone().with_class_names(&[]), table);
    }
}
