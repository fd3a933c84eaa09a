//! Loops log their validation, too: rows of several parts of a data set are refused or told. Samples 0 and 1 are trained
//! on, 2 and 3 are not.

use std::fs;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, StringArray};
use tests::parquet_file::write_parquet;
use tests::program::{said, text};

use crate::setup::{Logs, floats, ids, ints, refuse, replaced, run};

type Columns = Vec<(&'static str, ArrayRef)>;

/// Two epochs of these samples, and what they say of their part.
fn rows(samples: [i64; 2], parts: Option<(&'static str, ArrayRef)>) -> Columns {
    let [first, second] = samples;
    let mut columns = vec![
        ("epoch", ints(&[1, 1, 2, 2])),
        ("sample_id", ids(&[first, second, first, second])),
        ("assigned_label", ints(&[0, 1, 0, 1])),
        ("margin", floats(&[0.5, 1.5, 2.5, 3.5])),
    ];
    columns.extend(parts);
    columns
}

fn texts(values: [&str; 4]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// The notes of `aum`, and of `check`, on some files.
fn notes(files: &[(&str, Columns)]) -> [String; 2] {
    let logs = Logs::new();
    for (file, columns) in files {
        let path = logs.at(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        write_parquet(&path, columns.clone());
    }
    let glob = logs.word("**/*.parquet");
    let [aum, check] = ["aum", "check"].map(|command| {
        let output = run(&[command, &glob]);
        assert!(output.status.success(), "{output:?}");
        let (stdout, stderr) = said(&output);
        stdout + &stderr
    });
    [aum, check]
}

const TOLD: &str = "a sample that is not trained on has no AUM";

#[test]
fn rows_of_several_parts_in_one_file_are_refused() {
    for (column, values, parts) in [
        (
            "phase",
            texts(["train", "val", "train", "val"]),
            "some rows have phase train, others val: ",
        ),
        (
            "Split",
            texts(["test", "test", "Training", "test"]),
            "some rows have Split Training, others test: ",
        ),
        (
            "is_train",
            Arc::new(BooleanArray::from(vec![true, false, true, false])),
            "some rows have is_train false, others true: ",
        ),
    ] {
        let logs = Logs::new();
        let log = logs.word("log.parquet");
        write_parquet(
            &logs.at("log.parquet"),
            rows([0, 1], Some((column, values))),
        );
        refuse(
            &[&log],
            1,
            &["log.parquet: ", parts, "leave the rows of the others out"],
        );
        let checked = run(&["check", &log]);
        assert_eq!(checked.status.code(), Some(1));
        assert!(text(&checked.stdout).contains(parts));
    }
}

#[test]
fn columns_that_only_resemble_parts_are_not() {
    let runs = replaced(
        rows([0, 1], None),
        "run",
        texts(["train", "val", "train", "val"]),
    );
    let files = [("log.parquet", runs)];
    assert!(!notes(&files)[0].contains(TOLD));
    for (column, values) in [
        ("phase", texts(["train", "warmup", "train", "warmup"])),
        ("source", texts(["train", "training", "train", "train"])),
        ("animal", texts(["zebra", "train", "ant", "test"])),
        (
            "valid",
            Arc::new(BooleanArray::from(vec![true, false, true, false])),
        ),
    ] {
        let [aum, check] = notes(&[("log.parquet", rows([0, 1], Some((column, values))))]);
        assert!(!aum.contains(TOLD) && !check.contains(TOLD), "{aum}{check}");
    }
}

#[test]
fn files_of_several_parts_that_are_read_as_one_run_are_told() {
    let (train, other) = (rows([0, 1], None), rows([2, 3], None));
    for (of_train, of_other) in [
        ("train.parquet", "val.parquet"),
        ("loop_train_e1.parquet", "loop_test_e1.parquet"),
        ("train/log.parquet", "validation/log.parquet"),
        ("phase=train/log.parquet", "phase=val/log.parquet"),
    ] {
        for told in notes(&[(of_train, train.clone()), (of_other, other.clone())]) {
            assert!(told.contains(TOLD), "{told}");
            assert!(
                told.contains(&format!(
                    "{of_other}: is called or marked as no part for training"
                )),
                "{told}"
            );
        }
    }
    let said_by = |part: &'static str| Some(("phase", texts([part; 4])));
    for told in notes(&[
        ("a.parquet", rows([0, 1], said_by("train"))),
        ("b.parquet", rows([2, 3], said_by("eval"))),
    ]) {
        assert!(told.contains(TOLD), "{told}");
    }
}

#[test]
fn shards_ranks_and_runs_are_no_parts() {
    let (first, second) = (rows([0, 1], None), rows([2, 3], None));
    for files in [
        ["train-0.parquet", "train-1.parquet"],
        ["dev0.parquet", "dev1.parquet"],
        ["train/rank0.parquet", "train/rank1.parquet"],
        ["train/log.parquet", "train_test/log.parquet"],
        ["a.parquet", "b.parquet"],
    ] {
        let [aum, check] = notes(&[(files[0], first.clone()), (files[1], second.clone())]);
        assert!(!aum.contains(TOLD) && !check.contains(TOLD), "{aum}{check}");
    }
    let named = |columns: &Columns, run| replaced(columns.clone(), "run", texts([run; 4]));
    let files = [
        ("train.parquet", named(&first, "a")),
        ("test.parquet", named(&second, "b")),
    ];
    assert!(!notes(&files)[0].contains(TOLD));
}
