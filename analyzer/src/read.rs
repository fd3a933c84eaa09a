//! Reads log files, several at a time, and puts them together in the order of their paths: neither
//! the number of threads nor which of them is faster changes anything.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use logformat::{EpochReader, FileMetadata, LogError, RowBatch, SharedColumns};
use serde_json::Value;

use crate::assembly::{Assembly, runs_of};
use crate::file_warnings::FileWarnings;
use crate::integrity::RunRecords;
use crate::{AnalyzerError, RunLog};

/// Batches that wait for being put together, per thread: enough to keep the thread busy.
const BATCHES_AHEAD: usize = 2;
/// More threads than this wait for the one that puts the rows together.
const MOST_THREADS: usize = 8;
/// Key in the configuration of a run: the epochs that begin with a lower learning rate.
const LEARNING_RATE_DROPS_KEY: &str = "learning_rate_drops";

/// What was read from some log files.
#[derive(Debug)]
pub struct Logs {
    /// The runs by name, the unnamed one first.
    pub runs: Vec<RunLog>,
    /// What is odd about the files but keeps no result away, a line each.
    pub warnings: Vec<String>,
}

/// Where margins come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MarginSource {
    /// From the column of margins where there is one, else from the logits.
    #[default]
    Log,
    /// From the logits where there are any, even beside a column of margins.
    Logits,
}

/// What the reading threads have in common.
struct Reading {
    records: RunRecords,
    columns: Arc<SharedColumns>,
    source: MarginSource,
}

/// What a reading thread says about a file, in this order: its rows, then its end or an error.
enum FilePart {
    Rows(RowBatch),
    End(FileEnd),
    Failed(LogError),
}

struct FileEnd {
    metadata: FileMetadata,
    differences: Vec<String>,
}

/// Reads `files` and puts them together run by run.
///
/// # Errors
/// [`AnalyzerError::Log`] for a file that is no sound log, and the refusals of contradictions
/// between files or rows; the first one in the order of `files`.
pub fn read_runs(files: &[PathBuf]) -> Result<Logs, AnalyzerError> {
    read_runs_from(files, MarginSource::default())
}

/// Like [`read_runs`], with a word on where the margins come from.
///
/// # Errors
/// Those of [`read_runs`].
pub fn read_runs_from(files: &[PathBuf], source: MarginSource) -> Result<Logs, AnalyzerError> {
    let reading = Reading {
        records: RunRecords::default(),
        columns: Arc::default(),
        source,
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(MOST_THREADS).min(files.len()).max(1);
    thread::scope(|scope| {
        let parts: Vec<Receiver<FilePart>> = (0..threads)
            .map(|first| {
                let (sender, receiver) = sync_channel(BATCHES_AHEAD);
                let reading = &reading;
                scope.spawn(move || reading.read_every(files, first, threads, &sender));
                receiver
            })
            .collect();
        put_together(files, &parts)
    })
}

impl Reading {
    /// Reads the files `first`, `first + step`, … until one fails or nobody listens any more.
    fn read_every(
        &self,
        files: &[PathBuf],
        first: usize,
        step: usize,
        parts: &SyncSender<FilePart>,
    ) {
        for file in files.iter().skip(first).step_by(step) {
            let last = match self.read_file(file, parts) {
                Ok(end) => FilePart::End(end),
                Err(error) => FilePart::Failed(error),
            };
            let failed = matches!(last, FilePart::Failed(_));
            if parts.send(last).is_err() || failed {
                return;
            }
        }
    }

    fn read_file(&self, path: &Path, parts: &SyncSender<FilePart>) -> Result<FileEnd, LogError> {
        let mut reader = EpochReader::open(path)?
            .sharing(&self.columns)
            .without_rival_labels();
        if self.source == MarginSource::Logits {
            reader = reader.from_logits();
        }
        let metadata = reader.metadata().clone();
        let mut runs = BTreeSet::new();
        for batch in reader.margins()? {
            let batch = batch?;
            runs.extend(runs_of(&batch).into_iter().map(str::to_owned));
            if parts.send(FilePart::Rows(batch)).is_err() {
                break; // The end goes nowhere either.
            }
        }
        Ok(FileEnd {
            metadata,
            differences: self.records.differences(path, &runs),
        })
    }
}

fn put_together(files: &[PathBuf], parts: &[Receiver<FilePart>]) -> Result<Logs, AnalyzerError> {
    let mut assembly = Assembly::new(files);
    let mut warnings = FileWarnings::default();
    for (number, path) in files.iter().enumerate() {
        let file = u32::try_from(number).expect("a path takes more than a byte of memory");
        // The thread sends until its last file has ended; it hangs up before only in a panic, which
        // the scope passes on.
        while let Ok(part) = parts[number % parts.len()].recv() {
            match part {
                FilePart::Rows(batch) => assembly.add(file, &batch)?,
                FilePart::Failed(error) => return Err(error.into()),
                FilePart::End(end) => {
                    let drops = learning_rate_drops(&end.metadata.description.configuration);
                    let all = end.metadata.warnings.iter().chain(&end.differences);
                    for warning in all.chain(drops.as_ref().err()) {
                        warnings.add(path, warning);
                    }
                    let drops = drops.unwrap_or_default();
                    assembly.describe(file, &end.metadata.description, &drops);
                    break;
                }
            }
        }
    }
    Ok(Logs {
        runs: assembly.finish(),
        warnings: warnings.into_lines(),
    })
}

/// The epochs that begin with a lower learning rate, from the configuration of a run; none where it
/// has no such list, a warning where it is none.
pub(crate) fn learning_rate_drops(configuration: &Value) -> Result<Vec<u32>, String> {
    match configuration.get(LEARNING_RATE_DROPS_KEY) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(drops) => serde_json::from_value(drops.clone()).map_err(|_| {
            format!(
                "{LEARNING_RATE_DROPS_KEY} in the metadata {} is no list of epochs, so the window does not heed it; give --epochs A..B",
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
