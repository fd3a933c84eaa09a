//! A row for each sample: where it came from, its labels with their names, AUM, verdict, and which class the
//! network would rather have.

use csv::Writer;

use crate::error::AnalyzerError;
use crate::exports::export_files::ExportFiles;
use crate::exports::exported_run::ExportedRun;
use crate::exports::format::ExportFormat;
use crate::exports::scope::{Which, Writes};
use crate::logs::spreadsheet_cells::cell;

pub(crate) const FORMAT: ExportFormat = ExportFormat {
    name: "csv",
    about: "a row a sample, a .csv",
    writes: Writes::File("csv"),
    which: Which::All,
    suggests: true,
    write,
};

const HEADER: [&str; 11] = [
    "sample_id",
    "file",
    "row",
    "id",
    "given_label",
    "given_class",
    "suggested_label",
    "suggested_class",
    "support",
    "aum",
    "flagged",
];

fn write(run: &ExportedRun<'_>, files: &mut ExportFiles) -> Result<Vec<String>, AnalyzerError> {
    files.add("samples.csv", |file| {
        let mut rows = Writer::from_writer(file);
        rows.write_record(HEADER)?;
        for (sample, origin) in run.each() {
            let given = run.given_label(sample);
            let suggested = sample.suggested_label;
            let fields = [
                run.id(sample).to_string(),
                told(origin.file.as_deref()),
                told(origin.row),
                told(origin.id.as_ref()),
                told(given),
                told(run.class(given)),
                told(suggested),
                told(run.class(suggested)),
                told(suggested.map(|_| sample.support)),
                told(run.aum(sample)),
                told(run.flagged(sample)),
            ];
            rows.write_record(fields.iter().map(|field| cell(field).into_owned()))?;
        }
        rows.flush()
    })?;
    Ok(Vec::new())
}

/// Nothing where nothing is known.
pub(super) fn told(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
