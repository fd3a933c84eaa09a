//! AUM tables instead of logs: the same answers, what they cannot answer, and what is wrong with some.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::inputs::layouts::{by_epoch, word};
use crate::setup::{json_of, refusal, stdout_of};

/// A log with true labels, and in another folder the table that `aum -o` wrote of it.
fn log_and_table(name: &str) -> (TempDir, TempDir, String) {
    let folder = by_epoch();
    let tables = tempfile::tempdir().unwrap();
    let table = tables.path().join(name).to_str().unwrap().to_owned();
    stdout_of(&["aum", word(&folder), "-o", &table]);
    (folder, tables, table)
}

/// What is printed from the line that begins with `from` on.
fn after<'a>(text: &'a str, from: &str) -> &'a str {
    assert!(text.contains(from), "{from:?} is not in:\n{text}");
    &text[text.find(from).unwrap()..]
}

#[test]
fn a_table_of_aums_gives_what_its_log_gives() {
    for name in ["aum.csv", "aum.parquet"] {
        let (logs, _tables, table) = log_and_table(name);
        for words in [
            &["--percentile", "95"][..],
            &["--cut", "percentile"],
            &["--threshold", "0"],
        ] {
            let of =
                |source: &str| stdout_of(&[&["aum", source, "--format", "csv"], words].concat());
            assert_eq!(of(&table), of(word(&logs)), "{name}, {words:?}");
        }
        let sweep = |source: &str| stdout_of(&["thresholds", source, "--format", "csv"]);
        assert_eq!(sweep(&table), sweep(word(&logs)));
        let compared =
            |source: &str| stdout_of(&["compare", source, "--by", "pass", "--format", "csv"]);
        assert_eq!(compared(&table), compared(word(&logs)));
        let text = stdout_of(&["aum", &table]);
        assert!(
            text.contains("those over which the AUM table was computed"),
            "{text}"
        );
        let of_log = stdout_of(&["aum", word(&logs)]);
        assert_eq!(
            after(&text, "  The 10 lowest"),
            after(&of_log, "  The 10 lowest")
        );
    }
}

/// As spreadsheets with decimal commas write it, and pandas, which makes floats of whole numbers beside missing ones.
#[test]
fn a_table_that_another_program_wrote_again_is_the_same() {
    let (_logs, _tables, table) = log_and_table("aum.csv");
    let of_table = || stdout_of(&["aum", &table, "--format", "csv"]);
    let (before, text) = (of_table(), fs::read_to_string(&table).unwrap());
    fs::write(&table, text.replace(',', ";").replace('.', ",")).unwrap();
    assert_eq!(of_table(), before);
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let cell = |(column, cell): (&&str, &str)| match *column {
        "given_label" | "true_label" if !cell.is_empty() => format!("{cell}.0"),
        _ => cell.to_owned(),
    };
    let rows = text.lines().skip(1).map(|row| {
        let cells: Vec<String> = header.iter().zip(row.split(',')).map(cell).collect();
        cells.join(",")
    });
    let rows: Vec<String> = rows.collect();
    fs::write(
        &table,
        format!("{}\n{}\n", header.join(","), rows.join("\n")),
    )
    .unwrap();
    assert_eq!(of_table(), before);
}

#[test]
fn plots_of_a_table_are_drawn_where_they_need_no_curves() {
    let (_logs, tables, table) = log_and_table("aum.csv");
    let image = tables
        .path()
        .join("histogram.svg")
        .to_str()
        .unwrap()
        .to_owned();
    stdout_of(&["plot", "histogram", &table, "-o", &image]);
    assert!(Path::new(&image).exists());
    refusal(
        &["plot", "margins", &table, "-o", &image, "--overwrite"],
        1,
        &["aum.csv: is an AUM table, which has no curves"],
    );
}

