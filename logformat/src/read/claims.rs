//! What a Parquet file may claim of itself before any of it is believed: no room is made for values that
//! its bytes cannot hold, however small the file and however large the number in it.
//!
//! The rule, for every count and length in footers and headers of pages: what it stands for takes at most
//! [`DECODED_PER_BYTE`] times the bytes that it lies in, or [`ALWAYS_BORNE`] bytes. Run lengths and
//! compression make much of little, but of values that differ, as margins do, never so much. What is left of a
//! claim is under the limit of one file, [`check_file_memory`]: 8 GiB, and 256 MiB for the footer.

use std::fs::File;

use bytes::Bytes;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader};

use crate::read::file_memory::check_file_memory;
use crate::read::pages::group_bytes::read_at;
use crate::read::thrift::{Kind, Thrift};

/// Bytes in memory for a byte in the file.
const DECODED_PER_BYTE: u64 = 1 << 10;

/// Bytes in memory that any claim may take.
const ALWAYS_BORNE: u64 = 64 << 20;

/// What the rows of a file, and the values of a list in a part of it, may take where nothing else is set: a billion
/// rows.
const USUAL_BYTES: u64 = 8 << 30;

/// What its footer may.
const USUAL_FOOTER_BYTES: u64 = 256 << 20;

/// What a row takes at least, once decoded.
const ROW_BYTES: u64 = 8;

/// What an item of a list takes.
const ITEM_BYTES: u64 = 4;

/// Columns within columns; a list of floats takes three.
const DEEPEST_SCHEMA: usize = 64;

/// The length of the footer in four bytes, then `PAR1`.
const END_OF_FOOTER: u64 = 8;
const MAGIC: &[u8] = b"PAR1";

/// Headers of pages are shorter, but for statistics that hold long texts.
const HEADER_BYTES: [u64; 3] = [1 << 8, 1 << 12, 1 << 24];

fn is_borne(decoded: u64, bytes: u64) -> bool {
    decoded <= ALWAYS_BORNE.max(bytes.saturating_mul(DECODED_PER_BYTE))
}

/// Checks footer and pages of a Parquet file, all columns of it, for readers other than this crate's.
///
/// # Errors
/// What is claimed and cannot be, in words.
pub fn check_parquet_claims(file: &File) -> Result<(), String> {
    check_claims_of(file, |_| true)
}

/// Checks the footer of a Parquet file, and the pages of the columns that `is_read` names by their paths.
pub(crate) fn check_claims_of(file: &File, is_read: impl Fn(&str) -> bool) -> Result<(), String> {
    let length = file.metadata().map_err(|error| error.to_string())?.len();
    check_footer(file, length)?;
    let metadata = std::panic::catch_unwind(|| ParquetMetaDataReader::new().parse_and_finish(file));
    let metadata = metadata.map_err(|_| "the Parquet decoder gave up on it".to_owned())?;
    // What the decoder refuses it words itself.
    let Ok(metadata) = metadata else {
        return Ok(());
    };
    check_rows(&metadata, length)?;
    check_indices(file, &metadata)?;
    let chunks = metadata
        .row_groups()
        .iter()
        .flat_map(|group| group.columns());
    chunks
        .filter(|chunk| is_read(&chunk.column_path().string()))
        .try_for_each(|chunk| check_chunk(file, length, chunk))
}

/// Checks the footer of a file of `length` bytes before the decoder sees it.
pub(crate) fn check_footer(file: &File, length: u64) -> Result<(), String> {
    let damaged = || "its footer cannot be".to_owned();
    let at_end = |bytes: u64| read_at(file, length.checked_sub(bytes)?, bytes);
    let end = match at_end(END_OF_FOOTER) {
        Some(end) if end.ends_with(MAGIC) => end,
        // No Parquet at all: the decoder says so.
        _ => return Ok(()),
    };
    let claimed = end
        .first_chunk::<4>()
        .map_or(0, |length| u32::from_le_bytes(*length));
    check_file_memory(u64::from(claimed), USUAL_FOOTER_BYTES)
        .map_err(|reason| format!("its footer: {reason}"))?;
    let footer = at_end(u64::from(claimed) + END_OF_FOOTER).ok_or_else(damaged)?;
    let mut depth = 0;
    let mut thrift = Thrift::new(&footer);
    let whole = thrift.fields(|value, field, kind| match field {
        // FileMetaData: 2 is the schema.
        2 if kind.is_list() => {
            depth = schema_depth(value)?;
            Some(())
        }
        _ => value.skip(kind),
    });
    whole.ok_or_else(damaged)?;
    if depth > DEEPEST_SCHEMA {
        return Err(format!(
            "its columns are nested {depth} deep, and no more than {DEEPEST_SCHEMA} are read"
        ));
    }
    Ok(())
}

