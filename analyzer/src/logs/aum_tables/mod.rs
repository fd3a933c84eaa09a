//! AUM tables instead of logs: what `analyzer aum -o` wrote, or the query of `analyzer sql` in another
//! engine. They have everything that thresholds, verdicts and their evaluation need, but no curves: the
//! epochs that count were chosen when they were computed.

pub(crate) mod entries;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use logformat::{Column, EpochReader, LogError, SampleId, SampleIds};

use crate::error::AnalyzerError;
use crate::logs::aum_tables::entries::{Entry, Place, entries, has_aums};
use crate::logs::margin_sums::MarginSums;
use crate::logs::origins::{Origins, of_one_kind};
use crate::logs::read::Logs;
use crate::logs::repeats::RepeatedRows;
use crate::logs::run_log::{PassLog, RunLog};
use crate::logs::table_frame::{Frame, is_csv, refusal};
use crate::logs::warnings::FileWarnings;

/// Whether `path` is an AUM table: a CSV file, or a Parquet file with AUMs and without epochs.
pub(crate) fn is_aum_table(path: &Path) -> bool {
    let has_no_epochs = || {
        let opened = EpochReader::open(path);
        matches!(
                    opened,
        Err(LogError::MissingColumn { column, .. }) if column == Column::Epoch.name()
                )
    };
    is_csv(path) || has_no_epochs() && Frame::read(path).is_ok_and(|table| has_aums(table.names()))
}

/// Whether these files, or some of them, are AUM tables.
pub fn are_aum_tables(files: &[PathBuf]) -> bool {
    // The Parquet files of a folder are of one kind, and to open all of a log takes long.
    let mut folders = BTreeSet::new();
    let mut files = files.iter();
    files.any(|file| is_csv(file) || folders.insert(file.parent()) && is_aum_table(file))
}

/// Reads AUM tables, which may have several runs, and a run over several files.
///
/// # Errors
/// [`AnalyzerError::Table`] for a file that is none, is damaged or lacks the AUMs of the threshold samples, for
/// a sample that is there twice, and for contradicting labels.
pub fn read_aum_tables(files: &[PathBuf]) -> Result<Logs, AnalyzerError> {
    let mut runs = BTreeMap::<Option<String>, RunTable>::new();
    let mut warnings = FileWarnings::default();
    // What has no name of a log is told before one that has.
    let texts = files.iter().filter(|file| is_csv(file));
    for path in texts.chain(files.iter().filter(|file| !is_csv(file))) {
        if !is_csv(path) && EpochReader::open(path).is_ok() {
            let table = files.iter().find(|file| is_aum_table(file));
            let table = table.unwrap_or(path).display();
            let reason = format!(
                "is a log, and {table} is an AUM table; give logs alone, or write a table of this log, too, with analyzer aum -o"
            );
            return Err(refusal(path, reason));
        }
        let table = Frame::read(path)?;
        if let Some(warning) = table.check()? {
            warnings.add(path, warning);
        }
        if table.len() == 0 {
            return Err(refusal(path, "the AUM table has no rows".to_owned()));
        }
        let mut here = BTreeSet::new();
        for entry in entries(&table)? {
            let run = runs.entry(entry.run.clone()).or_default();
            if here.insert(entry.run.clone()) {
                run.files += 1;
            }
            run.add(path, entry)?;
        }
    }
    Ok(Logs {
        runs: runs
            .into_iter()
            .map(|(name, run)| run.into_log(name))
            .collect(),
        warnings: warnings.into_lines(),
    })
}

#[derive(Default)]
struct RunTable {
    samples: BTreeMap<SampleId, Sample>,
    passes: BTreeSet<u32>,
    files: usize,
    class_names: BTreeMap<u32, Arc<str>>,
}

#[derive(Default)]
struct Sample {
    given_label: Option<u32>,
    true_label: Option<u32>,
    place: Place,
    /// By pass: whether it is a threshold sample, and its AUM.
    passes: BTreeMap<u32, (bool, Option<f64>)>,
}

