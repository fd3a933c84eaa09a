//! What is shown of single samples beside their AUMs: the class that the network suggests, and the
//! picture from the sample table that lies beside the logs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use analyzer::SampleIds;
use analyzer::plots::{RunView, SheetEntry, sheet_entries, suggested_labels};
use logformat::{read_sample_table, sample_table_path};

/// The suggested classes of the flagged samples and of the `count` with the lowest AUMs.
pub(crate) fn suggestions(
    files: &[PathBuf],
    view: RunView<'_>,
    count: usize,
) -> anyhow::Result<Vec<Option<u32>>> {
    let flagged = |sample: &usize| view.analysis.verdicts[*sample].flagged == Some(true);
    let ranked = view.analysis.ranking.iter().copied().enumerate();
    let wanted: Vec<usize> = ranked
        .filter(|(rank, sample)| *rank < count || flagged(sample))
        .map(|(_, sample)| sample)
        .collect();
    Ok(suggested_labels(files, view.log, view.analysis, &wanted)?)
}

/// The entries of a contact sheet.
pub(crate) fn lowest_entries(
    files: &[PathBuf],
    view: RunView<'_>,
    count: usize,
    suggested: &[Option<u32>],
) -> anyhow::Result<Vec<SheetEntry>> {
    let pictures = pictures(files, view, count)?;
    let picture = |sample: usize| pictures.get(&sample).cloned();
    Ok(sheet_entries(view, count, picture, suggested))
}

/// The PNG files of the samples with the lowest AUMs, by their positions; none where the run has no
/// sample table beside its logs.
fn pictures(
    files: &[PathBuf],
    view: RunView<'_>,
    count: usize,
) -> anyhow::Result<BTreeMap<usize, Vec<u8>>> {
    let (Some(run), SampleIds::Integers(ids)) = (&view.log.run, &view.log.sample_ids) else {
        return Ok(BTreeMap::new());
    };
    let folders: BTreeSet<&Path> = files.iter().filter_map(|file| file.parent()).collect();
    let tables = folders.iter().map(|folder| sample_table_path(folder, run));
    let Some(table) = tables.into_iter().find(|table| table.is_file()) else {
        return Ok(BTreeMap::new());
    };
    let lowest = view.analysis.ranking.iter().take(count);
    let by_id: BTreeMap<i64, usize> = lowest.map(|&sample| (ids[sample], sample)).collect();
    let entries = read_sample_table(&table, |id| by_id.contains_key(&id))?;
    let pictures = entries.into_iter();
    Ok(pictures
        .filter_map(|entry| Some((*by_id.get(&entry.sample_id)?, entry.png?)))
        .collect())
}
