//! Claims are not memory: files of a few kilobytes that say they hold gigabytes.

use parquet::basic::Compression;
use tempfile::TempDir;

use crate::analyzer;
use crate::forged_log::{ROWS, footer_alone, true_log, with_footer, with_page, write};
use crate::program::refused;

/// Every command reads logs in the same way; `check` with all columns.
fn refuses(bytes: &[u8], parts: &[&str]) {
    let folder = TempDir::new().unwrap();
    write(folder.path(), bytes);
    refused(&analyzer(folder.path(), &["aum", "log.parquet"]), parts);
    let check = analyzer(folder.path(), &["check", "log.parquet"]);
    let said = [check.stdout, check.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert_eq!(check.status.code(), Some(1), "{said}");
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in {said:?}");
    }
}

fn claiming(rows: i64) -> Vec<u8> {
    with_footer(true_log(&[1]), rows, |_, chunk| {
        chunk.clone().into_builder().set_num_values(rows)
    })
}

#[test]
fn the_log_that_all_others_are_forged_from_is_sound() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), &claiming(ROWS));
    let output = analyzer(folder.path(), &["check", "log.parquet"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}

#[test]
fn a_footer_that_claims_more_rows_than_there_are_is_refused() {
    refuses(
        &claiming(1_000_000_000_000),
        &["claims 1000000000000 rows in"],
    );
    refuses(&claiming(100_000_000), &["claims 100000000 rows in"]);
    // So many rows may be; but they are not there.
    let parts = ["column epoch claims 8000000 values, and its pages 1000"];
    refuses(&claiming(8_000_000), &parts);
    refuses(&claiming(999), &["claims 999 values, and its pages 1000"]);
}

/// Lengths and counts of a page of data: type 0, 2·10⁹ bytes uncompressed, 4 compressed; a header of 1,000
/// plain values.
const CLAIMS_2_GB: [u8; 22] = [
    0x15, 0x00, 0x15, 0x80, 0xd0, 0xac, 0xf3, 0x0e, 0x15, 0x08, 0x2c, 0x15, 0xd0, 0x0f, 0x15, 0x00,
    0x15, 0x06, 0x15, 0x06, 0x00, 0x00,
];

#[test]
fn a_page_that_claims_two_gigabytes_is_refused_in_every_compression() {
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(Default::default()),
        Compression::LZ4_RAW,
        Compression::GZIP(Default::default()),
    ] {
        let log = with_page(&CLAIMS_2_GB, &[0; 4], compression);
        let parts = ["a page of column margin claims 2000000000 bytes in 4"];
        refuses(&log, &parts);
    }
}

#[test]
fn a_dictionary_that_claims_two_billion_values_is_refused() {
    // A dictionary of 4 bytes that claims 2·10⁹ plain values.
    let header = [
        0x15, 0x04, 0x15, 0x08, 0x15, 0x08, 0x4c, 0x15, 0x80, 0xd0, 0xac, 0xf3, 0x0e, 0x15, 0x00,
        0x00, 0x00,
    ];
    let log = with_page(&header, &[0; 4], Compression::UNCOMPRESSED);
    let parts = ["a page of column margin claims a dictionary of 2000000000 values in 4 bytes"];
    refuses(&log, &parts);
}

#[test]
fn columns_nested_a_thousand_deep_are_refused() {
    // FileMetaData: version 1, and a schema of 1,500 elements with one child each and a last with none.
    // Each has the name "a" (field 4) and its number of children (field 5).
    let (group, leaf) = ([0x48, 1, b'a', 0x15, 2, 0], [0x15, 2, 0x38, 1, b'a', 0]);
    let count = [0xfc, 0xdd, 0x0b];
    let schema = [&count[..], &group.repeat(1500), &leaf].concat();
    // No rows, and no row groups.
    let footer = [&[0x15, 2, 0x19][..], &schema, &[0x16, 0, 0x19, 0x0c, 0]].concat();
    let parts = ["its columns are nested 1500 deep, and no more than 64 are read"];
    refuses(&footer_alone(&footer), &parts);
}

#[test]
fn a_footer_that_claims_two_billion_columns_is_refused() {
    let footer = [0x15, 2, 0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0];
    refuses(&footer_alone(&footer), &["its footer cannot be"]);
}

#[test]
fn epochs_numbered_by_the_second_are_counted_and_not_collected() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), &true_log(&[1, i32::MAX]));
    let output = analyzer(folder.path(), &["check", "log.parquet"]);
    let said = String::from_utf8_lossy(&output.stdout);
    let counted = "the epochs are 1 to 2147483647 in steps of 2147483646, 2 in all";
    assert!(said.contains(counted), "{said}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_table_of_true_labels_is_under_the_same_rule() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), &true_log(&[1]));
    let table = folder.path().join("truth.parquet");
    std::fs::write(table, claiming(1_000_000_000_000)).unwrap();
    let words = ["evaluate", "log.parquet", "--true-labels", "truth.parquet"];
    let output = analyzer(folder.path(), &words);
    refused(&output, &["truth.parquet", "claims 1000000000000 rows in"]);
}

/// A sound log of a thousand rows under a limit of a kibibyte, and a table that takes no place on the disk.
#[test]
fn the_limit_of_a_file_and_the_option_that_raises_it_are_named() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), &true_log(&[1]));
    let lowered = ["aum", "log.parquet", "--file-memory", "0.000001"];
    let output = analyzer(folder.path(), &lowered);
    let parts = [
        "log.parquet",
        "claims 1000 rows: it takes 7.8 KiB of memory, and 1.0 KiB is the limit",
        "--file-memory 1 ",
    ];
    refused(&output, &parts);
    for name in ["truth.csv", "aum.csv"] {
        let mut table = std::fs::File::create(folder.path().join(name)).unwrap();
        std::io::Write::write_all(&mut table, b"sample_id,true_label\n1,0\n").unwrap();
        table.set_len(100 << 30).unwrap();
    }
    for words in [
        &["evaluate", "log.parquet", "--true-labels", "truth.csv"][..],
        &["aum", "aum.csv"],
    ] {
        let output = analyzer(folder.path(), words);
        let name = words[words.len() - 1];
        let parts = [
            name,
            "it takes 100.0 GiB of memory, and 8.0 GiB is the limit",
            "--file-memory 100 ",
        ];
        refused(&output, &parts);
    }
}
