//! The contract of `FORMAT.md`: what the writer really puts into a file, and what the reader makes
//! of files that others wrote. (What the analyzer refuses as a program is in `analyzer_cli/`.)
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::builder::{Float16Builder, Float32Builder, LargeListBuilder, ListBuilder};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float32Array, Int8Array, Int32Array, LargeStringArray, RecordBatch,
    StringArray, UInt16Array, UInt64Array,
};
use logformat::{
    Column, EpochLogits, EpochReader, ExistingRun, Integrity, LogError, LogitsColumn, PassSamples,
    RowBatch, RunDescription, RunRecord, RunWriter, SampleEntry, SampleId, SampleIds, SampleRow,
    SharedColumns, existing_run, read_sample_table, sample_table_path,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, PageType};
use parquet::file::metadata::{KeyValue, RowGroupMetaData};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::json;
use tempfile::TempDir;

#[path = "damage.rs"]
mod damage;

const LOGITS: [[f32; 3]; 3] = [[2.0, 0.5, -1.0], [0.0, 1.0, 4.0], [-0.5, 0.25, 0.0]];

fn three_samples() -> Arc<PassSamples> {
    let row = |id: i64, assigned_label, given_label, true_label| SampleRow {
        sample_id: id.into(),
        assigned_label,
        given_label,
        true_label,
        is_threshold_sample: assigned_label != given_label,
    };
    let rows = vec![
        row(0, 0, 0, Some(0)),
        row(1, 1, 1, None),
        row(2, 2, 0, Some(1)),
    ];
    Arc::new(PassSamples::new(rows, 3).unwrap())
}

fn description() -> RunDescription {
    RunDescription {
        class_names: vec!["cat".to_owned(), "dog".to_owned()],
        configuration: json!({"seed": 3, "learning_rate_drops": [5]}),
    }
}

fn epoch(number: u32) -> EpochLogits {
    let mut epoch = EpochLogits::new(three_samples(), number);
    for sample in [2, 0, 1] {
        epoch.record(sample, &LOGITS[sample]).unwrap();
    }
    epoch
}

fn start(folder: &Path, existing: ExistingRun) -> Result<RunWriter, LogError> {
    RunWriter::create(
        folder,
        "pets",
        description(),
        LogitsColumn::Float32,
        existing,
    )
}

/// Logs one pass of `epochs` epochs and returns its files.
fn log(folder: &Path, epochs: u32) -> Vec<PathBuf> {
    let mut log = start(folder, ExistingRun::Refuse).unwrap();
    for number in 1..=epochs {
        let metrics = BTreeMap::from([("test_accuracy".to_owned(), 0.5)]);
        log.write(1, epoch(number), metrics).unwrap();
    }
    log.finish().unwrap()
}

fn read(path: &Path) -> Result<RowBatch, LogError> {
    let mut batches = EpochReader::open(path)?.rows()?;
    let batch = batches.next().unwrap()?;
    assert!(batches.next().is_none());
    Ok(batch)
}

// ---------------------------------------------------------------- what is written

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

fn row_group(path: &Path) -> (SerializedFileReader<File>, RowGroupMetaData) {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let group = reader.metadata().row_group(0).clone();
    (reader, group)
}

/// Type and encoding of each page of a column, as they are in the file.
fn pages(path: &Path, column: &str) -> Vec<(PageType, Encoding)> {
    let (reader, group) = row_group(path);
    let index = group
        .columns()
        .iter()
        .position(|chunk| chunk.column_path().parts()[0] == column)
        .unwrap();
    let mut pages = reader
        .get_row_group(0)
        .unwrap()
        .get_column_page_reader(index)
        .unwrap();
    std::iter::from_fn(|| pages.get_next_page().unwrap())
        .map(|page| (page.page_type(), page.encoding()))
        .collect()
}

