//! A table of results as people read it: headings, aligned columns, classes by their names.

use std::sync::Arc;

use logformat::SampleIds;

use crate::results::tables::ResultTable;
use crate::results::tables::cells::{Cells, Quantity};
use crate::results::text::{NONE, columns, grouped, number, percent, printable, ratio};

/// What stands in a row that is marked.
const MARK: &str = "←";

/// The table, indented, each line ended; a class is shown by its name in `class_names`, or else by
/// its index.
pub(crate) fn render_table(table: &ResultTable, class_names: &[String]) -> String {
    let shown = || {
        table
            .columns()
            .iter()
            .filter(|column| !column.heading.is_empty())
    };
    let mut rows: Vec<Vec<String>> = vec![shown().map(|column| column.heading.clone()).collect()];
    let texts: Vec<Vec<String>> = shown()
        .map(|column| cell_texts(&column.cells, class_names))
        .collect();
    rows.extend((0..table.len()).map(|row| texts.iter().map(|c| c[row].clone()).collect()));
    let right: Vec<usize> = shown()
        .enumerate()
        .filter(|(_, column)| is_right_aligned(&column.cells))
        .map(|(number, _)| number)
        .collect();
    columns(&rows, &right)
}

fn is_right_aligned(cells: &Cells) -> bool {
    match cells {
        Cells::Ids(ids) => matches!(ids, SampleIds::Integers(_)),
        Cells::Numbers(_) | Cells::Counts(_) | Cells::Floats(..) => true,
        Cells::Texts(_) | Cells::Classes(_) | Cells::Flags(_) | Cells::Marks(_) => false,
    }
}

fn cell_texts(cells: &Cells, class_names: &[String]) -> Vec<String> {
    fn texts<T: Copy>(values: &[Option<T>], text: impl Fn(T) -> String) -> Vec<String> {
        let cell = |value: &Option<T>| value.map_or_else(|| NONE.to_owned(), &text);
        values.iter().map(cell).collect()
    }
    let class = |label: u32| {
        let name = class_names.get(label as usize);
        name.map_or_else(|| label.to_string(), |name| printable(name))
    };
    match cells {
        Cells::Texts(values) => {
            let text =
                |value: &Option<Arc<str>>| value.as_deref().map_or(NONE.to_owned(), printable);
            values.iter().map(text).collect()
        }
        Cells::Ids(ids) => (0..ids.len())
            .filter_map(|row| ids.get(row))
            .map(|id| printable(&id.to_string()))
            .collect(),
        Cells::Numbers(values) => texts(values, |number| number.to_string()),
        Cells::Classes(values) => texts(values, class),
        Cells::Counts(values) => texts(values, |count| grouped(count as usize)),
        Cells::Flags(values) => texts(values, |flag| if flag { "yes" } else { "no" }.to_owned()),
        Cells::Marks(values) => {
            let mark = |marked: &bool| if *marked { MARK } else { "" }.to_owned();
            values.iter().map(mark).collect()
        }
        Cells::Floats(values, quantity) => {
            let text = |value| match quantity {
                Quantity::Logits => number(Some(value)),
                Quantity::Ratio => ratio(Some(value)),
                Quantity::Share => percent(Some(value)),
                Quantity::Plain => value.to_string(),
            };
            texts(values, text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_value_looks_as_people_expect_it() {
        let table = ResultTable::new()
            .with("class", "Class", Cells::classes([Some(1), Some(2), None]))
            .with(
                "count",
                "Samples",
                Cells::counts([Some(1234), Some(5), None]),
            )
            .with(
                "share",
                "Flagged",
                Cells::shares([Some(0.402), None, Some(1.0)]),
            )
            .with(
                "auroc",
                "AUROC",
                Cells::ratios([Some(0.5), Some(1.0), None]),
            )
            .with(
                "known",
                "Known",
                Cells::Flags(vec![Some(true), Some(false), None]),
            )
            .with("seed", "", Cells::numbers([1, 2, 3]))
            .with("best", "Best", Cells::Marks(vec![false, true, false]));
        let expected = "  Class  Samples  Flagged  AUROC  Known  Best
  dog      1,234   40.2 %  0.500  yes
  2            5        –  1.000  no     ←
  –            –  100.0 %      –  –
";
        let names = ["cat", "dog"].map(str::to_owned);
        assert_eq!(render_table(&table, &names), expected);
    }
}
