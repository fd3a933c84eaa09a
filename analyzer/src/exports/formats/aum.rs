//! The two files of the authors' package `aum`: `aum_values.csv`, the largest AUM first, and
//! `full_aum_records.csv`, sorted by sample and measurement. A folder for each pass where there are several,
//! since the package knows no passes.
//!
//! Measurements are those of the epochs that count (`--epochs`), so that the last AUM of a sample is its AUM.
//! Without logits in the log, the logit of the label stands for itself as the margin, and the other as 0.

use std::io;

use csv::Writer;
use logformat::{Column, EpochReader, margin};

use crate::error::AnalyzerError;
use crate::exports::export_files::ExportFiles;
use crate::exports::exported_run::ExportedRun;
use crate::exports::format::ExportFormat;
use crate::exports::formats::data_maps::{need_epochs, pass_folder};
use crate::exports::scope::{Which, Writes};
use crate::imports::formats::aum_records::COLUMNS;
use crate::logs::reduced_rows::{Needed, for_each_row};
use crate::logs::run_log::PassLog;
use crate::rules::ranking::lowest;

pub(crate) const FORMAT: ExportFormat = ExportFormat {
    name: "aum",
    about: "aum_values.csv and full_aum_records.csv of the Python package aum, in a folder",
    writes: Writes::Folder,
    which: Which::All,
    suggests: false,
    write,
};

/// One measurement, before its number and the AUM so far are known.
#[derive(Debug, Clone, Copy)]
struct Measured {
    sample: usize,
    epoch: u32,
    margin: f32,
    rival: u32,
    /// The logits of the label and of the rival.
    logits: Option<[f32; 2]>,
}

fn write(run: &ExportedRun<'_>, files: &mut ExportFiles) -> Result<Vec<String>, AnalyzerError> {
    need_epochs(run)?;
    let mut passes: Vec<Vec<Measured>> = vec![Vec::new(); run.log.passes.len()];
    let mut has_logits = true;
    let mut has_rivals = true;
    for_each_row(
        run.files,
        &[run.log],
        needed(run)?,
        |row| {
            let of_logits = margin(row.logits, row.assigned_label);
            let rival = of_logits.map(|margin| margin.rival_label);
            let rival = rival.or(row.rival_label);
            let at = |label: u32| row.logits.get(label as usize).copied();
            let both = at(row.assigned_label).zip(rival.and_then(at));
            (row.margin, rival, both.map(<[f32; 2]>::from))
        },
        |seen| {
            if run.analysis.window.contains(seen.epoch) {
                let &(margin, rival, logits) = seen.value;
                has_logits &= logits.is_some();
                has_rivals &= rival.is_some();
                passes[seen.pass].push(Measured {
                    sample: seen.sample,
                    epoch: seen.epoch,
                    margin,
                    rival: rival.unwrap_or(0),
                    logits,
                });
            }
        },
    )?;
    let mut is_wanted = vec![false; run.log.sample_count()];
    run.samples
        .iter()
        .for_each(|sample| is_wanted[sample.at] = true);
    for (number, measured) in passes.iter_mut().enumerate() {
        measured.retain(|one| is_wanted[one.sample]);
        measured.sort_by_key(|one| (one.sample, one.epoch));
        let pass = &run.log.passes[number];
        let folder = pass_folder(run, pass.pass);
        let records = format!("{folder}full_aum_records.csv");
        let mut aums = vec![None; run.log.sample_count()];
        files.add(&records, |file| {
            write_records(file, run, pass, measured, &mut aums)
        })?;
        files.add(&format!("{folder}aum_values.csv"), |file| {
            write_values(file, run, &aums)
        })?;
    }
    let mut notes = Vec::new();
    if !has_logits {
        notes.push("the log has no logits, so target_val is the margin and other_val 0".to_owned());
    }
    if !has_rivals {
        notes.push("the log has no rival labels, so other_logit is 0 throughout".to_owned());
    }
    Ok(notes)
}

/// Logits where all files have them, else rival labels where all have these.
fn needed(run: &ExportedRun<'_>) -> Result<Needed, AnalyzerError> {
    let mut rivals_alone = false;
    for file in run.files {
        let reader = EpochReader::open(file)?;
        if !reader.has(Column::Logits) {
            rivals_alone = reader.has(Column::RivalLabel);
            if !rivals_alone {
                break;
            }
        }
    }
    Ok(match rivals_alone {
        true => Needed::RivalLabels,
        false => Needed::Logits,
    })
}

fn write_records(
    file: &mut impl io::Write,
    run: &ExportedRun<'_>,
    pass: &PassLog,
    measured: &[Measured],
    aums: &mut [Option<f64>],
) -> io::Result<()> {
    let mut rows = Writer::from_writer(file);
    rows.write_record(COLUMNS.into_iter().chain(["aum"]))?;
    let (mut last, mut count, mut sum) = (None, 0_u32, 0.0);
    for one in measured {
        if last != Some(one.sample) {
            (last, count, sum) = (Some(one.sample), 0, 0.0);
        }
        count += 1;
        sum += f64::from(one.margin);
        let aum = sum / f64::from(count);
        aums[one.sample] = Some(aum);
        let [target, other] = one.logits.unwrap_or([one.margin, 0.0]);
        let id = run.log.sample_ids.get(one.sample);
        rows.write_record([
            id.map(|id| id.to_string()).unwrap_or_default(),
            count.to_string(),
            pass.assigned_labels[one.sample].unwrap_or(0).to_string(),
            // With a point, as pandas writes floats.
            format!("{target:?}"),
            one.rival.to_string(),
            format!("{other:?}"),
            format!("{:?}", one.margin),
            format!("{aum:?}"),
        ])?;
    }
    rows.flush()
}

fn write_values(
    file: &mut impl io::Write,
    run: &ExportedRun<'_>,
    aums: &[Option<f64>],
) -> io::Result<()> {
    let mut rows = Writer::from_writer(file);
    rows.write_record(["sample_id", "aum"])?;
    for &at in lowest(aums.iter().copied(), usize::MAX).iter().rev() {
        let id = run.log.sample_ids.get(at).map(|id| id.to_string());
        let aum = aums[at].map(|aum| format!("{aum:?}"));
        rows.write_record([id.unwrap_or_default(), aum.unwrap_or_default()])?;
    }
    rows.flush()
}
