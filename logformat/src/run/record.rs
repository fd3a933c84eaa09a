//! `logs/<run>/run.json`: what a run was, and length and checksum of each of its files, so that a
//! damaged file is found. (Neither Polars nor DuckDB checks the pages that it reads.)

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::LogError;
use crate::read::regular_file::{open_regular, read_regular};
use crate::run::held_out::{check_model_name, held_out_path};
use crate::run::sample_table::sample_table_path;
use crate::schema::file_checksums::ChunkChecksums;
use crate::schema::file_name::parse_epoch_file_name;
use crate::schema::metadata::{FORMAT_VERSION, RunDescription};
use crate::schema::sealed_json::{from_sealed_json, to_sealed_json};
use crate::write::whole_file::WholeFile;
use crate::write::writer::Written;

/// The name of the record in the folder of its run.
pub const RUN_RECORD_NAME: &str = "run.json";

/// A hundred thousand epochs take less, and what it decodes to is below 1 GB.
const MOST_RECORD_BYTES: u64 = 32 << 20;

/// What `run.json` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The version of the log format.
    pub format_version: u32,
    /// The name of the run.
    pub run: String,
    /// The name of each class by its index, without the extra class.
    #[serde(default)]
    pub class_names: Vec<String>,
    /// The whole configuration, as in the footer of every file.
    #[serde(default)]
    pub configuration: Value,
    /// The words of the command that began the run, the program first; empty where the writer was not
    /// told. Here alone: files of the same run are the same bytes, wherever they are written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// What the data were taken for when they were read, as the writer tells it: files, columns and what was
    /// left aside. Here alone, as the command.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub reading: Value,
    /// The files of the log, by name.
    #[serde(default)]
    pub files: BTreeMap<String, FileRecord>,
    /// The sample table beside the record, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_table: Option<FileRecord>,
    /// The files of held-out logits beside the record, by the name of their model.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub held_out: BTreeMap<String, FileRecord>,
}

/// One file of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Its length.
    pub bytes: u64,
    /// CRC-32 of the whole file (the one of zlib, gzip and PNG) in eight hexadecimal digits.
    pub crc32: String,
    /// Of a file of more than a MiB: CRC-32 of each of its column chunks, by column, a row group each, so
    /// that a reader of some columns can tell whether these are as they were written.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub column_crc32: BTreeMap<String, Vec<String>>,
    /// What was measured in that epoch, such as `test_accuracy`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, f64>,
}

/// Whether a file is as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integrity {
    /// Its length and, where asked for, its checksum are those of the record.
    Intact,
    /// No record lists it: nothing is known.
    Unknown,
    /// It has another length.
    WrongLength {
        /// The length when it was written.
        recorded_bytes: u64,
        /// The length now.
        found_bytes: u64,
    },
    /// It has the right length and other contents.
    WrongChecksum,
}

impl RunRecord {
    pub(crate) fn new(run: &str, description: &RunDescription) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            run: run.to_owned(),
            class_names: description.class_names.clone(),
            configuration: description.configuration.clone(),
            command: Vec::new(),
            reading: Value::Null,
            files: BTreeMap::new(),
            sample_table: None,
            held_out: BTreeMap::new(),
        }
    }

    pub(crate) fn add(&mut self, file: String, written: &Written, metrics: BTreeMap<String, f64>) {
        self.files.insert(file, FileRecord::of(written, metrics));
    }

    /// Where the record of `run` lies, for logs in `folder`.
    pub fn path(folder: &Path, run: &str) -> PathBuf {
        folder.join(run).join(RUN_RECORD_NAME)
    }

    /// Reads the record of `run`; `None` where there is none.
    ///
    /// # Errors
    /// [`LogError::Read`] where it is there but cannot be read, [`LogError::NewerVersion`] of a newer
    /// format, [`LogError::Damaged`] where it cannot be understood, is of another run, or names other
    /// files than epochs of its run.
    pub fn read(folder: &Path, run: &str) -> Result<Option<Self>, LogError> {
        let path = Self::path(folder, run);
        match read_regular(&path, MOST_RECORD_BYTES) {
            Ok(bytes) => {
                let record = from_sealed_json(&bytes).map_err(|reason| LogError::Damaged {
                    path: path.clone(),
                    reason,
                })?;
                let record: Self = record;
                record.check(run, path).map(Some)
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            Err(source) => Err(LogError::Read { path, source }),
        }
    }

    /// What is joined to a folder, or deleted, must be names that the writer makes.
    fn check(self, run: &str, path: PathBuf) -> Result<Self, LogError> {
        if self.format_version > FORMAT_VERSION {
            return Err(LogError::NewerVersion {
                path,
                found: self.format_version.to_string(),
                newest: FORMAT_VERSION,
            });
        }
        let mut names = self.files.keys();
        let foreign = names.find(|name| parse_epoch_file_name(run, name).is_none());
        let mut models = self.held_out.keys();
        let foreign = foreign.or_else(|| models.find(|model| check_model_name(model).is_err()));
        let reason = match foreign {
            _ if self.run != run => format!("it is the record of the run {:?}", self.run),
            Some(name) => format!("it lists {name:?}, which is no file of its run"),
            None => return Ok(self),
        };
        Err(LogError::Damaged { path, reason })
    }

    /// Compares `file`, by its name, with what was recorded when it was written; the checksum only
    /// where `with_checksum`, since that reads the whole file.
    ///
    /// # Errors
    /// [`LogError::Read`] where the file cannot be read.
    pub fn verify(&self, file: &Path, with_checksum: bool) -> Result<Integrity, LogError> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        match self.files.get(name.as_ref()) {
            Some(record) => record.verify(file, with_checksum),
            None => Ok(Integrity::Unknown),
        }
    }

    /// The columns of `file`, by its name, whose chunks have other checksums than those that were
    /// recorded when they were written.
    pub fn changed_columns(&self, file: &Path, read: &ChunkChecksums) -> BTreeSet<String> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let record = self.files.get(name.as_ref());
        record.map_or_else(BTreeSet::new, |record| record.changed_columns(read))
    }

    /// The same for the sample table of the run.
    pub fn changed_sample_columns(&self, read: &ChunkChecksums) -> BTreeSet<String> {
        let record = self.sample_table.as_ref();
        record.map_or_else(BTreeSet::new, |record| record.changed_columns(read))
    }

    /// As [`RunRecord::verify`], for the sample table of the run, for logs in `folder`.
    ///
    /// # Errors
    /// [`LogError::Read`] where it cannot be read.
    pub fn verify_sample_table(
        &self,
        folder: &Path,
        with_checksum: bool,
    ) -> Result<Integrity, LogError> {
        match &self.sample_table {
            Some(record) => record.verify(&sample_table_path(folder, &self.run), with_checksum),
            None => Ok(Integrity::Unknown),
        }
    }

    /// The same for the held-out logits of `model`.
    ///
    /// # Errors
    /// [`LogError::Read`] where they cannot be read.
    pub fn verify_held_out(
        &self,
        folder: &Path,
        model: &str,
        with_checksum: bool,
    ) -> Result<Integrity, LogError> {
        match self.held_out.get(model) {
            Some(record) => record.verify(&held_out_path(folder, &self.run, model), with_checksum),
            None => Ok(Integrity::Unknown),
        }
    }

    /// Replaces the record on the disk, so that there is a whole one at every moment.
    pub(crate) fn save(&self, folder: &Path) -> Result<(), LogError> {
        let path = Self::path(folder, &self.run);
        let save = || self.write_to(&path)?.replace();
        save().map_err(|source| LogError::Write {
            path: path.clone(),
            source,
        })
    }

    /// Puts the record on the disk, unless there is one; whether it did.
    pub(crate) fn save_as_first(&self, folder: &Path) -> Result<bool, LogError> {
        let path = Self::path(folder, &self.run);
        let save = || self.write_to(&path)?.keep();
        match save() {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(source) => Err(LogError::Write { path, source }),
        }
    }

    fn write_to(&self, path: &Path) -> io::Result<WholeFile> {
        let mut file = WholeFile::create(path)?;
        file.write_all(to_sealed_json(self)?.as_bytes())?;
        Ok(file)
    }
}

