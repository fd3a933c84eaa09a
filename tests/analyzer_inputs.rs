//! What the analyzer reads, and how much of it is kept: running sums instead of margins, AUM tables
//! instead of logs.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::fs::File;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use analyzer::{
    AnalyzerError, AumSettings, Keep, Logs, Protocol, ReadSettings, analyze, log_files,
    protocol_differences, read_runs, read_runs_as,
};
use arrow_array::{ArrayRef, BooleanArray, Float32Array, Int32Array, Int64Array, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use tempfile::TempDir;

const SAMPLES: i64 = 40;
const EPOCHS: i32 = 12;
/// The extra class.
const CLASSES: i32 = 3;

#[derive(Clone, Copy)]
struct Row {
    pass: i32,
    epoch: i32,
    sample: i64,
}

impl Row {
    /// Any numbers, of very different sizes, so that the order in which they are added up shows.
    fn margin(self) -> f32 {
        let number = f64::from(self.pass * 7919 + self.epoch * 104_729) + self.sample as f64 * 0.37;
        ((number.sin() * 9.0).exp() * number.cos()) as f32
    }

    fn is_threshold_sample(self) -> bool {
        self.sample % 8 == i64::from(self.pass)
    }
}

/// Two passes, in the order of pass, epoch and sample; sample 5 misses some epochs, and sample 6 begins
/// late.
fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for pass in 1..=2 {
        for epoch in 1..=EPOCHS {
            let samples = (0..SAMPLES).map(|sample| Row {
                pass,
                epoch,
                sample,
            });
            let is_there =
                |row: &Row| !(row.sample == 5 && epoch % 3 == 0 || row.sample == 6 && epoch < 4);
            rows.extend(samples.filter(is_there));
        }
    }
    rows
}

fn write(path: &Path, rows: &[Row]) {
    write_with_drop(path, rows, None);
}

/// With the epoch at which the learning rate drops, in what the file says of its run.
fn write_with_drop(path: &Path, rows: &[Row], drop: Option<i32>) {
    let column = |of: &dyn Fn(&Row) -> i32| -> ArrayRef {
        Arc::new(Int32Array::from_iter_values(rows.iter().map(of)))
    };
    let given = |row: &Row| (row.sample % 3) as i32;
    let assigned = |row: &Row| {
        if row.is_threshold_sample() {
            CLASSES
        } else {
            given(row)
        }
    };
    let marks: Vec<bool> = rows.iter().map(|row| row.is_threshold_sample()).collect();
    let ids = rows.iter().map(|row| row.sample);
    let margins = rows.iter().map(|row| row.margin());
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("pass", column(&|row| row.pass)),
        ("epoch", column(&|row| row.epoch)),
        ("sample_id", Arc::new(Int64Array::from_iter_values(ids))),
        ("assigned_label", column(&assigned)),
        ("given_label", column(&given)),
        ("is_threshold_sample", Arc::new(BooleanArray::from(marks))),
        ("margin", Arc::new(Float32Array::from_iter_values(margins))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let says = drop.map(|epoch| {
        let run = format!(r#"{{"learning_rate_drops": [{epoch}]}}"#);
        vec![KeyValue::new("aum.run".to_owned(), run)]
    });
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(100))
        .set_key_value_metadata(says);
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties.build())).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// The rows in a file for each of their names.
fn logs(name: impl Fn(&Row) -> String, rows: &[Row]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut files = std::collections::BTreeMap::<String, Vec<Row>>::new();
    for row in rows {
        files.entry(name(row)).or_default().push(*row);
    }
    for (name, rows) in files {
        write(&folder.path().join(name), &rows);
    }
    folder
}

fn read(folder: &TempDir, keep: Keep) -> Result<Logs, AnalyzerError> {
    let settings = ReadSettings {
        keep,
        ..ReadSettings::default()
    };
    read_runs_as(&log_files(&[folder.path().to_owned()])?, settings)
}

