//! Training dynamics of dataset cartography (github.com/allenai/cartography): a file
//! `training_dynamics/dynamics_epoch_N.jsonl` for each epoch, from 0, with `guid`, `logits_epoch_N` and `gold`.
//! A folder for each pass where there are several. All recorded epochs, whichever count.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::json;

use crate::error::AnalyzerError;
use crate::exports::export_files::ExportFiles;
use crate::exports::exported_run::{ExportedRun, id_value};
use crate::exports::format::ExportFormat;
use crate::exports::scope::{Which, Writes};
use crate::logs::reduced_rows::{Needed, for_each_row};

pub(crate) const FORMAT: ExportFormat = ExportFormat {
    name: "data-maps",
    about: "training dynamics of dataset cartography, a folder",
    writes: Writes::Folder,
    which: Which::All,
    suggests: false,
    write,
};

fn write(run: &ExportedRun<'_>, files: &mut ExportFiles) -> Result<Vec<String>, AnalyzerError> {
    need_epochs(run)?;
    let mut numbers = BTreeMap::new();
    for (at, pass) in run.log.passes.iter().enumerate() {
        for (number, epoch) in pass.recorded_epochs().enumerate() {
            let folder = pass_folder(run, pass.pass);
            let name = format!("{folder}training_dynamics/dynamics_epoch_{number}.jsonl");
            numbers.insert((at, epoch), (files.open(&name)?, number));
        }
    }
    let mut is_wanted = vec![false; run.log.sample_count()];
    run.samples
        .iter()
        .for_each(|sample| is_wanted[sample.at] = true);
    let mut written = Ok(());
    for_each_row(
        run.files,
        &[run.log],
        Needed::Logits,
        |row| row.logits.to_vec(),
        |seen| {
            let file = numbers.get(&(seen.pass, seen.epoch));
            let (Ok(()), true, Some(&(file, number))) = (&written, is_wanted[seen.sample], file)
            else {
                return;
            };
            let logits = seen.value;
            if logits.is_empty() {
                written = Err(AnalyzerError::NothingToExport {
                    run: run.log.title().to_owned(),
                    reason: "data maps are made of logits, and the log has margins alone; record with logits".to_owned(),
                });
                return;
            }
            let id = run.log.sample_ids.get(seen.sample);
            let gold = run.log.passes[seen.pass].assigned_labels[seen.sample];
            let record = json!({
                "guid": id.as_ref().map(id_value),
                (format!("logits_epoch_{number}")): logits,
                "gold": gold,
            });
            written = files.write(file, |file| writeln!(file, "{record}"));
        },
    )?;
    written?;
    Ok(Vec::new())
}

/// The folder of a pass, with a slash behind; none where it is the only one.
pub(super) fn pass_folder(run: &ExportedRun<'_>, pass: u32) -> String {
    match run.log.passes.len() {
        1 => String::new(),
        _ => format!("pass-{pass}/"),
    }
}

/// Refuses an AUM table.
pub(super) fn need_epochs(run: &ExportedRun<'_>) -> Result<(), AnalyzerError> {
    match run.log.is_aum_table() {
        false => Ok(()),
        true => Err(AnalyzerError::NothingToExport {
            run: run.log.title().to_owned(),
            reason: "an AUM table has no epochs, which this format is made of; give the logs that it was computed from".to_owned(),
        }),
    }
}
