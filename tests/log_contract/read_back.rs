//! What is logged is read back: rows, margins, labels that files share, logs without logits.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use logformat::{
    Column, EpochLogits, EpochReader, ExistingRun, LogitsColumn, PassSamples, RowBatch, RunWriter,
    SampleId, SampleIds, SampleRow, SharedColumns,
};
use tempfile::TempDir;

use crate::logs::{LOGITS, description, epoch, log, read, start, three_samples};

#[test]
fn what_is_logged_is_read_back() {
    let folder = TempDir::new().unwrap();
    let files = log(folder.path(), 2);
    assert_eq!(files[1], folder.path().join("pets-p1-e0002.parquet"));
    let reader = EpochReader::open(&files[1]).unwrap();
    assert_eq!(reader.metadata().format_version, Some(1));
    assert_eq!(reader.metadata().description, description());
    let expected = RowBatch {
        first_row: 0,
        runs: Some(Arc::new(["pets"; 3].into_iter().collect())),
        passes: Arc::new([1; 3].into_iter().collect()),
        epochs: Arc::new([2; 3].into_iter().collect()),
        sample_ids: SampleIds::Integers(vec![0, 1, 2]).into(),
        assigned_labels: vec![0, 1, 2].into(),
        given_labels: Some(vec![0, 1, 0].into()),
        true_labels: Some(vec![Some(0), None, Some(1)].into()),
        is_mislabeled: None,
        is_threshold_sample: vec![false, false, true].into(),
        // 2 − 0.5; 1 − 4; 0 − 0.25
        margins: vec![1.5, -3.0, -0.25],
        rival_labels: Some(vec![1, 2, 1].into()),
        logits: LOGITS.concat(),
        logit_count: 3,
    };
    assert_eq!(read(&files[1]).unwrap(), expected);
}

#[test]
fn margins_are_read_without_decoding_logits() {
    let folder = TempDir::new().unwrap();
    let reader = EpochReader::open(&log(folder.path(), 1)[0]).unwrap();
    let batch = reader.margins().unwrap().next().unwrap().unwrap();
    assert_eq!(batch.margins, [1.5, -3.0, -0.25]);
    assert!(batch.logits.is_empty());
}

/// A log of several pages and row groups: 700,000 samples take more than one of 64 MB.
fn many_samples() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let row = |id: i64| SampleRow {
        sample_id: id.into(),
        assigned_label: (id % 7) as u32,
        given_label: (id % 7) as u32,
        true_label: (id % 3 == 0).then_some((id % 5) as u32),
        is_threshold_sample: false,
    };
    let samples = PassSamples::new((0..700_000).map(row).collect(), 7).unwrap();
    let mut epoch = EpochLogits::new(Arc::new(samples), 1);
    for sample in 0..700_000_u32 {
        let logit = |class: u32| (sample.wrapping_mul(2_654_435_761) >> class & 0xff) as f32;
        let logits: Vec<f32> = (0..7).map(logit).collect();
        epoch.record(sample as usize, &logits).unwrap();
    }
    let mut log = start(folder.path(), ExistingRun::Refuse).unwrap();
    log.write(1, epoch, BTreeMap::new()).unwrap();
    let file = log.finish().unwrap().remove(0);
    (folder, file)
}

#[test]
fn margins_are_the_same_from_their_column_from_pages_and_from_arrow() {
    let (_folder, file) = many_samples();
    let open = || EpochReader::open(&file).unwrap();
    let margins = |batches: logformat::RowBatches| -> Vec<f32> {
        batches.flat_map(|batch| batch.unwrap().margins).collect()
    };
    let logged = margins(open().margins().unwrap());
    assert_eq!(logged.len(), 700_000);
    assert!(open().margins().unwrap().count() > 1, "several row groups");
    assert_eq!(margins(open().from_logits().margins().unwrap()), logged);
    let mut row = 0;
    for batch in open().rows().unwrap() {
        let batch = batch.unwrap();
        let logits = batch.logits.chunks(batch.logit_count);
        for (logits, &label) in logits.zip(batch.assigned_labels.iter()) {
            let margin = logformat::margin(logits, label).unwrap();
            assert_eq!(margin.value, logged[row]);
            row += 1;
        }
    }
    assert_eq!(row, 700_000);
}