#[test]
fn pages_have_the_encodings_that_were_chosen() {
    let folder = TempDir::new().unwrap();
    let file = &log(folder.path(), 1)[0];
    let data = |encoding| vec![(PageType::DATA_PAGE_V2, encoding)];
    assert_eq!(pages(file, "logits"), data(Encoding::PLAIN));
    assert_eq!(pages(file, "margin"), data(Encoding::PLAIN));
    assert_eq!(
        pages(file, "sample_id"),
        data(Encoding::DELTA_BINARY_PACKED)
    );
    assert_eq!(pages(file, "is_threshold_sample"), data(Encoding::RLE));
    for column in [
        "run",
        "pass",
        "epoch",
        "assigned_label",
        "given_label",
        "true_label",
        "rival_label",
    ] {
        let expected = vec![
            (PageType::DICTIONARY_PAGE, Encoding::PLAIN),
            (PageType::DATA_PAGE_V2, Encoding::RLE_DICTIONARY),
        ];
        assert_eq!(pages(file, column), expected, "{column}");
    }
    let (_, group) = row_group(file);
    for chunk in group.columns() {
        assert_eq!(chunk.compression(), Compression::UNCOMPRESSED);
    }
}

#[test]
fn logits_are_a_list_without_nulls() {
    let folder = TempDir::new().unwrap();
    let (reader, group) = row_group(&log(folder.path(), 1)[0]);
    let logits = group.schema_descr().column(group.num_columns() - 1);
    assert_eq!(logits.path().string(), "logits.list.element");
    // Nothing optional on the way, one repeated level.
    assert_eq!((logits.max_def_level(), logits.max_rep_level()), (1, 1));
    let created_by = reader.metadata().file_metadata().created_by().unwrap();
    assert!(created_by.starts_with("aum logformat"));
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    let (first, second) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    for (one, other) in log(first.path(), 2).iter().zip(log(second.path(), 2)) {
        assert_eq!(fs::read(one).unwrap(), fs::read(other).unwrap());
    }
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

// ---------------------------------------------------------------- nothing is lost or overwritten

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
    let mut names: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["pets", "pets-p1-e0001.parquet"]);
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
        RunWriter::resume(folder.path(), "pets", description, logits, |_, _| true).unwrap()
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
    let mut log =
        RunWriter::resume(folder.path(), "pets", description, logits, |_, _| true).unwrap();
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
fn the_checksum_is_the_one_of_zlib() {
    // CRC-32 of "123456789" is 0xcbf43926 in every implementation of that polynomial.
    assert_eq!(crc32fast::hash(b"123456789"), 0xcbf4_3926);
}

// ---------------------------------------------------------------- what others write

fn foreign(
    folder: &TempDir,
    columns: Vec<(&str, ArrayRef)>,
    properties: WriterProperties,
) -> PathBuf {
    let path = folder.path().join("foreign.parquet");
    // Nullable, as most libraries write every column.
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let file = File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    path
}

fn read_foreign(columns: Vec<(&str, ArrayRef)>) -> Result<RowBatch, LogError> {
    let folder = TempDir::new().unwrap();
    read(&foreign(&folder, columns, WriterProperties::new()))
}

fn minimal() -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("epoch", Arc::new(Int32Array::from(vec![1, 1]))),
        ("sample_id", Arc::new(UInt64Array::from(vec![7, 8]))),
        ("assigned_label", Arc::new(Int8Array::from(vec![0, 1]))),
        ("margin", Arc::new(Float32Array::from(vec![0.5, -0.5]))),
    ]
}

fn with(name: &'static str, array: ArrayRef) -> Vec<(&'static str, ArrayRef)> {
    let mut columns = minimal();
    columns.retain(|(other, _)| *other != name);
    columns.push((name, array));
    columns
}

fn without(name: &str) -> Vec<(&'static str, ArrayRef)> {
    let mut columns = minimal();
    columns.retain(|(other, _)| *other != name);
    columns
}

