//! A table of results as JSON: an array with an object per row, the columns in their order.

use logformat::SampleId;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::results::tables::ResultTable;
use crate::results::tables::cells::Cells;

impl Serialize for ResultTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.len()))?;
        for row in 0..self.len() {
            rows.serialize_element(&self.row(row))?;
        }
        rows.end()
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
        let columns = self.table.columns();
        let mut map = serializer.serialize_map(Some(columns.len()))?;
        for column in columns {
            map.serialize_key(&column.name)?;
            match &column.cells {
                Cells::Texts(values) => map.serialize_value(&values[self.row].as_deref())?,
                Cells::Ids(ids) => match ids.get(self.row) {
                    Some(SampleId::Integer(id)) => map.serialize_value(&id)?,
                    Some(SampleId::Text(id)) => map.serialize_value(&id)?,
                    None => map.serialize_value(&None::<i64>)?,
                },
                Cells::Numbers(values) | Cells::Classes(values) => {
                    map.serialize_value(&values[self.row])?;
                }
                Cells::Counts(values) => map.serialize_value(&values[self.row])?,
                Cells::Flags(values) => map.serialize_value(&values[self.row])?,
                Cells::Marks(values) => map.serialize_value(&values[self.row])?,
                Cells::Floats(values, _) => map.serialize_value(&values[self.row])?,
            }
        }
        map.end()
    }
}
