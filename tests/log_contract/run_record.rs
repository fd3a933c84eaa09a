//! What lies beside the files of a run: its record with command and checksums, and its sample table.

use std::collections::BTreeMap;
use std::fs;

use logformat::{
    ExistingRun, Integrity, LogError, LogitsColumn, RunLock, RunRecord, RunWriter, SampleEntry,
    held_out_epoch, held_out_path, read_sample_table, sample_table_path,
};
use tempfile::TempDir;

use crate::logs::{LOGITS, description, epoch, log, read, start};

fn samples() -> Vec<Vec<SampleEntry>> {
    let entry = |sample_id| SampleEntry {
        sample_id,
        file: Some("pets.csv".to_owned()),
        row: Some(10 + sample_id as u64),
        ..SampleEntry::default()
    };
    vec![vec![entry(0), entry(1)], vec![entry(2)]]
}

#[test]
fn the_sample_table_is_written_once_and_a_resumed_run_keeps_it_unless_it_is_damaged() {
    let folder = TempDir::new().unwrap();
    let table = sample_table_path(folder.path(), "pets");
    let intact = || {
        let record = RunRecord::read(folder.path(), "pets").unwrap().unwrap();
        record.verify_sample_table(folder.path(), true).unwrap()
    };
    let mut log = start(folder.path(), ExistingRun::Refuse).unwrap();
    log.write_sample_table(samples()).unwrap();
    log.write(1, epoch(1), BTreeMap::new()).unwrap();
    log.finish().unwrap();
    assert_eq!(intact(), Integrity::Intact);
    let entries = read_sample_table(&table, |id| id == 2).unwrap();
    assert_eq!(entries[0].row, Some(12));

    let resume = || {
        let (logits, description) = (LogitsColumn::Float32, description());
        let lock = RunLock::take(folder.path(), "pets").unwrap();
        RunWriter::resume(lock, folder.path(), "pets", description, logits, |_, _| {
            true
        })
        .unwrap()
    };
    let mut log = resume();
    log.write_sample_table(std::iter::once_with(|| panic!("it is there already")))
        .unwrap();
    log.finish().unwrap();
    assert_eq!(intact(), Integrity::Intact);

    fs::write(&table, "damaged").unwrap();
    let mut log = resume();
    log.write_sample_table(samples()).unwrap();
    log.finish().unwrap();
    assert_eq!(intact(), Integrity::Intact);

    let log = start(folder.path(), ExistingRun::Replace).unwrap();
    log.finish().unwrap();
    assert!(!table.exists());
    assert_eq!(intact(), Integrity::Unknown);
}

#[test]
fn the_command_of_a_run_is_in_its_record_and_a_resumed_run_keeps_the_first() {
    let folder = TempDir::new().unwrap();
    let words = |words: &str| words.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let mut log = start(folder.path(), ExistingRun::Refuse).unwrap();
    log.keep_command(words("recorder run")).unwrap();
    log.finish().unwrap();
    let (logits, description) = (LogitsColumn::Float32, description());
    let lock = RunLock::take(folder.path(), "pets").unwrap();
    let mut log = RunWriter::resume(lock, folder.path(), "pets", description, logits, |_, _| {
        true
    })
    .unwrap();
    log.keep_command(words("recorder run --resume")).unwrap();
    log.finish().unwrap();
    let record = RunRecord::read(folder.path(), "pets").unwrap().unwrap();
    assert_eq!(record.command, ["recorder", "run"]);
}

#[test]
fn the_record_of_a_run_notices_a_changed_file() {
    let folder = TempDir::new().unwrap();
    let files = log(folder.path(), 2);
    let record = RunRecord::read(folder.path(), "pets").unwrap().unwrap();
    assert_eq!(record.configuration, description().configuration);
    let first = &record.files["pets-p1-e0001.parquet"];
    assert_eq!(first.metrics["test_accuracy"], 0.5);
    assert_eq!(record.verify(&files[0], true).unwrap(), Integrity::Intact);

    let mut bytes = fs::read(&files[0]).unwrap();
    bytes[100] ^= 1;
    fs::write(&files[0], &bytes).unwrap();
    assert_eq!(record.verify(&files[0], false).unwrap(), Integrity::Intact);
    assert_eq!(
        record.verify(&files[0], true).unwrap(),
        Integrity::WrongChecksum
    );

    bytes.pop();
    fs::write(&files[0], &bytes).unwrap();
    let shorter = record.verify(&files[0], false).unwrap();
    assert!(matches!(shorter, Integrity::WrongLength { .. }));
    let unknown = folder.path().join("pets-p9-e0001.parquet");
    assert_eq!(record.verify(&unknown, true).unwrap(), Integrity::Unknown);
}