fn float32_lists(rows: &[&[f32]]) -> ArrayRef {
    let mut lists = ListBuilder::new(Float32Builder::new());
    for row in rows {
        lists.append_value(row.iter().map(|&value| Some(value)));
    }
    Arc::new(lists.finish())
}

#[test]
fn four_columns_make_a_log() {
    let batch = read_foreign(minimal()).unwrap();
    assert_eq!(*batch.passes, [1, 1].into_iter().collect());
    assert_eq!(batch.runs, None);
    assert_eq!(*batch.is_threshold_sample, [false, false]);
    assert_eq!(*batch.sample_ids, SampleIds::Integers(vec![7, 8]));
}

#[test]
fn other_columns_are_ignored() {
    let batch = read_foreign(with("loss", Arc::new(StringArray::from(vec!["a", "b"])))).unwrap();
    assert_eq!(batch.margins, [0.5, -0.5]);
}

#[test]
fn half_floats_in_large_lists_are_read() {
    let mut lists = LargeListBuilder::new(Float16Builder::new());
    for row in [[1.0f32, 0.5], [0.0, 2.0]] {
        lists.append_value(row.map(|value| Some(half::f16::from_f32(value))));
    }
    let mut columns = without("margin");
    columns.push(("logits", Arc::new(lists.finish())));
    assert_eq!(read_foreign(columns).unwrap().margins, [0.5, 2.0]);
}

#[test]
fn the_margin_that_was_logged_counts_where_there_are_logits_too() {
    let columns = with("logits", float32_lists(&[&[3.0, 1.0], &[2.0, 1.0]]));
    assert_eq!(read_foreign(columns).unwrap().margins, [0.5, -0.5]);
}

#[test]
fn strings_of_every_kind_are_read() {
    let dictionary: DictionaryArray<Int32Type> = vec!["b", "a"].into_iter().collect();
    for ids in [
        Arc::new(LargeStringArray::from(vec!["b", "a"])) as ArrayRef,
        Arc::new(dictionary),
    ] {
        let batch = read_foreign(with("sample_id", ids)).unwrap();
        let expected = vec!["b".to_owned(), "a".to_owned()];
        assert_eq!(*batch.sample_ids, SampleIds::Texts(expected));
    }
}

#[test]
fn every_usual_compression_is_read() {
    for compression in [
        Compression::SNAPPY,
        Compression::ZSTD(Default::default()),
        Compression::LZ4_RAW,
        Compression::GZIP(Default::default()),
    ] {
        let folder = TempDir::new().unwrap();
        let properties = WriterProperties::builder().set_compression(compression);
        let file = foreign(&folder, minimal(), properties.build());
        assert_eq!(read(&file).unwrap().margins, [0.5, -0.5], "{compression}");
    }
}

#[test]
fn a_truth_that_nobody_knows_may_be_a_column_of_nulls() {
    let columns = with(
        "true_label",
        arrow_array::new_null_array(&arrow_schema::DataType::Null, 2),
    );
    assert_eq!(
        read_foreign(columns).unwrap().true_labels,
        Some(vec![None, None].into())
    );
}

// ---------------------------------------------------------------- refusals

