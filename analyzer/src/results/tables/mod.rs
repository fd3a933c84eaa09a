//! A table of results: named columns of one length, each of a kind that says what its numbers are.
//! A command fills it once; from it come the text for people, CSV, JSON, and files of all kinds.

pub(crate) mod cells;
pub(crate) mod frame;
pub(crate) mod rows;
pub(crate) mod text;

use std::sync::Arc;

use crate::results::tables::cells::Cells;

/// The name of the column that says which run a row belongs to.
const RUN_COLUMN: &str = "run";

/// A table, column by column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ResultTable {
    columns: Vec<ResultColumn>,
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultColumn {
    /// Its name in files, such as `flagged_share`.
    pub name: String,
    /// What stands above it in the text for people, such as `Flagged share`; empty for
    /// a column that people are not shown.
    pub heading: String,
    /// Its values.
    pub cells: Cells,
}

impl ResultTable {
    /// A table without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// The table with one column more, at the right.
    ///
    /// A column of another length than those before is filled up, or cut, to their length.
    #[must_use]
    pub fn with(
        mut self,
        name: impl Into<String>,
        heading: impl Into<String>,
        cells: Cells,
    ) -> Self {
        let mut cells = cells;
        if !self.columns.is_empty() {
            cells.resize(self.len());
        }
        self.columns.push(ResultColumn {
            name: name.into(),
            heading: heading.into(),
            cells,
        });
        self
    }

    /// The columns from left to right.
    pub fn columns(&self) -> &[ResultColumn] {
        &self.columns
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, |column| column.cells.len())
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tables of some runs one below the other, with the name of its run (`None` for the unnamed
    /// one) in each row. A column that some of them lack has no value there.
    pub fn of_runs<'a>(
        tables: impl IntoIterator<Item = (Option<&'a str>, &'a ResultTable)>,
    ) -> Self {
        let mut stacked = Self::new();
        for (run, table) in tables {
            let run: Option<Arc<str>> = run.map(Arc::from);
            let runs = Cells::Texts(vec![run; table.len()]);
            let mut part = Self::new().with(RUN_COLUMN, "Run", runs);
            part.columns.extend(table.columns.iter().cloned());
            stacked.append(part);
        }
        stacked
    }

    /// The rows of `other` below those of this table.
    pub fn append(&mut self, other: ResultTable) {
        let (above, below) = (self.len(), other.len());
        for column in other.columns {
            let own = self.columns.iter().position(|own| own.name == column.name);
            match own {
                Some(own) => self.columns[own].cells.append(column.cells),
                None => {
                    let mut cells = column.cells.none(above);
                    cells.append(column.cells);
                    self.columns.push(ResultColumn { cells, ..column });
                }
            }
        }
        for column in &mut self.columns {
            column.cells.resize(above + below);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_runs_are_stacked_and_what_one_lacks_is_empty() {
        let first = ResultTable::new()
            .with("pass", "Pass", Cells::numbers([1, 2]))
            .with("aum", "AUM", Cells::logits([Some(0.5), None]));
        let second = ResultTable::new()
            .with("pass", "Pass", Cells::numbers([1]))
            .with("flagged", "Flagged", Cells::counts([Some(7)]));
        let stacked = ResultTable::of_runs([(Some("a"), &first), (None, &second)]);
        let names: Vec<&str> = stacked.columns().iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["run", "pass", "aum", "flagged"]);
        let expected = [
            Cells::Texts(vec![Some("a".into()), Some("a".into()), None]),
            Cells::numbers([1, 2, 1]),
            Cells::logits([Some(0.5), None, None]),
            Cells::counts([None, None, Some(7)]),
        ];
        let found: Vec<&Cells> = stacked.columns().iter().map(|c| &c.cells).collect();
        assert_eq!(found, expected.iter().collect::<Vec<_>>());
    }
}
