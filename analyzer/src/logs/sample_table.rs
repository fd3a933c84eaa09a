//! The sample table beside the log of a run, joined to its samples: where each of them came from. A table that
//! is damaged, or of another run, is not used, and it is said why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use logformat::{
    RunRecord, SMALL_FILE_BYTES, SampleEntry, SampleIds, read_sample_origins, read_sample_table,
    sample_table_path, validate_run_name,
};
use polars::prelude::{
    Column, DataFrame, DataFrameJoinOps, JoinArgs, JoinType, MaintainOrderJoin, PolarsResult,
};

use crate::logs::integrity::damage;
use crate::logs::origins::Origins;
use crate::logs::run_log::RunLog;
use crate::logs::run_records::folders;

const SAMPLE_ID: &str = "sample_id";
const GIVEN_LABEL: &str = "given_label";
const WAY_OUT: &str = "copy it again, or go on with its run by `resume`";

/// Where the samples of `log` came from, by the sample table that lies beside one of its `files`; nothing
/// where there is none.
///
/// # Errors
/// A line that says which table is not used and why: it is damaged, or is of another run.
pub(crate) fn origins_beside(files: &[PathBuf], log: &RunLog) -> Result<Origins, String> {
    // The name of somebody else's run may be anything, `../x` included.
    let run = log.run.as_deref();
    let Some(run) = run.filter(|run| validate_run_name(run).is_ok()) else {
        return Ok(Origins::default());
    };
    let mut folders = folders(files).into_iter();
    let Some(folder) = folders.find(|folder| sample_table_path(folder, run).is_file()) else {
        return Ok(Origins::default());
    };
    let path = sample_table_path(folder, run);
    let unused = |reason: String| {
        format!(
            "{}: {reason}; until then, files, rows and ids of samples are left out",
            path.display()
        )
    };
    let origins = read(&path, folder, log).map_err(unused)?;
    Ok(Origins {
        table: Some(path),
        ..origins
    })
}

/// What the sample table of `log` has of these samples, their pictures included, by their positions; nothing
/// where no table is used.
///
/// # Errors
/// A line that says why the table is not used: more of it is damaged than was read with the log.
pub(crate) fn sample_entries(
    log: &RunLog,
    samples: &[usize],
) -> Result<BTreeMap<usize, SampleEntry>, String> {
    let (Some(path), Some(run)) = (&log.origins.table, &log.run) else {
        return Ok(BTreeMap::new());
    };
    let SampleIds::Integers(ids) = &log.sample_ids else {
        return Ok(BTreeMap::new());
    };
    let unused = |reason: String| {
        format!(
            "{}: {reason}; until then, no pictures are shown",
            path.display()
        )
    };
    let folder = path.ancestors().nth(2).unwrap_or(Path::new(""));
    if let Some(record) = RunRecord::read(folder, run).ok().flatten() {
        damage(record.verify_sample_table(folder, true), WAY_OUT).map_err(unused)?;
    }
    let samples = samples.iter();
    let by_id: BTreeMap<i64, usize> = samples.map(|&sample| (ids[sample], sample)).collect();
    let entries = read_sample_table(path, |id| by_id.contains_key(&id));
    let entries = entries
        .map_err(|error| unused(format!("{}; {WAY_OUT}", without_place(&error, path))))?
        .into_iter();
    Ok(entries
        .filter_map(|entry| Some((*by_id.get(&entry.sample_id)?, entry)))
        .collect())
}

fn read(path: &Path, folder: &Path, log: &RunLog) -> Result<Origins, String> {
    let record = log.run.as_deref().map(|run| RunRecord::read(folder, run));
    let record = record.and_then(|record| record.ok().flatten());
    if let Some(record) = &record {
        let small = path
            .metadata()
            .is_ok_and(|found| found.len() <= SMALL_FILE_BYTES);
        damage(record.verify_sample_table(folder, small), WAY_OUT)?;
    }
    let table = read_sample_origins(path);
    let table = table.map_err(|error| format!("{}; {WAY_OUT}", without_place(&error, path)))?;
    let changed = record.map_or_else(BTreeSet::new, |record| {
        record.changed_sample_columns(&table.checksums)
    });
    if let Some(column) = changed.first() {
        return Err(format!(
            "is damaged or was changed: the checksum of its column {column} is not the one of what was written; {WAY_OUT}"
        ));
    }
    let given: Vec<Option<u32>> = table.given_labels.iter().copied().map(Some).collect();
    let ids = SampleIds::Integers(table.sample_ids);
    let known = Origins::new(&ids, &table.files, &table.rows, table.ids.as_ref());
    if ids == log.sample_ids && given == log.given_labels {
        return Ok(known);
    }
    joined(known, &ids, &given, log)
}

fn without_place(error: &dyn std::error::Error, path: &Path) -> String {
    let text = error.to_string();
    let place = format!("{}: ", path.display());
    text.strip_prefix(&place).unwrap_or(&text).to_owned()
}

/// The rows of the table for the samples of the log: a log may be a part of its run.
fn joined(
    table: Origins,
    ids: &SampleIds,
    given: &[Option<u32>],
    log: &RunLog,
) -> Result<Origins, String> {
    let told = table.told;
    let join = || -> PolarsResult<DataFrame> {
        let mut table = table.frame;
        table.with_column(id_column(ids))?;
        table.with_column(Column::new(GIVEN_LABEL.into(), given))?;
        let log = DataFrame::new_infer_height(vec![id_column(&log.sample_ids)])?;
        let mut how = JoinArgs::new(JoinType::Left);
        how.maintain_order = MaintainOrderJoin::Left;
        log.join(&table, [SAMPLE_ID], [SAMPLE_ID], how, None)
    };
    let of_another = |reason: String| {
        Err(format!(
            "is not the sample table of run {}: {reason}; copy that of the run to its place",
            log.title()
        ))
    };
    let mut frame = match (ids, &log.sample_ids) {
        (SampleIds::Integers(_), SampleIds::Integers(_)) => {
            join().map_err(|error| error.to_string())?
        }
        _ => return of_another("its ids are integers, those of the run texts".to_owned()),
    };
    if frame.height() > log.sample_count() {
        return of_another("it has a sample twice".to_owned());
    }
    let given = frame.drop_in_place(GIVEN_LABEL);
    let given = given.and_then(|given| Ok(given.u32()?.iter().collect::<Vec<_>>()));
    let given = given.map_err(|error| error.to_string())?;
    let name = |at: usize| {
        log.sample_ids
            .get(at)
            .map_or_else(String::new, |id| id.to_string())
    };
    if let Some(first) = given.iter().position(Option::is_none) {
        let missing = given.iter().filter(|given| given.is_none()).count();
        return of_another(format!(
            "it has no row for {missing} of the {} samples, the first of them {}",
            log.sample_count(),
            name(first)
        ));
    }
    let mut labels = given.iter().zip(&log.given_labels);
    if let Some(first) = labels.position(|(given, log)| log.is_some() && given != log) {
        return of_another(format!("it gives sample {} another label", name(first)));
    }
    let dropped = frame.drop_in_place(SAMPLE_ID);
    dropped.map_err(|error| error.to_string())?;
    Ok(Origins {
        frame,
        told,
        table: None,
    })
}

fn id_column(ids: &SampleIds) -> Column {
    match ids {
        SampleIds::Integers(ids) => Column::new(SAMPLE_ID.into(), ids),
        SampleIds::Texts(ids) => Column::new(SAMPLE_ID.into(), ids),
    }
}

#[cfg(test)]
mod tests;
