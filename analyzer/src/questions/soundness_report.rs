//! Whether logs are sound, as a report.

use crate::logs::soundness::Soundness;
use crate::results::findings::{Report, ReportTable, Setting, Subject};
use crate::results::tables::ResultTable;

/// How much was read, and all that is wrong with it.
pub fn soundness_report(found: &Soundness) -> Report {
    let count = |key, label, count: usize| Setting {
        key,
        value: count.into(),
        label,
        text: count.to_string(),
    };
    let problems = &found.problems;
    let table = ResultTable::new()
        .texts(
            "place",
            "Place",
            problems.iter().map(|problem| &*problem.place),
        )
        .texts(
            "problem",
            "Problem",
            problems.iter().map(|problem| &*problem.text),
        );
    let verdict = match problems.len() {
        0 => "Sound logs",
        _ => "Logs with problems",
    };
    let mut settings = vec![
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
    ];
    if found.repeated_rows > 0 {
        settings.push(count(
            "repeated_rows",
            "Rows that repeat a sample",
            found.repeated_rows,
        ));
    }
    Report {
        subject: Subject::Other(verdict.to_owned()),
        settings,
        tables: vec![ReportTable::new("problems", "", table)],
        notes: found.notes.clone(),
        class_names: Vec::new(),
    }
}
