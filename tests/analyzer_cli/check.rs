//! `check`: all that is wrong with logs.

use std::fs;
use std::sync::Arc;

use arrow_array::builder::{Float16Builder, Float64Builder, ListBuilder};
use arrow_array::types::{ArrowPrimitiveType, Float16Type};
use tests::parquet_file::write_parquet;
use tests::program::text;

use crate::setup::{Logs, cats_and_dogs, minimal, record, run, stdout_of};

/// Runs `analyzer check`, which must find something wrong; its standard output.
fn problems(logs: &Logs) -> String {
    let output = run(&["check", logs.folder()]);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("wrong with the logs"), "{stderr}");
    text(&output.stdout)
}

#[test]
fn a_recorded_log_is_sound() {
    let logs = Logs::new();
    record(&logs.at(""), "pets", cats_and_dogs());
    let report = stdout_of(&["check", logs.folder()]);
    assert!(report.starts_with("Sound logs"), "{report}");
}

#[test]
fn everything_that_is_wrong_is_said_and_not_the_first_thing_only() {
    let logs = Logs::new();
    let pairs = [(1, [0.5_f32, 0.5]), (2, [f32::NAN, 0.5]), (5, [0.5, 0.5])];
    for (epoch, margins) in pairs {
        let path = logs.at(&format!("e{epoch}.parquet"));
        write_parquet(&path, minimal(epoch, &margins));
    }
    write_parquet(&logs.at("twice.parquet"), minimal(1, &[0.5]));
    let mut with_logits = minimal(3, &[1.0, 9.0]);
    let mut lists = ListBuilder::new(Float64Builder::new());
    for row in [[1.0, 0.0], [1.0, 0.0]] {
        lists.append_value(row.map(Some));
    }
    with_logits.push(("logits", Arc::new(lists.finish())));
    write_parquet(&logs.at("margins.parquet"), with_logits);
    fs::write(logs.at("empty.parquet"), "").unwrap();
    let report = problems(&logs);
    for part in [
        "row 0, column margin: is NaN",
        "sample 0 is recorded a second time in pass 1, epoch 1",
        "row 1 has margin 9, but its logits say 1",
        "is empty (0 bytes)",
        "2 epochs are missing, the first of them 2",
    ] {
        assert!(report.contains(part), "{part:?} is not in\n{report}");
    }
}

type Half = <Float16Type as ArrowPrimitiveType>::Native;

/// One sample whose logits, 1000.3 and 0, 16 bits hold as 1000.5 and 0, with the margin that is logged.
fn half_logits(logs: &Logs, margin: f32) {
    let mut lists = ListBuilder::new(Float16Builder::new());
    lists.append_value([1000.3, 0.0].map(|logit| Some(Half::from_f32(logit))));
    let mut columns = minimal(1, &[margin]);
    columns.push(("logits", Arc::new(lists.finish())));
    write_parquet(&logs.at("half.parquet"), columns);
}

#[test]
fn margins_may_differ_from_logits_of_16_bits_by_their_rounding_and_that_is_said() {
    let logs = Logs::new();
    half_logits(&logs, 1000.3);
    let report = stdout_of(&["check", logs.folder()]);
    assert!(report.starts_with("Sound logs"), "{report}");
    assert!(report.contains("1 file has logits of 16 bits"), "{report}");
    half_logits(&logs, 1004.0);
    let report = problems(&logs);
    let found = "row 0 has margin 1004, but its logits say 1000.5";
    assert!(report.contains(found), "{report}");
}

#[test]
fn a_changed_file_and_a_missing_one_are_found_by_their_record() {
    let logs = Logs::new();
    record(&logs.at(""), "pets", cats_and_dogs());
    let files = log_names(&logs);
    let (gone, changed) = (&files[0], &files[1]);
    fs::remove_file(logs.at(gone)).unwrap();
    let mut bytes = fs::read(logs.at(changed)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(logs.at(changed), bytes).unwrap();
    let report = problems(&logs);
    assert!(report.contains("its checksum is not the one"), "{report}");
    assert!(report.contains("but not there"), "{report}");
}

fn log_names(logs: &Logs) -> Vec<String> {
    let entries = fs::read_dir(logs.folder()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".parquet")).collect();
    names.sort();
    names
}