impl FileRecord {
    pub(crate) fn of(written: &Written, metrics: BTreeMap<String, f64>) -> Self {
        let mut columns = BTreeMap::<String, Vec<String>>::new();
        // In the order of the row groups.
        for ((column, _), checksum) in &written.chunks {
            let groups = columns.entry(column.clone()).or_default();
            groups.push(in_hex(*checksum));
        }
        Self {
            bytes: written.bytes,
            crc32: in_hex(written.crc32),
            column_crc32: columns,
            metrics: metrics
                .into_iter()
                .map(|(name, value)| (name, fifteen_digits(value)))
                .collect(),
        }
    }

    fn changed_columns(&self, read: &ChunkChecksums) -> BTreeSet<String> {
        let is_changed = |&(&(ref column, group), &checksum): &(&(String, usize), &u32)| {
            let recorded = self.column_crc32.get(column);
            recorded.is_some_and(|groups| groups.get(group) != Some(&in_hex(checksum)))
        };
        let changed = read.iter().filter(is_changed);
        changed.map(|((column, _), _)| column.clone()).collect()
    }

    fn verify(&self, file: &Path, with_checksum: bool) -> Result<Integrity, LogError> {
        let failed = |source| LogError::Read {
            path: file.to_owned(),
            source,
        };
        let found_bytes = fs::metadata(file).map_err(failed)?.len();
        if found_bytes != self.bytes {
            return Ok(Integrity::WrongLength {
                recorded_bytes: self.bytes,
                found_bytes,
            });
        }
        if with_checksum && in_hex(checksum(file).map_err(failed)?) != self.crc32 {
            return Ok(Integrity::WrongChecksum);
        }
        Ok(Integrity::Intact)
    }
}

/// To fifteen digits: so many come back from a text whoever reads it, and the record of a run that was resumed is
/// that of one that was not.
#[must_use]
pub fn fifteen_digits(value: f64) -> f64 {
    format!("{value:.14e}").parse().unwrap_or(value)
}

fn in_hex(checksum: u32) -> String {
    format!("{checksum:08x}")
}

/// The CRC-32 of a file in eight hexadecimal digits, as a run's record has it.
///
/// # Errors
/// Where the file is none, or cannot be read.
pub fn file_crc32(file: &Path) -> io::Result<String> {
    checksum(file).map(in_hex)
}

pub(crate) fn checksum(file: &Path) -> io::Result<u32> {
    let mut hasher = Crc(crc32fast::Hasher::new());
    io::copy(&mut open_regular(file)?, &mut hasher)?;
    Ok(hasher.0.finalize())
}

struct Crc(crc32fast::Hasher);

impl Write for Crc {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the second, read as it was measured, serde_json makes another number by default.
    #[test]
    fn what_is_measured_comes_back_from_the_record_as_it_was_kept() {
        for measured in [
            0.5,
            2.671_443_351_731_147_8,
            1.189_816_275_171_440_3,
            0.1 + 0.2,
            0.0,
        ] {
            let kept = fifteen_digits(measured);
            let text = serde_json::to_string(&kept).unwrap();
            assert_eq!(serde_json::from_str::<f64>(&text).unwrap(), kept);
            assert!((kept - measured).abs() <= 1e-14);
        }
    }
}
