//! Running sums give what kept margins give: in the library to the last bit, and by `--low-memory`.

use analyzer::{
    AnalyzerError, AumSettings, Keep, Logs, Protocol, ReadSettings, analyze, log_files,
    protocol_differences, read_runs, read_runs_as,
};
use tempfile::TempDir;

use crate::inputs::layouts::{
    Row, by_epoch, in_order, rows, shuffled, without_leading_zeros, word, write_with_drop,
};
use crate::setup::{refusal, run, stdout_of};

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

#[test]
fn low_memory_changes_no_result_of_any_command() {
    let folder = by_epoch();
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
    let parts = ["all.parquet: rows of epoch ", "leave it out, or sort"];
    refusal(&["aum", word(&folder), "--low-memory"], 1, &parts);
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
    let parts = [
        "b.parquet: says that the learning rate drops at epoch 6",
        "--epochs A..B",
    ];
    refusal(&["aum", word(&folder), "--low-memory"], 1, &parts);
    let words = ["aum", word(&folder), "--low-memory", "--epochs", "..5"];
    assert!(stdout_of(&words).contains("1 to 5 used"));
}
