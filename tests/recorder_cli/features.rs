//! Runs on features, on parts of a data set, and the sample table that a run leaves beside its log.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use arrow_array::types::Float32Type;
use arrow_array::{ArrayRef, Float32Array, Float64Array, ListArray, StringArray};
use logformat::{
    EpochReader, RunRecord, SampleEntry, held_out_path, read_sample_table, sample_table_path,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::numpy::npy_floats;
use tests::parquet_file::write_parquet;
use tests::program::{refused, said};

use crate::setup;

const SAMPLES: usize = 60;

fn recorder(folder: &Path, arguments: &[&str]) -> Output {
    let quick = ["--epochs", "2", "--passes", "1", "--name", "a"];
    setup::recorder(folder, &[&quick, arguments].concat())
}

/// What was said on stderr.
fn record(folder: &Path, arguments: &[&str]) -> String {
    said(&recorder(folder, arguments)).1
}

fn refuse(folder: &Path, arguments: &[&str], parts: &[&str]) {
    refused("recorder", &recorder(folder, arguments), 1, parts);
    assert!(!folder.join("logs/a").exists());
}

fn table(folder: &Path) -> Vec<SampleEntry> {
    read_sample_table(&sample_table_path(&folder.join("logs"), "a"), |_| true).unwrap()
}

fn run_record(folder: &Path) -> RunRecord {
    RunRecord::read(&folder.join("logs"), "a").unwrap().unwrap()
}

/// Two features, the first of which tells the class.
fn features(sample: usize) -> [f32; 2] {
    let class = (sample % 2) as f32;
    [10.0 * class + (sample % 5) as f32, (sample % 7) as f32]
}

fn csv(rows: usize) -> String {
    let row = |sample: usize| {
        let [a, b] = features(sample);
        format!("{a},{b},{}\n", ["cat", "dog"][sample % 2])
    };
    "a,b,label\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

fn npy() -> Vec<u8> {
    let values: Vec<f32> = (0..SAMPLES).flat_map(features).collect();
    npy_floats(&format!("({SAMPLES}, 2)"), &values)
}

fn folder_with(name: &str, content: impl AsRef<[u8]>) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(name), content).unwrap();
    folder
}

#[test]
fn features_of_a_table_train_the_mlp_and_each_sample_is_traced_to_its_row() {
    let folder = folder_with("set.csv", csv(SAMPLES));
    let options = ["--dataset=features", "--data=set.csv"];
    let (stdout, said) = said(&recorder(folder.path(), &options));
    assert!(said.contains("2 features"), "{said}");
    let next = "next: analyzer aum 'logs/a-p*.parquet' --rule combined\n";
    assert!(stdout.ends_with(next), "{stdout}");
    let record = run_record(folder.path());
    assert_eq!(record.class_names, ["cat", "dog"]);
    assert_eq!(record.configuration["network"], "mlp");
    let table = table(folder.path());
    assert_eq!(table.len(), SAMPLES);
    for (row, entry) in (0..).zip(&table) {
        assert_eq!((entry.sample_id, entry.row), (row as i64, Some(row)));
        assert_eq!(entry.file.as_deref(), Some("set.csv"));
        assert_eq!(u64::from(entry.given_label), entry.row.unwrap() % 2);
        assert_eq!(entry.png, None);
    }
}

#[test]
fn an_array_and_its_labels_in_another_file_are_trained_on_as_the_table_is() {
    let folder = folder_with("set.npy", npy());
    let labels = (0..SAMPLES).map(|sample| format!("{}\n", ["cat", "dog"][sample % 2]));
    let labels = "label\n".to_owned() + &labels.collect::<String>();
    fs::write(folder.path().join("labels.csv"), labels).unwrap();
    let options = [
        "--dataset=features",
        "--data=set.npy",
        "--labels=labels.csv",
    ];
    record(folder.path(), &options);
    let of_array = table(folder.path());
    fs::write(folder.path().join("set.csv"), csv(SAMPLES)).unwrap();
    record(
        folder.path(),
        &["--dataset=features", "--data=set.csv", "--overwrite"],
    );
    let of_table = table(folder.path());
    let told = |entries: &[SampleEntry]| -> Vec<_> {
        let told = |entry: &SampleEntry| (entry.sample_id, entry.row, entry.given_label);
        entries.iter().map(told).collect()
    };
    assert_eq!(told(&of_array), told(&of_table));
}