/// Everything that is found by either protocol, to the last bit.
fn found(logs: &Logs, settings: AumSettings) -> String {
    let mut found = String::new();
    for log in &logs.runs {
        for protocol in [Protocol::AUTHORS_CODE, Protocol::PAPER] {
            let settings = AumSettings {
                protocol,
                ..settings
            };
            let analysis = analyze(log, &settings).unwrap();
            let others = protocol_differences(log, &analysis.verdicts, &settings).unwrap();
            let notes = analyzer::notes(log, &analysis);
            let warnings = analyzer::warnings(log, &analysis, &settings);
            // The shortest text that reads back to the bit.
            found += &format!("{analysis:?} {others:?} {notes:?} {warnings:?}\n");
        }
    }
    found
}

/// Layouts of the same rows whose epochs come one after the other in every pass.
fn in_order() -> Vec<(&'static str, TempDir)> {
    let rows = rows();
    let epoch = |row: &Row| format!("p{}-e{:02}.parquet", row.pass, row.epoch);
    let shard = |row: &Row| format!("e{:02}-rank{}.parquet", row.epoch, row.sample % 3);
    let mut by_epoch = rows.clone();
    by_epoch.sort_by_key(|row| row.epoch);
    vec![
        ("a file per epoch", logs(epoch, &rows)),
        ("shards", logs(shard, &rows)),
        ("one file", logs(|_| "all.parquet".to_owned(), &rows)),
        (
            "passes mixed",
            logs(|_| "all.parquet".to_owned(), &by_epoch),
        ),
    ]
}

/// Epoch 10 before epoch 2, by name.
fn without_leading_zeros() -> TempDir {
    logs(|row| format!("e{}.parquet", row.epoch), &rows())
}

fn shuffled() -> TempDir {
    let mut rows = rows();
    rows.sort_by_key(|row| (row.sample * 31 + i64::from(row.epoch) * 17) % 101);
    logs(|_| "all.parquet".to_owned(), &rows)
}

#[test]
fn sums_give_what_kept_margins_give_to_the_last_bit() {
    let settings = AumSettings::default();
    let mut layouts = in_order();
    layouts.push(("without leading zeros", without_leading_zeros()));
    layouts.push(("shuffled", shuffled()));
    for (layout, folder) in layouts {
        let kept = read_runs(&log_files(&[folder.path().to_owned()]).unwrap()).unwrap();
        let summed = read(&folder, Keep::Sums(None)).unwrap();
        assert_eq!(found(&summed, settings), found(&kept, settings), "{layout}");
    }
}

#[test]
fn sums_over_epochs_that_were_asked_for_are_those_of_kept_margins() {
    let epochs = Some("3..7".parse().unwrap());
    let settings = AumSettings {
        epochs,
        ..AumSettings::default()
    };
    for (layout, folder) in in_order() {
        let kept = read(&folder, Keep::Margins).unwrap();
        let summed = read(&folder, Keep::OnlySums(epochs)).unwrap();
        assert_eq!(found(&summed, settings), found(&kept, settings), "{layout}");
        assert!(summed.runs[0].passes[0].epochs[0].margin(0).is_none());
    }
}

#[test]
fn files_are_read_in_the_order_of_their_epochs_where_names_are_in_another() {
    let folder = without_leading_zeros();
    let kept = read(&folder, Keep::Margins).unwrap();
    let summed = read(&folder, Keep::OnlySums(None)).unwrap();
    let settings = AumSettings::default();
    assert_eq!(found(&summed, settings), found(&kept, settings));
    assert!(summed.runs[0].passes[0].epochs[0].margin(0).is_none());
}

// ---------------------------------------------------------------- the program

fn run(words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyzer"));
    command.args(words).output().unwrap()
}

