//! Where the samples of a table came from, without their pictures: what leads from a sample in a log to the
//! row of its owner's data. A million samples take some hundredths of a second, whatever their pictures
//! weigh.

use std::path::Path;
use std::sync::Arc;

use parquet::arrow::ProjectionMask;

use crate::error::LogError;
use crate::read::arrow::decode::{integers, texts};
use crate::read::file_parts::FileParts;
use crate::read::pages::chunk_checksums::checksum_in;
use crate::read::regular_file::open_regular;
use crate::run::sample_table::column;
use crate::run::sample_table::read::{Columns, Table, for_batches};
use crate::schema::file_checksums::{ChunkChecksums, SMALL_FILE_BYTES};
use crate::schema::sample_id::SampleIds;

const COLUMNS: [&str; 5] = [
    column::SAMPLE_ID,
    column::FILE,
    column::ROW,
    column::ID,
    column::GIVEN_LABEL,
];
/// As many as our writer puts into a row group, so that a dictionary of files is decoded once.
const ROWS_AT_ONCE: usize = 65_536;

/// The columns of a sample table that lead back to its owner's data, all of one length.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SampleOrigins {
    /// The ids in the log.
    pub sample_ids: Vec<i64>,
    /// The file that each sample came from; `None` where it came from none.
    pub files: Vec<Option<Arc<str>>>,
    /// Its row there, from 0.
    pub rows: Vec<Option<i64>>,
    /// What its owner calls each; `None` where the table has no such ids.
    pub ids: Option<SampleIds>,
    /// The class that the data set carries.
    pub given_labels: Vec<u32>,
    /// Of a table of more than [`SMALL_FILE_BYTES`], the checksums of what was read, for
    /// [`RunRecord::changed_sample_columns`](crate::RunRecord::changed_sample_columns).
    pub checksums: ChunkChecksums,
}

/// Reads where the samples of the table `path` came from, in the order of the file; its pictures are not
/// read.
///
/// # Errors
/// Those of [`read_sample_table`](crate::read_sample_table).
pub fn read_sample_origins(path: &Path) -> Result<SampleOrigins, LogError> {
    let table = Table::open_for(path, |column| COLUMNS.contains(&column))?;
    let mut origins = SampleOrigins {
        checksums: checksums(path, &table)?,
        ..SampleOrigins::default()
    };
    let mask = ProjectionMask::columns(table.builder.parquet_schema(), COLUMNS);
    let builder = table.builder.with_projection(mask);
    for_batches(path, builder.with_batch_size(ROWS_AT_ONCE), |batch| {
        origins.append(&Columns { path, batch })
    })?;
    Ok(origins)
}

/// What [`read_sample_origins`] needs of a table that lies elsewhere, of `length` bytes whose last bytes are `end`:
/// all but the pictures.
pub fn sample_origin_parts(end: &[u8], length: u64) -> FileParts {
    FileParts::of_columns(end, length, &COLUMNS)
}

fn checksums(path: &Path, table: &Table<'_>) -> Result<ChunkChecksums, LogError> {
    let failed = |source| LogError::Read {
        path: path.to_owned(),
        source,
    };
    let file = open_regular(path).map_err(failed)?;
    let mut checksums = ChunkChecksums::new();
    if file.metadata().map_err(failed)?.len() <= SMALL_FILE_BYTES {
        return Ok(checksums);
    }
    let groups = table.builder.metadata().row_groups().iter().enumerate();
    for (group, chunks) in groups {
        for chunk in chunks.columns() {
            let column = chunk.column_path().string();
            if COLUMNS.contains(&column.as_str())
                && let Some(checksum) = checksum_in(&file, chunk)
            {
                checksums.insert((column, group), checksum);
            }
        }
    }
    Ok(checksums)
}

impl SampleOrigins {
    fn append(&mut self, read: &Columns<'_>) -> Result<(), LogError> {
        let rows = read.batch.num_rows();
        let files = read.column(column::FILE, texts::shared_texts)?;
        let numbers = read.column(column::ROW, integers::nullable_integers)?;
        let given = read.column(column::GIVEN_LABEL, integers::labels)?;
        self.sample_ids.extend(read.sample_ids()?);
        self.files.extend(files.unwrap_or_else(|| vec![None; rows]));
        self.rows
            .extend(numbers.unwrap_or_else(|| vec![None; rows]));
        self.given_labels.extend(given.unwrap_or_default());
        match (&mut self.ids, read.column(column::ID, texts::sample_ids)?) {
            (Some(SampleIds::Integers(all)), Some(SampleIds::Integers(next))) => all.extend(next),
            (Some(SampleIds::Texts(all)), Some(SampleIds::Texts(next))) => all.extend(next),
            (ids, next) => *ids = next,
        }
        Ok(())
    }
}