/// The same numbers as a column of lists, and as a column each.
fn parquet(path: &Path, columns: Vec<(String, ArrayRef)>) {
    let labels = (0..SAMPLES).map(|sample| ["cat", "dog"][sample % 2]);
    let labels: ArrayRef = Arc::new(StringArray::from_iter_values(labels));
    let columns = columns.into_iter().chain([("label".to_owned(), labels)]);
    write_parquet(path, columns.collect());
}

#[test]
fn lists_and_many_columns_of_a_parquet_file_leave_the_same_log() {
    const WIDTH: usize = 300;
    let value = |sample: usize, at: usize| features(sample)[at % 2] + (at * sample % 11) as f32;
    let row = |sample| Some((0..WIDTH).map(move |at| Some(value(sample, at))));
    let lists = ListArray::from_iter_primitive::<Float32Type, _, _>((0..SAMPLES).map(row));
    let column = |at: usize| -> (String, ArrayRef) {
        let values = (0..SAMPLES).map(|sample| value(sample, at));
        let values = Float32Array::from_iter_values(values);
        (format!("f{at}"), Arc::new(values))
    };
    let logged = |columns: Vec<(String, ArrayRef)>| {
        let folder = TempDir::new().unwrap();
        parquet(&folder.path().join("set.parquet"), columns);
        let said = record(folder.path(), &["--dataset=features", "--data=set.parquet"]);
        assert!(said.contains("300 features"), "{said}");
        assert_eq!(table(folder.path()).len(), SAMPLES);
        fs::read(folder.path().join("logs/a-p1-e0002.parquet")).unwrap()
    };
    let of_lists = logged(vec![("embedding".to_owned(), Arc::new(lists))]);
    assert!(of_lists == logged((0..WIDTH).map(column).collect()));
}

#[test]
fn two_classes_have_a_tenth_of_the_samples_for_the_extra_one_unless_a_rule_is_named() {
    let folder = folder_with("set.csv", csv(SAMPLES));
    for (options, count, rule, told) in [
        (
            &[][..],
            6,
            json!("tenth"),
            "--threshold-count paper, takes 20",
        ),
        (
            &["--threshold-count=paper"],
            20,
            json!("paper"),
            "as in the paper",
        ),
        (
            &["--threshold-count=authors-code"],
            30,
            json!("authors-code"),
            "as in the authors' code",
        ),
        (
            &["--threshold-count=7"],
            7,
            Value::Null,
            "7 threshold samples each\n",
        ),
    ] {
        let common = ["--dataset=features", "--data=set.csv", "--overwrite"];
        let said = record(folder.path(), &[&common[..], options].concat());
        assert!(said.contains(told), "{told} is not in {said}");
        let logged = run_record(folder.path()).configuration;
        assert_eq!(logged["threshold_count"], count, "{options:?}");
        assert_eq!(logged["threshold_count_rule"], rule, "{options:?}");
    }
}

#[test]
fn features_that_cannot_be_trained_on_are_refused_by_place_and_reason() {
    let cases = [
        (csv(8).replacen("0,0,cat", "nan,0,cat", 1), ["row 0", "NaN"]),
        (
            csv(8).replacen("0,0,cat", "0,cat", 1),
            ["line 2", "2 cells"],
        ),
        (
            csv(8).replacen("0,0,cat", "0,x,cat", 1),
            ["line 2", "\"x\""],
        ),
        (
            csv(8).replace("label", "class_of_it"),
            ["no column", "--label-column"],
        ),
    ];
    for (content, parts) in cases {
        let folder = folder_with("set.csv", content);
        let options = ["--dataset=features", "--data=set.csv"];
        refuse(
            folder.path(),
            &options,
            &[&parts[..], &["set.csv"]].concat(),
        );
    }
    let folder = folder_with("set.csv", csv(8));
    let options = ["--dataset=features", "--data=set.csv", "--flip"];
    setup::refuse(folder.path(), &options, 2, &["--flip", "features"]);
}

