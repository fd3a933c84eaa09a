//! Whether a table of the analyzer holds what was written, by the checksum that it has in its metadata.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Schema};
use logformat::TableChecksum;

/// The checksum of a table; `None` where it has columns of types that those of the analyzer have not.
pub(crate) fn checksum(schema: &Schema, batches: &[RecordBatch]) -> Option<String> {
    let mut sum = TableChecksum::default();
    for (at, field) in schema.fields().iter().enumerate() {
        sum.column(field.name(), &type_name(field.data_type())?);
        for batch in batches {
            add(&mut sum, batch.column(at))?;
        }
    }
    Some(sum.finish())
}

fn type_name(data_type: &DataType) -> Option<String> {
    let name = match data_type {
        DataType::Boolean => "bool",
        DataType::Int32 => "i32",
        DataType::Int64 => "i64",
        DataType::Float64 => "f64",
        DataType::Utf8 => "str",
        DataType::List(field) => return Some(format!("list[{}]", type_name(field.data_type())?)),
        _ => return None,
    };
    Some(name.to_owned())
}

fn add(sum: &mut TableChecksum, values: &ArrayRef) -> Option<()> {
    for row in 0..values.len() {
        if values.is_null(row) {
            sum.null();
            continue;
        }
        match values.data_type() {
            DataType::Boolean => sum.boolean(values.as_boolean().value(row)),
            DataType::Int32 => sum.integer(values.as_primitive::<Int32Type>().value(row).into()),
            DataType::Int64 => sum.integer(values.as_primitive::<Int64Type>().value(row)),
            DataType::Float64 => sum.float(values.as_primitive::<Float64Type>().value(row)),
            DataType::Utf8 => sum.text(values.as_string::<i32>().value(row)),
            DataType::List(_) => {
                let elements = values.as_list::<i32>().value(row);
                sum.list(elements.len());
                add(sum, &elements)?;
            }
            _ => return None,
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Float64Array, StringArray};

    use super::*;

    /// The same table has this checksum in the analyzer's own test.
    #[test]
    fn a_table_has_the_checksum_that_the_analyzer_gives_it() {
        let runs: ArrayRef = Arc::new(StringArray::from(vec!["a", "a"]));
        let aums: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.0), None]));
        let table =
            RecordBatch::try_from_iter_with_nullable([("run", runs, true), ("aum", aums, true)])
                .unwrap();
        let whole = checksum(&table.schema(), std::slice::from_ref(&table));
        assert_eq!(whole.as_deref(), Some("acd157ff"));
        let halves = [table.slice(0, 1), table.slice(1, 1)];
        assert_eq!(checksum(&table.schema(), &halves), whole);
        let first = &halves[..1];
        assert_ne!(checksum(&table.schema(), first), whole);
    }
}
