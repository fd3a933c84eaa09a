//! Which parts of a log file, or of a sample table, a reader needs, told from the last bytes of the file alone.
//! For files that lie elsewhere: of a log with margins and logits that is a few percent.
//!
//! A file that has these parts at their places, and anything in between, is read as the whole one is.

use std::ops::Range;
use std::path::Path;

use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};

use crate::read::column_chunks::chunks_of;
use crate::read::file_checks::{check_extent, guarded};
use crate::schema::column::{COLUMNS, Column};

/// The length of the footer in four bytes, then `PAR1`.
const END_OF_FOOTER: usize = 8;
const MAGIC: &[u8; 4] = b"PAR1";

/// What is read of each row beside its labels and its margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WantedColumns {
    /// The rival labels, or the logits where there is no such column.
    pub rival_labels: bool,
    /// The logits.
    pub logits: bool,
    /// The margins by the logits, even where there is a column of margins.
    pub margins_from_logits: bool,
}

/// What has to be there of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileParts {
    /// Not told yet: so many of the last bytes are needed to tell.
    LongerEnd(u64),
    /// These ranges of bytes, ascending; the first four bytes and the footer are among them.
    Parts(Vec<Range<u64>>),
    /// All of it: it is no log, or damaged, and whoever reads it will say so.
    All,
}

impl FileParts {
    /// What has to be there of a log of `length` bytes whose last bytes are `end`.
    pub fn of(end: &[u8], length: u64, wanted: WantedColumns) -> Self {
        Self::told_by(end, length, |metadata| {
            let columns = columns_read(metadata, wanted)?.into_iter();
            Some(columns.map(Column::name).collect())
        })
    }