fn stdout_of(words: &[&str]) -> String {
    let output = run(words);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{words:?}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

/// The one line of a refusal.
fn refusal(words: &[&str]) -> String {
    let output = run(words);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{words:?}: {stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    stderr
}

fn word(folder: &TempDir) -> &str {
    folder.path().to_str().unwrap()
}

#[test]
fn low_memory_changes_no_result_of_any_command() {
    let folder = logs(
        |row| format!("p{}-e{:02}.parquet", row.pass, row.epoch),
        &rows(),
    );
    let logs = word(&folder);
    for words in [
        &["aum", logs, "--format", "csv"][..],
        &["aum", logs],
        &["aum", logs, "--epochs", "..6", "--format", "json"],
        &["thresholds", logs],
        &["evaluate", logs],
        &["compare", logs, "--by", "pass"],
        &["estimate", logs, "--resamples", "20"],
    ] {
        let low = [words, &["--low-memory"]].concat();
        assert_eq!(stdout_of(&low), stdout_of(words), "{words:?}");
    }
}

#[test]
fn low_memory_refuses_rows_that_do_not_come_in_the_order_of_their_epochs() {
    let folder = shuffled();
    assert!(run(&["aum", word(&folder)]).status.success());
    let said = refusal(&["aum", word(&folder), "--low-memory"]);
    for part in ["all.parquet: rows of epoch ", "leave it out, or sort"] {
        assert!(said.contains(part), "{part:?} is not in: {said}");
    }
}

#[test]
fn a_drop_of_the_learning_rate_that_is_told_late_needs_the_margins() {
    let folder = tempfile::tempdir().unwrap();
    for (name, drop, pass) in [("a.parquet", None, 1), ("b.parquet", Some(6), 2)] {
        let rows: Vec<Row> = rows().into_iter().filter(|row| row.pass == pass).collect();
        write_with_drop(&folder.path().join(name), &rows, drop);
    }
    let text = stdout_of(&["aum", word(&folder)]);
    assert!(text.contains("2 to 5 used"), "{text}");
    let said = refusal(&["aum", word(&folder), "--low-memory"]);
    for part in [
        "b.parquet: says that the learning rate drops at epoch 6",
        "--epochs A..B",
    ] {
        assert!(said.contains(part), "{part:?} is not in: {said}");
    }
    let words = ["aum", word(&folder), "--low-memory", "--epochs", "..5"];
    assert!(stdout_of(&words).contains("1 to 5 used"));
}

// ---------------------------------------------------------------- AUM tables instead of logs

/// A log with true labels, and in another folder the table that `aum -o` wrote of it.
fn log_and_table(name: &str) -> (TempDir, TempDir, String) {
    let folder = logs(
        |row| format!("p{}-e{:02}.parquet", row.pass, row.epoch),
        &rows(),
    );
    let tables = tempfile::tempdir().unwrap();
    let table = tables.path().join(name).to_str().unwrap().to_owned();
    stdout_of(&["aum", word(&folder), "-q", "-o", &table]);
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

#[test]
fn plots_of_a_table_are_drawn_where_they_need_no_curves() {
    let (_logs, tables, table) = log_and_table("aum.csv");
    let image = tables
        .path()
        .join("histogram.svg")
        .to_str()
        .unwrap()
        .to_owned();
    stdout_of(&["plot", "histogram", &table, "-q", "-o", &image]);
    assert!(Path::new(&image).exists());
    let said = refusal(&["plot", "margins", &table, "-q", "-o", &image, "--overwrite"]);
    assert!(
        said.contains("aum.csv: is an AUM table, which has no curves"),
        "{said}"
    );
}

#[test]
fn what_a_table_cannot_answer_is_refused_with_the_way_to_it() {
    let (_logs, _tables, table) = log_and_table("aum.parquet");
    for (words, part) in [
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
        let said = refusal(words);
        assert!(said.contains(part), "{part:?} is not in: {said}");
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
    std::fs::write(&path, LONG_TABLE).unwrap();
    let text = stdout_of(&["aum", path.to_str().unwrap(), "-q", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
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
        std::fs::write(&path, LONG_TABLE.replacen(was, is, 1)).unwrap();
        let said = refusal(&["thresholds", path.to_str().unwrap()]);
        assert!(said.contains(part), "{part:?} is not in: {said}");
    }
}
