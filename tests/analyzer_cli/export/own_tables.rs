//! Samples that are rows of one's own tables: their cells in tools for annotation, and the cleaned set.

use std::fs::{self, File};
use std::sync::Arc;

use arrow_array::builder::{Int32Builder, ListBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int8Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int8Array,
    RecordBatch, StringArray,
};
use arrow_schema::DataType;
use logformat::{RunDescription, SampleEntry, SampleId, file_crc32};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};
use tests::parquet_file::{write_hub_parquet, write_parquet};
use tests::program::text;

use crate::export::{self, exported, pets, resumed};
use crate::setup::{Logs, cats_and_dogs, ids, record_with_table, run};

fn with_table(logs: &Logs, file: &str) -> Vec<SampleEntry> {
    let row = |sample_id: i64| SampleEntry {
        sample_id,
        file: Some(logs.word(file)),
        row: Some(sample_id as u64),
        ..SampleEntry::default()
    };
    (0..4).map(row).collect()
}

/// The same four rows as CSV, with names of classes, and as Parquet, with their indices.
fn own_tables() -> Logs {
    let own = Logs::new();
    fs::write(
        own.at("own.csv"),
        "text,label\na,cat\nb,cat\nc,cat\nd,cat\n",
    )
    .unwrap();
    let columns: [(&str, ArrayRef); 2] = [
        (
            "text",
            Arc::new(StringArray::from(vec!["a", "b", "c", "d"])),
        ),
        ("label", ids(&[0, 0, 0, 0])),
    ];
    write_parquet(&own.at("own.parquet"), columns.to_vec());
    own
}

#[test]
fn samples_that_are_rows_of_a_table_at_hand_have_its_cells() {
    let own = own_tables();
    for file in ["own.csv", "own.parquet"] {
        let logs = pets(with_table(&own, file));
        exported(&logs, "--to label-studio", "tasks.json");
        let tasks = export::json(&logs, "tasks.json");
        assert_eq!(tasks[0]["data"]["text"], "b");
        exported(&logs, "--to argilla", "records.json");
        let records = export::json(&logs, "records.json");
        assert_eq!(records[0]["fields"]["text"], "b");
    }
}

#[test]
fn the_cleaned_set_has_the_rows_of_the_table_without_the_flagged_one() {
    let own = own_tables();
    // A text label stays, and the index stands beside it; an index that is the same gets the names.
    for (file, names, label) in [
        ("own.csv", "text,label,sample_id,given_label", "given_label"),
        ("own.parquet", "text,label,sample_id", "label"),
    ] {
        let logs = pets(with_table(&own, file));
        exported(&logs, "--to huggingface", "cleaned.parquet");
        let expected = (3, names.to_owned(), features(label));
        assert_eq!(schema(&logs, "cleaned.parquet"), expected);
    }
}

/// How many rows a file has, the names of its columns, and what the metadata of its schema say to `datasets`.
pub(crate) fn schema(logs: &Logs, file: &str) -> (i64, String, Value) {
    let file = File::open(logs.at(file)).unwrap();
    let opened = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let fields = opened.schema().fields().iter();
    let names: Vec<&str> = fields.map(|field| field.name().as_str()).collect();
    let features = &opened.schema().metadata()["huggingface"];
    (
        opened.metadata().file_metadata().num_rows(),
        names.join(","),
        serde_json::from_str(features).unwrap(),
    )
}

pub(crate) fn features(column: &str) -> Value {
    let names = json!({ "names": ["cat", "dog"], "_type": "ClassLabel" });
    json!({ "info": { "features": { (column): names } } })
}

/// The rows of the cleaned set.
fn rows(logs: &Logs) -> RecordBatch {
    let file = File::open(logs.at("cleaned.parquet")).unwrap();
    let rows = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    rows.build().unwrap().next().unwrap().unwrap()
}

fn texts(rows: &RecordBatch, column: &str) -> Vec<String> {
    let column = rows.column_by_name(column).unwrap().as_string::<i32>();
    column.iter().flatten().map(str::to_owned).collect()
}

#[test]
fn texts_of_a_csv_stay_texts_where_a_number_would_lose_something_of_them() {
    let own = Logs::new();
    let table = "zip,text,age,weight\n00100,a,30,0.5\n00200,b,31,1\n00300,c,,2.25\n00400,d,33,\n";
    fs::write(own.at("own.csv"), table).unwrap();
    let logs = pets(with_table(&own, "own.csv"));
    exported(&logs, "--to huggingface", "cleaned.parquet");
    let rows = rows(&logs);
    // In the order of the table, without its row 1.
    assert_eq!(texts(&rows, "zip"), ["00100", "00300", "00400"]);
    assert_eq!(texts(&rows, "text"), ["a", "c", "d"]);
    let ages = rows
        .column_by_name("age")
        .unwrap()
        .as_primitive::<Int64Type>();
    assert_eq!(ages.iter().collect::<Vec<_>>(), [Some(30), None, Some(33)]);
    let weights: &Float64Array = rows.column_by_name("weight").unwrap().as_primitive();
    assert_eq!(
        weights.iter().collect::<Vec<_>>(),
        [Some(0.5), Some(2.25), None]
    );
}

