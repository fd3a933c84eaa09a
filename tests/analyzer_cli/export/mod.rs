//! `export`: what was found, as other tools take it; round trips; and how it refuses.

mod annotation;
mod data;
mod own_tables;
mod round_trips;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use logformat::{
    EpochLogits, LogitsColumn, PassSamples, RunLock, RunWriter, SampleEntry, SampleRow,
};
use serde_json::Value;
use tests::program::text;

use crate::setup::{Logs, cats_and_dogs, record, run};

/// The log with the hand-made numbers: of its samples 0 to 3, all given as cats, 1 has the AUM −2 and is
/// flagged, and in each epoch the network would rather have a dog.
pub(crate) fn pets(entries: Vec<SampleEntry>) -> Logs {
    let logs = Logs::new();
    record(&logs.at("logs"), "pets", cats_and_dogs());
    if !entries.is_empty() {
        let mut writer = resumed(&logs.at("logs"));
        writer.write_sample_table([entries]).unwrap();
        writer.finish().unwrap();
    }
    logs
}

/// The same with images in files.
pub(crate) fn photos() -> Logs {
    let file = |sample_id: i64| SampleEntry {
        sample_id,
        file: Some(format!("photos/{sample_id} & co.png")),
        row: Some(0),
        ..SampleEntry::default()
    };
    pets((0..4).map(file).collect())
}

/// The same with held-out probabilities: 0.75 and 0.25 for each sample.
pub(crate) fn with_held_out(logs: &Logs) {
    let row = |id: i64| SampleRow {
        sample_id: id.into(),
        assigned_label: 0,
        given_label: 0,
        true_label: None,
        is_threshold_sample: false,
    };
    let samples = Arc::new(PassSamples::new((0..4).map(row).collect(), 2).unwrap());
    let mut logits = EpochLogits::new(samples, 1);
    for sample in 0..4 {
        logits
            .record(sample, &[0.75_f32.ln(), 0.25_f32.ln()])
            .unwrap();
    }
    let mut writer = resumed(&logs.at("logs"));
    writer.write_held_out("neighbours", logits).unwrap();
    writer.finish().unwrap();
}

pub(crate) fn resumed(folder: &Path) -> RunWriter {
    let lock = RunLock::take(folder, "pets").unwrap();
    let (description, logits) = (cats_and_dogs(), LogitsColumn::Float32);
    RunWriter::resume(lock, folder, "pets", description, logits, |_, _| true).unwrap()
}

/// Exports by these words, which must succeed; what is said.
pub(crate) fn exported(logs: &Logs, words: &str, output: &str) -> String {
    let output = logs.word(output);
    let words: Vec<&str> = words.split(' ').collect();
    let output = run(&[
        &["export", &logs.word("logs")],
        &words[..],
        &["-o", &output],
    ]
    .concat());
    let said = text(&output.stderr);
    assert!(output.status.success(), "{said}");
    said
}

pub(crate) fn content(logs: &Logs, file: &str) -> String {
    fs::read_to_string(logs.at(file)).unwrap()
}

pub(crate) fn json(logs: &Logs, file: &str) -> Value {
    serde_json::from_str(&content(logs, file)).unwrap()
}
