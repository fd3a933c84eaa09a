//! The pictures and the report of the analyzer, as commands: which files they write, and how they refuse
//! what they cannot draw. What the pictures show is tested beside the code that draws them; the page as a
//! reader uses it, in `browser/`.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float32Array, Int32Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;

/// Four samples in epochs 1 and 2: 2 is mislabeled, 3 the threshold sample.
fn log_of(folder: &Path, run: &str) {
    let rows = 8;
    let repeated = |values: [i32; 4]| -> ArrayRef {
        Arc::new(Int32Array::from_iter_values(
            (0..rows).map(|row| values[row % 4]),
        ))
    };
    let margins = [0.5, 0.25, -0.5, -0.25, 2.0, 1.5, -2.0, -1.0];
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("run", Arc::new(StringArray::from(vec![run; rows]))),
        (
            "epoch",
            Arc::new(Int32Array::from_iter_values(
                (0..rows).map(|row| 1 + row as i32 / 4),
            )),
        ),
        ("sample_id", repeated([0, 1, 2, 3])),
        ("assigned_label", repeated([0, 1, 0, 2])),
        ("given_label", repeated([0, 1, 0, 1])),
        ("true_label", repeated([0, 1, 1, 1])),
        (
            "is_threshold_sample",
            Arc::new(BooleanArray::from_iter(
                (0..rows).map(|row| Some(row % 4 == 3)),
            )),
        ),
        ("margin", Arc::new(Float32Array::from(margins.to_vec()))),
        ("rival_label", repeated([1, 0, 1, 1])),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = File::create(folder.join(format!("{run}.parquet"))).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// A folder with the logs of some runs, in `logs/`.
fn folder(runs: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).unwrap();
    runs.iter().for_each(|run| log_of(&logs, run));
    folder
}

fn analyzer(folder: &TempDir, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_analyzer"))
        .args(words)
        .current_dir(folder.path())
        .output()
        .unwrap()
}

/// The names of the files that a successful command wrote into `into`.
fn written(folder: &TempDir, words: &[&str], into: &str) -> Vec<String> {
    let output = analyzer(folder, words);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let files = fs::read_dir(folder.path().join(into)).unwrap();
    let mut names: Vec<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn all_plots_go_into_a_folder_that_is_made() {
    let folder = folder(&["pets"]);
    let words = ["plot", "all", "logs", "-o", "new/plots", "-q"];
    let expected = [
        "confusions",
        "histogram",
        "lowest",
        "margins",
        "precision-recall",
        "thresholds",
    ];
    assert_eq!(
        written(&folder, &words, "new/plots"),
        expected.map(|name| format!("{name}.svg"))
    );
}

#[test]
fn of_several_runs_each_has_its_plots_and_they_are_compared() {
    let folder = folder(&["a", "b"]);
    let words = ["plot", "all", "logs", "-o", "plots", "-q"];
    let names = written(&folder, &words, "plots");
    assert_eq!(names.len(), 2 * 6 + 2, "{names:?}");
    for name in [
        "a-histogram.svg",
        "b-lowest.svg",
        "compare.svg",
        "noise-sweep.svg",
    ] {
        assert!(
            names.iter().any(|other| other == name),
            "{name} is not in {names:?}"
        );
    }
}

#[test]
fn a_png_and_a_report_are_written_under_their_names() {
    let folder = folder(&["pets"]);
    let read = |name: &str| fs::read(PathBuf::from(folder.path()).join(name)).unwrap();
    written(
        &folder,
        &[
            "plot", "margins", "logs", "--sample", "2", "-o", "two.png", "-q",
        ],
        ".",
    );
    assert!(read("two.png").starts_with(b"\x89PNG"));
    written(&folder, &["report", "logs", "-o", "report.html", "-q"], ".");
    let page = String::from_utf8(read("report.html")).unwrap();
    assert!(page.contains("1 of 3 judged samples are flagged"), "{page}");
    assert!(page.contains("analyzer report logs -o report.html -q"));
}

#[test]
fn what_cannot_be_drawn_or_written_is_refused_in_one_line() {
    let folder = folder(&["a", "b"]);
    fs::write(folder.path().join("there.svg"), "kept").unwrap();
    for (words, parts) in [
        (
            &["plot", "histogram", "logs", "-o", "x.gif"][..],
            &["x.gif", ".svg or .png"][..],
        ),
        (
            &["plot", "histogram", "logs", "-o", "there.svg"],
            &["there.svg", "--overwrite"],
        ),
        (
            &["plot", "histogram", "logs", "-o", "no/x.svg"],
            &["no/x.svg", "no folder"],
        ),
        (
            &["plot", "histogram", "logs", "-o", "x.svg"],
            &["2 runs, such as a", "--run"],
        ),
        (
            &[
                "plot", "margins", "logs", "--run", "a", "--sample", "9", "-o", "x.svg",
            ],
            &["run a", "no sample 9"],
        ),
        (
            &["report", "logs", "-o", "report.pdf"],
            &["report.pdf", ".html"],
        ),
    ] {
        let output = analyzer(&folder, &[words, &["-q"]].concat());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(parts.iter().all(|part| stderr.contains(part)), "{stderr}");
    }
    assert_eq!(fs::read(folder.path().join("there.svg")).unwrap(), b"kept");
}