#[test]
fn held_out_logits_of_an_epoch_are_written_with_it_and_kept_with_it() {
    let folder = TempDir::new().unwrap();
    let path = |epoch| held_out_path(folder.path(), "pets", &held_out_epoch("network", 1, epoch));
    let mut log = start(folder.path(), ExistingRun::Refuse).unwrap();
    for number in 1..=2 {
        let (log_epoch, held_out) = (epoch(number), epoch(number));
        log.write_with_held_out(1, log_epoch, BTreeMap::new(), "network", held_out)
            .unwrap();
    }
    log.finish().unwrap();
    let found = read(&path(2)).unwrap();
    assert_eq!(
        (found.epochs.get(0), found.logits),
        (Some(&2), LOGITS.concat())
    );
    // The footer names the model, which nothing else in the file does.
    let bytes = fs::read(path(2)).unwrap();
    assert!(bytes.windows(7).any(|part| part == b"network"));
    let expected = fs::read(path(1)).unwrap();

    let (logits, description) = (LogitsColumn::Float32, description());
    let lock = RunLock::take(folder.path(), "pets").unwrap();
    let keep_first = |_, epoch| epoch == 1;
    let log = RunWriter::resume(lock, folder.path(), "pets", description, logits, keep_first);
    log.unwrap().finish().unwrap();
    assert_eq!(fs::read(path(1)).unwrap(), expected);
    assert!(!path(2).exists());
    let record = RunRecord::read(folder.path(), "pets").unwrap().unwrap();
    let models: Vec<&String> = record.held_out.keys().collect();
    assert_eq!(models, ["network-p1-e0001"]);

    start(folder.path(), ExistingRun::Replace).unwrap();
    assert!(!path(1).exists());
}

#[test]
fn held_out_logits_are_a_log_of_one_epoch_and_a_resumed_run_keeps_them_unless_they_are_damaged() {
    let folder = TempDir::new().unwrap();
    let path = held_out_path(folder.path(), "pets", "discriminant");
    let intact = || {
        let record = RunRecord::read(folder.path(), "pets").unwrap().unwrap();
        let found = record.verify_held_out(folder.path(), "discriminant", true);
        found.unwrap()
    };
    let mut log = start(folder.path(), ExistingRun::Refuse).unwrap();
    let unfit = log.write_held_out("../a", epoch(1)).unwrap_err();
    assert!(matches!(unfit, LogError::ModelName(_)), "{unfit}");
    log.write_held_out("discriminant", epoch(1)).unwrap();
    log.finish().unwrap();
    assert_eq!(intact(), Integrity::Intact);
    assert_eq!(read(&path).unwrap().logits, LOGITS.concat());

    let resume = || {
        let (logits, description) = (LogitsColumn::Float32, description());
        RunWriter::resume(
            RunLock::take(folder.path(), "pets").unwrap(),
            folder.path(),
            "pets",
            description,
            logits,
            |_, _| true,
        )
        .unwrap()
    };
    assert!(resume().has_held_out("discriminant"));
    assert_eq!(intact(), Integrity::Intact);
    fs::write(&path, "damaged").unwrap();
    assert!(!resume().has_held_out("discriminant"));
    assert!(!path.exists());
    assert_eq!(intact(), Integrity::Unknown);

    let mut log = start(folder.path(), ExistingRun::Replace).unwrap();
    log.write_held_out("discriminant", epoch(1)).unwrap();
    log.finish().unwrap();
    start(folder.path(), ExistingRun::Replace).unwrap();
    assert!(!path.exists());
}
