//! Reads log files, several at a time, and puts them together in the order of their paths: neither
//! the number of threads nor which of them is faster changes anything.

use std::collections::BTreeSet;
use std::mem::take;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use logformat::configuration::LEARNING_RATE_DROPS;
use logformat::{
    EpochReader, FileMetadata, LogError, PartName, RowBatch, RunDescription, SharedColumns,
};
use serde_json::Value;

use crate::error::AnalyzerError;
use crate::logs::assembly::Assembly;
use crate::logs::assembly::rows::runs_of;
use crate::logs::held_out::held_out_files;
use crate::logs::integrity::RunRecords;
use crate::logs::read_settings::{Keep, MarginSource, ReadSettings};
use crate::logs::run_log::RunLog;
use crate::logs::run_records::take_accuracies;
use crate::logs::sample_table::origins_beside;
use crate::logs::warnings::FileWarnings;
use crate::logs::ways_out::EPOCHS;

/// Parts of files that wait for being put together, per thread: enough to keep the thread busy.
const PARTS_AHEAD: usize = 2;
/// Row groups are handed over together up to so many rows: each time, a thread may have to be woken.
const ROWS_PER_PART: usize = 1 << 16;
/// More threads than this wait for the one that puts the rows together.
const MOST_THREADS: usize = 8;

/// What was read from some log files.
#[derive(Debug)]
pub struct Logs {
    /// The runs by name, the unnamed one first.
    pub runs: Vec<RunLog>,
    /// What is odd about the files but keeps no result away, a line each.
    pub warnings: Vec<String>,
}

/// What the reading threads have in common.
struct Reading {
    records: RunRecords,
    columns: Arc<SharedColumns>,
    source: MarginSource,
}

/// What a reading thread says of a file, part by part.
#[derive(Default)]
struct FilePart {
    /// In the first one, unless the file failed before.
    begin: Option<(FileMetadata, Option<PartName>)>,
    rows: Vec<RowBatch>,
    /// In the last one: the differences between the file and the record of its run, or what is wrong with
    /// the rows that come next.
    end: Option<Result<Vec<String>, LogError>>,
}

/// Reads `files` and puts them together run by run.
///
/// # Errors
/// [`AnalyzerError::Log`] for a file that is no sound log, and the refusals of contradictions
/// between files or rows; the first one in the order of `files`.
pub fn read_runs(files: &[PathBuf]) -> Result<Logs, AnalyzerError> {
    read_runs_as(files, ReadSettings::default())
}

/// Like [`read_runs`], with a word on where the margins come from and what is kept of them.
///
/// # Errors
/// Those of [`read_runs`]; with [`Keep::OnlySums`] also [`AnalyzerError::EpochsOutOfOrder`] and
/// [`AnalyzerError::LateLearningRateDrop`].
pub fn read_runs_as(files: &[PathBuf], settings: ReadSettings) -> Result<Logs, AnalyzerError> {
    let mut logs = read_in_order(files, settings)?;
    for log in &mut logs.runs {
        log.held_out = held_out_files(files, log);
        take_accuracies(files, log);
        match origins_beside(files, log) {
            Ok(origins) => log.origins = origins,
            Err(warning) => logs.warnings.push(warning),
        }
    }
    Ok(logs)
}

fn read_in_order(files: &[PathBuf], settings: ReadSettings) -> Result<Logs, AnalyzerError> {
    let read = read_once(files, settings);
    match (settings.keep, &read) {
        (
            Keep::Sums(_),
            Err(
                AnalyzerError::EpochsOutOfOrder { .. } | AnalyzerError::LateLearningRateDrop { .. },
            ),
        ) => {
            let keep = Keep::Margins;
            read_once(files, ReadSettings { keep, ..settings })
        }
        (Keep::OnlySums(_), Err(AnalyzerError::EpochsOutOfOrder { .. })) => {
            let by_epoch = by_first_epoch(files)?;
            if by_epoch == files {
                return read;
            }
            read_once(&by_epoch, settings)
        }
        _ => read,
    }
}

/// The files by the first epoch that each has, as it says itself: `e10` comes before `e2` by name.
fn by_first_epoch(files: &[PathBuf]) -> Result<Vec<PathBuf>, AnalyzerError> {
    let mut by_epoch = Vec::new();
    for file in files {
        by_epoch.push((EpochReader::open(file)?.first_epoch(), file.clone()));
    }
    by_epoch.sort_by_key(|&(epoch, _)| epoch); // stable: equal ones in the order of their paths
    Ok(by_epoch.into_iter().map(|(_, file)| file).collect())
}

