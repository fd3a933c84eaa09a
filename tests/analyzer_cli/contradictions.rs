//! Bad input: logs that contradict themselves.

use std::fs;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, StringArray};
use tests::parquet_file::write_parquet;

use crate::setup::{
    Logs, cats_and_dogs, ids, ints, minimal, minimal_epochs, record, refuse, replaced,
};

#[test]
fn a_label_that_changes_between_epochs_is_refused() {
    let logs = Logs::new();
    minimal_epochs(&logs, &[&[1.0; 3], &[1.0; 3]]);
    let columns = replaced(minimal(3, &[1.0; 3]), "assigned_label", ints(&[0, 5, 0]));
    write_parquet(&logs.at("e3.parquet"), columns);
    let file = logs.word("e3.parquet");
    let line = "sample 1 has label 5, but 0 in epoch 2; labels must not change within a pass";
    refuse(
        &[logs.folder()],
        1,
        &[&format!("{file}: {line}"), "leave out the files"],
    );
}

#[test]
fn a_threshold_mark_that_changes_between_epochs_is_refused() {
    let logs = Logs::new();
    minimal_epochs(&logs, &[&[1.0; 2]]);
    let mut columns = minimal(2, &[1.0; 2]);
    columns.push((
        "is_threshold_sample",
        Arc::new(BooleanArray::from(vec![false, true])),
    ));
    write_parquet(&logs.at("e2.parquet"), columns);
    let file = logs.word("e2.parquet");
    let line = "sample 1 is a threshold sample, but not one in epoch 1";
    refuse(
        &[logs.folder()],
        1,
        &[&format!("{file}: {line}"), "must not change", "leave out"],
    );
}

#[test]
fn the_same_epoch_twice_is_refused() {
    let logs = Logs::new();
    minimal_epochs(&logs, &[&[1.0; 2], &[1.0; 2]]);
    fs::copy(logs.at("e2.parquet"), logs.at("f2.parquet")).unwrap();
    let line = format!(
        "{}: sample 0 is recorded a second time in pass 1, epoch 2 (first in {})",
        logs.word("f2.parquet"),
        logs.word("e2.parquet")
    );
    refuse(&[logs.folder()], 1, &[&line, "leave one of the two out"]);
}

#[test]
fn the_same_sample_twice_in_a_file_is_refused() {
    let logs = Logs::new();
    let columns = replaced(minimal(1, &[1.0; 3]), "sample_id", ids(&[4, 7, 4]));
    write_parquet(&logs.at("a.parquet"), columns);
    let file = logs.word("a.parquet");
    let parts = [
        &file,
        "sample 4 is recorded a second time",
        "first in the same file",
    ];
    refuse(&[&file], 1, &parts);
}

#[test]
fn given_and_true_labels_that_differ_between_passes_are_refused() {
    let logs = Logs::new();
    minimal_epochs(&logs, &[&[1.0; 2]]);
    let second = |extra: (&'static str, ArrayRef)| {
        let mut columns = minimal(1, &[1.0; 2]);
        columns.push(("pass", ints(&[2, 2])));
        let columns = replaced(columns, extra.0, extra.1);
        write_parquet(&logs.at("p2.parquet"), columns);
    };
    let (first, file) = (logs.word("e1.parquet"), logs.word("p2.parquet"));
    second(("assigned_label", ints(&[0, 3])));
    let line = format!("{file}: sample 1 has given label 3, but 0 in {first}");
    refuse(
        &[logs.folder()],
        1,
        &[&line, "one given label for each sample", "its own name"],
    );

    let mut columns = minimal(1, &[1.0; 2]);
    columns.push(("true_label", ints(&[0, 1])));
    write_parquet(&logs.at("e1.parquet"), columns);
    second(("true_label", ints(&[0, 2])));
    let line = format!("{file}: sample 1 has true label 2, but 1 in {first}");
    refuse(
        &[logs.folder()],
        1,
        &[&line, "one true label for each sample", "its own name"],
    );
}

#[test]
fn an_ordinary_sample_with_two_labels_is_refused() {
    let logs = Logs::new();
    let mut columns = minimal(1, &[1.0; 2]);
    columns.push(("given_label", ints(&[0, 3])));
    write_parquet(&logs.at("a.parquet"), columns);
    let parts = [
        "sample 1 has assigned label 0 and given label 3",
        "is_threshold_sample",
    ];
    refuse(&[logs.folder()], 1, &parts);
}

#[test]
fn integer_and_text_ids_in_one_run_are_refused() {
    let logs = Logs::new();
    minimal_epochs(&logs, &[&[1.0; 2]]);
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["0", "1"]));
    let columns = replaced(minimal(2, &[1.0; 2]), "sample_id", texts);
    write_parquet(&logs.at("e2.parquet"), columns);
    let line = format!(
        "{}: the sample ids are texts, but integers in {}",
        logs.word("e2.parquet"),
        logs.word("e1.parquet")
    );
    refuse(&[logs.folder()], 1, &[&line, "cast the column sample_id"]);
}

#[test]
fn a_window_with_no_recorded_epoch_is_refused() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    let parts = [
        "run pets",
        "no epoch within --epochs 7..9",
        "the log has epochs 1 to 3",
    ];
    refuse(&[logs.folder(), "--epochs", "7..9"], 1, &parts);
}
