//! Samples and classes with names that tables for people do not expect: none at all, and very long ones.

use std::fs;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use logformat::CLASS_NAMES_KEY;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use tests::parquet_file::parquet_bytes;

use crate::setup::{Logs, ints, minimal, replaced, stdout_of};

/// Three samples in two epochs, of which the last is a threshold sample; the lowest AUM is that of `ids[0]`.
fn logs(ids: [&str; 3], class: &str) -> Logs {
    let logs = Logs::new();
    for (epoch, shift) in [(1, 0.0), (2, 0.5)] {
        let names: ArrayRef = Arc::new(StringArray::from(ids.to_vec()));
        let mut columns = replaced(
            minimal(epoch, &[-3.0 + shift, 1.0 + shift, -1.0 + shift]),
            "sample_id",
            names,
        );
        columns = replaced(columns, "assigned_label", ints(&[0, 1, 2]));
        let marks = BooleanArray::from(vec![false, false, true]);
        columns.push(("is_threshold_sample", Arc::new(marks)));
        let names = serde_json::to_string(&[class, "dog"]).unwrap();
        let pair = KeyValue::new(CLASS_NAMES_KEY.to_owned(), names);
        let properties = WriterProperties::builder().set_key_value_metadata(Some(vec![pair]));
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let bytes = parquet_bytes(&batch, Some(properties.build()));
        fs::write(logs.at(&format!("e{epoch}.parquet")), bytes).unwrap();
    }
    logs
}

fn words_of_lowest(logs: &Logs) -> Vec<String> {
    let printed = stdout_of(&["aum", logs.folder()]);
    let mut lines = printed
        .lines()
        .skip_while(|line| !line.contains("Given label"));
    let lowest = lines.nth(1).unwrap();
    assert!(lowest.chars().count() < 160, "{lowest}");
    lowest.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn an_empty_name_is_seen_and_an_empty_id_comes_back_from_an_aum_table() {
    let logs = logs(["", "b", "c"], "");
    // Flagged at -2.5, below the threshold of -0.5.
    assert_eq!(words_of_lowest(&logs), ["\"\"", "-2.500", "yes", "0"]);
    for name in ["aum.csv", "aum.parquet"] {
        let table = logs.word(name);
        stdout_of(&["aum", logs.folder(), "-o", &table]);
        let printed = stdout_of(&["aum", &table]);
        assert!(printed.contains("  \"\""), "{printed}");
    }
}

#[test]
fn long_names_lack_their_middle_in_tables_for_people_and_nowhere_else() {
    let (id, class) = ("i".repeat(300), "k".repeat(300));
    let logs = logs([&id, "b", "c"], &class);
    let middle = |c: &str| format!("{}…{}", c.repeat(32), c.repeat(31));
    assert_eq!(
        words_of_lowest(&logs),
        [&middle("i"), "-2.500", "yes", &middle("k")]
    );
    let csv = stdout_of(&["aum", logs.folder(), "--format", "csv"]);
    assert!(csv.contains(&id), "{csv}");
}
