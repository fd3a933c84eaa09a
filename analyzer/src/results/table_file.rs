//! Where a table of results goes: a CSV, Parquet or JSON file by its suffix, there completely or not at
//! all, and never over another file unless asked for.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use logformat::TABLE_CHECKSUM_KEY;
use polars::prelude::{
    AnyValue, Column, CsvWriter, KeyValueMetadata, ParquetWriter, PolarsResult, SerWriter,
};

use crate::error::AnalyzerError;
use crate::logs::spreadsheet_cells::cell;
use crate::logs::table_checksum::checksum;
use crate::results::output_file::{check_output_file, folder_of, write_output_file};
use crate::results::tables::ResultTable;
use crate::results::tables::text::listed;

/// A file that a table can be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFile {
    path: PathBuf,
    format: TableFormat,
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// With a header; an empty field where there is no value; floats that read back to the bit.
    Csv,
    /// With the columns' types.
    Parquet,
    /// An array with an object per row, one row a line.
    Json,
}

/// A file name whose suffix names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the suffix chooses the format: end the name in .csv, .parquet or .json")]
pub struct TableFileError;

impl FromStr for TableFile {
    type Err = TableFileError;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        let path = PathBuf::from(path);
        let suffix = path.extension().and_then(|suffix| suffix.to_str());
        let format = match suffix.map(str::to_ascii_lowercase).as_deref() {
            Some("csv") => TableFormat::Csv,
            Some("parquet") => TableFormat::Parquet,
            Some("json") => TableFormat::Json,
            _ => return Err(TableFileError),
        };
        Ok(Self { path, format })
    }
}

impl TableFile {
    /// Where the table goes.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the table would later be taken for a log, since it is a `*.parquet` in the folder of
    /// one of the `logs`.
    pub fn lies_among(&self, logs: &[PathBuf]) -> bool {
        let folder = |path: &Path| fs::canonicalize(folder_of(path)).ok();
        self.format == TableFormat::Parquet
            && folder(&self.path).is_some()
            && logs.iter().any(|log| folder(log) == folder(&self.path))
    }

    /// Checks, before any work is done, that the table can be written.
    ///
    /// # Errors
    /// [`AnalyzerError`] where the file is there already and not to be overwritten, is one of the
    /// `logs`, is a folder, or has no folder to be in.
    pub fn check(&self, logs: &[PathBuf], overwrite: bool) -> Result<(), AnalyzerError> {
        check_output_file(&self.path, logs, overwrite)
    }

    /// Writes the table under a hidden name beside its place, and renames it once it is complete.
    ///
    /// # Errors
    /// [`AnalyzerError::TableExists`] where the file is there already and not to be overwritten,
    /// [`AnalyzerError::WriteTable`] and [`AnalyzerError::EncodeTable`] where writing fails.
    pub fn write(&self, table: &ResultTable, overwrite: bool) -> Result<(), AnalyzerError> {
        write_output_file(&self.path, overwrite, |file| self.write_to(file, table))
    }

    fn write_to(&self, sink: impl Write, table: &ResultTable) -> Result<(), AnalyzerError> {
        let mut sink = BufWriter::new(sink);
        let encoded = match self.format {
            TableFormat::Csv => write_csv(&mut sink, table).map_err(|error| error.to_string()),
            TableFormat::Parquet => ParquetWriter::new(&mut sink)
                .with_key_value_metadata(Some(with_checksum(table)))
                .finish(&mut table.frame().clone())
                .map(|_bytes| ())
                .map_err(|error| error.to_string()),
            TableFormat::Json => write_json(&mut sink, table).map_err(|error| error.to_string()),
        };
        encoded.map_err(|reason| AnalyzerError::EncodeTable {
            path: self.path.clone(),
            reason,
        })?;
        sink.flush().map_err(|source| AnalyzerError::WriteTable {
            path: self.path.clone(),
            source,
        })
    }
}

impl ResultTable {
    /// The table as CSV: with a header, an empty field where there is no value, and floats that read
    /// back to the bit.
    ///
    /// # Errors
    /// Where Polars has none.
    pub fn to_csv(&self) -> io::Result<Vec<u8>> {
        let mut csv = Vec::new();
        write_csv(&mut csv, self).map_err(io::Error::other)?;
        Ok(csv)
    }
}

fn with_checksum(table: &ResultTable) -> KeyValueMetadata {
    let checksum = checksum(table.frame());
    KeyValueMetadata::from_static(vec![(TABLE_CHECKSUM_KEY.to_owned(), checksum)])
}

