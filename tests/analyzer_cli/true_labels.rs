//! `--true-labels`: a truth that comes later than the log, and what is refused as one.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int8Type;
use arrow_array::{
    ArrayRef, Date32Array, DictionaryArray, Float64Array, RecordBatch, StringArray, UInt8Array,
};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use serde_json::{Value, json};
use tests::parquet_file::{parquet_bytes, write_hub_parquet, write_parquet};
use tests::program::said;

use crate::setup::{
    Logs, cats_and_dogs, close, columns, hand_made_rows, ids, ints, json_of, record, refusal,
    refuse, replaced, run, stdout_of, without,
};

/// A log of the samples 0 to 3 whose own truth is that sample 1 alone is a dog; the experts' table lies
/// beside it, as this file. Given are cats; sample 1, with the lowest AUM, is flagged alone.
fn log_and_table(name: &str, table: &str) -> (Logs, String) {
    let logs = Logs::new();
    fs::create_dir(logs.at("logs")).unwrap();
    record(&logs.at("logs"), "pets", cats_and_dogs());
    fs::write(logs.at(name), table).unwrap();
    let table = logs.word(name);
    (logs, table)
}

/// Precision and recall that `evaluate` finds.
fn precision_and_recall(words: &[&str]) -> [f64; 2] {
    let found = json_of(&[&["evaluate"], words].concat());
    [0, 1].map(|row| found[0]["metrics"][row]["value"].as_f64().unwrap())
}

/// The experts say: 0 is a dog, 2 a cat, of 1 they say nothing, and 9 is of another part.
const BY_INDEX: &str = "sample_id,true_label\n0,1\n1,\n2,0\n3,1\n9,0\n";
/// As pandas writes whole numbers beside missing ones.
const BY_FLOAT: &str = "sample_id,true_label\n0.0,1.0\n1.0,\n2.0,0.0\n3.0,1.0\n9.0,0.0\n";
const BY_NAME: &str = "sample_id,true_label\n0,dog\n1,\n2,cat\n3,dog\n9,cat\n";

#[test]
fn the_table_is_the_only_truth_and_what_it_leaves_open_is_counted() {
    for table in [BY_INDEX, BY_FLOAT, BY_NAME] {
        let (logs, table) = log_and_table("experts.csv", table);
        let text = stdout_of(&["evaluate", &logs.word("logs"), "--true-labels", &table]);
        let told = format!(
            "  True labels  3 from {table}, joined by sample_id, in place of the log's (1 without a label there, 1 of its samples not in the run, the first in row 4)\n"
        );
        assert!(text.contains(&told), "{text}");
        let told = "3 samples, of which 2 are mislabeled (1 without a true label are left out)";
        assert!(text.contains(told), "{text}");
        // By AUM: 2 (a cat), 0 (a dog), 3 (a dog): no pair is in order, and none of them is flagged.
        let found = json_of(&["evaluate", &logs.word("logs"), "--true-labels", &table]);
        let auroc = &found[0]["metrics"][3];
        assert_eq!(
            (&auroc["metric"], &auroc["value"]),
            (&json!("auroc"), &json!(0.0))
        );
        assert_eq!(found[0]["settings"]["true_labels"]["without_label"], 1);
    }
}

#[test]
fn a_table_of_true_labels_may_have_columns_of_any_type() {
    let (logs, table) = log_and_table("experts.parquet", "");
    let names: DictionaryArray<Int8Type> = ["dog", "cat", "dog"].into_iter().collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("sample_id", Arc::new(UInt8Array::from(vec![0, 2, 3]))),
        ("true_label", Arc::new(names)),
        ("day", Arc::new(Date32Array::from(vec![0, 1, 2]))),
    ];
    write_parquet(Path::new(&table), columns);
    let words = [&logs.word("logs"), "--true-labels", &table];
    let text = stdout_of(&[&["evaluate"], &words[..]].concat());
    let told = "3 samples, of which 2 are mislabeled";
    assert!(text.contains(told), "{text}");
}

