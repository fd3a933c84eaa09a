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
            let value = column.get(self.row).unwrap_or(AnyValue::Null);
            map.serialize_value(&Cell(value))?;
        }
        map.end()
    }
}

/// A value; that of a list is an array.
struct Cell<'a>(AnyValue<'a>);

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            AnyValue::Null => serializer.serialize_unit(),
            AnyValue::Boolean(flag) => serializer.serialize_bool(*flag),
            AnyValue::Int32(number) => serializer.serialize_i32(*number),
            AnyValue::Int64(number) => serializer.serialize_i64(*number),
            AnyValue::Float64(number) => serializer.serialize_f64(*number),
            AnyValue::String(text) => serializer.serialize_str(text),
            AnyValue::StringOwned(text) => serializer.serialize_str(text),
            AnyValue::List(values) => serializer.collect_seq(values.iter().map(Cell)),
            other => serializer.serialize_str(&other.to_string()),
        }
    }
}
