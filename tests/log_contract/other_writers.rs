//! What others write is read: few columns and many, every type, string, list and compression.

use std::fs;
use std::sync::Arc;

use arrow_array::builder::{Float16Builder, Float64Builder, LargeListBuilder, ListBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, LargeStringArray, StringArray};
use logformat::{EpochReader, SampleIds};
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use tempfile::TempDir;
use tests::parquet_file::write_parquet;

use crate::logs::{float32_lists, foreign, minimal, read, read_foreign, with, without};

#[test]
fn four_columns_make_a_log() {
    let batch = read_foreign(minimal()).unwrap();
    assert_eq!(*batch.passes, [1, 1].into_iter().collect());
    assert_eq!(batch.runs, None);
    assert_eq!(*batch.is_threshold_sample, [false, false]);
    assert_eq!(*batch.sample_ids, SampleIds::Integers(vec![7, 8]));
}

#[test]
fn other_columns_are_ignored() {
    let batch = read_foreign(with("loss", Arc::new(StringArray::from(vec!["a", "b"])))).unwrap();
    assert_eq!(batch.margins, [0.5, -0.5]);
}

#[test]
fn half_floats_in_large_lists_are_read() {
    let mut lists = LargeListBuilder::new(Float16Builder::new());
    for row in [[1.0f32, 0.5], [0.0, 2.0]] {
        lists.append_value(row.map(|value| Some(half::f16::from_f32(value))));
    }
    let mut columns = without("margin");
    columns.push(("logits", Arc::new(lists.finish())));
    assert_eq!(read_foreign(columns).unwrap().margins, [0.5, 2.0]);
}

#[test]
fn logits_of_64_bits_far_from_zero_are_told_apart() {
    // 3 − 1 and 2 − 1 at an offset where 32 bits count in steps of 8.
    let mut lists = ListBuilder::new(Float64Builder::new());
    for row in [[3.0, 1.0], [1.0, 2.0]] {
        lists.append_value(row.map(|value| Some(value + 1e8)));
    }
    let mut columns = without("margin");
    columns.push(("logits", Arc::new(lists.finish())));
    let batch = read_foreign(columns).unwrap();
    assert_eq!(batch.margins, [2.0, 1.0]);
    assert_eq!(batch.logits, [0.0, -2.0, -1.0, 0.0]);
}

#[test]
fn hive_partitions_give_the_columns_that_the_file_leaves_out() {
    let folder = TempDir::new().unwrap();
    let place = folder.path().join("run=a/pass=2/epoch=3");
    fs::create_dir_all(&place).unwrap();
    let path = place.join("part-0.parquet");
    write_parquet(&path, without("epoch"));
    let batch = read(&path).unwrap();
    assert_eq!(*batch.epochs, [3, 3].into_iter().collect());
    assert_eq!(*batch.passes, [2, 2].into_iter().collect());
    assert_eq!(batch.runs, Some(Arc::new(["a"; 2].into_iter().collect())));
    assert_eq!(batch.margins, [0.5, -0.5]);
    assert_eq!(EpochReader::open(&path).unwrap().first_epoch(), Some(3));
}

#[test]
fn the_margin_that_was_logged_counts_where_there_are_logits_too() {
    let columns = with("logits", float32_lists(&[&[3.0, 1.0], &[2.0, 1.0]]));
    assert_eq!(read_foreign(columns).unwrap().margins, [0.5, -0.5]);
}

#[test]
fn strings_of_every_kind_are_read() {
    let dictionary: DictionaryArray<Int32Type> = vec!["b", "a"].into_iter().collect();
    for ids in [
        Arc::new(LargeStringArray::from(vec!["b", "a"])) as ArrayRef,
        Arc::new(dictionary),
    ] {
        let batch = read_foreign(with("sample_id", ids)).unwrap();
        let expected = vec!["b".to_owned(), "a".to_owned()];
        assert_eq!(*batch.sample_ids, SampleIds::Texts(expected));
    }
}

#[test]
fn every_usual_compression_is_read() {
    for compression in [
        Compression::SNAPPY,
        Compression::ZSTD(Default::default()),
        Compression::LZ4_RAW,
        Compression::GZIP(Default::default()),
    ] {
        let folder = TempDir::new().unwrap();
        let properties = WriterProperties::builder().set_compression(compression);
        let file = foreign(&folder, minimal(), properties.build());
        assert_eq!(read(&file).unwrap().margins, [0.5, -0.5], "{compression}");
    }
}

#[test]
fn a_truth_that_nobody_knows_may_be_a_column_of_nulls() {
    let columns = with(
        "true_label",
        arrow_array::new_null_array(&arrow_schema::DataType::Null, 2),
    );
    assert_eq!(
        read_foreign(columns).unwrap().true_labels,
        Some(vec![None, None].into())
    );
}
