//! A table of results: a Polars frame, with the heading of each column and how its values look in the text
//! for people. Polars joins, orders and writes it (CSV, Parquet); the text and the JSON are made here.

pub(crate) mod columns;
pub(crate) mod rows;
pub(crate) mod text;

use polars::prelude::{Column, DataFrame, DataType, NamedFrom, Scalar, Series};

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
    /// Class indices by the names of the classes.
    Class,
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
    /// one) in each row. A column that some of them lack has no value there.
    pub fn of_runs<'a>(tables: impl IntoIterator<Item = (Option<&'a str>, ResultTable)>) -> Self {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
        let stacked = ResultTable::of_runs([(Some("a"), first), (None, second)]);
        let expected = json!([
            {"run": "a", "pass": 1, "aum": 0.5, "flagged": null, "best": false},
            {"run": "a", "pass": 2, "aum": null, "flagged": null, "best": false},
            {"run": null, "pass": 1, "aum": null, "flagged": 7, "best": true},
        ]);
        assert_eq!(serde_json::to_value(&stacked).unwrap(), expected);
    }

    #[test]
    fn integer_and_text_ids_share_a_column_of_texts() {
        let integers = || ResultTable::new().samples([7.into()]);
        let texts = || ResultTable::new().samples(["a".into()]);
        let ids = |mut above: ResultTable, below| {
            above.append(below);
            serde_json::to_value(&above).unwrap()
        };
        let expected = json!([{"sample_id": "7"}, {"sample_id": "a"}]);
        assert_eq!(ids(integers(), texts()), expected);
        let expected = json!([{"sample_id": "a"}, {"sample_id": "7"}]);
        assert_eq!(ids(texts(), integers()), expected);
        let both = ResultTable::new().samples([7.into(), "a".into()]);
        assert_eq!(serde_json::to_value(&both).unwrap()[0]["sample_id"], "7");
    }
}
