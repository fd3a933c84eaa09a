//! Loops log their validation, too: rows of several parts of a data set are refused or told. Samples 0 and 1 are trained
//! on, 2 and 3 are not.

use std::fs;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use tests::parquet_file::{parquet_bytes, write_parquet};
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
            "some rows have Split test, others Training: ",
        ),
        (
            "is_train",
            Arc::new(BooleanArray::from(vec![true, false, true, false])),
            "some rows have is_train false, others true: ",
        ),
        (
            "is_train",
            ids(&[1, 0, 1, 0]),
            "some rows have is_train 0, others 1: ",
        ),
        (
            "training",
            floats(&[1.0, -0.0, 1.0, -0.0]),
            "some rows have training 0, others 1: ",
        ),
        (
            "in_train",
            texts(["yes", "no", "yes", "no"]),
            "some rows have in_train no, others yes: ",
        ),
        // Of two ends neither need be the name of a part.
        (
            "stage",
            texts(["fit", "validate", "warmup", "fit"]),
            "some rows have stage fit, others validate: ",
        ),
        (
            "phase",
            texts(["zero", "train", "a", "eval"]),
            "some rows have phase train, others eval: ",
        ),
        (
            "loader",
            texts(["train_loader", "train_loader", "val_loader", "val_loader"]),
            "some rows have loader train_loader, others val_loader: ",
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

/// As `pyarrow.parquet.write_table(…, write_statistics=False)` writes it.
#[test]
fn columns_whose_footer_tells_no_ends_are_read() {
    for (column, values, refused) in [
        ("phase", texts(["train", "train", "val", "val"]), true),
        ("kind", texts(["train", "train", "val", "val"]), true),
        ("phase", texts(["train", "warmup", "train", "train"]), false),
        ("path", texts(["a/train", "b/test", "c", "d"]), false),
        ("is_train", ids(&[1, 1, 0, 1]), true),
        (
            "is_train",
            Arc::new(BooleanArray::from(vec![
                Some(true),
                None,
                Some(false),
                None,
            ])),
            true,
        ),
    ] {
        let logs = Logs::new();
        let rows = rows([0, 1], Some((column, values)));
        let rows = RecordBatch::try_from_iter(rows).unwrap();
        let untold = WriterProperties::builder().set_statistics_enabled(EnabledStatistics::None);
        let bytes = parquet_bytes(&rows, Some(untold.build()));
        fs::write(logs.at("log.parquet"), bytes).unwrap();
        let output = run(&["aum", &logs.word("log.parquet")]);
        let said = text(&output.stderr);
        assert_eq!(output.status.success(), !refused, "{column}: {said}");
        assert_eq!(said.contains("only samples that are trained on"), refused);
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
        ("stage=fit/log.parquet", "stage=validate/log.parquet"),
        ("is_train=True/log.parquet", "is_train=False/log.parquet"),
        ("train=1/log.parquet", "train=0/log.parquet"),
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
fn files_of_several_parts_with_the_same_ids_are_refused_as_such() {
    let logs = Logs::new();
    for file in ["loop_train.parquet", "loop_val.parquet"] {
        write_parquet(&logs.at(file), rows([0, 1], None));
    }
    let said = "sample 0 is recorded a second time in pass 1, epoch 1";
    let why = "one file is of training and the other is not: only samples that are trained on";
    refuse(&[&logs.word("*.parquet")], 1, &[said, why]);
    let checked = run(&["check", &logs.word("*.parquet")]);
    assert!(text(&checked.stdout).contains(why));
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