impl RunTable {
    fn add(&mut self, path: &Path, entry: Entry) -> Result<(), AnalyzerError> {
        let Entry { row, pass, .. } = entry;
        self.passes.insert(pass);
        let id = entry.sample_id.to_string();
        let refused = |reason: String| refusal(path, format!("row {row}: sample {id} {reason}"));
        let sample = self.samples.entry(entry.sample_id).or_default();
        for (kind, known, found) in [
            ("given", &mut sample.given_label, entry.given_label),
            ("true", &mut sample.true_label, entry.true_label),
        ] {
            match (*known, found) {
                (Some(known), Some(found)) if known != found => {
                    return Err(refused(format!(
                        "has {kind} label {found}, but {known} in a row before; if these are different runs, give each its own name in the column run"
                    )));
                }
                _ => *known = known.or(found),
            }
        }
        sample.place = entry.place;
        let labels = [entry.given_label, entry.true_label];
        let named = labels.into_iter().zip(entry.classes);
        let named = named.filter_map(|(label, name)| Some((label?, name?)));
        self.class_names.extend(named);
        let Some(mark) = entry.is_threshold_sample else {
            return Ok(());
        };
        match sample.passes.insert(pass, (mark, entry.aum)) {
            None => Ok(()),
            Some(_) => Err(refused(format!(
                "is there a second time in pass {pass}; leave one of the two out, or, if these are different runs, give each its own name in the column run"
            ))),
        }
    }

    fn into_log(self, run: Option<String>) -> RunLog {
        let samples: Vec<&Sample> = self.samples.values().collect();
        let passes = self.passes.iter().map(|&pass| pass_log(pass, &samples));
        let sample_ids = of_one_kind(self.samples.keys().cloned().collect());
        RunLog {
            run,
            given_labels: samples.iter().map(|sample| sample.given_label).collect(),
            true_labels: samples.iter().map(|sample| sample.true_label).collect(),
            passes: passes.collect(),
            class_names: class_names(&self.class_names),
            learning_rate_drops: Vec::new(),
            configuration: serde_json::Value::Null,
            file_count: self.files,
            true_labels_from: None,
            held_out: Vec::new(),
            held_out_accuracies: Vec::new(),
            repeats: RepeatedRows::default(),
            origins: origins(&sample_ids, &samples),
            sample_ids,
        }
    }
}

fn pass_log(pass: u32, samples: &[&Sample]) -> PassLog {
    let found = |sample: &&Sample| sample.passes.get(&pass).copied();
    let aums = samples.iter().map(|sample| found(sample)?.1);
    PassLog {
        pass,
        assigned_labels: samples
            .iter()
            .map(|sample| found(sample).map(|_| sample.given_label.unwrap_or(0)))
            .collect(),
        is_threshold_sample: samples
            .iter()
            .map(|sample| found(sample).is_some_and(|(mark, _)| mark))
            .collect(),
        epochs: Vec::new(),
        sums: Some(MarginSums::of_aums(aums)),
        held_out_accuracies: Vec::new(),
    }
}

fn origins(sample_ids: &SampleIds, samples: &[&Sample]) -> Origins {
    let places = || samples.iter().map(|sample| &sample.place);
    let files: Vec<Option<Arc<str>>> = places().map(|place| place.file.clone()).collect();
    let rows: Vec<Option<i64>> = places().map(|place| place.row).collect();
    let ids: Option<Vec<SampleId>> = places().map(|place| place.id.clone()).collect();
    Origins::new(sample_ids, &files, &rows, ids.map(of_one_kind).as_ref())
}

/// By the index of each class; empty for one that no sample is of. What a table claims as an index takes no
/// memory.
fn class_names(known: &BTreeMap<u32, Arc<str>>) -> Vec<String> {
    const MOST: u32 = 1 << 20;
    let count = known.last_key_value().map_or(0, |(last, _)| last + 1);
    let count = if count > MOST { 0 } else { count };
    let name = |class| {
        known
            .get(&class)
            .map_or_else(String::new, ToString::to_string)
    };
    (0..count).map(name).collect()
}
