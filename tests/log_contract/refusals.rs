//! What is no log is refused, with the column, the row and the reason.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float32Array, Float64Array, Int32Array, RecordBatch, StringArray, UInt16Array,
    UInt64Array,
};
use arrow_schema::{Field, Schema};
use logformat::LogError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use tempfile::TempDir;
use tests::parquet_file::{parquet_bytes, write_parquet};

use crate::logs::{float32_lists, foreign, minimal, read, read_foreign, with, without};

fn refuse(columns: Vec<(&'static str, ArrayRef)>, parts: &[&str]) {
    let error = read_foreign(columns).unwrap_err().to_string();
    assert!(!error.contains('\n'), "{error}");
    for part in [&["foreign.parquet: "], parts].concat() {
        assert!(error.contains(part), "{part:?} is not in {error:?}");
    }
}

#[test]
fn a_missing_required_column_is_refused() {
    for column in ["epoch", "sample_id", "assigned_label"] {
        refuse(without(column), &["not an AUM log", column]);
    }
    refuse(
        without("margin"),
        &["neither a column margin nor a column logits"],
    );
}

#[test]
fn two_columns_of_one_name_are_refused() {
    let mut columns = minimal();
    columns.push(("margin", Arc::new(Float32Array::from(vec![-0.5, 0.5]))));
    let folder = TempDir::new().unwrap();
    let fields = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let arrays = columns.iter().map(|(_, array)| Arc::clone(array)).collect();
    let rows = RecordBatch::try_new(schema, arrays).unwrap();
    let path = folder.path().join("foreign.parquet");
    fs::write(&path, parquet_bytes(&rows, None)).unwrap();
    let error = read(&path).unwrap_err().to_string();
    assert!(error.contains("has 2 columns called margin"), "{error}");
    assert!(error.contains("leave all but one out"), "{error}");
}

/// `pyarrow.parquet.write_table(…, compression="brotli")`.
#[test]
fn a_compression_that_is_not_read_is_said_for_what_it_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/log_contract/brotli.parquet");
    let error = read(&path).unwrap_err().to_string();
    assert!(
        error.contains("column epoch is compressed by brotli"),
        "{error}"
    );
    assert!(error.contains("write the file with zstd"), "{error}");
    assert!(!error.contains("damaged"), "{error}");
}

/// As `DataFrame.to_parquet` leaves a `RangeIndex` out.
#[test]
fn an_index_that_pandas_keeps_to_itself_is_named() {
    let range = r#"{"index_columns": [{"kind": "range", "name": "sample_id", "start": 0, "stop": 2, "step": 1}]}"#;
    let pair = KeyValue::new("pandas".to_owned(), range.to_owned());
    let properties = WriterProperties::builder().set_key_value_metadata(Some(vec![pair]));
    let folder = TempDir::new().unwrap();
    let file = foreign(&folder, without("sample_id"), properties.build());
    let error = read(&file).unwrap_err().to_string();
    assert!(error.contains("sample_id is an index of pandas"), "{error}");
    assert!(error.contains("reset_index()"), "{error}");
}

#[test]
fn a_column_that_contradicts_its_folder_is_refused() {
    let folder = TempDir::new().unwrap();
    let place = folder.path().join("epoch=3");
    fs::create_dir(&place).unwrap();
    let path = place.join("part-0.parquet");
    write_parquet(&path, minimal());
    let error = read(&path).unwrap_err().to_string();
    assert!(error.contains("row 0, column epoch: is 1, but"), "{error}");
    assert!(error.contains("the folder epoch=3"), "{error}");
}

#[test]
fn a_wrong_type_is_refused() {
    let floats = || Arc::new(Float32Array::from(vec![1.0, 1.0])) as ArrayRef;
    let texts = || Arc::new(StringArray::from(vec!["a", "b"])) as ArrayRef;
    for (column, array, found) in [
        ("epoch", floats(), "float32"),
        ("assigned_label", texts(), "string"),
        ("margin", texts(), "string"),
        ("run", floats(), "float32"),
        ("is_threshold_sample", floats(), "float32"),
        ("true_label", floats(), "float32"),
        ("logits", floats(), "float32"),
    ] {
        refuse(with(column, array), &[column, found, "cast it"]);
    }
}

