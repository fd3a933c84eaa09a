//! Decodes one column chunk without lists from its bytes, by the `parquet` crate's own column
//! reader, into plain vectors.
//!
//! Whatever is not as most logs have it (another type, a null, a negative label) is `None` here:
//! the Arrow reader then reads the file, and words the refusal if there is one.

use std::sync::Arc;

use bytes::{Buf, Bytes};
use parquet::basic::Type;
use parquet::column::reader::{get_column_reader, get_typed_column_reader};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int32Type, Int64Type,
};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

use crate::read::pages::one_value::one_value;
use crate::read::repeated::{Repeated, RepeatedTexts};
use crate::schema::sample_id::SampleIds;

/// The bytes of one column chunk, addressed as in their file.
pub(crate) struct ChunkBytes {
    start: u64,
    bytes: Bytes,
}

impl Length for ChunkBytes {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for ChunkBytes {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(self.slice(start, None)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        self.slice(start, Some(length))
    }
}

impl ChunkBytes {
    fn slice(&self, start: u64, length: Option<usize>) -> ParquetResult<Bytes> {
        let first = start
            .checked_sub(self.start)
            .and_then(|at| usize::try_from(at).ok());
        let end = match length {
            None => Some(self.bytes.len()),
            Some(length) => first.and_then(|first| first.checked_add(length)),
        };
        match (first, end) {
            (Some(first), Some(end)) if first <= end && end <= self.bytes.len() => {
                Ok(self.bytes.slice(first..end))
            }
            _ => Err(ParquetError::EOF("beyond the column chunk".to_owned())),
        }
    }
}

/// A column chunk with its bytes.
pub(crate) struct FlatColumn<'a> {
    pub(crate) chunk: &'a ColumnChunkMetaData,
    pub(crate) bytes: Bytes,
    pub(crate) rows: usize,
}

/// The values that are there, and for each row whether there is one.
struct Nullable<V> {
    values: Vec<V>,
    /// 0 for null; `None` where no row can be null.
    levels: Option<Vec<i16>>,
}

