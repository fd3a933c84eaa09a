//! Which parts of a data set the rows of a log are of, as loops record them that log their validation, too: by a
//! column such as `phase` or `is_train`, whatever it is called. The footer tells the least and the largest value of a
//! column, so that no row is read.

use std::path::Path;

use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::statistics::Statistics;

use crate::error::LogError;
use crate::schema::column::COLUMNS;
use crate::schema::part_name::PartName;

/// The part that all rows are of, where a column says it.
///
/// # Errors
/// [`LogError::SeveralParts`] for rows of more than one.
pub(crate) fn part_of(
    path: &Path,
    metadata: &ParquetMetaData,
) -> Result<Option<PartName>, LogError> {
    let columns = metadata.file_metadata().schema_descr().columns();
    let is_own = |name: &str| COLUMNS.iter().any(|column| column.name() == name);
    let mut only = None;
    for (at, column) in columns
        .iter()
        .enumerate()
        .filter(|(_, column)| !is_own(column.name()))
    {
        let groups = metadata.row_groups().iter();
        let mut values = groups.flat_map(|group| values_of(group.column(at)));
        let Some((first, part)) = values.next() else {
            continue;
        };
        if let Some((second, _)) = values.find(|(_, other)| *other != part) {
            return Err(LogError::SeveralParts {
                path: path.to_owned(),
                column: column.name().to_owned(),
                first,
                second,
            });
        }
        only = only.or(part);
    }
    Ok(only)
}

/// The least and the largest value of a column and what they say, where both say something.
fn values_of(chunk: &ColumnChunkMetaData) -> Vec<(String, Option<PartName>)> {
    let ends = match chunk.statistics() {
        Some(Statistics::ByteArray(found)) => {
            [found.min_opt(), found.max_opt()].map(|end| Some(end?.as_utf8().ok()?.to_owned()))
        }
        Some(Statistics::Boolean(found)) => {
            [found.min_opt(), found.max_opt()].map(|end| Some(end?.to_string()))
        }
        _ => return Vec::new(),
    };
    let said = |text: String| Some((PartName::of_cell(chunk.column_descr().name(), &text)?, text));
    let said = ends
        .into_iter()
        .map(|end| said(end?).map(|(part, text)| (text, part)));
    said.collect::<Option<Vec<_>>>().unwrap_or_default()
}
