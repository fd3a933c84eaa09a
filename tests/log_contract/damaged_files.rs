//! Damaged files are read or refused, and nothing else: no panic, no endless loop, no room for 24 GB.

use std::fs;
use std::path::Path;

use logformat::{EpochReader, LogError};
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use tempfile::TempDir;

use crate::damage;
use crate::logs::{float32_lists, foreign, log, minimal, read};

#[test]
fn files_that_cannot_be_a_log_are_told_apart() {
    let folder = TempDir::new().unwrap();
    let whole = fs::read(foreign(&folder, minimal(), WriterProperties::new())).unwrap();
    let read_bytes = |bytes: &[u8]| {
        let path = folder.path().join("broken.parquet");
        fs::write(&path, bytes).unwrap();
        read(&path).unwrap_err()
    };
    assert!(matches!(read_bytes(b""), LogError::Empty { .. }));
    assert!(matches!(
        read_bytes(b"a,b\n1,2\n"),
        LogError::NotParquet { .. }
    ));
    assert!(matches!(
        read_bytes(&whole[..whole.len() / 2]),
        LogError::Truncated { .. }
    ));
    let mut without_middle = whole[..8].to_vec();
    without_middle.extend_from_slice(&whole[whole.len() - 8..]);
    assert!(matches!(
        read_bytes(&without_middle),
        LogError::Damaged { .. }
    ));
    let missing = folder.path().join("missing.parquet");
    assert!(matches!(read(&missing).unwrap_err(), LogError::Read { .. }));
}

/// The short form of `logformat/examples/fuzz_reader.rs`, on a log of our writer and one by others.
#[test]
fn damaged_files_are_read_or_refused_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let mut columns = minimal();
    columns.push(("logits", float32_lists(&[&[3.0, 1.0], &[2.0, 1.0]])));
    let compressed = WriterProperties::builder().set_compression(Compression::SNAPPY);
    let files = [
        log(folder.path(), 1).remove(0),
        foreign(&folder, columns, compressed.build()),
    ];
    let path = folder.path().join("damaged.parquet");
    let mut refused = 0;
    for (seed, file) in files.iter().cycle().take(600).enumerate() {
        let mut numbers = damage::Numbers(seed as u64);
        let bytes = damage::damaged(&fs::read(file).unwrap(), &mut numbers);
        fs::write(&path, bytes).unwrap();
        let open = || EpochReader::open(&path);
        let margins = open().and_then(EpochReader::margins);
        let from_logits = open().and_then(|reader| reader.from_logits().margins());
        for batches in [margins, from_logits, open().and_then(EpochReader::rows)] {
            let sound = batches.is_ok_and(|mut batches| batches.all(|batch| batch.is_ok()));
            refused += usize::from(!sound);
        }
    }
    assert!(refused > 600, "{refused} of 1800 readings are refused");
}

/// Found by `fuzz_reader`: 200 rows, whose lists have so many values by the schema that they would take 24 GB.
#[test]
fn lists_that_a_damaged_schema_makes_huge_are_refused_before_any_room_is_made() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = folder.join("../tests/damaged/huge_lists.parquet");
    let Err(LogError::Damaged { reason, .. }) = EpochReader::open(&path) else {
        panic!("it was taken for sound");
    };
    assert!(
        reason.starts_with("column logits should have lists of "),
        "{reason}"
    );
    assert!(
        reason.ends_with(" values in 200 rows, but has 1000 values in all"),
        "{reason}"
    );
}