#[test]
fn the_decisions_of_a_report_are_a_truth() {
    // Sample 1, the only one that is flagged, is a dog; 3 is to be removed, so its label is wrong as well, and 2
    // was not looked at.
    let decisions =
        "sample_id,file,row,decision,label\n0,,,keep,cat\n1,,,correct,dog\n3,,,remove,\n";
    let (logs, table) = log_and_table("decisions.csv", decisions);
    let words = [&logs.word("logs"), "--true-labels", &table];
    assert_eq!(precision_and_recall(&words), [1.0, 0.5]);
    let text = stdout_of(&[&["evaluate"], &words[..]].concat());
    assert!(text.contains("True labels  2 from "), "{text}");
    assert!(
        text.contains("1 more wrong, since they are to be removed"),
        "{text}"
    );
    fs::write(&table, decisions.replace("3,,,remove", "7,,,remove")).unwrap();
    let part = "decisions.csv: row 2: run pets has no sample 7";
    refusal(&[&["evaluate"], &words[..]].concat(), 1, &[part]);
}

/// 1 and 3 are wrong, 0 is right, and 1 alone is flagged.
#[test]
fn a_truth_may_only_say_which_labels_are_wrong_by_words_or_by_a_value() {
    let by_words = "sample_id,is_mislabeled\n0,no\n1,yes\n3,yes\n";
    let by_value = "sample_id,verification_label\n0,1\n1,0\n3,0\n";
    let value = ["--mislabeled-column", "verification_label=0"];
    for (rows, options) in [(by_words, &[][..]), (by_value, &value)] {
        for (name, separator) in [
            ("experts.csv", ","),
            ("experts.csv", ";"),
            ("experts.tsv", "\t"),
        ] {
            let (logs, table) = log_and_table(name, &rows.replace(',', separator));
            let logs = logs.word("logs");
            let words = [&[logs.as_str(), "--true-labels", &table], options].concat();
            assert_eq!(precision_and_recall(&words), [1.0, 0.5], "{rows}");
        }
    }
    let (logs, table) = log_and_table("experts.csv", by_value);
    let logs = logs.word("logs");
    let unclear = ["--mislabeled-column", "verification_label"];
    let words = [
        &["evaluate", logs.as_str(), "--true-labels", &table],
        &unclear[..],
    ]
    .concat();
    refusal(
        &words,
        1,
        &["experts.csv: row 0", "such as verification_label=0"],
    );
}

#[test]
fn a_table_in_parquet_may_have_any_type_that_holds_labels() {
    let (logs, _) = log_and_table("other.csv", "");
    let path = logs.at("experts.parquet");
    let texts = |texts: [Option<&str>; 3]| -> ArrayRef { Arc::new(StringArray::from_iter(texts)) };
    for labels in [
        texts([Some("dog"), Some("dog"), Some("cat")]),
        texts([Some("1"), Some("1"), Some("0")]),
        ints(&[1, 1, 0]),
        Arc::new(Float64Array::from(vec![Some(1.0), Some(1.0), Some(0.0)])),
    ] {
        let table = vec![("sample_id", ids(&[1, 0, 2])), ("true_label", labels)];
        write_parquet(&path, table);
        let words = [&logs.word("logs"), "--true-labels", path.to_str().unwrap()];
        assert_eq!(precision_and_recall(&words), [1.0, 0.5]);
    }
    let some = [Some("dog"), None, Some("cat")];
    write_parquet(
        &path,
        vec![("sample_id", ids(&[1, 0, 2])), ("true_label", texts(some))],
    );
    let words = [&logs.word("logs"), "--true-labels", path.to_str().unwrap()];
    assert_eq!(precision_and_recall(&words), [1.0, 1.0]);
}

