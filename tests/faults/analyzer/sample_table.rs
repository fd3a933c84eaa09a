//! The sample table of a run is part of what its record vouches for.

use std::fs;
use std::path::Path;

use logformat::{
    EpochLogits, ExistingRun, LogitsColumn, PassSamples, RunDescription, RunWriter, SampleEntry,
    SampleRow,
};
use tempfile::TempDir;

use crate::analyzer;

/// A run of two samples and one epoch, with a sample table.
pub(crate) fn record(folder: &Path) {
    record_with(folder, |_| None);
}

/// The same with such pictures.
fn record_with(folder: &Path, picture: impl Fn(i64) -> Option<Vec<u8>>) {
    let (description, logits) = (RunDescription::default(), LogitsColumn::Float32);
    let existing = ExistingRun::Refuse;
    let mut log = RunWriter::create(folder, "a", description, logits, existing).unwrap();
    let entry = |sample_id| SampleEntry {
        sample_id,
        file: Some("pets.zip".to_owned()),
        png: picture(sample_id),
        ..SampleEntry::default()
    };
    log.write_sample_table([vec![entry(0), entry(1)]]).unwrap();
    let row = |sample_id: i64| SampleRow {
        sample_id: sample_id.into(),
        assigned_label: 0,
        given_label: 0,
        true_label: None,
        is_threshold_sample: false,
    };
    let samples = PassSamples::new(vec![row(0), row(1)], 2).unwrap();
    let mut epoch = EpochLogits::new(samples.into(), 1);
    for sample in 0..2 {
        epoch.record(sample, &[1.0, 0.5]).unwrap();
    }
    log.write(1, epoch, Default::default()).unwrap();
    log.finish().unwrap();
}

fn check(folder: &Path) -> (Option<i32>, String) {
    let output = analyzer(folder, &["check", "a-p1-e0001.parquet"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), said)
}

#[test]
fn a_sample_table_that_was_flipped_or_deleted_is_not_sound() {
    let folder = TempDir::new().unwrap();
    record(folder.path());
    let (status, said) = check(folder.path());
    assert_eq!(status, Some(0), "{said}");

    let table = folder.path().join("a/samples.parquet");
    let whole = fs::read(&table).unwrap();
    for bit in 0..8 {
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1 << bit;
        fs::write(&table, flipped).unwrap();
        let (status, said) = check(folder.path());
        assert_eq!(status, Some(1), "{said}");
        assert!(said.contains("samples.parquet"), "{said}");
        assert!(said.contains("its checksum is not the one"), "{said}");
    }
    fs::remove_file(&table).unwrap();
    let (status, said) = check(folder.path());
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("samples.parquet"), "{said}");
}

/// Of a table above 1 MiB the pictures are not read with the log; whoever shows them finds what is wrong.
#[test]
fn pictures_that_were_flipped_are_not_shown_and_it_is_said() {
    let folder = TempDir::new().unwrap();
    record_with(folder.path(), |id| Some(vec![id as u8; 800_000]));
    let table = folder.path().join("a/samples.parquet");
    let mut bytes = fs::read(&table).unwrap();
    bytes[1 << 20] ^= 1;
    fs::write(&table, bytes).unwrap();
    let aum = analyzer(folder.path(), &["aum", "a-p1-e0001.parquet", "-o", "-"]);
    let said = String::from_utf8_lossy(&aum.stdout).into_owned();
    assert!(said.contains("pets.zip"), "{said}");
    for words in [&["report"][..], &["plot", "lowest"]] {
        let of_log = ["a-p1-e0001.parquet", "-o", "-"];
        let output = analyzer(folder.path(), &[words, &of_log].concat());
        assert_eq!(output.status.code(), Some(0));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("samples.parquet: is damaged"), "{said}");
        assert!(said.contains("no pictures are shown"), "{said}");
        let shown = String::from_utf8_lossy(&output.stdout);
        // The bytes of the first picture in base64.
        assert!(!shown.contains("AAAAAAAAAAAAAAAA"), "{words:?}");
    }
}
