//! A table of results as people read it: headings, aligned columns, classes by their names.

use polars::prelude::{AnyValue, Column, Series};

use crate::logs::origins::{FILE, ID, ROW, Told};
use crate::results::tables::{Heading, ResultTable, Shown};
use crate::results::text::{NONE, columns, grouped, name, number, percent, printable, ratio};

/// What stands in a row that is marked.
const MARK: &str = "←";

/// The table, indented, each line ended; a class is shown by its name in `class_names`, or else by
/// its index.
pub(crate) fn render_table(table: &ResultTable, class_names: &[String]) -> String {
    let all = table.frame.columns().iter().zip(&table.headings);
    let shown: Vec<(&Column, &Heading)> = all.filter(|(_, head)| !head.text.is_empty()).collect();
    let headings = shown.iter().map(|(_, heading)| heading.text.clone());
    let mut rows: Vec<Vec<String>> = vec![headings.collect()];
    rows.extend((0..table.len()).map(|row| {
        let cell = |(column, heading): &(&Column, &Heading)| {
            if let Shown::Origin(told) = heading.shown {
                return origin_text(table, row, told);
            }
            let value = column.get(row).unwrap_or(AnyValue::Null);
            cell_text(&value, heading.shown, class_names)
        };
        shown.iter().map(cell).collect()
    }));
    let is_right = |(column, heading): &(&Column, &Heading)| {
        let is_number = column.dtype().is_primitive_numeric();
        is_number && !matches!(heading.shown, Shown::Class | Shown::Origin(_))
    };
    let right: Vec<usize> = (0..shown.len())
        .filter(|&at| is_right(&shown[at]))
        .collect();
    columns(&rows, &right)
}

/// What of its origin is told of the sample of a row.
pub(crate) fn origin_text(table: &ResultTable, row: usize, told: Told) -> String {
    let value = |name: &str| {
        let column = table.frame.column(name).ok()?;
        let value = column.get(row).ok()?;
        (!value.is_null()).then(|| cell_text(&value, Shown::Plain, &[]))
    };
    let text = match told {
        Told::Nothing => None,
        Told::Id => value(ID),
        Told::File => value(FILE),
        Told::FileAndRow => value(FILE).zip(value(ROW)).map(|(file, row)| {
            // The folder is that of all, or is in the files of results.
            let name = file.rsplit('/').next().unwrap_or(&file);
            format!("{name}:{row}")
        }),
    };
    text.unwrap_or_else(|| NONE.to_owned())
}

fn cell_text(value: &AnyValue<'_>, shown: Shown, class_names: &[String]) -> String {
    match (shown, value) {
        (_, AnyValue::Null) => NONE.to_owned(),
        (Shown::Mark, AnyValue::Boolean(marked)) => if *marked { MARK } else { "" }.to_owned(),
        (_, AnyValue::Boolean(flag)) => if *flag { "yes" } else { "no" }.to_owned(),
        (Shown::Class, AnyValue::Int32(label)) => {
            let index = usize::try_from(*label).ok();
            let found = index.and_then(|label| class_names.get(label));
            let found = found.filter(|found| !found.trim().is_empty());
            found.map_or_else(|| label.to_string(), |found| name(found))
        }
        (_, AnyValue::Int32(number)) => number.to_string(),
        (Shown::Count, AnyValue::Int64(count)) => grouped(count.unsigned_abs() as usize),
        (_, AnyValue::Int64(number)) => number.to_string(),
        (Shown::Logits, AnyValue::Float64(value)) => number(Some(*value)),
        (Shown::Ratio, AnyValue::Float64(value)) => ratio(Some(*value)),
        (Shown::Share, AnyValue::Float64(value)) => percent(Some(*value)),
        (_, AnyValue::Float64(value)) => value.to_string(),
        (Shown::Name, AnyValue::String(text)) => name(text),
        (Shown::Name, AnyValue::StringOwned(text)) => name(text),
        (_, AnyValue::String(text)) => printable(text),
        (_, AnyValue::StringOwned(text)) => printable(text),
        (_, AnyValue::List(values)) => listed(values),
        (_, other) => printable(&other.to_string()),
    }
}

/// The words of a list, as they stand in one cell. Texts may have spaces, such as paths, and semicolons divide them.
pub(crate) fn listed(values: &Series) -> String {
    let words = values
        .iter()
        .map(|value| cell_text(&value, Shown::Plain, &[]));
    let separator = if values.dtype().is_string() {
        "; "
    } else {
        " "
    };
    words.collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests {
    use polars::prelude::NamedFrom;

    use super::*;

    #[test]
    fn texts_in_one_cell_are_divided_by_more_than_spaces() {
        let paths = Series::new("".into(), ["a b/1.jpg", "c.jpg"]);
        assert_eq!(listed(&paths), "a b/1.jpg; c.jpg");
        assert_eq!(listed(&Series::new("".into(), [3, 16])), "3 16");
    }

    #[test]
    fn each_kind_of_value_looks_as_people_expect_it() {
        let table = ResultTable::new()
            .classes("class", "Class", [Some(1), Some(2), None])
            .counts("count", "Samples", [Some(1234), Some(5), None])
            .shares("share", "Flagged", [Some(0.402), None, Some(1.0)])
            .ratios("auroc", "AUROC", [Some(0.5), Some(1.0), None])
            .flags("known", "Known", vec![Some(true), Some(false), None])
            .numbers("seed", "", [1, 2, 3])
            .marks("best", "Best", vec![false, true, false]);
        let expected = "  Class  Samples  Flagged  AUROC  Known  Best
  dog      1,234   40.2 %  0.500  yes
  2            5        –  1.000  no     ←
  –            –  100.0 %      –  –
";
        let names = ["cat", "dog"].map(str::to_owned);
        assert_eq!(render_table(&table, &names), expected);
    }
}
