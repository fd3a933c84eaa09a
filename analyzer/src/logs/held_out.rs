//! What models say of samples that they were not trained on, from the files beside the log of a run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use logformat::{
    EpochReader, Integrity, LogError, RunRecord, SampleId, SampleIds, held_out_model,
    validate_run_name,
};

use crate::error::AnalyzerError;
use crate::logs::run_log::RunLog;

/// Held-out log probabilities of the classes, of every sample of a run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HeldOutScores {
    /// Of each model, samples × classes in the order of the log.
    pub(crate) models: Vec<Vec<f32>>,
    pub(crate) classes: usize,
    /// The labels that the models were trained on.
    pub(crate) given: Vec<u32>,
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

/// Reads them.
///
/// # Errors
/// [`AnalyzerError::NoHeldOutLogits`] where there are none, [`AnalyzerError::HeldOutLogits`] where they do not
/// fit the log, [`AnalyzerError::Log`] where a file is not sound.
pub(crate) fn read_held_out(log: &RunLog) -> Result<HeldOutScores, AnalyzerError> {
    let mut scores: Option<HeldOutScores> = None;
    for path in &log.held_out {
        check_integrity(path)?;
        let (classes, rows) = read_file(path, log)?;
        let scores = scores.get_or_insert_with(|| HeldOutScores {
            models: Vec::new(),
            classes,
            given: log.given_labels.iter().flatten().copied().collect(),
        });
        if scores.classes != classes {
            let reason = format!("has {classes} classes, another model {}", scores.classes);
            return Err(unfit(path, reason));
        }
        scores.models.push(rows);
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

/// The number of classes and the rows in the order of the log.
fn read_file(path: &Path, log: &RunLog) -> Result<(usize, Vec<f32>), AnalyzerError> {
    let (mut classes, mut rows) = (0, Vec::new());
    let mut missing = log.sample_count();
    for batch in EpochReader::open(path)?.rows()? {
        let batch = batch?;
        if rows.is_empty() {
            classes = batch.logit_count;
            rows = vec![f32::NAN; log.sample_count() * classes];
        }
        if classes < 2 {
            return Err(unfit(path, "has no logits".to_owned()));
        }
        for (row, logits) in batch.logits.chunks_exact(classes).enumerate() {
            let id = batch.sample_ids.get(row);
            let place = id.as_ref().and_then(|id| position(&log.sample_ids, id));
            let Some(place) = place else {
                continue; // A log can be a part of a run.
            };
            if log.given_labels[place] != Some(batch.assigned_labels[row]) {
                let id = id.map_or_else(String::new, |id| id.to_string());
                return Err(unfit(
                    path,
                    format!("has another given label for sample {id}"),
                ));
            }
            let target = &mut rows[place * classes..][..classes];
            missing -= usize::from(target[0].is_nan());
            target.copy_from_slice(logits);
        }
    }
    match missing {
        0 => Ok((classes, rows)),
        _ => Err(unfit(path, format!("lacks {missing} samples of the log"))),
    }
}