#[test]
fn columns_of_any_type_are_kept_and_categories_are_what_they_stand_for() {
    let own = Logs::new();
    let category: DictionaryArray<Int8Type> = ["x", "y", "y", "x"].into_iter().collect();
    let mut lists = ListBuilder::new(Int32Builder::new());
    (0..4).for_each(|row| lists.append_value([Some(row), None]));
    let price = Decimal128Array::from(vec![150, 250, 350, 450]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "text",
            Arc::new(StringArray::from(vec!["a", "b", "c", "d"])),
        ),
        ("small", Arc::new(Int8Array::from(vec![1, 2, 3, 4]))),
        ("category", Arc::new(category)),
        ("day", Arc::new(Date32Array::from(vec![0, 1, 2, 3]))),
        (
            "price",
            Arc::new(price.with_precision_and_scale(5, 2).unwrap()),
        ),
        ("lists", Arc::new(lists.finish())),
        ("label", ids(&[0, 0, 0, 0])),
    ];
    write_hub_parquet(&own.at("own.parquet"), columns, "other", &["no", "yes"]);
    let logs = pets(with_table(&own, "own.parquet"));
    exported(&logs, "--to huggingface", "cleaned.parquet");
    let rows = rows(&logs);
    assert_eq!(texts(&rows, "category"), ["x", "y", "x"]);
    let types = ["small", "day", "price", "lists"].map(|name| {
        let column = rows.column_by_name(name).unwrap();
        assert_eq!(column.len(), 3);
        column.data_type().to_string()
    });
    assert_eq!(types, ["Int8", "Date32", "Decimal128(5, 2)", &types[3]]);
    assert!(matches!(rows.column(5).data_type(), DataType::List(_)));
    // What `datasets` was told of the table goes on to hold.
    let (_, _, told) = schema(&logs, "cleaned.parquet");
    assert_eq!(
        told["info"]["features"]["other"]["names"],
        json!(["no", "yes"])
    );
    assert_eq!(
        told["info"]["features"]["label"]["names"],
        json!(["cat", "dog"])
    );

    exported(&logs, "--to argilla", "records.json");
    let fields = export::json(&logs, "records.json")[0]["fields"].clone();
    let expected = json!({
        "text": "b", "small": "2", "category": "y", "day": "1970-01-02", "price": "2.50", "label": "0",
    });
    assert_eq!(fields, expected);
}

/// The run of [`pets`] with own ids of its samples in the rows of `file`, whose column `uid` has them.
fn with_uids(own: &Logs, file: &str) -> Logs {
    let id = |entry: SampleEntry| SampleEntry {
        id: Some(SampleId::Text(format!("u{}", entry.sample_id))),
        ..entry
    };
    let entries = with_table(own, file).into_iter().map(id).collect();
    let description = RunDescription {
        configuration: json!({ "id_column": "uid" }),
        ..cats_and_dogs()
    };
    let logs = Logs::new();
    record_with_table(&logs.at("logs"), "pets", description, Some(entries));
    logs
}

#[test]
fn rows_are_found_by_their_ids_wherever_they_stand_now() {
    let own = Logs::new();
    // A row more, and in another order.
    let table = "uid,text\nu9,z\nu3,d\nu2,c\nu1,b\nu0,a\n";
    fs::write(own.at("own.csv"), table).unwrap();
    let logs = with_uids(&own, "own.csv");
    exported(&logs, "--to huggingface", "cleaned.parquet");
    assert_eq!(texts(&rows(&logs), "text"), ["a", "c", "d"]);
    exported(&logs, "--to argilla", "records.json");
    assert_eq!(
        export::json(&logs, "records.json")[0]["fields"]["text"],
        "b"
    );

    let (log, output) = (logs.word("logs"), logs.word("again.parquet"));
    let again = ["export", &log, "--to", "huggingface", "-o", &output];
    for (table, reason) in [
        ("uid,text\nu0,a\nu1,b\nu2,c\n", "no row has the id u3"),
        (
            "uid,text\nu0,a\nu1,b\nu2,c\nu3,d\nu3,e\n",
            "two of its rows have the id u3",
        ),
    ] {
        fs::write(own.at("own.csv"), table).unwrap();
        let said = text(&run(&again).stderr);
        let refused = format!("own.csv: is not the table any more that was recorded: {reason}");
        assert!(said.contains(&refused), "{said}");
    }
}

#[test]
fn without_ids_a_table_must_be_the_one_that_was_recorded() {
    let own = own_tables();
    let logs = pets(with_table(&own, "own.csv"));
    let said = exported(&logs, "--to huggingface", "cleaned.parquet");
    assert!(said.contains("nothing tells whether"), "{said}");
    let file = own.word("own.csv");
    let mut writer = resumed(&logs.at("logs"));
    let checksum = file_crc32(&own.at("own.csv")).unwrap();
    writer
        .keep_reading(json!({ "table_crc32": { file: checksum } }))
        .unwrap();
    writer.finish().unwrap();
    let said = exported(&logs, "--to huggingface", "known.parquet");
    assert!(!said.contains("nothing tells whether"), "{said}");

    // The same bytes in another order.
    fs::write(
        own.at("own.csv"),
        "text,label\nd,cat\nc,cat\nb,cat\na,cat\n",
    )
    .unwrap();
    for format in ["huggingface", "argilla", "label-studio"] {
        let output = logs.word(
            format!(
                "again-{format}.{}",
                match format {
                    "huggingface" => "parquet",
                    _ => "json",
                }
            )
            .as_str(),
        );
        let again = ["export", &logs.word("logs"), "--to", format, "-o", &output];
        let said = text(&run(&again).stderr);
        let refused = "own.csv: is not the table any more that was recorded: its checksum";
        assert!(said.contains(refused), "{said}");
    }
    fs::write(own.at("own.csv"), "text,label\na,cat\n").unwrap();
    let unknown = pets(with_table(&own, "own.csv"));
    let (log, output) = (unknown.word("logs"), unknown.word("c.parquet"));
    let again = ["export", &log, "--to", "huggingface", "-o", &output];
    let said = text(&run(&again).stderr);
    assert!(
        said.contains("it has 1 rows, and a sample came from row"),
        "{said}"
    );
}
