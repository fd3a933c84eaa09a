//! A table of results as a Polars frame, for the file formats that Polars writes.

use logformat::SampleIds;
use polars::prelude::{Column, DataFrame, NamedFrom, PlSmallStr, PolarsResult, Series};

use crate::results::tables::cells::Cells;
use crate::results::tables::{ResultColumn, ResultTable};

/// The table with the types of its columns: 64-bit or text ids, 32-bit classes and numbers, 64-bit
/// counts and floats.
pub(crate) fn data_frame(table: &ResultTable) -> PolarsResult<DataFrame> {
    let columns = table.columns().iter().map(series).map(Column::from);
    DataFrame::new(table.len(), columns.collect())
}

fn series(column: &ResultColumn) -> Series {
    let name: PlSmallStr = column.name.as_str().into();
    match &column.cells {
        Cells::Texts(values) => {
            let texts: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
            Series::new(name, texts)
        }
        Cells::Ids(SampleIds::Integers(ids)) => Series::new(name, ids),
        Cells::Ids(SampleIds::Texts(ids)) => Series::new(name, ids),
        Cells::Numbers(values) | Cells::Classes(values) => {
            let signed = values.iter().map(|value| value.map(u32::cast_signed));
            Series::new(name, signed.collect::<Vec<Option<i32>>>())
        }
        Cells::Counts(values) => {
            let signed = values.iter().map(|value| value.map(u64::cast_signed));
            Series::new(name, signed.collect::<Vec<Option<i64>>>())
        }
        Cells::Flags(values) => Series::new(name, values),
        Cells::Marks(values) => Series::new(name, values),
        Cells::Floats(values, _) => Series::new(name, values),
    }
}