#[test]
fn logits_of_different_lengths_are_refused() {
    let columns = with("logits", float32_lists(&[&[1.0, 2.0, 3.0], &[1.0, 2.0]]));
    refuse(columns, &["row 1", "logits", "2 logits", "have 3"]);
}

#[test]
fn logits_of_one_class_are_refused() {
    let mut columns = with("assigned_label", Arc::new(Int32Array::from(vec![0, 0])));
    columns.push(("logits", float32_lists(&[&[1.0], &[1.0]])));
    refuse(
        columns,
        &[
            "at least two classes",
            "log two logits (0 and it) or the margin",
        ],
    );
}

#[test]
fn nan_and_infinity_are_refused() {
    for (value, word) in [(f32::NAN, "NaN"), (f32::INFINITY, "infinite")] {
        refuse(
            with("margin", Arc::new(Float32Array::from(vec![0.0, value]))),
            &["row 1", "column margin", word],
        );
        let lists = float32_lists(&[&[0.0, 1.0], &[value, 1.0]]);
        refuse(
            with("logits", lists),
            &["row 1", "column logits", "the logit of class 0", word],
        );
    }
}

#[test]
fn ids_and_truths_that_are_refused_tell_how_to_write_them() {
    let ids = UInt64Array::from(vec![0, 1 << 63]);
    refuse(
        with("sample_id", Arc::new(ids)),
        &["row 1, column sample_id", "write such ids as texts"],
    );
    let truths = Int32Array::from(vec![0, -1]);
    refuse(
        with("true_label", Arc::new(truths)),
        &["row 1, column true_label", "an unknown one is null"],
    );
}

#[test]
fn labels_out_of_range_are_refused() {
    refuse(
        with("assigned_label", Arc::new(Int32Array::from(vec![0, -1]))),
        &["row 1", "column assigned_label", "is -1"],
    );
    for column in ["assigned_label", "given_label", "true_label", "rival_label"] {
        let mut columns = with(column, Arc::new(UInt16Array::from(vec![5, 1])));
        columns.push(("logits", float32_lists(&[&[0.0, 1.0], &[0.0, 1.0]])));
        refuse(columns, &["row 0", column, "is 5", "from 0 to 1"]);
    }
}

#[test]
fn passes_count_from_one_and_epochs_from_zero() {
    let numbers = |last| Arc::new(Int32Array::from(vec![1, last])) as ArrayRef;
    refuse(
        with("pass", numbers(0)),
        &["row 1", "pass", "numbered from 1"],
    );
    refuse(with("epoch", numbers(-1)), &["row 1", "epoch", "0 or more"]);
    assert!(read_foreign(with("epoch", numbers(0))).is_ok());
}

#[test]
fn a_null_where_none_may_be_is_refused() {
    let null = || Arc::new(Int32Array::from(vec![Some(1), None])) as ArrayRef;
    for column in [
        "epoch",
        "pass",
        "sample_id",
        "assigned_label",
        "given_label",
    ] {
        refuse(with(column, null()), &["row 1", column, "is null"]);
    }
    let floats = Arc::new(Float32Array::from(vec![Some(1.0), None]));
    refuse(with("margin", floats), &["row 1", "margin", "is null"]);
    let texts = Arc::new(StringArray::from(vec![Some("a"), None]));
    refuse(with("run", texts), &["row 1", "run", "is null"]);
}

#[test]
fn a_newer_format_version_is_refused() {
    let folder = TempDir::new().unwrap();
    let version = KeyValue::new("aum.format_version".to_owned(), "2".to_owned());
    let properties = WriterProperties::builder().set_key_value_metadata(Some(vec![version]));
    let error = read(&foreign(&folder, minimal(), properties.build())).unwrap_err();
    assert!(matches!(error, LogError::NewerVersion { .. }), "{error}");
}

#[test]
fn a_file_without_rows_is_refused() {
    let empty: Vec<(&str, ArrayRef)> = minimal()
        .into_iter()
        .map(|(name, array)| (name, array.slice(0, 0)))
        .collect();
    assert!(matches!(
        read_foreign(empty).unwrap_err(),
        LogError::NoRows { .. }
    ));
}

#[test]
fn numbers_beyond_32_bits_are_not_called_infinite() {
    let margins = Arc::new(Float64Array::from(vec![0.0, 1e39]));
    refuse(
        with("margin", margins),
        &["row 1, column margin: is 1e39, too large for a 32-bit float"],
    );
}
