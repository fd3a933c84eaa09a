//! Which class the network would rather say: of a sample's epochs that count, the class that most
//! often had the largest other logit; of several, the first.

use std::collections::BTreeMap;
use std::path::PathBuf;

use logformat::{EpochReader, RowBatch, SampleId};

use crate::{AnalyzerError, RunAnalysis, RunLog};

/// The suggested class of each of `samples` (positions in `log`), in the order of the log; `None`
/// for the others, and where the log has neither `rival_label` nor logits. The extra class suggests
/// nothing.
///
/// # Errors
/// [`AnalyzerError::Log`] for a file that is no sound log.
pub fn suggested_labels(
    files: &[PathBuf],
    log: &RunLog,
    analysis: &RunAnalysis,
    samples: &[usize],
) -> Result<Vec<Option<u32>>, AnalyzerError> {
    let wanted: BTreeMap<SampleId, usize> = samples
        .iter()
        .filter_map(|&sample| Some((log.sample_ids.get(sample)?, sample)))
        .collect();
    let mut votes: Vec<BTreeMap<u32, u32>> = vec![BTreeMap::new(); log.sample_count()];
    for file in files {
        for batch in EpochReader::open(file)?.margins()? {
            count(&batch?, log, analysis, &wanted, &mut votes);
        }
    }
    let classes = log.class_count();
    let suggested = votes.into_iter().map(|votes| {
        let real = votes
            .into_iter()
            .filter(|&(label, _)| classes.is_none_or(|count| (label as usize) < count));
        // The first of the most frequent ones.
        real.max_by_key(|&(label, count)| (count, std::cmp::Reverse(label)))
            .map(|(label, _)| label)
    });
    Ok(suggested.collect())
}

fn count(
    batch: &RowBatch,
    log: &RunLog,
    analysis: &RunAnalysis,
    wanted: &BTreeMap<SampleId, usize>,
    votes: &mut [BTreeMap<u32, u32>],
) {
    let Some(rivals) = &batch.rival_labels else {
        return;
    };
    for (row, &rival) in rivals.iter().enumerate() {
        let run = batch
            .runs
            .as_ref()
            .map(|runs| &*runs[row])
            .unwrap_or_default();
        let counts = run == log.run.as_deref().unwrap_or_default()
            && analysis.window.contains(batch.epochs[row])
            && !batch.is_threshold_sample[row];
        if !counts {
            continue;
        }
        let id = batch.sample_ids.get(row);
        if let Some(&sample) = id.and_then(|id| wanted.get(&id)) {
            *votes[sample].entry(rival).or_default() += 1;
        }
    }
}
