//! The bytes of a log: the encodings of its pages, and that the same run gives the same ones.

use std::fs;
use std::fs::File;
use std::path::Path;

use parquet::basic::{Compression, Encoding, PageType};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use tempfile::TempDir;

use crate::logs::log;

fn row_group(path: &Path) -> (SerializedFileReader<File>, RowGroupMetaData) {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let group = reader.metadata().row_group(0).clone();
    (reader, group)
}

/// Type and encoding of each page of a column, as they are in the file.
fn pages(path: &Path, column: &str) -> Vec<(PageType, Encoding)> {
    let (reader, group) = row_group(path);
    let index = group
        .columns()
        .iter()
        .position(|chunk| chunk.column_path().parts()[0] == column)
        .unwrap();
    let mut pages = reader
        .get_row_group(0)
        .unwrap()
        .get_column_page_reader(index)
        .unwrap();
    std::iter::from_fn(|| pages.get_next_page().unwrap())
        .map(|page| (page.page_type(), page.encoding()))
        .collect()
}

#[test]
fn pages_have_the_encodings_that_were_chosen() {
    let folder = TempDir::new().unwrap();
    let file = &log(folder.path(), 1)[0];
    let data = |encoding| vec![(PageType::DATA_PAGE_V2, encoding)];
    assert_eq!(pages(file, "logits"), data(Encoding::PLAIN));
    assert_eq!(pages(file, "margin"), data(Encoding::PLAIN));
    assert_eq!(
        pages(file, "sample_id"),
        data(Encoding::DELTA_BINARY_PACKED)
    );
    assert_eq!(pages(file, "is_threshold_sample"), data(Encoding::RLE));
    for column in [
        "run",
        "pass",
        "epoch",
        "assigned_label",
        "given_label",
        "true_label",
        "rival_label",
    ] {
        let expected = vec![
            (PageType::DICTIONARY_PAGE, Encoding::PLAIN),
            (PageType::DATA_PAGE_V2, Encoding::RLE_DICTIONARY),
        ];
        assert_eq!(pages(file, column), expected, "{column}");
    }
    let (_, group) = row_group(file);
    for chunk in group.columns() {
        assert_eq!(chunk.compression(), Compression::UNCOMPRESSED);
    }
}

#[test]
fn logits_are_a_list_without_nulls() {
    let folder = TempDir::new().unwrap();
    let (reader, group) = row_group(&log(folder.path(), 1)[0]);
    let logits = group.schema_descr().column(group.num_columns() - 1);
    assert_eq!(logits.path().string(), "logits.list.element");
    // Nothing optional on the way, one repeated level.
    assert_eq!((logits.max_def_level(), logits.max_rep_level()), (1, 1));
    let created_by = reader.metadata().file_metadata().created_by().unwrap();
    assert!(created_by.starts_with("aum logformat"));
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let (first, second) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    for (one, other) in log(first.path(), 2).iter().zip(log(second.path(), 2)) {
        assert_eq!(fs::read(one).unwrap(), fs::read(other).unwrap());
    }
}

#[test]
fn the_checksum_is_the_one_of_zlib() {
    // CRC-32 of "123456789" is 0xcbf43926 in every implementation of that polynomial.
    assert_eq!(crc32fast::hash(b"123456789"), 0xcbf4_3926);
}
