//! Whether log files are as they were written, as far as the record of their run knows: Parquet
//! readers do not check the pages that they read, so a flipped byte is silently another number.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use logformat::{
    ChunkChecksums, Integrity, LogError, RunRecord, SMALL_FILE_BYTES, held_out_path,
    sample_table_path, validate_run_name,
};

const WAY_OUT: &str = "copy it again, or record that epoch again";

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
            largest_checked_bytes: SMALL_FILE_BYTES,
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

    /// What differs between a file and what the records of its `runs` say, a warning each; `read` are
    /// the checksums of what was read of it.
    pub(crate) fn differences(
        &self,
        file: &Path,
        runs: &BTreeSet<String>,
        read: &ChunkChecksums,
    ) -> Vec<String> {
        let differences = runs.iter().map(|run| self.difference(file, run));
        let mut differences: Vec<String> = differences.filter_map(Result::err).collect();
        let changed = self.changed_columns(file, runs, read);
        differences.extend(changed.iter().map(|column| {
            format!(
                "is damaged or was changed: the checksum of its column {column} is not the one of what was written; {WAY_OUT}"
            )
        }));
        differences
    }

    /// The columns of a file that the records of its `runs` know with other checksums than these.
    fn changed_columns(
        &self,
        file: &Path,
        runs: &BTreeSet<String>,
        read: &ChunkChecksums,
    ) -> BTreeSet<String> {
        let folder = file.parent().unwrap_or(Path::new(""));
        let runs = runs.iter().filter(|run| validate_run_name(run).is_ok());
        let records = runs.map(|run| self.record(folder, run));
        let changed = records.flat_map(|record| match record.as_ref() {
            Ok(Some(record)) => record.changed_columns(file, read),
            _ => BTreeSet::new(),
        });
        // Of `logits.list.element` the column.
        let column = |path: String| path.split('.').next().unwrap_or_default().to_owned();
        changed.map(column).collect()
    }

    /// Refuses a file of which something was read that is not what was written: when its margins were read, and
    /// their checksums compared, these columns were not.
    ///
    /// # Errors
    /// [`LogError::Damaged`] with the first such column.
    pub(crate) fn refuse_changed(
        &self,
        file: &Path,
        runs: &BTreeSet<String>,
        read: &ChunkChecksums,
    ) -> Result<(), LogError> {
        match self.changed_columns(file, runs, read).first() {
            None => Ok(()),
            Some(column) => Err(LogError::Damaged {
                path: file.to_owned(),
                reason: format!(
                    "the checksum of column {column} is not the one of what was written"
                ),
            }),
        }
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
        damage(record.verify(file, small), WAY_OUT)
    }

    /// What lies beside the records read so far (sample tables, held-out logits) and is not as it was
    /// written, and why.
    pub(crate) fn damaged_beside(&self) -> Vec<(PathBuf, String)> {
        let records = self
            .records
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut damaged = Vec::new();
        for (path, record) in &*records {
            let folder = path.ancestors().nth(2).unwrap_or(Path::new(""));
            if let Ok(Some(record)) = record.as_ref() {
                let table = record.verify_sample_table(folder, true);
                let mut found = vec![(sample_table_path(folder, &record.run), table)];
                found.extend(record.held_out.keys().map(|model| {
                    let logits = record.verify_held_out(folder, model, true);
                    (held_out_path(folder, &record.run, model), logits)
                }));
                let way_out = "copy it again, or resume its run";
                let wrong = found.into_iter();
                let wrong = wrong.map(|(path, found)| (path, damage(found, way_out)));
                damaged.extend(wrong.filter_map(|(path, damage)| Some((path, damage.err()?))));
            }
        }
        damaged
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

/// What a comparison with the record says of a file, where something is wrong.
pub(crate) fn damage(found: Result<Integrity, LogError>, way_out: &str) -> Result<(), String> {
    match found {
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
        Err(error) => Err(format!(
            "cannot be checked for damage ({}); {way_out}",
            reason(&error)
        )),
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
        RunRecords::default().differences(
            &file,
            &BTreeSet::from([run.to_owned()]),
            &ChunkChecksums::new(),
        )
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
