//! What is in a bucket is read as what is on this machine, and no more of it than is needed.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::Ordering;

use crate::buckets::keys;
use crate::logs::{large_log, small_log};
use crate::storage::{Storage, local};

#[test]
fn files_folders_and_globs_are_read_as_on_this_machine() {
    let storage = Storage::start();
    let logs = storage.bucket().join("team/logs");
    fs::create_dir_all(&logs).unwrap();
    small_log(&logs);
    fs::write(logs.join("notes.txt"), "no log").unwrap();
    let expected = local(&["aum", logs.to_str().unwrap(), "-q"]);
    for address in [
        "s3://bucket/team/logs",
        "s3://bucket/team/logs/",
        "s3://bucket/team/logs/*.parquet",
        "s3://bucket/team/logs/small-p1-e000[1-4].parquet",
        "s3://bucket/*/logs/small*",
        "s3://bucket/team/*s",
        "gs://bucket/team/logs",
        "gs://bucket/team/logs/*.parquet",
        "az://bucket/team/logs",
        "az://bucket/team/logs/*.parquet",
    ] {
        assert_eq!(
            storage.stdout_of(&["aum", address, "-q"]),
            expected,
            "{address}"
        );
    }
    let first = "small-p1-e0001.parquet";
    let file = logs.join(first);
    let expected = local(&["aum", file.to_str().unwrap(), "-q"]);
    let address = format!("s3://bucket/team/logs/{first}");
    assert_eq!(storage.stdout_of(&["aum", &address, "-q"]), expected);
}

#[test]
fn every_command_finds_what_it_finds_on_this_machine() {
    let storage = Storage::start();
    large_log(&storage.bucket());
    let folder = storage.bucket();
    let folder = folder.to_str().unwrap();
    let picture = storage.root.path().join("plot.svg");
    let picture = picture.to_str().unwrap();
    for (command, words) in [
        ("aum", &["--format", "json"][..]),
        ("aum", &["--from-logits"]),
        ("check", &[]),
        ("confusions", &[]),
        ("estimate", &[]),
        ("evaluate", &["--scores"]),
        ("scores", &[]),
        ("thresholds", &[]),
    ] {
        let there = storage.stdout_of(&[&[command, "s3://bucket", "-q"], words].concat());
        let here = local(&[&[command, folder, "-q"], words].concat());
        assert_eq!(there, here, "{command} {words:?}");
    }
    for (kind, words) in [
        ("histogram", &[][..]),
        ("margins", &["--sample", "7"]),
        ("precision-recall", &[]),
        ("confusions", &[]),
        ("lowest", &[]),
    ] {
        let drawn = |source: &str| {
            let plot = ["plot", kind, source, "-q", "-o", picture, "--overwrite"];
            let plot = [&plot[..], words].concat();
            if source == folder {
                local(&plot)
            } else {
                storage.stdout_of(&plot)
            };
            fs::read_to_string(picture).unwrap()
        };
        assert_eq!(drawn("s3://bucket"), drawn(folder), "{kind}");
    }
}

#[test]
fn the_bytes_of_the_logits_stay_where_they_are_unless_they_are_needed() {
    let storage = Storage::start();
    large_log(&storage.bucket());
    let mut all = BTreeMap::new();
    keys(&storage.bucket(), "", &mut all);
    // Not what lies beside them.
    let logs = all.iter().filter(|(key, _)| key.starts_with("large-"));
    let total: u64 = logs.map(|(_, length)| length).sum();
    let sent_for = |words: &[&str]| {
        storage.sent.store(0, Ordering::Relaxed);
        storage.stdout_of(&[&["aum", "s3://bucket", "-q"], words].concat());
        storage.sent.load(Ordering::Relaxed)
    };
    let margins = sent_for(&[]);
    assert!(margins * 4 < total, "{margins} of {total}");
    let logits = sent_for(&["--from-logits"]);
    assert!(logits * 10 > total * 9, "{logits} of {total}");
    let requests = storage.requests.lock().unwrap();
    assert!(
        requests
            .iter()
            .any(|said| said == "GET /bucket/large/run.json")
    );
}

#[test]
fn aum_tables_are_read_too() {
    let storage = Storage::start();
    small_log(&storage.bucket());
    let folder = storage.bucket();
    let folder = folder.to_str().unwrap();
    for name in ["aum.csv", "aum.parquet"] {
        let tables = storage.bucket().join("tables");
        fs::create_dir_all(&tables).unwrap();
        let table = tables.join(name);
        let table = table.to_str().unwrap();
        local(&["aum", folder, "-q", "-o", table]);
        let there = storage.stdout_of(&["thresholds", &format!("s3://bucket/tables/{name}"), "-q"]);
        assert_eq!(there, local(&["thresholds", table, "-q"]));
    }
}
