//! Whether a Parquet table holds what was written: a checksum of its names, types and values, kept in its
//! metadata. It is of the values and not of the bytes, so that a table that another program has written again
//! keeps it or loses it whole. CSV has none: it is there to be edited.

use crc32fast::Hasher;
use polars::prelude::{AnyValue, DataFrame, Series};

/// The key of the checksum in the metadata of a file, eight hexadecimal digits.
pub(crate) const CHECKSUM_KEY: &str = "aum.table_crc32";

/// CRC-32 (the one of zlib) of all columns one after the other, each value with its length or as eight bytes.
pub(crate) fn checksum(table: &DataFrame) -> String {
    let mut crc = Hasher::new();
    for column in table.columns() {
        crc.update(format!("{} {}\0", column.name(), column.dtype()).as_bytes());
        add(&mut crc, column.as_materialized_series());
    }
    format!("{:08x}", crc.finalize())
}

fn add(crc: &mut Hasher, values: &Series) {
    for value in values.iter() {
        match value {
            AnyValue::Null => crc.update(b"null"),
            AnyValue::Boolean(value) => crc.update(&[u8::from(value)]),
            AnyValue::Int32(value) => crc.update(&i64::from(value).to_le_bytes()),
            AnyValue::Int64(value) => crc.update(&value.to_le_bytes()),
            AnyValue::Float64(value) => crc.update(&value.to_bits().to_le_bytes()),
            AnyValue::String(text) => {
                crc.update(&text.len().to_le_bytes());
                crc.update(text.as_bytes());
            }
            AnyValue::List(values) => {
                crc.update(&values.len().to_le_bytes());
                add(crc, &values);
            }
            // Our own tables have no others, and those of somebody else no checksum.
            other => crc.update(other.to_string().as_bytes()),
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
        assert_eq!(written, of("aum", &[Some(1.0), None], "a"));
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