/// How deep the columns of a schema are nested.
fn schema_depth(schema: &mut Thrift<'_>) -> Option<usize> {
    let (elements, _) = schema.list()?;
    // Of each element that is open: how many of its children are still to come.
    let mut open: Vec<i64> = Vec::new();
    let mut deepest = 0;
    for _ in 0..elements {
        let mut children = 0;
        schema.fields(|value, field, kind| {
            // SchemaElement: 5 is the number of children.
            match field {
                5 => children = value.integer()?,
                _ => value.skip(kind)?,
            }
            Some(())
        })?;
        while open.pop_if(|left| *left == 0).is_some() {}
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        if children > 0 {
            open.push(children);
        }
        deepest = deepest.max(open.len());
    }
    Some(deepest)
}

/// Checks the rows of a file of `length` bytes, and the values of its lists.
pub(crate) fn check_rows(metadata: &ParquetMetaData, length: u64) -> Result<(), String> {
    let claims = |rows: i64| u64::try_from(rows).map_err(|_| format!("it claims {rows} rows"));
    let rows = metadata.file_metadata().num_rows();
    let row_bytes = claims(rows)?.saturating_mul(ROW_BYTES);
    if !is_borne(row_bytes, length) {
        return Err(format!("it claims {rows} rows in {length} bytes"));
    }
    check_file_memory(row_bytes, USUAL_BYTES)
        .map_err(|reason| format!("it claims {rows} rows: {reason}"))?;
    for group in metadata.row_groups() {
        claims(group.num_rows())?;
        for chunk in group.columns() {
            let (values, (_, bytes)) = (claims(chunk.num_values())?, chunk.byte_range());
            let is_list = chunk.column_descr().max_rep_level() > 0;
            let item_bytes = values.saturating_mul(ITEM_BYTES);
            let claim = || {
                format!(
                    "column {} claims {values} values",
                    chunk.column_path().string()
                )
            };
            if is_list && !is_borne(item_bytes, bytes) {
                return Err(format!("{} in {bytes} bytes", claim()));
            }
            if is_list {
                check_file_memory(item_bytes, USUAL_BYTES)
                    .map_err(|reason| format!("{}: {reason}", claim()))?;
            }
        }
    }
    Ok(())
}

/// Checks the indices of pages, which are lists, too.
pub(crate) fn check_indices(file: &File, metadata: &ParquetMetaData) -> Result<(), String> {
    for chunk in metadata
        .row_groups()
        .iter()
        .flat_map(|group| group.columns())
    {
        for place in [
            (chunk.column_index_offset(), chunk.column_index_length()),
            (chunk.offset_index_offset(), chunk.offset_index_length()),
        ] {
            let (Some(start), Some(length)) = place else {
                continue;
            };
            let (start, length) = (u64::try_from(start), u64::try_from(length));
            let bytes = start.ok().zip(length.ok());
            let bytes = bytes.filter(|(_, length)| *length <= ALWAYS_BORNE);
            let bytes = bytes.and_then(|(start, length)| read_at(file, start, length));
            let is_whole = |bytes: Bytes| {
                let mut index = Thrift::new(&bytes);
                index.fields(|value, _, kind| value.skip(kind)).is_some()
            };
            if !bytes.is_some_and(is_whole) {
                let column = chunk.column_path().string();
                return Err(format!("the page index of column {column} cannot be"));
            }
        }
    }
    Ok(())
}

/// Checks the pages of a column chunk in a file of `length` bytes.
pub(crate) fn check_chunk(
    file: &File,
    length: u64,
    chunk: &ColumnChunkMetaData,
) -> Result<(), String> {
    check_pages(chunk, length, |start, bytes| {
        read_at(file, start, bytes.min(length.checked_sub(start)?))
    })
}

