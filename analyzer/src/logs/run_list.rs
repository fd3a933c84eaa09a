//! Which runs some files hold, told as cheaply as can be: of a run with a record beside it, one file of each
//! pass is read, and the names of the others tell their epochs; of other logs, all labels and margins.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use logformat::parse_epoch_file_name;

use crate::error::AnalyzerError;
use crate::logs::aum_tables::{are_aum_tables, read_aum_tables};
use crate::logs::integrity::RunRecords;
use crate::logs::read::{Logs, read_runs_as};
use crate::logs::read_settings::{Keep, ReadSettings};
use crate::logs::run_log::RunLog;
use crate::logs::soundness::runs_by_name;

/// A run as far as a list of runs tells of it.
#[derive(Debug)]
pub struct ListedRun {
    /// Its samples, labels, passes and configuration; of a run with a record the first epoch of each pass alone.
    pub log: RunLog,
    /// All of its epochs, ascending; none in an AUM table.
    pub epochs: BTreeSet<u32>,
    /// How many files it is in.
    pub files: usize,
}

/// What is not read of a run.
#[derive(Debug, Default)]
struct Unread {
    epochs: BTreeSet<u32>,
    files: usize,
}

/// The runs that `files` hold, by name, and what is odd about the files that were read, a line each.
///
/// # Errors
/// Those of [`crate::logs::read::read_runs`] and [`read_aum_tables`].
pub fn list_runs(files: &[PathBuf]) -> Result<(Vec<ListedRun>, Vec<String>), AnalyzerError> {
    if are_aum_tables(files) {
        return Ok(listed(read_aum_tables(files)?, BTreeMap::new()));
    }
    let records = RunRecords::default();
    let mut unread = BTreeMap::<String, Unread>::new();
    let mut begun = BTreeSet::<(&Path, String, u32)>::new();
    let mut read = Vec::new();
    for file in files {
        let folder = file.parent().unwrap_or(Path::new(""));
        match epoch_by_name(&records, file) {
            Some((run, pass, epoch)) if !begun.insert((folder, run.clone(), pass)) => {
                let run = unread.entry(run).or_default();
                run.epochs.insert(epoch);
                run.files += 1;
            }
            _ => read.push(file.clone()),
        }
    }
    let keep = Keep::Sums(None);
    let settings = ReadSettings {
        keep,
        ..ReadSettings::default()
    };
    Ok(listed(read_runs_as(&read, settings)?, unread))
}

/// The run, the pass and the epoch of a file that the record of its run lists.
fn epoch_by_name(records: &RunRecords, file: &Path) -> Option<(String, u32, u32)> {
    let run = runs_by_name(file);
    let is_listed = records.know(file, &run);
    let run = run.into_iter().next().filter(|_| is_listed)?;
    let name = file.file_name()?.to_str()?;
    let (pass, epoch) = parse_epoch_file_name(&run, name)?;
    Some((run, pass, epoch))
}

fn listed(logs: Logs, mut unread: BTreeMap<String, Unread>) -> (Vec<ListedRun>, Vec<String>) {
    let runs = logs.runs.into_iter().map(|log| {
        let unread = log.run.as_ref().and_then(|run| unread.remove(run));
        let Unread { mut epochs, files } = unread.unwrap_or_default();
        epochs.extend(log.recorded_epochs());
        let files = files + log.file_count;
        ListedRun { log, epochs, files }
    });
    (runs.collect(), logs.warnings)
}