#[test]
fn an_aum_table_and_its_log_are_measured_alike() {
    let (logs, experts) = log_and_table("experts.csv", BY_INDEX);
    let table = logs.word("aum.csv");
    stdout_of(&["aum", &logs.word("logs"), "-o", &table]);
    let metrics = |source: &str| {
        let words = ["evaluate", source, "--true-labels", &experts];
        json_of(&words)[0]["metrics"].clone()
    };
    assert_eq!(metrics(&table), metrics(&logs.word("logs")));
}

#[test]
fn every_command_that_measures_takes_them() {
    let (logs, experts) = log_and_table("experts.csv", "sample_id,true_label\n0,1\n1,1\n2,0\n");
    let words = [&logs.word("logs")[..], "--true-labels", &experts];
    let summary = &json_of(&[&["aum"], &words[..]].concat())[0];
    assert!(close(&summary["evaluation"]["recall"], 0.5));
    assert_eq!(summary["settings"]["true_labels"]["labels"], 3);
    assert_eq!(summary["lowest"][3]["true_label"], Value::Null);
    let sweep = &json_of(&[&["thresholds", "--percentiles", "99"], &words[..]].concat())[0];
    assert!(close(&sweep["percentiles"][0]["recall"], 0.5));
    let written = stdout_of(&[&["aum", "--format", "csv"], &words[..]].concat());
    assert!(written.contains("pets,0,0,cat,1,dog,2,2.25,"), "{written}");
}

#[test]
fn text_ids_are_texts_whatever_they_look_like() {
    let logs = Logs::new();
    fs::create_dir(logs.at("logs")).unwrap();
    let rows = hand_made_rows();
    let names: StringArray = rows
        .iter()
        .map(|row| Some(format!("00{}", row.sample)))
        .collect();
    let log = replaced(columns(&rows), "sample_id", Arc::new(names) as ArrayRef);
    write_parquet(&logs.at("logs/a.parquet"), without(log, "true_label"));
    let table = logs.word("experts.csv");
    fs::write(&table, "sample_id,true_label\n001,1\n000,0\n002,1\n").unwrap();
    let words = [&logs.word("logs")[..], "--true-labels", &table];
    assert_eq!(precision_and_recall(&words), [1.0, 0.5]);
    let table = logs.at("experts.parquet");
    write_parquet(
        &table,
        vec![("sample_id", ids(&[1])), ("true_label", ints(&[1]))],
    );
    let table = table.to_str().unwrap();
    let parts = [
        table,
        "row 0: the sample id \"1\" is an integer",
        "run (unnamed run) are texts",
    ];
    refuse(&[&logs.word("logs"), "--true-labels", table], 1, &parts);
}

#[test]
fn what_is_no_table_of_true_labels_is_refused_in_one_line() {
    let (logs, table) = log_and_table("experts.csv", "sample_id,label\n0,1\n");
    let log = logs.word("logs");
    let refused = |table: &str, part: &str| {
        refuse(&[&log, "-q", "--true-labels", table], 1, &[table, part]);
    };
    refused(&logs.word("none.csv"), "there is no such file");
    refused(&log, "read from .csv, .tsv and .parquet files");
    refused(
        &table,
        "there is no column true_label, but sample_id, label",
    );
    for (text, part) in [
        ("", "cannot be read as a table"),
        (
            "sample_id,true_label\n",
            "has no label for any of the samples of run pets",
        ),
        (
            "sample_id,true_label\n7,1\n",
            "of run pets, such as 0; its column sample_id has other ids, such as 7",
        ),
        (
            "sample_id,true_label\n0,1\n0,0\n",
            "row 1: the column true_label is \"0\", but \"1\" in row 0",
        ),
        (
            "sample_id,true_label\n0,2\n",
            "row 0: the true label 2 is no class of run pets, whose classes are 0 to 1 or cat, dog",
        ),
        (
            "sample_id,true_label\n0,dog\n1,bird\n",
            "row 1: the true label \"bird\" is no class",
        ),
        (
            "sample_id,true_label,true_label\n0,1,0\n",
            "two columns are called true_label, and which one is meant cannot be told",
        ),
        (
            "sample_id,true_label\na.png,1\n",
            "row 0: the sample id \"a.png\" is a text, but the ids of run pets are integers",
        ),
    ] {
        fs::write(&table, text).unwrap();
        refused(&table, part);
    }
    let utf_16 = "sample_id,true_label\n0,1\n".encode_utf16();
    let utf_16 = std::iter::once(0xfeff).chain(utf_16);
    fs::write(
        &table,
        utf_16.flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
    )
    .unwrap();
    refused(&table, "iconv -f utf-16 -t utf-8");
    fs::write(&table, b"sample_id,true_label\n0,M\xfcller\n").unwrap();
    refused(&table, "iconv -f latin1 -t utf-8");
    let damaged = logs.word("experts.parquet");
    fs::write(Path::new(&damaged), "PAR1").unwrap();
    refused(&damaged, "cannot be read as a table");
}

