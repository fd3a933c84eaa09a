//! Whether log files are as they were written, as far as the record of their run knows: Parquet
//! readers do not check the pages that they read, so a flipped byte is silently another number.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use logformat::{Integrity, LogError, RunRecord, validate_run_name};

/// A checksum reads the whole file, of which a log with margins and logits needs a few percent;
/// beyond this size the length alone is compared. `analyzer check` compares every checksum.
pub(crate) const LARGEST_CHECKED_BYTES: u64 = 1 << 20;

/// The records of runs that were read so far, by their paths.
#[derive(Debug)]
pub(crate) struct RunRecords {
    records: Mutex<BTreeMap<PathBuf, Arc<ReadRecord>>>,
    largest_checked_bytes: u64,
}

type ReadRecord = Result<Option<RunRecord>, LogError>;

impl Default for RunRecords {
    fn default() -> Self {
        Self {
            records: Mutex::default(),
            largest_checked_bytes: LARGEST_CHECKED_BYTES,
        }
    }
}

impl RunRecords {
    /// Compares every checksum, however large the file is.
    pub(crate) fn thorough() -> Self {
        Self {
            largest_checked_bytes: u64::MAX,
            ..Self::default()
        }
    }

    /// Whether the record of one of its `runs` lists a file.
    pub(crate) fn know(&self, file: &Path, runs: &BTreeSet<String>) -> bool {
        let folder = file.parent().unwrap_or(Path::new(""));
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let lists = |run: &String| {
            validate_run_name(run).is_ok()
                && matches!(self.record(folder, run).as_ref(), Ok(Some(record)) if record.files.contains_key(name.as_ref()))
        };
        runs.iter().any(lists)
    }

    /// The files that the records read so far list and that are not there.
    pub(crate) fn missing_files(&self) -> Vec<PathBuf> {
        let records = self
            .records
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut missing = Vec::new();
        for (path, record) in &*records {
            let folder = path.ancestors().nth(2).unwrap_or(Path::new(""));
            if let Ok(Some(record)) = record.as_ref() {
                let files = record.files.keys().map(|name| folder.join(name));
                missing.extend(files.filter(|file| !file.exists()));
            }
        }
        missing
    }

    /// What differs between a file and what the records of its `runs` say, a warning each.
    pub(crate) fn differences(&self, file: &Path, runs: &BTreeSet<String>) -> Vec<String> {
        let differences = runs.iter().map(|run| self.difference(file, run));
        differences.filter_map(Result::err).collect()
    }

    fn difference(&self, file: &Path, run: &str) -> Result<(), String> {
        // The name of somebody else's run may be anything, `../x` included.
        if validate_run_name(run).is_err() {
            return Ok(());
        }
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        let record = self.record(&folder, run);
        let record = match record.as_ref() {
            Ok(Some(record)) => record,
            Ok(None) => return Ok(()),
            Err(error) => {
                let path = RunRecord::path(&folder, run);
                return Err(format!(
                    "cannot be checked for damage, since the record of its run is unreadable ({}: {})",
                    path.display(),
                    reason(error)
                ));
            }
        };
        let small = file
            .metadata()
            .is_ok_and(|metadata| metadata.len() <= self.largest_checked_bytes);
        let way_out = "copy it again, or record that epoch again";
        match record.verify(file, small) {
            Ok(Integrity::WrongLength {
                recorded_bytes,
                found_bytes,
            }) => Err(format!(
                "has {found_bytes} bytes, but {recorded_bytes} were written; {way_out}"
            )),
            Ok(Integrity::WrongChecksum) => Err(format!(
                "is damaged or was changed: its checksum is not the one of what was written; {way_out}"
            )),
            Ok(Integrity::Intact | Integrity::Unknown) => Ok(()),
            Err(error) => Err(format!("cannot be checked for damage ({})", reason(&error))),
        }
    }

    fn record(&self, folder: &Path, run: &str) -> Arc<ReadRecord> {
        // Poisoned only where a reading thread panicked; the map is whole even then.
        let mut records = self
            .records
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let record = records
            .entry(RunRecord::path(folder, run))
            .or_insert_with(|| Arc::new(RunRecord::read(folder, run)));
        Arc::clone(record)
    }
}

/// The innermost reason of an error whose text begins with a path that was named already.
fn reason(error: &LogError) -> String {
    let source = std::error::Error::source(error);
    match (error, source) {
        (LogError::Damaged { reason, .. }, _) => reason.clone(),
        (_, Some(source)) => source.to_string(),
        (other, None) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const RECORD: &str = r#"{"format_version": 1, "run": "a", "files": {
        "a-p1-e0001.parquet": {"bytes": 9, "crc32": "cbf43926"}}}"#;

    fn differences(contents: &str, record: Option<&str>, run: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a-p1-e0001.parquet");
        fs::write(&file, contents).unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        if let Some(record) = record {
            fs::write(folder.path().join("a").join("run.json"), record).unwrap();
        }
        RunRecords::default().differences(&file, &BTreeSet::from([run.to_owned()]))
    }

    #[test]
    fn a_file_as_it_was_written_has_no_difference() {
        // 0xcbf43926 is the CRC-32 of "123456789", the check value of its specification.
        assert!(differences("123456789", Some(RECORD), "a").is_empty());
    }

    #[test]
    fn another_length_and_another_checksum_are_told_apart() {
        let length = differences("1234567890", Some(RECORD), "a");
        assert!(length[0].starts_with("has 10 bytes, but 9 were written"));
        let checksum = differences("123456780", Some(RECORD), "a");
        assert!(checksum[0].contains("checksum"), "{checksum:?}");
    }

    #[test]
    fn without_a_record_there_is_nothing_to_compare() {
        assert!(differences("1", None, "a").is_empty());
        assert!(differences("1", Some(RECORD), "../a").is_empty());
    }

    #[test]
    fn an_unreadable_record_is_a_warning() {
        let warnings = differences("1", Some("{"), "a");
        assert!(warnings[0].contains("run.json"), "{warnings:?}");
    }
}
