//! Epochs that do not count from 1: the first that was recorded is the first, whatever its number.

use tests::parquet_file::write_parquet;

use crate::setup::{Logs, Row, columns, hand_made_rows, run, stdout_of};

/// The hand-made log with other numbers for its three epochs.
fn numbered(epochs: [i32; 3]) -> Logs {
    let logs = Logs::new();
    let rows = hand_made_rows().into_iter();
    let rows: Vec<Row> = rows
        .map(|row| Row {
            epoch: epochs[row.epoch as usize - 1],
            ..row
        })
        .collect();
    write_parquet(&logs.at("all.parquet"), columns(&rows));
    logs
}

const NUMBERS: [[i32; 3]; 4] = [[0, 1, 2], [391, 782, 1173], [5, 6, 7], [3, 1000, 1013]];

#[test]
fn the_first_recorded_epoch_is_left_out_however_epochs_are_numbered() {
    let of = |logs: &Logs, words: &[&str]| {
        stdout_of(&[&["aum", logs.folder(), "--format", "csv"], words].concat())
    };
    let from_1 = numbered([1, 2, 3]);
    for epochs in NUMBERS {
        let logs = numbered(epochs);
        for words in [&[][..], &["--low-memory"], &["--protocol", "paper"]] {
            assert_eq!(
                of(&logs, words),
                of(&from_1, words),
                "{epochs:?}, {words:?}"
            );
        }
        let printed = stdout_of(&["aum", logs.folder()]);
        let [first, second, last] = epochs;
        let line = format!("{first} to {last} recorded");
        let used = format!("{second} to {last} used (the default: all but the first)");
        assert!(
            printed.contains(&line) && printed.contains(&used),
            "{printed}"
        );
        assert!(!printed.contains("pass 1 has"), "{printed}");
    }
}

#[test]
fn epochs_from_0_can_be_asked_for() {
    let logs = numbered([0, 1, 2]);
    let found = stdout_of(&["aum", logs.folder(), "--epochs", "0..1"]);
    assert!(found.contains("0 to 1 used (as asked)"), "{found}");
}

#[test]
fn check_takes_no_number_between_two_steps_as_missing() {
    for epochs in NUMBERS {
        let found = run(&["check", numbered(epochs).folder()]);
        assert!(found.status.success(), "{epochs:?}");
        let found = String::from_utf8(found.stdout).unwrap();
        let begins_odd = epochs[0] != 0;
        let note = format!("{} counts as the first", epochs[0]);
        let note = note.replace("5 counts", "which counts");
        assert_eq!(found.contains(&note), begins_odd, "{found}");
    }
}

#[test]
fn a_query_begins_with_the_second_recorded_epoch() {
    let query = |epochs| stdout_of_sql(&numbered(epochs));
    assert!(
        query([0, 1, 2]).contains("epoch >= 1\n"),
        "{}",
        query([0, 1, 2])
    );
    assert!(query([391, 782, 1173]).contains("epoch >= 392\n"));
}

fn stdout_of_sql(logs: &Logs) -> String {
    let output = run(&["sql", logs.folder(), "--dialect", "duckdb"]);
    String::from_utf8(output.stdout).unwrap()
}