#[test]
fn labels_that_are_the_same_in_two_files_are_one_vector() {
    let folder = TempDir::new().unwrap();
    let shared = Arc::new(SharedColumns::default());
    let batches: Vec<RowBatch> = log(folder.path(), 2)
        .iter()
        .map(|file| {
            let reader = EpochReader::open(file).unwrap().sharing(&shared);
            reader.margins().unwrap().next().unwrap().unwrap()
        })
        .collect();
    let [one, two] = &batches[..] else {
        panic!("two files")
    };
    assert!(Arc::ptr_eq(&one.assigned_labels, &two.assigned_labels));
    assert!(Arc::ptr_eq(&one.sample_ids, &two.sample_ids));
    assert_eq!((one.epochs[0], two.epochs[0]), (1, 2));
}

#[test]
fn a_log_without_logits_has_margins_and_rivals() {
    let folder = TempDir::new().unwrap();
    let mut log = RunWriter::create(
        folder.path(),
        "small",
        description(),
        LogitsColumn::Absent,
        ExistingRun::Refuse,
    )
    .unwrap();
    log.write(1, epoch(1), BTreeMap::new()).unwrap();
    let file = log.finish().unwrap().remove(0);
    assert!(!EpochReader::open(&file).unwrap().has(Column::Logits));
    let batch = read(&file).unwrap();
    assert_eq!(batch.margins, [1.5, -3.0, -0.25]);
    assert_eq!(batch.rival_labels, Some(vec![1, 2, 1].into()));
}

fn half_floats(folder: &TempDir) -> RunWriter {
    let (logits, existing) = (LogitsColumn::Float16, ExistingRun::Replace);
    RunWriter::create(folder.path(), "half", description(), logits, existing).unwrap()
}

#[test]
fn logits_of_16_bits_are_rounded_and_margins_are_those_of_the_full_ones() {
    let folder = TempDir::new().unwrap();
    let mut epoch = EpochLogits::new(three_samples(), 1);
    for sample in 0..3 {
        // Between 2 and 4, 16 bits have steps of 2^-9.
        epoch.record(sample, &[0.0, 2.0, 3.0 + 0.001]).unwrap();
    }
    let mut log = half_floats(&folder);
    log.write(1, epoch, BTreeMap::new()).unwrap();
    let file = log.finish().unwrap().remove(0);
    assert_eq!(EpochReader::open(&file).unwrap().logit_bits(), Some(16));
    let batch = read(&file).unwrap();
    assert_eq!(batch.margins[2], 3.0 + 0.001 - 2.0);
    assert_eq!(batch.logits[..3], [0.0, 2.0, 3.0 + 1.0 / 512.0]);
    let from_logits = EpochReader::open(&file).unwrap().from_logits();
    let batch = from_logits.margins().unwrap().next().unwrap().unwrap();
    assert_eq!(batch.margins[2], 1.0 + 1.0 / 512.0);
}

#[test]
fn a_logit_beyond_16_bits_is_refused_with_its_sample() {
    let folder = TempDir::new().unwrap();
    let mut epoch = EpochLogits::new(three_samples(), 1);
    for (sample, logit) in [65_504.0, 0.0, -65_520.0].into_iter().enumerate() {
        epoch.record(sample, &[logit, 0.0, 0.0]).unwrap();
    }
    let mut log = half_floats(&folder);
    log.write(1, epoch, BTreeMap::new()).unwrap();
    let error = log.finish().unwrap_err().to_string();
    let expected = "sample 2: the logit of class 0 is -65520, but 16-bit floats end at 65504";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn rows_are_in_the_order_of_their_ids_whatever_order_they_came_in() {
    let folder = TempDir::new().unwrap();
    let row = |id: &str| SampleRow {
        sample_id: id.into(),
        assigned_label: 0,
        given_label: 0,
        true_label: None,
        is_threshold_sample: false,
    };
    let samples = PassSamples::new(vec![row("c.png"), row("a.png"), row("b.png")], 2).unwrap();
    let mut epoch = EpochLogits::new(Arc::new(samples), 1);
    for (sample, logit) in [(0, 30.0), (1, 10.0), (2, 20.0)] {
        epoch.record(sample, &[logit, 0.0]).unwrap();
    }
    let mut log = start(folder.path(), ExistingRun::Refuse).unwrap();
    log.write(1, epoch, BTreeMap::new()).unwrap();
    let batch = read(&log.finish().unwrap()[0]).unwrap();
    assert_eq!(batch.sample_ids.get(0), Some(SampleId::from("a.png")));
    assert_eq!(batch.margins, [10.0, 20.0, 30.0]);
}
