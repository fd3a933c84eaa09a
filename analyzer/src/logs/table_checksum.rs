//! Whether a Parquet table holds what was written: [`TableChecksum`] of a frame.

use logformat::TableChecksum;
use polars::prelude::{AnyValue, DataFrame, Series};

/// The checksum of all columns.
pub(crate) fn checksum(table: &DataFrame) -> String {
    let mut sum = TableChecksum::default();
    for column in table.columns() {
        sum.column(column.name(), &column.dtype().to_string());
        add(&mut sum, column.as_materialized_series());
    }
    sum.finish()
}

fn add(sum: &mut TableChecksum, values: &Series) {
    for value in values.iter() {
        match value {
            AnyValue::Null => sum.null(),
            AnyValue::Boolean(value) => sum.boolean(value),
            AnyValue::Int32(value) => sum.integer(value.into()),
            AnyValue::Int64(value) => sum.integer(value),
            AnyValue::Float64(value) => sum.float(value),
            AnyValue::String(text) => sum.text(text),
            AnyValue::List(values) => {
                sum.list(values.len());
                add(sum, &values);
            }
            // Our own tables have no others, and those of somebody else no checksum.
            other => sum.text(&other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use polars::prelude::{Column, NamedFrom};

    use super::*;

    fn table(name: &str, aums: &[Option<f64>], run: &str) -> DataFrame {
        let runs = Series::new("run".into(), vec![run; aums.len()]);
        let aums = Series::new(name.into(), aums);
        DataFrame::new(aums.len(), [runs, aums].map(Column::from).to_vec()).unwrap()
    }

    #[test]
    fn another_name_value_order_or_gap_is_another_checksum() {
        let of = |name, aums: &[Option<f64>], run| checksum(&table(name, aums, run));
        let written = of("aum", &[Some(1.0), None], "a");
        // The recorder, which reads such tables too, has the same in a test.
        assert_eq!(written, "acd157ff");
        for other in [
            of("bum", &[Some(1.0), None], "a"),
            of("aum", &[Some(1.0 + f64::EPSILON), None], "a"),
            of("aum", &[None, Some(1.0)], "a"),
            of("aum", &[Some(1.0), Some(0.0)], "a"),
            of("aum", &[Some(1.0), None], "b"),
            of("aum", &[Some(1.0)], "a"),
        ] {
            assert_ne!(written, other);
        }
    }
}