fn write_csv(sink: impl Write, table: &ResultTable) -> PolarsResult<()> {
    let mut frame = table.frame().clone();
    let texts: Vec<_> = frame
        .columns()
        .iter()
        .filter_map(|column| {
            let name = column.name().clone();
            if let Ok(texts) = column.str() {
                let cells: Vec<_> = texts.iter().map(|text| text.map(cell)).collect();
                return Some(Column::new(name, cells));
            }
            column.list().ok()?;
            let words = (0..column.len()).map(|row| match column.get(row) {
                Ok(AnyValue::List(words)) => Some(cell(&listed(&words)).into_owned()),
                _ => None,
            });
            Some(Column::new(name, words.collect::<Vec<_>>()))
        })
        .collect();
    for cells in texts {
        frame.with_column(cells)?;
    }
    CsvWriter::new(sink).finish(&mut frame)
}

fn write_json(mut sink: impl Write, table: &ResultTable) -> io::Result<()> {
    sink.write_all(b"[")?;
    for row in 0..table.len() {
        sink.write_all(if row == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut sink, &table.row(row))?;
    }
    sink.write_all(b"\n]\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::aum_table::aum_table;
    use crate::analysis::run_analysis::analyze;
    use crate::analysis::settings::AumSettings;
    use crate::logs::two_passes::two_passes;

    fn table() -> ResultTable {
        let log = two_passes();
        let analysis = analyze(&log, &AumSettings::default()).unwrap();
        aum_table(&[(&log, &analysis)])
    }

    fn table_file(folder: &tempfile::TempDir, name: &str) -> TableFile {
        let path = folder.path().join(name);
        path.to_str().unwrap().parse().unwrap()
    }

    #[test]
    fn the_suffix_chooses_the_format() {
        let format = |name: &str| name.parse::<TableFile>().map(|file| file.format);
        assert_eq!(format("aum.csv"), Ok(TableFormat::Csv));
        assert_eq!(format("a/b.PARQUET"), Ok(TableFormat::Parquet));
        assert_eq!(format("aum.json"), Ok(TableFormat::Json));
        assert_eq!(format("aum.xlsx"), Err(TableFileError));
        assert_eq!(format("csv"), Err(TableFileError));
    }

    #[test]
    fn a_csv_reads_as_it_should() {
        let folder = tempfile::tempdir().unwrap();
        let file = table_file(&folder, "aum.csv");
        file.write(&table(), false).unwrap();
        let text = fs::read_to_string(file.path()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "run,sample_id,given_label,true_label,judged_passes,aum,aum_p1,aum_p2,threshold_sample_p1,threshold_sample_p2,threshold_p1,threshold_p2,flagged"
        );
        assert_eq!(
            lines[1],
            "two-passes,1,0,1,2,-2.0,-2.5,-1.5,false,false,-0.5,-0.5,true"
        );
        assert_eq!(
            lines[4],
            "two-passes,3,0,,1,3.0,-0.5,3.0,true,false,-0.5,-0.5,false"
        );
    }

    #[test]
    fn floats_in_a_csv_read_back_to_the_bit() {
        let folder = tempfile::tempdir().unwrap();
        let values = [1.0 / 3.0, -1e-9 / 7.0, 1e300 / 3.0, 123_456_789.123_456_79];
        let table = ResultTable::new().logits("aum", "AUM", values.map(Some));
        let file = table_file(&folder, "aum.csv");
        file.write(&table, false).unwrap();
        let text = fs::read_to_string(file.path()).unwrap();
        for (line, value) in text.lines().skip(1).zip(values) {
            assert_eq!(line.parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
    }

    #[test]
    fn a_file_that_is_there_is_replaced_only_when_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = table_file(&folder, "aum.json");
        fs::write(file.path(), "mine").unwrap();
        assert!(file.check(&[], false).is_err());
        let error = file.write(&table(), false).unwrap_err();
        assert!(matches!(error, AnalyzerError::TableExists { .. }));
        assert_eq!(fs::read_to_string(file.path()).unwrap(), "mine");
        file.check(&[], true).unwrap();
        file.write(&table(), true).unwrap();
        assert!(fs::read_to_string(file.path()).unwrap().starts_with("[\n{"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_log_is_never_replaced_by_a_table() {
        let folder = tempfile::tempdir().unwrap();
        let file = table_file(&folder, "a.parquet");
        fs::write(file.path(), "a log").unwrap();
        let error = file.check(&[file.path().to_owned()], true).unwrap_err();
        assert!(matches!(error, AnalyzerError::TableIsLog { .. }));
        assert!(file.lies_among(&[folder.path().join("b.parquet")]));
        assert!(!table_file(&folder, "a.csv").lies_among(&[folder.path().join("b.parquet")]));
    }
}
