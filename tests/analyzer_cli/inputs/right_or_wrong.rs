//! Logs whose truth says only whether a given label is right or wrong, not which class is.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray};
use serde_json::Value;
use tests::parquet_file::write_parquet;

use crate::setup::{Logs, columns, hand_made_rows, json_of, refuse, stdout_of, without};

/// Samples 0 and 2 are right, 1 is wrong, and of 3 nobody knows.
const MARKS: [Option<bool>; 4] = [Some(false), Some(true), Some(false), None];

fn marks(of: impl Fn(Option<bool>) -> Option<bool>) -> ArrayRef {
    let rows = hand_made_rows();
    let marks = rows.iter().map(|row| of(MARKS[row.sample as usize]));
    Arc::new(BooleanArray::from_iter(marks))
}

fn logs() -> [Logs; 2] {
    let with_classes = columns(&hand_made_rows());
    let mut with_marks = without(with_classes.clone(), "true_label");
    with_marks.push(("is_mislabeled", marks(|mark| mark)));
    [with_classes, with_marks].map(|columns| {
        let logs = Logs::new();
        write_parquet(&logs.at("all.parquet"), columns);
        logs
    })
}

#[test]
fn precision_and_recall_need_no_true_class() {
    let evaluation = |words: &[&str]| -> Value { json_of(words)[0]["evaluation"].clone() };
    let [with_classes, with_marks] = logs();
    let expected = evaluation(&["aum", with_classes.folder()]);
    assert_eq!(
        (&expected["mislabeled"], &expected["recall"]),
        (&1.into(), &1.0.into())
    );
    assert_eq!(evaluation(&["aum", with_marks.folder()]), expected);
    for command in ["evaluate", "thresholds", "scores"] {
        let printed = stdout_of(&[command, with_marks.folder()]);
        assert!(!printed.contains(&u32::MAX.to_string()), "{printed}");
    }
    // An AUM table keeps what is known.
    let table = with_marks.word("aum.csv");
    stdout_of(&["aum", with_marks.folder(), "-o", &table]);
    assert_eq!(evaluation(&["aum", &table]), expected);
    let written = std::fs::read_to_string(&table).unwrap();
    assert!(written.contains(",0,,true,2,-2.0,"), "{written}");
}

#[test]
fn people_are_told_which_are_mislabeled_where_no_class_is_known() {
    let [_, with_marks] = logs();
    let printed = stdout_of(&["aum", with_marks.folder(), "--bottom", "2"]);
    let line = |parts: [&str; 3]| {
        let mut lines = printed.lines();
        assert!(
            lines.any(|line| line
                .split_whitespace()
                .collect::<Vec<_>>()
                .ends_with(&parts)),
            "{printed}"
        );
    };
    line(["0", "–", "yes"]);
    line(["0", "0", "no"]);
    let lowest = &json_of(&["aum", with_marks.folder()])[0]["lowest"][0];
    assert_eq!(
        (&lowest["true_label"], &lowest["is_mislabeled"]),
        (&Value::Null, &true.into())
    );
}

#[test]
fn a_mark_that_contradicts_the_true_label_is_refused() {
    let logs = Logs::new();
    let mut columns = columns(&hand_made_rows());
    columns.push(("is_mislabeled", marks(|mark| mark.map(|is| !is))));
    write_parquet(&logs.at("all.parquet"), columns);
    refuse(
        &[logs.folder()],
        1,
        &[
            "sample 0 is mislabeled by the column is_mislabeled",
            "leave one",
        ],
    );
}
