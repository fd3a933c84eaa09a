//! The logits of a few samples in every epoch, read again from the files of a log.

use std::collections::BTreeMap;
use std::path::PathBuf;

use logformat::{Column, EpochReader, RowBatch, SampleId};

use crate::error::AnalyzerError;
use crate::logs::assembly::rows::run_name;
use crate::logs::run_log::RunLog;

/// The logits of one sample in one pass.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SampleLogits {
    /// The position of the sample in its run.
    pub sample: usize,
    /// 1-based.
    pub pass: u32,
    /// Per epoch (1-based, ascending) the logits of all classes, the extra class last.
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
    let mut found = Found::new();
    for file in files {
        let reader = EpochReader::open(file)?;
        if !reader.has(Column::Logits) {
            continue;
        }
        for batch in reader.rows()? {
            take(&batch?, log.run.as_deref(), &wanted, &mut found);
        }
    }
    Ok(found
        .into_iter()
        .map(|((sample, pass), epochs)| SampleLogits {
            sample,
            pass,
            epochs: epochs.into_iter().collect(),
        })
        .collect())
}

/// By sample and pass: per epoch the logits.
type Found = BTreeMap<(usize, u32), BTreeMap<u32, Vec<f32>>>;

fn take(
    batch: &RowBatch,
    run: Option<&str>,
    wanted: &BTreeMap<SampleId, usize>,
    found: &mut Found,
) {
    for row in 0..batch.epochs.len() {
        let name = run_name(batch, row);
        if name.unwrap_or_default() != run.unwrap_or_default() {
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
        epochs.insert(batch.epochs[row], logits.to_vec());
    }
}
