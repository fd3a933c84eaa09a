//! What lies beside logs in a bucket comes with them: their samples are named as those of logs on this machine are.

use std::fs;
use std::sync::atomic::Ordering;

use logformat::{held_out_path, sample_table_path};

use crate::logs::{large_log, small_log};
use crate::storage::{Storage, local};

#[test]
fn every_result_has_the_files_rows_ids_and_held_out_evidence_of_the_samples() {
    let storage = Storage::start();
    large_log(&storage.bucket());
    let folder = storage.bucket();
    let folder = folder.to_str().unwrap();
    for words in [
        &["aum", "--format", "csv"][..],
        &["aum", "--rule", "combined", "--format", "json"],
        &["aum", "-o", "-"],
        &["confusions", "--format", "json"],
        &["evaluate", "--scores", "--rule", "combined"],
        &["scores", "-o", "-"],
    ] {
        let (command, options) = words.split_first().unwrap();
        let of = |logs| [&[*command, logs, "-q"], options].concat();
        let there = storage.stdout_of(&of("s3://bucket"));
        assert_eq!(there, local(&of(folder)), "{words:?}");
    }
    let table = storage.stdout_of(&["aum", "s3://bucket", "-q", "-o", "-"]);
    let header = table.lines().next().unwrap();
    assert!(header.starts_with("run,sample_id,file,row,id,"), "{header}");
    assert!(table.contains(",pets/2.parquet,999,pet-2999,"));
}

#[test]
fn a_report_has_the_pictures_and_the_names_of_the_samples() {
    let storage = Storage::start();
    large_log(&storage.bucket());
    let page = storage.stdout_of(&["report", "s3://bucket", "-q", "-o", "-"]);
    let folder = storage.bucket();
    let here = local(&["report", folder.to_str().unwrap(), "-q", "-o", "-"]);
    let count = |page: &str, wanted: &str| page.matches(wanted).count();
    // What every PNG file begins with, in base64.
    let png = "iVBORw0KGgo";
    for (wanted, least) in [(png, 20), ("pets/2.parquet", 1), ("pet-2", 20)] {
        assert!(count(&here, wanted) >= least, "{wanted}");
        assert_eq!(count(&page, wanted), count(&here, wanted), "{wanted}");
    }
}

#[test]
fn pictures_and_held_out_logits_stay_where_they_are_unless_they_are_needed() {
    let storage = Storage::start();
    large_log(&storage.bucket());
    let length = |path: std::path::PathBuf| fs::metadata(path).unwrap().len();
    let samples = length(sample_table_path(&storage.bucket(), "large"));
    let held_out = length(held_out_path(&storage.bucket(), "large", "discriminant"));
    assert!(
        samples > 1 << 20 && held_out > 1 << 17,
        "{samples}, {held_out}"
    );
    let sent_for = |words: &[&str]| {
        storage.sent.store(0, Ordering::Relaxed);
        storage.stdout_of(&[words, &["s3://bucket", "-q"]].concat());
        storage.sent.load(Ordering::Relaxed)
    };
    let runs = sent_for(&["runs"]);
    let aum = sent_for(&["aum"]);
    assert!(aum < runs + samples / 4, "{aum}, {runs}, {samples}");
    let combined = sent_for(&["aum", "--rule", "combined"]);
    assert_eq!(combined, aum + held_out);
    let check = sent_for(&["check"]);
    assert!(check > samples + held_out);
}

#[test]
fn check_tells_of_a_sample_table_in_a_bucket_that_is_damaged() {
    let storage = Storage::start();
    small_log(&storage.bucket());
    let table = sample_table_path(&storage.bucket(), "small");
    let mut bytes = fs::read(&table).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&table, bytes).unwrap();
    let output = storage.analyzer(&["check", "s3://bucket", "-q"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("samples.parquet"), "{said}");
    assert!(said.contains("checksum"), "{said}");
}

/// A key may allow to read what one knows the name of, and no more.
#[test]
fn names_come_without_the_right_to_list_a_folder() {
    let storage = Storage::start();
    let logs = storage.bucket().join("unlisted");
    fs::create_dir_all(&logs).unwrap();
    small_log(&logs);
    let first = "small-p1-e0001.parquet";
    let expected = local(&["aum", logs.join(first).to_str().unwrap(), "-q", "-o", "-"]);
    let address = format!("s3://bucket/unlisted/{first}");
    let table = storage.stdout_of(&["aum", &address, "-q", "-o", "-"]);
    assert_eq!(table, expected);
    assert!(table.contains(",pets/0.parquet,"), "{table}");
}