    /// The same of a table of which these columns are read, as far as it has them.
    pub(crate) fn of_columns(end: &[u8], length: u64, columns: &[&'static str]) -> Self {
        Self::told_by(end, length, |_| Some(columns.to_vec()))
    }

    fn told_by(
        end: &[u8],
        length: u64,
        columns: impl Fn(&ParquetMetaData) -> Option<Vec<&'static str>>,
    ) -> Self {
        let Some(footer_length) = footer_length(end, length) else {
            return FileParts::All;
        };
        let Some(footer) = end.len().checked_sub(footer_length) else {
            return FileParts::LongerEnd(footer_length as u64);
        };
        let metadata = guarded(Path::new(""), || {
            let thrift = &end[footer..end.len() - END_OF_FOOTER];
            let metadata = ParquetMetaDataReader::decode_metadata(thrift)
                .map_err(|error| error.to_string())?;
            check_extent(&metadata, length)?;
            Ok(metadata)
        });
        match metadata {
            Ok(metadata) => {
                let columns = columns(&metadata);
                columns.map_or(FileParts::All, |columns| {
                    let mut parts = chunks(&metadata, &columns);
                    parts.push(0..MAGIC.len() as u64);
                    // Where pages lie is told between the last of them and the footer.
                    parts.push(end_of_pages(&metadata)..length);
                    parts.sort_by_key(|part| part.start);
                    FileParts::Parts(parts)
                })
            }
            Err(_) => FileParts::All,
        }
    }
}

/// The length of the footer with its end; `None` for what is no Parquet file.
fn footer_length(end: &[u8], length: u64) -> Option<usize> {
    let end = end.last_chunk::<END_OF_FOOTER>()?;
    let (thrift, magic) = end.split_first_chunk::<4>()?;
    let footer_length = u32::from_le_bytes(*thrift) as usize + END_OF_FOOTER;
    (magic == MAGIC && footer_length as u64 <= length).then_some(footer_length)
}

/// The columns that a reader looks at; `None` where the file is no log.
fn columns_read(metadata: &ParquetMetaData, wanted: WantedColumns) -> Option<Vec<Column>> {
    let fields = metadata.file_metadata().schema_descr().root_schema();
    let fields = fields.get_fields();
    let has = |column: Column| fields.iter().any(|field| field.name() == column.name());
    let is_log = COLUMNS
        .iter()
        .all(|&column| !column.is_required() || has(column))
        && (has(Column::Margin) || has(Column::Logits));
    let needs_logits = wanted.logits
        || wanted.margins_from_logits
        || !has(Column::Margin)
        || wanted.rival_labels && !has(Column::RivalLabel);
    let is_read = |column: &Column| match column {
        Column::Logits => needs_logits,
        // Whoever looks at logits looks at everything.
        Column::RivalLabel => wanted.rival_labels || wanted.logits,
        _ => true,
    };
    is_log.then(|| COLUMNS.into_iter().filter(is_read).collect())
}

/// Where the values of `columns` lie.
fn chunks(metadata: &ParquetMetaData, columns: &[&str]) -> Vec<Range<u64>> {
    let groups = metadata.row_groups().iter();
    let chunks_in = |group| {
        let columns = columns.iter();
        columns.flat_map(move |column| chunks_of(group, column))
    };
    groups
        .flat_map(chunks_in)
        .map(|chunk| {
            let (start, size) = chunk.byte_range();
            start..start + size // checked to lie within the file
        })
        .collect()
}

/// Where the values of the last column end.
fn end_of_pages(metadata: &ParquetMetaData) -> u64 {
    let groups = metadata.row_groups().iter();
    let chunks = groups.flat_map(|group| group.columns());
    let ends = chunks.map(|chunk| {
        let (start, size) = chunk.byte_range();
        start + size // checked to lie within the file
    });
    ends.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;
    use crate::read::reader::EpochReader;
    use crate::read::row_batch::RowBatch;
    use crate::schema::metadata::RunDescription;
    use crate::write::epoch::EpochLogits;
    use crate::write::logits_column::LogitsColumn;
    use crate::write::samples::{PassSamples, SampleRow};
    use crate::write::writer::EpochWriter;

    /// A log of our own writer, whose logits are most of it.
    fn log(folder: &Path) -> PathBuf {
        let rows = (0..300_i64).map(|id| SampleRow {
            sample_id: id.into(),
            assigned_label: (id % 40) as u32,
            given_label: (id % 40) as u32,
            true_label: None,
            is_threshold_sample: false,
        });
        let samples = Arc::new(PassSamples::new(rows.collect(), 40).unwrap());
        let mut epoch = EpochLogits::new(samples, 1);
        for sample in 0..300 {
            let logits = (0..40).map(|class| ((sample * 40 + class) as f32 * 0.7).sin());
            epoch.record(sample, &logits.collect::<Vec<_>>()).unwrap();
        }
        let path = folder.join("a.parquet");
        let description = RunDescription::default();
        let writer = EpochWriter::new("a", description, LogitsColumn::Float32);
        writer.write(&path, 1, epoch).unwrap();
        path
    }

    fn parts(bytes: &[u8], wanted: WantedColumns) -> Vec<Range<u64>> {
        match FileParts::of(bytes, bytes.len() as u64, wanted) {
            FileParts::Parts(parts) => parts,
            other => panic!("{other:?}"),
        }
    }

    fn length(parts: &[Range<u64>]) -> u64 {
        parts.iter().map(|part| part.end - part.start).sum()
    }

    /// The file with ones in place of all that is not in `parts`.
    fn with_parts_alone(bytes: &[u8], parts: &[Range<u64>]) -> Vec<u8> {
        let mut rest = vec![1; bytes.len()];
        for part in parts {
            let part = part.start as usize..part.end as usize;
            rest[part.clone()].copy_from_slice(&bytes[part]);
        }
        rest
    }

    fn margins(path: &Path) -> Vec<RowBatch> {
        let reader = EpochReader::open(path).unwrap().without_rival_labels();
        reader.margins().unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn margins_are_read_without_the_bytes_of_the_logits() {
        let folder = tempfile::tempdir().unwrap();
        let path = log(folder.path());
        let bytes = fs::read(&path).unwrap();
        let needed = parts(&bytes, WantedColumns::default());
        assert!(length(&needed) * 4 < bytes.len() as u64, "{needed:?}");
        let expected = margins(&path);
        fs::write(&path, with_parts_alone(&bytes, &needed)).unwrap();
        assert_eq!(margins(&path), expected);
    }

    #[test]
    fn the_logits_are_needed_by_whoever_asks_for_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = log(folder.path());
        let bytes = fs::read(&path).unwrap();
        let logits = WantedColumns {
            logits: true,
            ..WantedColumns::default()
        };
        let from_logits = WantedColumns {
            margins_from_logits: true,
            ..WantedColumns::default()
        };
        for wanted in [logits, from_logits] {
            assert!(length(&parts(&bytes, wanted)) * 4 > bytes.len() as u64 * 3);
        }
        let rivals = WantedColumns {
            rival_labels: true,
            ..WantedColumns::default()
        };
        let with_rivals = length(&parts(&bytes, rivals));
        assert!(with_rivals > length(&parts(&bytes, WantedColumns::default())));
        assert!(with_rivals * 4 < bytes.len() as u64);
        let rows = |path: &Path| -> Vec<RowBatch> {
            let rows = EpochReader::open(path).unwrap().rows().unwrap();
            rows.map(Result::unwrap).collect()
        };
        let expected = rows(&path);
        fs::write(&path, with_parts_alone(&bytes, &parts(&bytes, logits))).unwrap();
        assert_eq!(rows(&path), expected);
    }

    #[test]
    fn a_short_end_asks_for_the_whole_footer() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = fs::read(log(folder.path())).unwrap();
        let all = bytes.len() as u64;
        let wanted = WantedColumns::default();
        let FileParts::LongerEnd(longer) = FileParts::of(&bytes[bytes.len() - 8..], all, wanted)
        else {
            panic!("eight bytes hold no footer")
        };
        let end = &bytes[bytes.len() - longer as usize..];
        assert_eq!(
            FileParts::of(end, all, wanted),
            FileParts::of(&bytes, all, wanted)
        );
    }

    #[test]
    fn what_is_no_log_or_damaged_is_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = fs::read(log(folder.path())).unwrap();
        let of = |bytes: &[u8]| FileParts::of(bytes, bytes.len() as u64, WantedColumns::default());
        assert_eq!(of(b"sample_id,aum\n1,2\n"), FileParts::All);
        assert_eq!(of(b""), FileParts::All);
        let end = bytes.len();
        bytes[end - 200..end - 100].fill(0xff);
        assert_eq!(of(&bytes), FileParts::All);
    }
}