fn read_once(files: &[PathBuf], settings: ReadSettings) -> Result<Logs, AnalyzerError> {
    let reading = Reading {
        records: RunRecords::default(),
        columns: Arc::default(),
        source: settings.source,
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(MOST_THREADS).min(files.len()).max(1);
    thread::scope(|scope| {
        let parts: Vec<Receiver<FilePart>> = (0..threads)
            .map(|first| {
                let (sender, receiver) = sync_channel(PARTS_AHEAD);
                let reading = &reading;
                scope.spawn(move || reading.read_every(files, first, threads, &sender));
                receiver
            })
            .collect();
        put_together(files, &parts, settings)
    })
}

impl Reading {
    /// Reads the files `first`, `first + step`, … until one fails or the receiver is gone.
    fn read_every(
        &self,
        files: &[PathBuf],
        first: usize,
        step: usize,
        parts: &SyncSender<FilePart>,
    ) {
        for file in files.iter().skip(first).step_by(step) {
            let mut part = FilePart::default();
            let end = self.read_file(file, &mut part, parts);
            let failed = end.is_err();
            part.end = Some(end);
            if parts.send(part).is_err() || failed {
                return;
            }
        }
    }

    /// Hands the file over part by part, and leaves the last one in `part`.
    fn read_file(
        &self,
        path: &Path,
        part: &mut FilePart,
        parts: &SyncSender<FilePart>,
    ) -> Result<Vec<String>, LogError> {
        let mut reader = EpochReader::open(path)?
            .sharing(&self.columns)
            .without_rival_labels();
        if self.source == MarginSource::Logits {
            reader = reader.from_logits();
        }
        let metadata = reader.metadata().clone();
        let mut batches = reader.margins()?;
        part.begin = Some((metadata, batches.part()));
        let mut runs = BTreeSet::new();
        let mut rows = 0;
        for batch in &mut batches {
            let batch = batch?;
            runs.extend(runs_of(&batch).into_iter().map(str::to_owned));
            rows += batch.epochs.len();
            part.rows.push(batch);
            if rows >= ROWS_PER_PART {
                rows = 0;
                if parts.send(take(part)).is_err() {
                    break; // The receiver is gone, so the end goes nowhere either.
                }
            }
        }
        Ok(self.records.differences(path, &runs, &batches.checksums()))
    }
}

fn put_together(
    files: &[PathBuf],
    parts: &[Receiver<FilePart>],
    settings: ReadSettings,
) -> Result<Logs, AnalyzerError> {
    let mut assembly = Assembly::new(files, settings.keep, settings.repeats);
    let mut warnings = FileWarnings::default();
    for (number, path) in files.iter().enumerate() {
        let file = u32::try_from(number).expect("a path takes more than a byte of memory");
        let (mut description, mut of_part) = (RunDescription::default(), None);
        // The thread sends until its last file has ended; it hangs up before only in a panic, which
        // the scope passes on.
        while let Ok(part) = parts[number % parts.len()].recv() {
            if let Some((metadata, part)) = part.begin {
                let drops = learning_rate_drops(&metadata.description.configuration);
                for warning in metadata.warnings.iter().chain(drops.as_ref().err()) {
                    warnings.add(path, warning);
                }
                assembly.begin_file(drops.unwrap_or_default());
                (description, of_part) = (metadata.description, part);
            }
            for batch in &part.rows {
                assembly.add(file, batch)?;
            }
            if let Some(end) = part.end {
                for warning in end? {
                    warnings.add(path, &warning);
                }
                assembly.describe(file, &description, of_part);
                break;
            }
        }
    }
    let mut warnings = warnings.into_lines();
    warnings.extend(assembly.several_parts());
    let runs = assembly.finish();
    Ok(Logs { runs, warnings })
}

/// The epochs that begin with a lower learning rate, from the configuration of a run; none where it
/// has no such list, a warning where it is none.
pub(crate) fn learning_rate_drops(configuration: &Value) -> Result<Vec<u32>, String> {
    match configuration.get(LEARNING_RATE_DROPS) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(drops) => serde_json::from_value(drops.clone()).map_err(|_| {
            format!(
                "{LEARNING_RATE_DROPS} in the metadata {} is no list of epochs, so the window does not heed it; give {EPOCHS}",
                logformat::RUN_KEY
            )
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn learning_rate_drops_are_a_list_of_epochs() {
        let drops = |value| learning_rate_drops(&json!({ "learning_rate_drops": value }));
        assert_eq!(drops(json!([75, 110])), Ok(vec![75, 110]));
        assert_eq!(drops(json!(null)), Ok(vec![]));
        assert!(drops(json!("75")).is_err());
        assert!(drops(json!([-1])).is_err());
        assert_eq!(learning_rate_drops(&Value::Null), Ok(vec![]));
    }
}
