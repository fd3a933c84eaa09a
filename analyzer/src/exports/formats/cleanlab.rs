//! What cleanlab's users work with (docs.cleanlab.ai): `label_issues.csv` with the columns of
//! `CleanLearning.get_label_issues`, and ids beside them; and of each model whose held-out logits lie beside
//! the log, `pred_probs-<model>.npy`, the out-of-sample probabilities that cleanlab asks for, with the labels
//! in the same order in `labels.npy`.
//!
//! cleanlab's label quality is between 0 and 1, low for what is suspicious: here the logistic function of the
//! AUM, which keeps its order.

use csv::Writer;

use crate::error::AnalyzerError;
use crate::exports::export_files::ExportFiles;
use crate::exports::exported_run::ExportedRun;
use crate::exports::format::ExportFormat;
use crate::exports::formats::csv::told;
use crate::exports::formats::npy::write_npy;
use crate::exports::scope::{Which, Writes};
use crate::logs::held_out::read_held_out;
use crate::logs::spreadsheet_cells::cell;

pub(crate) const FORMAT: ExportFormat = ExportFormat {
    name: "cleanlab",
    about: "label issues as cleanlab has them, and its out-of-sample probabilities: a folder of .csv and .npy",
    writes: Writes::Folder,
    which: Which::All,
    suggests: true,
    write,
};

const HEADER: [&str; 8] = [
    "sample_id",
    "file",
    "row",
    "id",
    "is_label_issue",
    "label_quality",
    "given_label",
    "predicted_label",
];

fn write(run: &ExportedRun<'_>, files: &mut ExportFiles) -> Result<Vec<String>, AnalyzerError> {
    // In the order of the log, which is that of the arrays.
    let mut order: Vec<_> = run.each().collect();
    order.sort_by_key(|(sample, _)| sample.at);
    files.add("label_issues.csv", |file| {
        let mut rows = Writer::from_writer(file);
        rows.write_record(HEADER)?;
        for (sample, origin) in &order {
            let given = run.given_label(sample);
            let quality = run.aum(sample).map(|aum| 1.0 / (1.0 + (-aum).exp()));
            let is_issue = run.flagged(sample).unwrap_or(false);
            let fields = [
                run.id(sample).to_string(),
                told(origin.file.as_deref()),
                told(origin.row),
                told(origin.id.as_ref()),
                // As pandas writes it.
                if is_issue { "True" } else { "False" }.to_owned(),
                told(quality),
                told(given),
                told(sample.suggested_label.or(given)),
            ];
            rows.write_record(fields.iter().map(|field| cell(field).into_owned()))?;
        }
        rows.flush()
    })?;
    match run.log.held_out.is_empty() {
        true => Ok(vec![format!(
            "there are no held-out logits beside {}, so there are no pred_probs; recording features, or with folds, leaves them",
            run.log.title()
        )]),
        false => write_probabilities(run, files),
    }
}

fn write_probabilities(
    run: &ExportedRun<'_>,
    files: &mut ExportFiles,
) -> Result<Vec<String>, AnalyzerError> {
    let held_out = read_held_out(run.log, run.analysis.window)?;
    let mut wanted: Vec<usize> = run.samples.iter().map(|sample| sample.at).collect();
    wanted.sort_unstable();
    for model in &held_out.models {
        let rows = wanted
            .iter()
            .map(|&at| &model.log_probabilities[at * held_out.classes..][..held_out.classes]);
        let probabilities = rows.flatten().flat_map(|logit| logit.exp().to_le_bytes());
        let shape = [wanted.len(), held_out.classes];
        files.add(&format!("pred_probs-{}.npy", model.name), |file| {
            write_npy(file, "<f4", &shape, probabilities)
        })?;
    }
    // All of them are known, or the held-out logits would not fit.
    let labels = wanted.iter().filter_map(|&at| run.log.given_labels[at]);
    let labels = labels.flat_map(|label| i64::from(label).to_le_bytes());
    files.add("labels.npy", |file| {
        write_npy(file, "<i8", &[wanted.len()], labels)
    })?;
    Ok(Vec::new())
}