/// Of 1,438 digits 200 are held out and 100 of the others are trained on.
#[test]
fn held_out_samples_are_not_trained_on_and_have_an_accuracy_of_their_own() {
    let folder = TempDir::new().unwrap();
    let options = ["--model=mlp", "--validation=200", "--noise=0.2"];
    let output = recorder(folder.path(), &options);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("1238 samples"), "{stdout}");
    assert!(stdout.contains("validation accuracy"), "{stdout}");
    let record = run_record(folder.path());
    assert_eq!(record.configuration["validation"], 200);
    for file in record.files.values() {
        let accuracy = file.metrics["validation_accuracy"];
        // A whole number of 200 samples.
        assert!((accuracy * 200.0 - (accuracy * 200.0).round()).abs() < 1e-6);
    }
    assert_eq!(table(folder.path()).len(), 1238);
}

#[test]
fn a_subset_is_part_of_what_is_trained_on_without_it() {
    let rows = |options: &[&str]| -> BTreeSet<(Option<u64>, u32)> {
        let folder = TempDir::new().unwrap();
        record(folder.path(), &[&["--model=mlp"], options].concat());
        let table = table(folder.path());
        table
            .iter()
            .map(|entry| (entry.row, entry.given_label))
            .collect()
    };
    let all = rows(&["--validation=200"]);
    let some = rows(&["--validation=200", "--subset=100"]);
    assert_eq!((all.len(), some.len()), (1238, 100));
    assert!(some.is_subset(&all));
    // About a tenth of the digits is of each class.
    for class in 0..10 {
        let share = some.iter().filter(|(_, label)| *label == class).count();
        assert!((9..=11).contains(&share), "{share} of class {class}");
    }
    assert_eq!(
        some,
        rows(&["--validation=200", "--subset=100", "--seed=8"])
    );
    assert_ne!(
        some,
        rows(&["--validation=200", "--subset=100", "--data-seed=8"])
    );
}

#[test]
fn more_samples_than_there_are_cannot_be_asked_for() {
    let folder = TempDir::new().unwrap();
    for (option, parts) in [
        ("--validation=1438", ["--validation asks for 1438", "1437"]),
        ("--subset=1439", ["--subset asks for 1439", "1438"]),
        ("--subset=9", ["--subset 9", "10 classes"]),
    ] {
        refuse(folder.path(), &["--model=mlp", option], &parts);
    }
}

#[test]
fn the_sample_table_shows_the_digits_with_both_labels() {
    let folder = TempDir::new().unwrap();
    record(folder.path(), &["--model=mlp", "--noise=0.3"]);
    let with_pictures = table(folder.path());
    assert_eq!(with_pictures.len(), 1438);
    let wrong = |entry: &&SampleEntry| entry.true_label != Some(entry.given_label);
    let mislabeled = with_pictures.iter().filter(wrong).count();
    // 431.4 are expected, with a standard deviation of 17.4.
    assert!((344..=519).contains(&mislabeled), "{mislabeled}");
    for entry in &with_pictures {
        let png = image::load_from_memory(entry.png.as_ref().unwrap()).unwrap();
        assert_eq!((png.width(), png.height()), (8, 8));
    }
    let record = run_record(folder.path());
    let (logs, known) = (folder.path().join("logs"), record.sample_table.unwrap());
    let bytes = fs::metadata(sample_table_path(&logs, "a")).unwrap().len();
    assert_eq!(bytes, known.bytes);
    record_without_pictures(folder.path(), &with_pictures);
}

fn record_without_pictures(folder: &Path, with_pictures: &[SampleEntry]) {
    let options = ["--model=mlp", "--noise=0.3", "--pictures=0", "--overwrite"];
    record(folder, &options);
    let expected = with_pictures.iter().cloned();
    let expected: Vec<_> = expected
        .map(|entry| SampleEntry { png: None, ..entry })
        .collect();
    assert_eq!(table(folder), expected);
}

#[test]
fn a_resumed_run_writes_the_sample_table_that_is_missing_or_damaged() {
    let folder = TempDir::new().unwrap();
    record(folder.path(), &["--model=mlp"]);
    let path = sample_table_path(&folder.path().join("logs"), "a");
    let expected = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    record(folder.path(), &["--model=mlp", "--resume"]);
    assert!(fs::read(&path).unwrap() == expected);
    fs::write(&path, &expected[..expected.len() / 2]).unwrap();
    record(folder.path(), &["--model=mlp", "--resume"]);
    assert!(fs::read(&path).unwrap() == expected);
}

