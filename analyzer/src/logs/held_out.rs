//! What models say of samples that they were not trained on, from the files beside the log of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use logformat::{
    EpochReader, Integrity, LOWEST_LOG_PROBABILITY, LogError, RunRecord, SampleId, SampleIds,
    held_out_model, parse_held_out_epoch, validate_run_name,
};

use crate::error::AnalyzerError;
use crate::logs::run_log::RunLog;
use crate::rules::window::Window;

/// What models say of every sample of a run, where they were not trained on it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HeldOutScores {
    /// Ascending by their names.
    pub(crate) models: Vec<HeldOutModel>,
    pub(crate) classes: usize,
    /// The labels that the models were trained on.
    pub(crate) given: Vec<u32>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HeldOutModel {
    pub(crate) name: String,
    /// Of the classes, samples × classes in the order of the log. Where each pass trains the model anew, those of
    /// the mean of its probabilities over the epochs that count.
    pub(crate) log_probabilities: Vec<f32>,
    /// Where each pass trains it anew, the mean of each sample's held-out margins over these epochs.
    pub(crate) mean_margins: Option<Vec<f64>>,
}

/// The files of held-out logits beside the `files` of a run, by their names.
pub(crate) fn held_out_files(files: &[PathBuf], log: &RunLog) -> Vec<PathBuf> {
    // The name of somebody else's run may be anything, `../x` included.
    let Some(run) = log
        .run
        .as_deref()
        .filter(|run| validate_run_name(run).is_ok())
    else {
        return Vec::new();
    };
    let folders: BTreeSet<&Path> = files.iter().filter_map(|file| file.parent()).collect();
    let mut found = Vec::new();
    for folder in folders {
        let entries = fs::read_dir(folder.join(run))
            .into_iter()
            .flatten()
            .flatten();
        let of_model = entries.filter(|entry| {
            let name = entry.file_name();
            name.to_str().and_then(held_out_model).is_some()
        });
        found.extend(of_model.map(|entry| entry.path()));
    }
    found.sort();
    found
}

/// Reads them; of a model that each pass trains anew, the epochs of the `window`.
///
/// # Errors
/// [`AnalyzerError::NoHeldOutLogits`] where there are none, [`AnalyzerError::HeldOutLogits`] where they do not
/// fit the log, [`AnalyzerError::Log`] where a file is not sound.
pub(crate) fn read_held_out(log: &RunLog, window: Window) -> Result<HeldOutScores, AnalyzerError> {
    let mut of_models: BTreeMap<&str, Vec<(&Path, bool)>> = BTreeMap::new();
    for path in &log.held_out {
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(model) = name.and_then(held_out_model) else {
            continue;
        };
        match parse_held_out_epoch(model) {
            Some((_, _, epoch)) if !window.contains(epoch) => {}
            Some((model, ..)) => of_models.entry(model).or_default().push((path, true)),
            None => of_models.entry(model).or_default().push((path, false)),
        }
    }
    let mut scores: Option<HeldOutScores> = None;
    for (name, files) in of_models {
        let (path, is_of_epochs) = files[0];
        let mut rows = Rows::new(log, is_of_epochs);
        for &(path, _) in &files {
            check_integrity(path)?;
            rows.read(path)?;
        }
        let classes = rows.classes;
        let scores = scores.get_or_insert_with(|| HeldOutScores {
            models: Vec::new(),
            classes,
            given: log.given_labels.iter().flatten().copied().collect(),
        });
        if scores.classes != classes {
            let reason = format!("has {classes} classes, another model {}", scores.classes);
            return Err(unfit(path, reason));
        }
        scores.models.push(rows.model(name, path)?);
    }
    scores.ok_or_else(|| AnalyzerError::NoHeldOutLogits {
        run: log.title().to_owned(),
    })
}

fn unfit(path: &Path, reason: String) -> AnalyzerError {
    AnalyzerError::HeldOutLogits {
        path: path.to_owned(),
        reason,
    }
}

