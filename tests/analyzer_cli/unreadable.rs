//! Bad input: places without logs, and files that are damaged or no logs.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{Float64Builder, ListBuilder};
use tests::parquet_file::write_parquet;
use tests::program::text;

use crate::setup::{
    Logs, cats_and_dogs, ids, ints, minimal, minimal_epochs, record, refuse, replaced, run,
};

#[test]
fn a_folder_without_logs_is_refused() {
    let logs = Logs::new();
    fs::write(logs.at("notes.txt"), "x").unwrap();
    let folder = logs.folder();
    refuse(
        &[folder],
        1,
        &[folder, "no *.parquet files", "give the folder"],
    );
}

#[test]
fn a_path_or_glob_that_matches_nothing_is_refused() {
    let logs = Logs::new();
    let path = logs.word("missing.parquet");
    refuse(
        &[&path],
        1,
        &[&path, "no such file or folder", "give log files"],
    );
    let glob = logs.word("*.parquet");
    refuse(&[&glob], 1, &[&glob, "no log matches", "check the folder"]);
}

#[test]
fn the_folder_of_a_run_is_refused_with_the_place_of_its_logs() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    let folder = logs.word("pets");
    let way_out = format!("'{}'", logs.word("pets-p*.parquet"));
    refuse(
        &[&folder],
        1,
        &[&folder, "configuration of a run", &way_out],
    );
}

#[test]
fn a_truncated_file_is_refused() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    let file = logs.word("pets-p2-e0002.parquet");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    refuse(
        &[logs.folder(), "-q"],
        1,
        &[&file, "is truncated", "copy it again"],
    );
}

#[test]
fn an_empty_file_and_a_file_that_is_no_parquet_are_refused() {
    let logs = Logs::new();
    let file = logs.word("a.parquet");
    fs::write(&file, "").unwrap();
    refuse(&[&file], 1, &[&file, "is empty", "delete it"]);
    fs::write(&file, "sample_id,aum\n1,2.0\n").unwrap();
    refuse(
        &[&file],
        1,
        &[&file, "is not a Parquet file", "give the *.parquet files"],
    );
}

#[test]
fn a_parquet_that_is_no_log_is_refused() {
    let logs = Logs::new();
    let file = logs.word("a.parquet");
    write_parquet(Path::new(&file), vec![("price", ints(&[1, 2]))]);
    refuse(
        &[&file],
        1,
        &[&file, "not an AUM log", "no column epoch", "FORMAT.md"],
    );
}

#[test]
fn a_log_with_nan_is_refused() {
    let logs = Logs::new();
    minimal_epochs(&logs, &[&[1.0, 2.0], &[1.0, f32::NAN]]);
    let file = logs.word("e2.parquet");
    let parts = [
        &file,
        "row 1, column margin",
        "is NaN",
        "lower its learning rate",
    ];
    refuse(&[logs.folder()], 1, &parts);
}

#[test]
fn a_label_out_of_range_is_refused() {
    let logs = Logs::new();
    let file = logs.word("a.parquet");
    let mut logits = ListBuilder::new(Float64Builder::new());
    logits.values().append_slice(&[1.0, 2.0]);
    logits.append(true);
    let columns = vec![
        ("epoch", ints(&[1])),
        ("sample_id", ids(&[0])),
        ("assigned_label", ints(&[2])),
        ("logits", Arc::new(logits.finish()) as ArrayRef),
    ];
    write_parquet(Path::new(&file), columns);
    let parts = [
        &file,
        "row 0, column assigned_label",
        "is 2",
        "labels go from 0 to 1",
    ];
    refuse(&[&file], 1, &parts);
    let columns = replaced(minimal(1, &[1.0]), "assigned_label", ints(&[-1]));
    write_parquet(Path::new(&file), columns);
    refuse(
        &[&file],
        1,
        &[&file, "row 0, column assigned_label", "is -1", "0 or more"],
    );
}

#[test]
fn flipped_bits_never_end_in_a_panic() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    let file = logs.at("pets-p1-e0002.parquet");
    let bytes = fs::read(&file).unwrap();
    for at in (4..bytes.len()).step_by(bytes.len() / 60) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        fs::write(&file, damaged).unwrap();
        let output = run(&["aum", logs.folder()]);
        let stderr = text(&output.stderr);
        assert!(!stderr.contains("panicked"), "byte {at}: {stderr}");
        assert!(!stderr.contains("internal error"), "byte {at}: {stderr}");
        // Either the damage is fatal, or the checksum tells of it.
        assert!(
            stderr.contains("pets-p1-e0002.parquet"),
            "byte {at}: {stderr}"
        );
        let errors = stderr
            .lines()
            .filter(|line| !line.starts_with("analyzer: warning: "));
        let expected = usize::from(!output.status.success());
        assert_eq!(errors.count(), expected, "byte {at}: {stderr}");
    }
}

#[test]
fn a_file_that_is_not_what_was_written_is_warned_of() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    let (first, second) = (
        logs.at("pets-p1-e0002.parquet"),
        logs.at("pets-p1-e0003.parquet"),
    );
    let bytes = fs::read(&first).unwrap();
    // The lowest byte of sample 1's margin in the PLAIN floats: still a number, another one.
    let at = bytes
        .windows(4)
        .position(|four| four == (-3.0_f32).to_le_bytes())
        .unwrap();
    let mut damaged = bytes.clone();
    damaged[at] ^= 1;
    fs::write(&first, damaged).unwrap();
    let output = run(&["aum", logs.folder()]);
    assert!(output.status.success());
    let stderr = text(&output.stderr);
    let warned: Vec<&str> = stderr
        .lines()
        .filter(|line| line.contains("checksum"))
        .collect();
    assert_eq!(warned.len(), 1, "{stderr}");
    assert!(warned[0].starts_with(&format!("analyzer: warning: {}: ", first.display())));
    assert!(!stderr.contains(second.to_str().unwrap()));
}
