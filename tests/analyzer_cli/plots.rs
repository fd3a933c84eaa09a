//! The pictures and the report of the analyzer, as commands: which files they write, and how they refuse
//! what they cannot draw. What the pictures show is tested beside the code that draws them; the page as a
//! reader uses it, in `browser/`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float32Array, Int32Array, StringArray};
use tempfile::TempDir;
use tests::parquet_file::write_parquet;
use tests::program::{names, refused, said};

use crate::setup::command;

/// Four samples in epochs 1 and 2: 2 is mislabeled, 3 the threshold sample.
fn log_of(folder: &Path, run: &str) {
    log_with(folder, run, true);
}

fn log_with(folder: &Path, run: &str, has_threshold_sample: bool) {
    let rows = 8;
    let label_of_3 = if has_threshold_sample { 2 } else { 1 };
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
        ("assigned_label", repeated([0, 1, 0, label_of_3])),
        ("given_label", repeated([0, 1, 0, 1])),
        ("true_label", repeated([0, 1, 1, 1])),
        (
            "is_threshold_sample",
            Arc::new(BooleanArray::from_iter(
                (0..rows).map(|row| Some(has_threshold_sample && row % 4 == 3)),
            )),
        ),
        ("margin", Arc::new(Float32Array::from(margins.to_vec()))),
        ("rival_label", repeated([1, 0, 1, 1])),
    ];
    write_parquet(&folder.join(format!("{run}.parquet")), columns);
}

/// Only what must be there: three samples with hostile ids, in one epoch, all with one margin.
fn bare_log(folder: &Path) {
    let ids = [
        "<script>alert(1)</script>",
        "=1+1",
        "\u{202E}\u{5D0} \u{1F600}",
    ];
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("epoch", Arc::new(Int32Array::from(vec![7; 3]))),
        ("sample_id", Arc::new(StringArray::from(ids.to_vec()))),
        (
            "assigned_label",
            Arc::new(Int32Array::from(vec![0, 1, 999])),
        ),
        ("margin", Arc::new(Float32Array::from(vec![-0.25; 3]))),
    ];
    write_parquet(&folder.join("bare.parquet"), columns);
}

/// The record that the recorder keeps beside the log of `run`.
fn record_of(folder: &Path, run: &str, test_accuracy: f64) {
    let record = serde_json::json!({
        "format_version": 1,
        "run": run,
        "command": ["recorder", "run", "--name", run, "--noise", "0.4"],
        "files": {
            format!("{run}-p1-e0002.parquet"): {
                "bytes": 1, "crc32": "00000000", "metrics": { "test_accuracy": test_accuracy },
            },
        },
    });
    fs::create_dir(folder.join(run)).unwrap();
    fs::write(folder.join(run).join("run.json"), record.to_string()).unwrap();
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
    command(words).current_dir(folder.path()).output().unwrap()
}

/// The names of the files that a successful command wrote into `into`.
fn written(folder: &TempDir, words: &[&str], into: &str) -> Vec<String> {
    said(&analyzer(folder, words));
    names(&folder.path().join(into))
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
    assert!(page.contains("does not say which command recorded it"));
}

#[test]
fn the_record_beside_a_log_tells_its_command_and_its_test_error() {
    let folder = folder(&["a", "b"]);
    let logs = folder.path().join("logs");
    record_of(&logs, "a", 0.75);
    record_of(&logs, "b", 0.5);
    let words = ["report", "logs", "--run", "a", "-o", "a.html", "-q"];
    written(&folder, &words, ".");
    let page = fs::read_to_string(folder.path().join("a.html")).unwrap();
    assert!(page.contains("<pre>recorder run --name a --noise 0.4\nanalyzer report logs"));
    let words = ["plot", "noise-sweep", "logs", "-o", "sweep.svg", "-q"];
    written(&folder, &words, ".");
    let svg = fs::read_to_string(folder.path().join("sweep.svg")).unwrap();
    assert!(svg.contains(">final test error<"), "{svg}");
}

#[test]
fn other_scores_are_drawn_without_threshold_samples_too() {
    let folder = TempDir::new().unwrap();
    log_with(folder.path(), "pets", false);
    let words = [
        "plot",
        "precision-recall",
        "pets.parquet",
        "-o",
        "p.svg",
        "-q",
    ];
    written(&folder, &words, ".");
    let svg = fs::read_to_string(folder.path().join("p.svg")).unwrap();
    // The mislabeled sample has the lowest AUM, and the lowest margin in the last epoch.
    assert!(
        svg.contains(">AUM 1.000<") && svg.contains(">Last margin 1.000<"),
        "{svg}"
    );
    assert!(svg.contains("need logits"));
}

#[test]
fn of_a_log_with_only_what_must_be_there_the_rest_is_drawn_and_the_reasons_are_said() {
    let folder = TempDir::new().unwrap();
    bare_log(folder.path());
    let words = ["plot", "all", "bare.parquet", "-o", "plots"];
    let (_, stderr) = said(&analyzer(&folder, &words));
    for part in [
        "no mislabeled sample is known",
        "no threshold samples",
        "no flagged sample has a suggested class",
        "two runs or passes",
    ] {
        assert!(stderr.contains(part), "{part} is not in {stderr}");
    }
    let drawn = ["histogram.svg", "lowest.svg", "margins.svg"];
    assert_eq!(
        written(
            &folder,
            &[
                "plot",
                "all",
                "bare.parquet",
                "-o",
                "plots",
                "-q",
                "--overwrite"
            ],
            "plots"
        ),
        drawn
    );
    let sheet = fs::read_to_string(folder.path().join("plots/lowest.svg")).unwrap();
    assert!(sheet.contains("3 of 3 samples have no picture"));
    assert!(!sheet.contains("<script"));
    written(&folder, &["report", "bare.parquet", "-q"], ".");
    let page = fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(page.contains("Nothing is flagged"));
    assert_eq!(page.matches("<script").count(), 2);
}

#[test]
fn all_plots_are_written_or_none() {
    let folder = folder(&["a", "b"]);
    let plots = folder.path().join("plots");
    fs::create_dir(&plots).unwrap();
    fs::write(plots.join("b-thresholds.svg"), "kept").unwrap();
    let words = ["plot", "all", "logs", "-o", "plots", "-q"];
    refused(
        "analyzer",
        &analyzer(&folder, &words),
        1,
        &["b-thresholds.svg", "--overwrite"],
    );
    assert_eq!(names(&plots), ["b-thresholds.svg"]);
    assert_eq!(fs::read(plots.join("b-thresholds.svg")).unwrap(), b"kept");
    let words = [&words[..], &["--overwrite"]].concat();
    assert_eq!(written(&folder, &words, "plots").len(), 14);
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
            &["2 runs, a, b", "--run"],
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
        let is_wrong_use = parts
            .iter()
            .any(|part| [".svg or .png", ".html"].contains(part));
        refused("analyzer", &output, if is_wrong_use { 2 } else { 1 }, parts);
    }
    assert_eq!(fs::read(folder.path().join("there.svg")).unwrap(), b"kept");
}
