//! The logits of a few samples in every epoch, read again from the files of a log.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use logformat::{Column, EpochReader, RowBatch, SampleId};

use crate::error::AnalyzerError;
use crate::logs::assembly::rows::{run_name, runs_of};
use crate::logs::integrity::RunRecords;
use crate::logs::run_log::RunLog;

/// The logits of one sample in one pass.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SampleLogits {
    /// The position of the sample in its run.
    pub sample: usize,
    /// 1-based.
    pub pass: u32,
    /// Per epoch (ascending) the logits of all classes, the extra class last.
    pub epochs: Vec<(u32, Vec<f32>)>,
}

/// Reads the logits of `samples` (positions in `log`) from the files that have them.
///
/// # Errors
/// [`AnalyzerError::Log`] for a file that is no sound log.
pub(crate) fn sample_logits(
    files: &[PathBuf],
    log: &RunLog,
    samples: &[usize],
) -> Result<Vec<SampleLogits>, AnalyzerError> {
    let mut wanted: BTreeMap<SampleId, usize> = BTreeMap::new();
    for &sample in samples {
        wanted.extend(log.sample_ids.get(sample).map(|id| (id, sample)));
    }
    let (mut found, records) = (Found::new(), RunRecords::default());
    for file in files {
        let reader = EpochReader::open(file)?;
        if !reader.has(Column::Logits) {
            continue;
        }
        let mut runs = BTreeSet::new();
        let mut batches = reader.rows()?;
        for batch in &mut batches {
            let batch = batch?;
            runs.extend(runs_of(&batch).into_iter().map(str::to_owned));
            take(&batch, log, &wanted, &mut found);
        }
        records.refuse_changed(file, &runs, &batches.checksums())?;
    }
    Ok(found
        .into_iter()
        .map(|((sample, pass), epochs)| SampleLogits {
            sample,
            pass,
            epochs: epochs
                .into_iter()
                .map(|(epoch, rows)| (epoch, rows.mean()))
                .collect(),
        })
        .collect())
}

/// By sample and pass: per epoch the logits.
type Found = BTreeMap<(usize, u32), BTreeMap<u32, LogitSums>>;

/// The logits of one epoch, of several rows where the sample was there several times.
#[derive(Debug, Default)]
struct LogitSums {
    rows: u32,
    sums: Vec<f64>,
}

impl LogitSums {
    fn add(&mut self, logits: &[f32]) {
        self.rows += 1;
        self.sums.resize(logits.len(), 0.0);
        for (sum, &logit) in self.sums.iter_mut().zip(logits) {
            *sum += f64::from(logit);
        }
    }

    fn mean(self) -> Vec<f32> {
        let sums = self.sums.into_iter();
        sums.map(|sum| (sum / f64::from(self.rows)) as f32)
            .collect()
    }
}

fn take(batch: &RowBatch, log: &RunLog, wanted: &BTreeMap<SampleId, usize>, found: &mut Found) {
    for row in 0..batch.epochs.len() {
        let name = run_name(batch, row);
        if name != log.run.as_deref() {
            continue;
        }
        let Some(&sample) = batch
            .sample_ids
            .get(row)
            .as_ref()
            .and_then(|id| wanted.get(id))
        else {
            continue;
        };
        let logits = &batch.logits[row * batch.logit_count..(row + 1) * batch.logit_count];
        let epochs = found.entry((sample, batch.passes[row])).or_default();
        let sums = epochs.entry(batch.epochs[row]).or_default();
        if sums.rows == 0 || log.repeats.are_averaged() {
            sums.add(logits);
        }
    }
}
