//! Nothing is lost or overwritten: runs of one name, half-written epochs, errors of the writing thread.

use std::collections::BTreeMap;
use std::fs;

use logformat::{EpochLogits, ExistingRun, LogError, existing_run};
use tempfile::TempDir;
use tests::program::names;

use crate::logs::{LOGITS, epoch, log, read, start, three_samples};

#[test]
fn a_run_of_the_same_name_is_refused() {
    let folder = TempDir::new().unwrap();
    log(folder.path(), 2);
    let error = start(folder.path(), ExistingRun::Refuse).unwrap_err();
    assert!(
        matches!(error, LogError::RunExists { epoch_files: 2, .. }),
        "{error}"
    );
}

#[test]
fn replacing_a_run_deletes_its_files_and_nobody_elses() {
    let folder = TempDir::new().unwrap();
    log(folder.path(), 3);
    let others = [
        "pets-2-p1-e0001.parquet",
        "notes.txt",
        "pets/people.parquet",
    ];
    let half_written = folder.path().join(".pets-p1-e0004.parquet.aB3.partial");
    for other in others {
        fs::write(folder.path().join(other), "mine").unwrap();
    }
    fs::write(&half_written, "half").unwrap();
    let mut log = start(folder.path(), ExistingRun::Replace).unwrap();
    log.write(1, epoch(1), BTreeMap::new()).unwrap();
    log.finish().unwrap();
    let files = existing_run(folder.path(), "pets").unwrap().unwrap();
    assert_eq!(files, [folder.path().join("pets-p1-e0001.parquet")]);
    assert!(!half_written.exists());
    for other in others {
        assert_eq!(
            fs::read(folder.path().join(other)).unwrap(),
            b"mine",
            "{other}"
        );
    }
}

#[test]
fn what_a_writer_left_that_was_killed_before_its_record_is_gone_with_the_next_start() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("pets")).unwrap();
    let half_written = folder.path().join("pets/.run.json.aB3.partial");
    fs::write(&half_written, "half").unwrap();
    log(folder.path(), 1);
    assert!(!half_written.exists());
}

#[test]
fn the_same_epoch_is_never_written_twice() {
    let folder = TempDir::new().unwrap();
    let mut log = start(folder.path(), ExistingRun::Refuse).unwrap();
    log.write(1, epoch(1), BTreeMap::new()).unwrap();
    log.write(1, epoch(1), BTreeMap::new()).unwrap();
    let error = log.finish().unwrap_err();
    assert!(matches!(error, LogError::FileExists { .. }), "{error}");
}

#[test]
fn an_incomplete_epoch_leaves_no_file_and_keeps_those_before() {
    let folder = TempDir::new().unwrap();
    let mut log = start(folder.path(), ExistingRun::Refuse).unwrap();
    log.write(1, epoch(1), BTreeMap::new()).unwrap();
    let mut incomplete = EpochLogits::new(three_samples(), 2);
    incomplete.record(0, &LOGITS[0]).unwrap();
    log.write(1, incomplete, BTreeMap::new()).unwrap();
    let error = log.finish().unwrap_err();
    assert!(
        error.to_string().contains("sample 1: no logits in epoch 2"),
        "{error}"
    );
    assert_eq!(names(folder.path()), ["pets", "pets-p1-e0001.parquet"]);
}

#[test]
fn an_error_of_the_writing_thread_reaches_the_training_at_the_next_epoch() {
    let folder = TempDir::new().unwrap();
    let mut log = start(folder.path(), ExistingRun::Refuse).unwrap();
    fs::create_dir(folder.path().join("pets-p1-e0001.parquet")).unwrap();
    let failed = (1..1000).find_map(|number| log.write(1, epoch(number), BTreeMap::new()).err());
    assert!(failed.is_some());
}

#[test]
fn dropping_the_writer_keeps_what_was_handed_over() {
    let folder = TempDir::new().unwrap();
    let mut log = start(folder.path(), ExistingRun::Refuse).unwrap();
    log.write(1, epoch(1), BTreeMap::new()).unwrap();
    drop(log);
    assert!(read(&folder.path().join("pets-p1-e0001.parquet")).is_ok());
}