impl FlatColumn<'_> {
    fn physical_type(&self) -> Type {
        self.chunk.column_type()
    }

    fn pages(&self) -> Option<SerializedPageReader<ChunkBytes>> {
        let bytes = ChunkBytes {
            start: self.chunk.byte_range().0,
            bytes: self.bytes.clone(),
        };
        SerializedPageReader::new(Arc::new(bytes), self.chunk, self.rows, None).ok()
    }

    fn values<T: DataType>(&self) -> Option<Nullable<T::T>> {
        let descriptor = self.chunk.column_descr_ptr();
        if descriptor.max_rep_level() > 0 || descriptor.max_def_level() > 1 {
            return None;
        }
        let is_nullable = descriptor.max_def_level() == 1;
        let reader = get_column_reader(descriptor, Box::new(self.pages()?));
        let mut reader = get_typed_column_reader::<T>(reader);
        let (mut values, mut levels) = (Vec::with_capacity(self.rows), Vec::new());
        let (rows, _, _) = reader
            .read_records(self.rows, Some(&mut levels), None, &mut values)
            .ok()?;
        (rows == self.rows).then_some(Nullable {
            values,
            levels: is_nullable.then_some(levels),
        })
    }

    /// The values of a column in which no row is null.
    fn present<T: DataType>(&self) -> Option<Vec<T::T>> {
        let values = self.values::<T>()?.values;
        (values.len() == self.rows).then_some(values)
    }

    /// Integers of `least` and more that fit 32 bits.
    pub(crate) fn numbers(&self, least: u32) -> Option<Vec<u32>> {
        match self.physical_type() {
            Type::INT32 => {
                let values = self.present::<Int32Type>()?;
                let are_in_range = are_at_least(i32::try_from(least).ok()?, &values);
                are_in_range.then(|| values.into_iter().map(i32::cast_unsigned).collect())
            }
            Type::INT64 => {
                let values = self.present::<Int64Type>()?.into_iter();
                values.map(|value| in_range(value, least)).collect()
            }
            _ => None,
        }
    }

    /// Labels that may be null.
    pub(crate) fn nullable_numbers(&self) -> Option<Vec<Option<u32>>> {
        match self.physical_type() {
            Type::INT32 => match self.values::<Int32Type>()? {
                all if all.values.len() == self.rows => {
                    let labels = all.values.iter().map(|value| Some(value.cast_unsigned()));
                    are_at_least(0, &all.values).then(|| labels.collect())
                }
                some => self.spread(some, i64::from),
            },
            Type::INT64 => self.spread(self.values::<Int64Type>()?, |value| value),
            _ => None,
        }
    }

    fn spread<V>(
        &self,
        nullable: Nullable<V>,
        widen: impl Fn(V) -> i64,
    ) -> Option<Vec<Option<u32>>> {
        let mut values = nullable.values.into_iter();
        let mut next = || in_range(widen(values.next()?), 0);
        match nullable.levels {
            None => (0..self.rows).map(|_| next().map(Some)).collect(),
            Some(levels) => levels
                .iter()
                .map(|&level| match level {
                    0 => Some(None),
                    _ => next().map(Some),
                })
                .collect(),
        }
    }

    pub(crate) fn booleans(&self) -> Option<Vec<bool>> {
        match self.physical_type() {
            Type::BOOLEAN => self.present::<BoolType>(),
            _ => None,
        }
    }

    pub(crate) fn sample_ids(&self) -> Option<SampleIds> {
        Some(match self.physical_type() {
            Type::INT64 => SampleIds::Integers(self.present::<Int64Type>()?),
            Type::INT32 => {
                let ids = self.present::<Int32Type>()?.into_iter();
                SampleIds::Integers(ids.map(i64::from).collect())
            }
            Type::BYTE_ARRAY => {
                let ids = self.present::<ByteArrayType>()?;
                let texts = ids.iter().map(|id| text(id).map(str::to_owned));
                SampleIds::Texts(texts.collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }

    /// The value of every row in the plain encoding, where it is the same; where it is not, or hard to
    /// tell, `None`.
    fn one_value(&self) -> Option<Bytes> {
        let descriptor = self.chunk.column_descr();
        let is_plain = descriptor.max_rep_level() == 0 && descriptor.max_def_level() == 0;
        if !is_plain {
            return None;
        }
        one_value(self.pages()?, self.rows)
    }

    /// Texts that repeat.
    pub(crate) fn repeated_texts(&self) -> Option<RepeatedTexts> {
        if self.physical_type() != Type::BYTE_ARRAY {
            return None;
        }
        if let Some(value) = self.one_value() {
            let (length, text) = value.split_first_chunk::<4>()?;
            let is_whole = u32::from_le_bytes(*length) as usize == text.len();
            let text = std::str::from_utf8(text).ok().filter(|_| is_whole)?;
            return Some(Repeated::of_one(Arc::from(text), self.rows));
        }
        let values = self.present::<ByteArrayType>()?;
        values.iter().map(text).collect()
    }

    /// Integers of `least` and more that fit 32 bits, and repeat.
    pub(crate) fn repeated_numbers(&self, least: u32) -> Option<Repeated<u32>> {
        let Some(value) = self.one_value() else {
            return Some(self.numbers(least)?.into_iter().collect());
        };
        let number = match self.physical_type() {
            Type::INT32 => i64::from(i32::from_le_bytes(value[..].try_into().ok()?)),
            Type::INT64 => i64::from_le_bytes(value[..].try_into().ok()?),
            _ => return None,
        };
        Some(Repeated::of_one(in_range(number, least)?, self.rows))
    }

    /// Finite floats.
    pub(crate) fn floats(&self) -> Option<Vec<f32>> {
        let values = match self.physical_type() {
            Type::FLOAT => self.present::<FloatType>()?,
            #[expect(
                clippy::cast_possible_truncation,
                reason = "checked to be finite below"
            )]
            Type::DOUBLE => {
                let values = self.present::<DoubleType>()?.into_iter();
                values.map(|value| value as f32).collect()
            }
            _ => return None,
        };
        let are_finite = values
            .iter()
            .fold(true, |all, value| all & value.is_finite());
        are_finite.then_some(values)
    }
}

fn are_at_least(least: i32, values: &[i32]) -> bool {
    // Not `all`, which would stop early and so look at one after the other.
    values
        .iter()
        .fold(true, |all, &value| all & (value >= least))
}

fn in_range(value: i64, least: u32) -> Option<u32> {
    let value = i32::try_from(value).ok()?.try_into().ok()?;
    (value >= least).then_some(value)
}

fn text(bytes: &ByteArray) -> Option<&str> {
    std::str::from_utf8(bytes.data()).ok()
}