#[test]
fn what_a_table_cannot_answer_is_refused_with_the_way_to_it() {
    let (logs, _tables, table) = log_and_table("aum.parquet");
    let log = logs.path().to_str().unwrap();
    let csv = format!("{table}.csv");
    fs::write(&csv, LONG_TABLE).unwrap();
    for (words, part) in [
        (&["compare", log, &table][..], "is a log, and"),
        (&["compare", log, &csv], "is a log, and"),
        (
            &["scores", &table][..],
            "give the logs that the table was computed from",
        ),
        (
            &["confusions", &table],
            "give the logs that the table was computed from",
        ),
        (
            &["aum", &table, "--epochs", "2..5"],
            "--epochs 2..5 cannot be chosen any more",
        ),
        (&["aum", &table, "--from-logits"], "which has no logits"),
    ] {
        refusal(words, 1, &[part]);
    }
}

/// Two passes of three samples as the query of `analyzer sql` gives them: sample a is a threshold sample
/// in pass 1, b in pass 2.
const LONG_TABLE: &str = "\
run,pass,sample_id,given_label,true_label,is_threshold_sample,epochs,aum_in_pass,threshold,judged_passes,aum,flagged
r,1,a,0,0,true,4,-1.0,-1.0,1,2.0,false
r,2,a,0,0,false,4,2.0,0.5,1,2.0,false
r,1,b,1,0,false,4,-2.5,-1.0,1,-2.5,true
r,2,b,1,0,true,4,0.5,0.5,1,-2.5,true
r,1,c,1,,false,4,-3.0,-1.0,2,-1.0,
r,2,c,1,,false,4,1.0,0.5,2,-1.0,
";

#[test]
fn the_table_of_a_query_is_judged_as_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aum.csv");
    fs::write(&path, LONG_TABLE).unwrap();
    let found = json_of(&["aum", path.to_str().unwrap()]);
    let thresholds: Vec<f64> = (0..2)
        .map(|pass| found[0]["passes"][pass]["threshold"].as_f64().unwrap())
        .collect();
    assert_eq!(thresholds, [-1.0, 0.5]);
    // b is below -1 in pass 1, c below in pass 1 and above in pass 2.
    assert_eq!(found[0]["flagged"], 1);
    let lowest = found[0]["lowest"].as_array().unwrap();
    let aums: Vec<f64> = lowest
        .iter()
        .map(|sample| sample["aum"].as_f64().unwrap())
        .collect();
    assert_eq!(aums, [-2.5, -1.0, 2.0]);
    assert_eq!(lowest[0]["sample_id"], "b");
    assert_eq!(found[0]["evaluation"]["precision"], 1.0);
}

#[test]
fn a_table_that_lacks_or_contradicts_something_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aum.csv");
    for (was, is, part) in [
        (
            "is_threshold_sample,",
            "marks,",
            "aum.csv: an AUM table needs the column is_threshold_sample",
        ),
        (
            "aum_in_pass,",
            "other,",
            "an AUM table needs the column aum_in_pass",
        ),
        (
            "sample_id,",
            "sample,",
            "an AUM table needs the column sample_id",
        ),
        (
            "r,2,a,0,0,false,4,2.0",
            "r,1,a,0,0,false,4,2.0",
            "row 1: sample a is there a second time in pass 1",
        ),
        (
            "r,2,a,0,0,",
            "r,2,a,1,0,",
            "row 1: sample a has given label 1, but 0",
        ),
        (
            "-2.5,-1.0,1,-2.5",
            "NaN,-1.0,1,-2.5",
            "row 2: the column aum_in_pass is not finite",
        ),
        (
            "-2.5,-1.0,1,-2.5",
            "low,-1.0,1,-2.5",
            "row 2: the column aum_in_pass cannot be \"low\"",
        ),
        (
            "r,2,a",
            "r,0,a",
            "row 1: the column pass is no number from 1 on",
        ),
    ] {
        fs::write(&path, LONG_TABLE.replacen(was, is, 1)).unwrap();
        refusal(&["thresholds", path.to_str().unwrap()], 1, &[part]);
    }
}
