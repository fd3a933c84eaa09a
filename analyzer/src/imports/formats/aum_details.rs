//! `aum_details.csv` of the authors' replication of the paper (`examples/paper_replication/runner.py` in
//! github.com/asappresearch/aum): one AUM a sample with its labels. `Observed Target` is the assigned label,
//! so that of a threshold sample is the extra class; `Label Flipped` is true for threshold samples too,
//! whose given label nobody knows any more, and is left aside.

use logformat::SampleId;

use crate::error::AnalyzerError;
use crate::imports::format::{Gives, ImportFormat, Notes, Source};
use crate::imports::imported_aums::ImportedAum;
use crate::imports::text_rows::{Row, TextRows};
use crate::logs::table_frame::is_csv;

pub(crate) const FORMAT: ImportFormat = ImportFormat {
    name: "aum-details",
    about: "aum_details.csv of the paper's own experiments",
    recognises: |path| {
        let columns = |rows: TextRows<'_>| rows.columns(COLUMNS).is_ok();
        is_csv(path) && TextRows::open(path).is_ok_and(columns)
    },
    gives: Gives::Aums {
        read,
        instead: "for curves, train with AUMCalculator(compressed=False) and import full_aum_records.csv",
    },
};

const COLUMNS: [&str; 5] = [
    "Index",
    "True Target",
    "Observed Target",
    "Is Threshold Sample",
    "AUM",
];

fn read(source: &Source<'_>, _: &mut Notes) -> Result<Vec<ImportedAum>, AnalyzerError> {
    let mut rows = TextRows::open(source.path)?;
    let [index, truth, observed, mark, aum] = rows.columns(COLUMNS)?;
    let mut aums: Vec<ImportedAum> = Vec::new();
    while let Some(row) = rows.next()? {
        let sample = i64::from(row.whole(index, "the index")?);
        if aums.len() as i64 != sample {
            return Err(row.refusal(&format!(
                "has index {sample} in place of {}; the runner writes every sample once, in order",
                aums.len()
            )));
        }
        let is_threshold_sample = flag(row, mark)?;
        let observed = row.whole(observed, "the observed target")?;
        aums.push(ImportedAum {
            sample_id: SampleId::Integer(sample),
            given_label: (!is_threshold_sample).then_some(observed),
            true_label: Some(row.whole(truth, "the true target")?),
            is_threshold_sample,
            // A sample that was in no epoch has none.
            aum: match row.text(aum)? {
                "" => None,
                _ => Some(row.number(aum, "the AUM")?),
            },
        });
    }
    Ok(aums)
}

fn flag(row: Row<'_>, column: usize) -> Result<bool, AnalyzerError> {
    match row.text(column)? {
        "True" | "true" | "1" => Ok(true),
        "False" | "false" | "0" => Ok(false),
        other => Err(row.refusal(&format!(
            "has {other:?} for Is Threshold Sample, True or False"
        ))),
    }
}
