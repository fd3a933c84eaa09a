//! `analyzer check`: read the files whole, say all that is wrong, fail where something is.

use analyzer::{
    Cells, Report, ReportTable, ResultTable, Setting, Soundness, Subject, check_logs, log_files,
};
use anyhow::bail;

use crate::cli::CheckArgs;

use super::output::Sink;
use super::remote_logs::named;

pub(crate) fn run(args: &CheckArgs) -> anyhow::Result<()> {
    let files = log_files(&args.logs)?;
    let sink = Sink::open(&args.output, &files)?;
    let found = check_logs(&files);
    sink.reports(&[report(&found)])?;
    match found.problems.len() {
        0 => Ok(()),
        1 => bail!("1 thing is wrong with the logs, see above"),
        count => bail!("{count} things are wrong with the logs, see above"),
    }
}

fn report(found: &Soundness) -> Report {
    let count = |key, label, count: usize| Setting {
        key,
        value: count.into(),
        label,
        text: count.to_string(),
    };
    let problems = &found.problems;
    let table = ResultTable::new()
        .with(
            "place",
            "Place",
            Cells::texts(problems.iter().map(|problem| named(&problem.place))),
        )
        .with(
            "problem",
            "Problem",
            Cells::texts(problems.iter().map(|problem| named(&problem.text))),
        );
    let verdict = match problems.len() {
        0 => "Sound logs",
        _ => "Logs with problems",
    };
    Report {
        subject: Subject::Other(verdict.to_owned()),
        settings: vec![
            count("files", "Files", found.files),
            count("rows", "Rows read", found.rows),
            count(
                "compared_margins",
                "Margins compared with logits",
                found.compared_margins,
            ),
            count(
                "recorded_files",
                "Files with a recorded checksum",
                found.recorded_files,
            ),
        ],
        tables: vec![ReportTable {
            name: "problems",
            caption: String::new(),
            table,
        }],
        notes: Vec::new(),
        class_names: Vec::new(),
    }
}
