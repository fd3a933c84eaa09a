//! Tables and arrays: csv, cleanlab, the cleaned set where the data are not at hand.

use std::fs;

use crate::export::own_tables::{features, schema};
use crate::export::{content, exported, photos, with_held_out};
use crate::setup::{run, stdout_of};

#[test]
fn a_csv_has_a_row_a_sample_the_lowest_aum_first() {
    let logs = photos();
    exported(&logs, "--to csv", "a.csv");
    let expected = "\
sample_id,file,row,id,given_label,given_class,suggested_label,suggested_class,support,aum,flagged
1,photos/1 & co.png,0,,0,cat,1,dog,1,-2,true
2,photos/2 & co.png,0,,0,cat,,,,1.5,false
0,photos/0 & co.png,0,,0,cat,,,,2.25,false
3,photos/3 & co.png,0,,0,cat,,,,3,false
";
    assert_eq!(content(&logs, "a.csv"), expected);
    let words = ["export", &logs.word("logs"), "--to"];
    let to_stdout = |format| [&words[..], &[format, "-o", "-"]].concat();
    assert_eq!(stdout_of(&to_stdout("csv")), expected);
    // A folder of files does not go there.
    assert_eq!(run(&to_stdout("cleanlab")).status.code(), Some(2));
}

#[test]
fn cleanlab_gets_its_columns_and_the_held_out_probabilities() {
    let logs = photos();
    let said = exported(&logs, "--to cleanlab", "without");
    assert!(said.contains("there are no pred_probs"), "{said}");
    with_held_out(&logs);
    exported(&logs, "--to cleanlab", "out");
    let issues = content(&logs, "out/label_issues.csv");
    let lines: Vec<&str> = issues.lines().collect();
    assert_eq!(
        lines[0],
        "sample_id,file,row,id,is_label_issue,label_quality,given_label,predicted_label"
    );
    // In the order of the log; 1 / (1 + e²) for an AUM of −2.
    let fields: Vec<&str> = lines[2].split(',').collect();
    assert_eq!(
        [fields[0], fields[4], fields[6], fields[7]],
        ["1", "True", "0", "1"]
    );
    let quality: f64 = fields[5].parse().unwrap();
    assert!((quality - 0.119_202_922).abs() < 1e-9, "{quality}");
    let probabilities = fs::read(logs.at("out/pred_probs-neighbours.npy")).unwrap();
    let values: Vec<f32> = probabilities[128..]
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
        .collect();
    assert_eq!(values.len(), 8);
    assert!(
        values
            .chunks(2)
            .all(|row| (row[0] - 0.75).abs() < 1e-6 && (row[1] - 0.25).abs() < 1e-6)
    );
    let labels = fs::read(logs.at("out/labels.npy")).unwrap();
    assert_eq!(labels[128..], [0; 32]);
}

#[test]
fn without_a_table_at_hand_the_cleaned_set_has_ids_files_and_labels() {
    let logs = photos();
    let said = exported(&logs, "--to huggingface", "cleaned.parquet");
    assert!(said.contains("ids, files and labels alone"), "{said}");
    let expected = (3, "sample_id,file,row,label".to_owned(), features("label"));
    assert_eq!(schema(&logs, "cleaned.parquet"), expected);
}
