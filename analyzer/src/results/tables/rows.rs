//! A table of results as JSON: an array with an object per row, the columns in their order.

use polars::prelude::AnyValue;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::results::tables::ResultTable;

impl Serialize for ResultTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((0..self.len()).map(|row| self.row(row)))
    }
}

impl ResultTable {
    /// A row, as an object with the names of the columns as keys.
    pub(crate) fn row(&self, row: usize) -> impl Serialize + '_ {
        Row { table: self, row }
    }
}

struct Row<'a> {
    table: &'a ResultTable,
    row: usize,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let columns = self.table.frame.columns();
        let mut map = serializer.serialize_map(Some(columns.len()))?;
        for column in columns {
            map.serialize_key(column.name().as_str())?;
            match column.get(self.row).unwrap_or(AnyValue::Null) {
                AnyValue::Null => map.serialize_value(&())?,
                AnyValue::Boolean(flag) => map.serialize_value(&flag)?,
                AnyValue::Int32(number) => map.serialize_value(&number)?,
                AnyValue::Int64(number) => map.serialize_value(&number)?,
                AnyValue::Float64(number) => map.serialize_value(&number)?,
                AnyValue::String(text) => map.serialize_value(text)?,
                AnyValue::StringOwned(text) => map.serialize_value(text.as_str())?,
                other => map.serialize_value(&other.to_string())?,
            }
        }
        map.end()
    }
}