/// The held-out logits of a run, row after row.
fn held_out(folder: &Path, model: &str) -> Vec<f32> {
    let path = held_out_path(&folder.join("logs"), "a", model);
    let batches = EpochReader::open(&path).unwrap().rows().unwrap();
    batches.flat_map(|batch| batch.unwrap().logits).collect()
}

#[test]
fn features_leave_held_out_logits_that_a_resumed_run_writes_again_where_they_are_missing() {
    let folder = folder_with("set.csv", csv(SAMPLES));
    let options = ["--dataset=features", "--data=set.csv"];
    record(folder.path(), &options);
    let found = ["discriminant", "neighbours", "trees"].map(|model| held_out(folder.path(), model));
    for rows in &found {
        assert_eq!(rows.len(), 2 * SAMPLES);
        let sums = rows.chunks(2).map(|row| row[0].exp() + row[1].exp());
        assert!(sums.into_iter().all(|sum| (sum - 1.0).abs() < 1e-5));
    }
    // The first feature tells the class.
    let given: Vec<u32> = table(folder.path())
        .iter()
        .map(|entry| entry.given_label)
        .collect();
    for (row, label) in found[0].chunks(2).zip(given) {
        assert!(row[label as usize] > row[1 - label as usize]);
    }
    let path = held_out_path(&folder.path().join("logs"), "a", "neighbours");
    fs::remove_file(&path).unwrap();
    record(folder.path(), &[&options[..], &["--resume"]].concat());
    assert_eq!(held_out(folder.path(), "neighbours"), found[1]);
}

#[test]
fn images_leave_no_held_out_logits() {
    let folder = TempDir::new().unwrap();
    record(folder.path(), &["--model=mlp"]);
    assert!(run_record(folder.path()).held_out.is_empty());
}

#[test]
fn a_network_is_applied_to_the_features_that_it_was_trained_on() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, header: &str| {
        let rows: String = (0..40)
            .map(|row| format!("{}.5,{},{}\n", row % 2 * 3, row, row % 2))
            .collect();
        fs::write(folder.path().join(name), format!("{header}\n{rows}")).unwrap();
    };
    write("a.csv", "a,b,label");
    write("other.csv", "b,a,label");
    let run = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        setup::command(folder.path(), &words).output().unwrap()
    };
    said(&run(
        "train --dataset features --data a.csv --feature-column a,b --epochs 1 --name m",
    ));
    let predict =
        "predict trained/m/model.safetensors --dataset features --feature-column a,b --data";
    said(&run(&format!("{predict} a.csv")));
    refused(
        "recorder",
        &run(&format!("{predict} other.csv")),
        1,
        &["trained on a feature a where the data have b"],
    );
    // What it is applied to need have no labels, nor two classes of them.
    let classes = said(&run(&format!("{predict} a.csv"))).0;
    let new: String = (0..40)
        .map(|row| format!("{}.5,{row}\n", row % 2 * 3))
        .collect();
    for (file, text) in [
        ("new.csv", format!("a,b\n{new}")),
        (
            "one.csv",
            format!("a,b,label\n{}", new.replace('\n', ",x\n")),
        ),
    ] {
        fs::write(folder.path().join(file), text).unwrap();
        let said = said(&run(&format!("{predict} {file}"))).0;
        assert_eq!(said.replace(file, "a.csv"), classes);
    }
    let (a, b): (Vec<f64>, Vec<f64>) = (0..40)
        .map(|row| (f64::from(row % 2 * 3) + 0.5, f64::from(row)))
        .unzip();
    let columns: [(&str, ArrayRef); 2] = [
        ("a", Arc::new(Float64Array::from(a))),
        ("b", Arc::new(Float64Array::from(b))),
    ];
    write_parquet(&folder.path().join("new.parquet"), columns.to_vec());
    let said = said(&run(&format!("{predict} new.parquet"))).0;
    assert_eq!(said.replace("new.parquet", "a.csv"), classes);
}