/// Checks the pages of a column chunk whose file ends at `end`; `at` gives up to so many bytes from some
/// place on.
pub(crate) fn check_pages(
    chunk: &ColumnChunkMetaData,
    end: u64,
    at: impl Fn(u64, u64) -> Option<Bytes>,
) -> Result<(), String> {
    let column = chunk.column_path().string();
    let (start, bytes) = chunk.byte_range();
    let (mut place, mut values) = (start, 0_u64);
    let claimed = u64::try_from(chunk.num_values()).unwrap_or(0);
    while values < claimed && place < start.saturating_add(bytes) {
        let header = HEADER_BYTES
            .iter()
            .find_map(|&most| PageHeader::of(&at(place, most)?));
        let header = header.ok_or_else(|| format!("a page of column {column} has no header"))?;
        header
            .check()
            .map_err(|reason| format!("a page of column {column} {reason}"))?;
        values = values.saturating_add(header.values);
        place = place.saturating_add(header.length + header.compressed);
        if place > end {
            return Err(format!(
                "a page of column {column} lies beyond the end of the file"
            ));
        }
    }
    match values == claimed {
        true => Ok(()),
        false => Err(format!(
            "column {column} claims {claimed} values, and its pages {values}"
        )),
    }
}

/// What the header of a page says.
#[derive(Debug, Default, PartialEq, Eq)]
struct PageHeader {
    /// Its own length.
    length: u64,
    compressed: u64,
    uncompressed: u64,
    /// Of a page of data.
    values: u64,
    dictionary_values: u64,
}

impl PageHeader {
    fn of(bytes: &[u8]) -> Option<Self> {
        let mut header = Self::default();
        let mut thrift = Thrift::new(bytes);
        let count = |value: &mut Thrift<'_>| u64::try_from(value.integer()?).ok();
        // PageHeader: 2 and 3 are lengths; 5, 7 and 8 are the headers of data pages, dictionaries and data
        // pages of the second version, each with the number of values first.
        thrift.fields(|value, field, kind: Kind| {
            match field {
                2 => header.uncompressed = count(value)?,
                3 => header.compressed = count(value)?,
                5 | 7 | 8 if kind.is_struct() => {
                    let mut values = 0;
                    value.fields(|value, inner, kind| match inner {
                        1 => {
                            values = count(value)?;
                            Some(())
                        }
                        _ => value.skip(kind),
                    })?;
                    match field {
                        7 => header.dictionary_values = values,
                        _ => header.values = values,
                    }
                }
                _ => value.skip(kind)?,
            }
            Some(())
        })?;
        header.length = (bytes.len() - thrift.bytes.len()) as u64;
        Some(header)
    }

    fn check(&self) -> Result<(), String> {
        let (compressed, uncompressed) = (self.compressed, self.uncompressed);
        if !is_borne(uncompressed, compressed) {
            return Err(format!(
                "claims {uncompressed} bytes in {compressed}; write smaller pages if that is so"
            ));
        }
        // A value of a dictionary takes a byte at least.
        if self.dictionary_values > uncompressed {
            let values = self.dictionary_values;
            return Err(format!(
                "claims a dictionary of {values} values in {uncompressed} bytes"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_claimed_is_1024_times_the_bytes_or_64_mib_at_most() {
        assert!(is_borne(64 << 20, 0));
        assert!(!is_borne((64 << 20) + 1, 1 << 16));
        assert!(is_borne(1 << 30, 1 << 20));
        assert!(!is_borne((1 << 30) + 1, 1 << 20));
    }

    #[test]
    fn a_schema_is_as_deep_as_its_columns_are_nested() {
        // Elements with the number of children alone, zigzag, and leaves with nothing.
        let (of_one, of_two, leaf) = (&[0x55, 2, 0][..], &[0x55, 4, 0][..], &[0][..]);
        let depth = |elements: &[&[u8]]| {
            let count = [(elements.len() as u8) << 4 | 0xc];
            let bytes = [&count[..], &elements.concat()].concat();
            schema_depth(&mut Thrift::new(&bytes))
        };
        assert_eq!(depth(&[of_two, leaf, of_one, leaf]), Some(2));
        assert_eq!(depth(&[of_two, of_one, leaf, leaf]), Some(2));
        assert_eq!(depth(&[of_one, of_one, of_one, leaf]), Some(3));
        assert_eq!(depth(&[of_one, &[]]), None);
    }

    #[test]
    fn a_header_of_a_page_says_how_long_it_and_its_page_are() {
        // Page type 0, 8 bytes uncompressed, 5 compressed, a data page of 2 values.
        let bytes = [0x15, 0, 0x15, 16, 0x15, 10, 0x2c, 0x15, 4, 0, 0, 0xff];
        let header = PageHeader::of(&bytes).unwrap();
        assert_eq!(
            (header.length, header.compressed, header.uncompressed),
            (11, 5, 8)
        );
        assert_eq!((header.values, header.dictionary_values), (2, 0));
        assert_eq!(PageHeader::of(&bytes[..10]), None);
    }
}