fn refuse(columns: Vec<(&'static str, ArrayRef)>, parts: &[&str]) {
    let error = read_foreign(columns).unwrap_err().to_string();
    assert!(!error.contains('\n'), "{error}");
    for part in [&["foreign.parquet: "], parts].concat() {
        assert!(error.contains(part), "{part:?} is not in {error:?}");
    }
}

#[test]
fn a_missing_required_column_is_refused() {
    for column in ["epoch", "sample_id", "assigned_label"] {
        refuse(without(column), &["not an AUM log", column]);
    }
    refuse(
        without("margin"),
        &["neither a column margin nor a column logits"],
    );
}

#[test]
fn a_wrong_type_is_refused() {
    let floats = || Arc::new(Float32Array::from(vec![1.0, 1.0])) as ArrayRef;
    let texts = || Arc::new(StringArray::from(vec!["a", "b"])) as ArrayRef;
    for (column, array, found) in [
        ("epoch", floats(), "float32"),
        ("assigned_label", texts(), "string"),
        ("margin", texts(), "string"),
        ("run", floats(), "float32"),
        ("is_threshold_sample", floats(), "float32"),
        ("true_label", floats(), "float32"),
        ("logits", floats(), "float32"),
    ] {
        refuse(with(column, array), &[column, found, "cast it"]);
    }
}

#[test]
fn logits_of_different_lengths_are_refused() {
    let columns = with("logits", float32_lists(&[&[1.0, 2.0, 3.0], &[1.0, 2.0]]));
    refuse(columns, &["row 1", "logits", "2 logits", "have 3"]);
}

#[test]
fn logits_of_one_class_are_refused() {
    let mut columns = with("assigned_label", Arc::new(Int32Array::from(vec![0, 0])));
    columns.push(("logits", float32_lists(&[&[1.0], &[1.0]])));
    refuse(columns, &["at least two classes"]);
}

#[test]
fn nan_and_infinity_are_refused() {
    for (value, word) in [(f32::NAN, "NaN"), (f32::INFINITY, "infinite")] {
        refuse(
            with("margin", Arc::new(Float32Array::from(vec![0.0, value]))),
            &["row 1", "column margin", word],
        );
        let lists = float32_lists(&[&[0.0, 1.0], &[value, 1.0]]);
        refuse(
            with("logits", lists),
            &["row 1", "column logits", "the logit of class 0", word],
        );
    }
}

#[test]
fn labels_out_of_range_are_refused() {
    refuse(
        with("assigned_label", Arc::new(Int32Array::from(vec![0, -1]))),
        &["row 1", "column assigned_label", "is -1"],
    );
    for column in ["assigned_label", "given_label", "true_label", "rival_label"] {
        let mut columns = with(column, Arc::new(UInt16Array::from(vec![5, 1])));
        columns.push(("logits", float32_lists(&[&[0.0, 1.0], &[0.0, 1.0]])));
        refuse(columns, &["row 0", column, "is 5", "from 0 to 1"]);
    }
}

#[test]
fn epochs_and_passes_count_from_one() {
    for column in ["epoch", "pass"] {
        let columns = with(column, Arc::new(Int32Array::from(vec![1, 0])));
        refuse(columns, &["row 1", column, "numbered from 1"]);
    }
}

#[test]
fn a_null_where_none_may_be_is_refused() {
    let null = || Arc::new(Int32Array::from(vec![Some(1), None])) as ArrayRef;
    for column in [
        "epoch",
        "pass",
        "sample_id",
        "assigned_label",
        "given_label",
    ] {
        refuse(with(column, null()), &["row 1", column, "is null"]);
    }
    let floats = Arc::new(Float32Array::from(vec![Some(1.0), None]));
    refuse(with("margin", floats), &["row 1", "margin", "is null"]);
    let texts = Arc::new(StringArray::from(vec![Some("a"), None]));
    refuse(with("run", texts), &["row 1", "run", "is null"]);
}

#[test]
fn a_newer_format_version_is_refused() {
    let folder = TempDir::new().unwrap();
    let version = KeyValue::new("aum.format_version".to_owned(), "2".to_owned());
    let properties = WriterProperties::builder().set_key_value_metadata(Some(vec![version]));
    let error = read(&foreign(&folder, minimal(), properties.build())).unwrap_err();
    assert!(matches!(error, LogError::NewerVersion { .. }), "{error}");
}

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

#[test]
fn a_file_without_rows_is_refused() {
    let empty: Vec<(&str, ArrayRef)> = minimal()
        .into_iter()
        .map(|(name, array)| (name, array.slice(0, 0)))
        .collect();
    assert!(matches!(
        read_foreign(empty).unwrap_err(),
        LogError::NoRows { .. }
    ));
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
