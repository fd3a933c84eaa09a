//! Logs of other people's training loops: other files, other orders of rows, other types.

use std::sync::Arc;

use arrow_array::StringArray;
use arrow_array::builder::{Float64Builder, ListBuilder};
use logformat::RunDescription;
use serde_json::Value;
use tests::parquet_file::write_parquet;

use crate::setup::{
    Logs, Row, cats_and_dogs, columns, hand_made_rows, ids, ints, json_of, record, stdout_of,
};

/// The part of a summary that does not depend on how the rows lie in files.
fn found(logs: &Logs) -> Value {
    let mut summary = json_of(&["aum", logs.folder()])[0].take();
    for key in ["run", "class_names"] {
        summary.as_object_mut().unwrap().remove(key);
    }
    summary["settings"]["files"].take();
    summary
}

#[test]
fn neither_the_layout_of_files_nor_the_order_of_rows_changes_a_bit() {
    let recorded = Logs::new();
    record(recorded.0.path(), "pets", RunDescription::default());
    let rows = hand_made_rows();

    let one_file = Logs::new();
    write_parquet(&one_file.at("all.parquet"), columns(&rows));
    assert_eq!(found(&one_file), found(&recorded));

    let by_sample = Logs::new();
    let mut shuffled = rows.clone();
    shuffled.sort_by_key(|row| ((row.sample * 7 + 3) % 4, row.epoch * 5 % 3, row.pass));
    write_parquet(&by_sample.at("all.parquet"), columns(&shuffled));
    assert_eq!(found(&by_sample), found(&recorded));

    let shards = Logs::new();
    let (even, odd): (Vec<Row>, Vec<Row>) = rows.iter().rev().partition(|row| row.sample % 2 == 0);
    write_parquet(&shards.at("rank0.parquet"), columns(&odd));
    write_parquet(&shards.at("rank1.parquet"), columns(&even));
    assert_eq!(found(&shards), found(&recorded));
}

#[test]
fn the_order_of_the_words_changes_nothing_and_a_file_named_twice_counts_once() {
    let logs = Logs::new();
    record(logs.0.path(), "pets", cats_and_dogs());
    let expected = stdout_of(&["aum", logs.folder()]);
    let glob = logs.word("*.parquet");
    assert_eq!(stdout_of(&["aum", &glob]), expected);
    assert_eq!(stdout_of(&["aum", &glob, logs.folder()]), expected);
    let files: Vec<String> = (1..=3)
        .rev()
        .flat_map(|epoch| {
            [2, 1].map(|pass| logs.word(&format!("pets-p{pass}-e{epoch:04}.parquet")))
        })
        .collect();
    let mut words = vec!["aum"];
    words.extend(files.iter().map(String::as_str));
    assert_eq!(stdout_of(&words), expected);
}

#[test]
fn logits_in_lists_of_doubles_and_text_ids_are_read() {
    let logs = Logs::new();
    let mut logits = ListBuilder::new(Float64Builder::new());
    // Margins for label 1: 3 - 2 = 1, and 0.5 - 4 = -3.5.
    for row in [[2.0, 3.0, -1.0], [4.0, 0.5, 0.0]] {
        logits.values().append_slice(&row);
        logits.append(true);
    }
    write_parquet(
        &logs.at("a.parquet"),
        vec![
            ("logits", Arc::new(logits.finish())),
            ("extra", ints(&[7, 8])),
            ("assigned_label", ids(&[1, 1])),
            (
                "sample_id",
                Arc::new(StringArray::from(vec!["b.png", "a.png"])),
            ),
            ("epoch", ids(&[2, 2])),
        ],
    );
    let summary = &json_of(&["aum", logs.folder()])[0];
    assert_eq!(summary["lowest"][0]["sample_id"], "a.png");
    assert_eq!(summary["lowest"][0]["aum"], -3.5);
    assert_eq!(summary["lowest"][1]["aum"], 1.0);
    let printed = stdout_of(&["aum", logs.folder()]);
    assert!(printed.contains("  a.png   -3.500"), "{printed}");
}