#[test]
fn the_labels_of_experts_are_never_written_over() {
    let (logs, table) = log_and_table("experts.csv", BY_INDEX);
    let log = logs.word("logs");
    let part = [&table[..], "is one of the files that are read"];
    let common = [&log[..], "-q", "--true-labels", &table, "--overwrite"];
    for (command, option) in [("aum", "-o"), ("confusions", "--suggest")] {
        let words = [&[command], &common[..], &[option, &table]].concat();
        refusal(&words, 1, &part);
        assert_eq!(fs::read_to_string(&table).unwrap(), BY_INDEX);
    }
}

#[test]
fn numbers_are_the_names_that_the_table_itself_gives_them() {
    let (logs, _) = log_and_table("experts.csv", BY_INDEX);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("sample_id", ids(&[0, 1, 2, 3])),
        ("true_label", ints(&[0, -1, 1, 0])),
    ];
    let path = logs.at("experts.parquet");
    write_hub_parquet(&path, columns, "true_label", &["dog", "cat"]);
    let table = logs.word("experts.parquet");
    let text = stdout_of(&["evaluate", &logs.word("logs"), "--true-labels", &table]);
    // As by their names in CSV.
    let told = "3 samples, of which 2 are mislabeled (1 without a true label are left out)";
    assert!(text.contains(told), "{text}");
}

/// As pandas writes a table without an index, or with one that it counts itself.
#[test]
fn columns_without_a_name_and_indices_of_pandas_are_named_as_such() {
    let (logs, table) = log_and_table("experts.csv", ",true_label\n0,1\n");
    let said = "there is no column sample_id, but one without a name, true_label";
    refuse(&[&logs.word("logs"), "--true-labels", &table], 1, &[said]);
    let range = r#"{"index_columns": [{"kind": "range", "name": "sample_id", "start": 0}]}"#;
    let pair = KeyValue::new("pandas".to_owned(), range.to_owned());
    let properties = WriterProperties::builder().set_key_value_metadata(Some(vec![pair]));
    let rows = RecordBatch::try_from_iter([("true_label", ids(&[0, 1, 0, 1]))]).unwrap();
    let bytes = parquet_bytes(&rows, Some(properties.build()));
    fs::write(logs.at("experts.parquet"), bytes).unwrap();
    let words = [
        &logs.word("logs"),
        "--true-labels",
        &logs.word("experts.parquet"),
    ];
    let said =
        "experts.parquet: the column sample_id is an index of pandas that is no column of the file";
    refuse(&words, 1, &[said, "reset_index()"]);
}

/// A label that is only known to be wrong is of no class that could lack a name.
#[test]
fn marks_of_wrong_labels_cast_no_doubt_on_the_names_of_classes() {
    let table = "sample_id,mislabeled\n0,true\n1,false\n2,false\n3,false\n";
    let (logs, table) = log_and_table("marks.csv", table);
    let output = run(&["evaluate", &logs.word("logs"), "--true-labels", &table]);
    let (stdout, stderr) = said(&output);
    assert!(stdout.contains("4 samples, of which 1 "), "{stdout}");
    assert!(!stderr.contains("names do not fit the labels"), "{stderr}");
}