/// They are small beside a log, so that their checksum costs nothing.
fn check_integrity(path: &Path) -> Result<(), LogError> {
    let name = path.file_name().and_then(|name| name.to_str());
    let run = path.parent();
    let logs = run.and_then(Path::parent);
    let run = run.and_then(Path::file_name).and_then(|run| run.to_str());
    let (Some(model), Some(run), Some(logs)) = (name.and_then(held_out_model), run, logs) else {
        return Ok(());
    };
    let Some(record) = RunRecord::read(logs, run)? else {
        return Ok(());
    };
    match record.verify_held_out(logs, model, true)? {
        Integrity::Intact | Integrity::Unknown => Ok(()),
        Integrity::WrongLength { .. } | Integrity::WrongChecksum => Err(LogError::Damaged {
            path: path.to_owned(),
            reason: "it is not what run.json says".to_owned(),
        }),
    }
}

fn position(ids: &SampleIds, wanted: &SampleId) -> Option<usize> {
    match (ids, wanted) {
        (SampleIds::Integers(ids), SampleId::Integer(id)) => ids.binary_search(id).ok(),
        (SampleIds::Texts(ids), SampleId::Text(id)) => ids.binary_search(id).ok(),
        _ => None,
    }
}

/// What is read of a model.
struct Rows<'a> {
    log: &'a RunLog,
    is_of_epochs: bool,
    classes: usize,
    /// Of a model of epochs the sums of probabilities, samples × classes.
    sums: Vec<f64>,
    /// Of another its logits, likewise.
    logits: Vec<f32>,
    margins: Vec<f64>,
    /// How many rows each sample has.
    counts: Vec<u32>,
}

impl<'a> Rows<'a> {
    fn new(log: &'a RunLog, is_of_epochs: bool) -> Self {
        let samples = log.sample_count();
        Self {
            log,
            is_of_epochs,
            classes: 0,
            sums: Vec::new(),
            logits: Vec::new(),
            margins: vec![0.0; samples],
            counts: vec![0; samples],
        }
    }

    fn read(&mut self, path: &Path) -> Result<(), AnalyzerError> {
        let samples = self.log.sample_count();
        for batch in EpochReader::open(path)?.rows()? {
            let batch = batch?;
            let classes = batch.logit_count;
            if self.classes == 0 {
                self.classes = classes;
                match self.is_of_epochs {
                    true => self.sums = vec![0.0; samples * classes],
                    false => self.logits = vec![0.0; samples * classes],
                }
            }
            if classes < 2 || classes != self.classes {
                return Err(unfit(path, "has no logits, or of other classes".to_owned()));
            }
            for (row, logits) in batch.logits.chunks_exact(classes).enumerate() {
                let id = batch.sample_ids.get(row);
                let place = id
                    .as_ref()
                    .and_then(|id| position(&self.log.sample_ids, id));
                let Some(place) = place else {
                    continue; // A log can be a part of a run.
                };
                if self.log.given_labels[place] != Some(batch.assigned_labels[row]) {
                    let id = id.map_or_else(String::new, |id| id.to_string());
                    return Err(unfit(
                        path,
                        format!("has another given label for sample {id}"),
                    ));
                }
                self.counts[place] += 1;
                self.margins[place] += f64::from(batch.margins[row]);
                let at = place * classes..(place + 1) * classes;
                match self.is_of_epochs {
                    true => {
                        let sums = self.sums[at].iter_mut().zip(logits);
                        sums.for_each(|(sum, logit)| *sum += f64::from(*logit).exp());
                    }
                    false => self.logits[at].copy_from_slice(logits),
                }
            }
        }
        Ok(())
    }

    fn model(mut self, name: &str, path: &Path) -> Result<HeldOutModel, AnalyzerError> {
        let missing = self.counts.iter().filter(|&&count| count == 0).count();
        if missing > 0 {
            return Err(unfit(path, format!("lacks {missing} samples of the log")));
        }
        let counts = self.counts.iter().map(|&count| f64::from(count));
        let mean_margins = self.margins.iter().zip(counts.clone());
        let mean_margins = mean_margins.map(|(sum, count)| sum / count).collect();
        if self.is_of_epochs {
            let rows = self.sums.chunks_exact(self.classes).zip(counts);
            let means = rows.flat_map(|(row, count)| row.iter().map(move |sum| sum / count));
            let logarithms = means.map(|mean| mean.ln().max(LOWEST_LOG_PROBABILITY) as f32);
            self.logits = logarithms.collect();
        }
        Ok(HeldOutModel {
            name: name.to_owned(),
            log_probabilities: self.logits,
            mean_margins: self.is_of_epochs.then_some(mean_margins),
        })
    }
}
