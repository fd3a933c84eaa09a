//! Where the values of a column lie in a row group: in one chunk, or, for a nested column, in one for each leaf.

use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};

use crate::schema::column::Column;

/// The chunks of the column with this name.
pub(crate) fn chunks_of<'a>(
    group: &'a RowGroupMetaData,
    name: &str,
) -> impl Iterator<Item = &'a ColumnChunkMetaData> {
    group.columns().iter().filter(move |chunk| {
        let root = chunk.column_path().parts().first();
        root.is_some_and(|root| root == name)
    })
}

/// The chunk of a column that is not nested.
pub(crate) fn flat_chunk(group: &RowGroupMetaData, column: Column) -> Option<&ColumnChunkMetaData> {
    chunks_of(group, column.name()).find(|chunk| chunk.column_path().parts().len() == 1)
}
