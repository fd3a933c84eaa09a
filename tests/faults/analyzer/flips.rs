//! Flipped bits in logs of more than a MiB, of which a command reads a part, and in AUM tables: whatever is read
//! of them, it is what is read of the intact file, or something is said to be wrong.
//!
//! The long form, with 5,000 flips of each log and every bit of a table: `FAULTS=long cargo test --release -p analyzer --test
//! analyzer_faults flips`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use analyzer::{AnalyzerError, RunLog, are_aum_tables, read_aum_tables, read_runs};
use logformat::{
    EpochLogits, ExistingRun, LogitsColumn, PassSamples, RunDescription, RunWriter, SampleRow,
};
use tempfile::TempDir;

use crate::analyzer;
use crate::program::faults;

/// Numbers that look random enough (Knuth, MMIX).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// Three epochs of a run; a tenth of the samples are threshold samples.
fn record(folder: &Path, samples: i64, classes: u32, logits: LogitsColumn) -> PathBuf {
    let (description, existing) = (RunDescription::default(), ExistingRun::Refuse);
    let mut log = RunWriter::create(folder, "a", description, logits, existing).unwrap();
    let row = |id: i64| SampleRow {
        sample_id: id.into(),
        assigned_label: if id % 10 == 0 {
            classes
        } else {
            id as u32 % classes
        },
        given_label: id as u32 % classes,
        true_label: None,
        is_threshold_sample: id % 10 == 0,
    };
    let rows = PassSamples::new((0..samples).map(row).collect(), classes as usize + 1).unwrap();
    let (rows, mut numbers) = (std::sync::Arc::new(rows), Numbers(7));
    for number in 1..=3 {
        let mut epoch = EpochLogits::new(rows.clone(), number);
        for sample in 0..samples as usize {
            let logits: Vec<f32> = (0..=classes)
                .map(|_| numbers.below(1000) as f32 / 100.0)
                .collect();
            epoch.record(sample, &logits).unwrap();
        }
        log.write(1, epoch, Default::default()).unwrap();
    }
    log.finish().unwrap();
    folder.join("a-p1-e0002.parquet")
}

/// How many of the flips changed what a command prints without a word.
fn silently_changed(folder: &Path, file: &Path, words: &[&str]) -> usize {
    let run = |_: usize| -> Output { analyzer(folder, &[words, &["."]].concat()) };
    let expected = run(0);
    assert!(
        expected.status.success(),
        "{}",
        String::from_utf8_lossy(&expected.stderr)
    );
    let (intact, mut numbers) = (fs::read(file).unwrap(), Numbers(11));
    assert!(intact.len() > 1 << 20, "{} bytes", intact.len());
    let changed = (0..faults(30, 5000)).filter(|&flip| {
        let mut flipped = intact.clone();
        let place = numbers.below(flipped.len());
        flipped[place] ^= 1 << numbers.below(8);
        fs::write(file, flipped).unwrap();
        let found = run(flip);
        let said = !found.status.success() || found.stderr != expected.stderr;
        !said && found.stdout != expected.stdout
    });
    let changed = changed.count();
    fs::write(file, intact).unwrap();
    changed
}

#[test]
fn a_flipped_bit_in_a_log_with_logits_changes_no_result_without_a_word() {
    let folder = TempDir::new().unwrap();
    let file = record(folder.path(), 6000, 50, LogitsColumn::Float32);
    for words in [
        &["aum", "--format", "csv"][..],
        &["aum", "--format", "csv", "--from-logits"],
        &["scores", "--format", "csv"],
        &["plot", "margins", "--sample", "7", "-o", "-"],
    ] {
        assert_eq!(
            silently_changed(folder.path(), &file, words),
            0,
            "{words:?}"
        );
    }
}

#[test]
fn a_flipped_bit_in_a_log_of_margins_alone_changes_no_result_without_a_word() {
    let folder = TempDir::new().unwrap();
    let file = record(folder.path(), 240_000, 4, LogitsColumn::Absent);
    let words = ["aum", "--format", "csv"];
    assert_eq!(silently_changed(folder.path(), &file, &words), 0);
}

/// As the commands read it.
fn read(table: PathBuf) -> Result<Vec<RunLog>, AnalyzerError> {
    let logs = match are_aum_tables(std::slice::from_ref(&table)) {
        true => read_aum_tables(&[table]),
        false => read_runs(&[table]),
    };
    logs.map(|logs| logs.runs)
}

#[test]
fn a_flipped_bit_in_an_aum_table_is_refused_or_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).unwrap();
    record(&logs, 60, 4, LogitsColumn::Absent);
    let table = folder.path().join("aum.parquet");
    let written = analyzer(folder.path(), &["aum", "logs", "-o", "aum.parquet"]);
    assert!(written.status.success());
    let (intact, expected) = (fs::read(&table).unwrap(), read(table.clone()).unwrap());
    let bits = faults(1, 8);
    let bits = |place: usize| (0..bits).map(move |bit| (place + bit) % 8);
    let (mut refused, mut unchanged) = (0, 0);
    for (place, bit) in (0..intact.len()).flat_map(|place| bits(place).map(move |bit| (place, bit)))
    {
        let mut flipped = intact.clone();
        flipped[place] ^= 1 << bit;
        fs::write(&table, flipped).unwrap();
        match read(table.clone()) {
            Ok(found) => {
                assert_eq!(
                    found,
                    expected,
                    "bit {bit} of byte {place} of {}",
                    intact.len()
                );
                unchanged += 1;
            }
            Err(_) => refused += 1,
        }
    }
    println!("{refused} flips refused, {unchanged} without effect");
    assert!(refused > unchanged, "{refused} refused, {unchanged} not");
}
