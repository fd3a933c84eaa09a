//! What is no regular file: a pipe that nobody writes, a device without an end, a link to itself.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::analyzer;
use crate::forged_log::{true_log, write};
use crate::program::refused;
use crate::sample_table::record;

/// A pipe and a device under names that end as logs and tables do.
fn irregular(folder: &Path, name: &str) {
    let mut pipe = Command::new("mkfifo");
    pipe.arg(folder.join(format!("pipe.{name}")));
    assert!(pipe.status().unwrap().success());
    symlink("/dev/zero", folder.join(format!("device.{name}"))).unwrap();
}

#[test]
fn pipes_and_devices_are_no_logs() {
    let folder = TempDir::new().unwrap();
    irregular(folder.path(), "parquet");
    for name in ["pipe.parquet", "device.parquet"] {
        let output = analyzer(folder.path(), &["aum", name]);
        refused(&output, &[name, "no regular file"]);
    }
}

#[test]
fn pipes_and_devices_are_no_tables() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), &true_log(&[1]));
    for kind in ["csv", "parquet"] {
        irregular(folder.path(), kind);
        for name in ["pipe", "device"] {
            let name = format!("{name}.{kind}");
            let words = ["evaluate", "log.parquet", "--true-labels", &name];
            let output = analyzer(folder.path(), &words);
            refused(&output, &[&name, "no regular file"]);
        }
    }
}

#[test]
fn a_pipe_among_logs_is_refused_and_not_passed_over() {
    let folder = TempDir::new().unwrap();
    record(folder.path());
    let second = folder.path().join("a-p1-e0002.parquet");
    assert!(
        Command::new("mkfifo")
            .arg(&second)
            .status()
            .unwrap()
            .success()
    );
    let output = analyzer(folder.path(), &["aum", "."]);
    refused(&output, &["a-p1-e0002.parquet", "no regular file"]);
    let check = analyzer(folder.path(), &["check", "."]);
    let said = String::from_utf8_lossy(&check.stdout);
    assert_eq!(check.status.code(), Some(1), "{said}");
    assert!(said.contains("no regular file"), "{said}");
}

#[test]
fn no_command_takes_a_pipe_or_a_device() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), &true_log(&[1]));
    for suffix in ["parquet", "csv", "tsv", "npy", "npz", "jsonl"] {
        irregular(folder.path(), suffix);
    }
    for kind in ["pipe", "device"] {
        let maps = folder.path().join(format!("{kind}.maps"));
        fs::create_dir(&maps).unwrap();
        let epoch = maps.join("dynamics_epoch_0.jsonl");
        fs::rename(folder.path().join(format!("{kind}.jsonl")), epoch).unwrap();
        let import = |format| vec!["import", "-o", "out", "--from", format];
        let aums = |format| vec!["import", "-o", "out.csv", "--from", format];
        for (words, suffix) in [
            (vec!["check"], "parquet"),
            (vec!["compare", "log.parquet"], "csv"),
            (vec!["confusions"], "parquet"),
            (vec!["estimate"], "parquet"),
            (vec!["evaluate"], "csv"),
            (vec!["export", "--to", "csv", "-o", "x.csv"], "parquet"),
            (vec!["plot", "margins", "-o", "x.svg"], "parquet"),
            (vec!["report", "-o", "x.html"], "parquet"),
            (vec!["runs"], "csv"),
            (vec!["scores"], "parquet"),
            (vec!["thresholds"], "csv"),
            (vec!["aum", "log.parquet", "--true-labels"], "tsv"),
            (import("aum-records"), "csv"),
            (aums("aum-values"), "csv"),
            (aums("aum-details"), "csv"),
            (import("data-maps"), "maps"),
            (import("numpy"), "npz"),
            (import("table"), "csv"),
            (import("table"), "parquet"),
        ] {
            let name = format!("{kind}.{suffix}");
            let output = analyzer(folder.path(), &[&words[..], &[&name]].concat());
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
            assert!(
                said.contains(&name) && said.contains("no regular file"),
                "{words:?}: {said}"
            );
        }
    }
}

#[test]
fn a_link_to_itself_is_an_error_of_the_system() {
    let folder = TempDir::new().unwrap();
    symlink("log.parquet", folder.path().join("log.parquet")).unwrap();
    refused(
        &analyzer(folder.path(), &["aum", "log.parquet"]),
        &["log.parquet"],
    );
}

#[test]
fn a_record_that_is_a_device_is_a_warning_and_one_that_is_huge_too() {
    let folder = TempDir::new().unwrap();
    record(folder.path());
    let record = folder.path().join("a/run.json");
    fs::remove_file(&record).unwrap();
    symlink("/dev/zero", &record).unwrap();
    let check = |part: &str| {
        let output = analyzer(folder.path(), &["check", "a-p1-e0001.parquet"]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.contains("the record of its run is unreadable"),
            "{said}"
        );
        assert!(said.contains(part), "{said}");
    };
    check("no regular file");
    fs::remove_file(&record).unwrap();
    // 8 GB that take no place on the disk.
    fs::File::create(&record)
        .unwrap()
        .set_len(8_000_000_000)
        .unwrap();
    check("it takes 7.5 GiB of memory, and 32.0 MiB is the limit");
}
