//! Tables of one's own, of kinds that people had trouble with: each is read for what it is, and said so before
//! training, or refused in one line with the way out.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, UInt64Array,
};
use logformat::{RowBatch, RunRecord, SampleIds};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use tempfile::TempDir;
use tests::numpy::npy_integers;
use tests::parquet_file::{parquet_bytes, write_parquet};
use tests::program::{refused, said};

use crate::setup;

const ROWS: usize = 60;
const ANIMALS: [&str; 3] = ["cat", "dog", "owl"];

/// A folder with a table of two features, the first of which tells the class, and more columns.
struct Own(TempDir);

impl Own {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn text(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        fs::create_dir_all(self.path().join(name).parent().unwrap()).unwrap();
        fs::write(self.path().join(name), text).unwrap();
        self
    }

    /// Columns of text: a header and a cell for each row.
    fn csv(self, name: &str, columns: &[(&str, &dyn Fn(usize) -> String)]) -> Self {
        self.table(name, ",", ROWS, columns)
    }

    fn table(
        self,
        name: &str,
        separator: &str,
        rows: usize,
        columns: &[(&str, &dyn Fn(usize) -> String)],
    ) -> Self {
        let header: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let row = |row| -> String {
            let cells: Vec<String> = columns.iter().map(|(_, cell)| cell(row)).collect();
            cells.join(separator) + "\n"
        };
        let text = header.join(separator) + "\n" + &(0..rows).map(row).collect::<String>();
        self.text(name, text)
    }

    fn parquet(self, name: &str, columns: Vec<(&str, ArrayRef)>) -> Self {
        write_parquet(&self.path().join(name), columns);
        self
    }

    fn words<'a>(&self, data: &'a str, options: &[&'a str]) -> Vec<&'a str> {
        let quick = [
            "--dataset",
            "features",
            "--epochs",
            "1",
            "--passes",
            "1",
            "--name",
            "a",
            "--overwrite",
        ];
        [&quick[..], &["--data", data], options].concat()
    }

    /// What was said on stderr.
    fn record(&self, data: &str, options: &[&str]) -> String {
        said(&setup::recorder(self.path(), &self.words(data, options))).1
    }

    fn refuse(&self, data: &str, options: &[&str], parts: &[&str]) {
        let output = setup::recorder(self.path(), &self.words(data, options));
        refused("recorder", &output, 1, parts);
    }

    fn log(&self) -> RowBatch {
        setup::read(&self.path().join("logs/a-p1-e0001.parquet"))
    }

    fn given(&self) -> Vec<u32> {
        self.log().given_labels.unwrap().to_vec()
    }

    fn run_record(&self) -> RunRecord {
        RunRecord::read(&self.path().join("logs"), "a")
            .unwrap()
            .unwrap()
    }

    fn class_names(&self) -> Vec<String> {
        self.run_record().class_names
    }
}

/// Bright where the class is `row % 3`.
fn a(row: usize) -> String {
    format!("{}", 10 * (row % 3) + row % 4)
}

fn b(row: usize) -> String {
    format!("0.{}", row * 7 % 10)
}

fn kind(row: usize) -> String {
    ANIMALS[row % 3].to_owned()
}

fn number(row: usize) -> String {
    (row % 3).to_string()
}

fn of_each(value: impl Fn(usize) -> f64) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values((0..ROWS).map(value)))
}

fn x() -> ArrayRef {
    of_each(|row| (10 * (row % 3) + row % 4) as f64 + 0.5)
}

fn classes(own: &Own) -> Vec<usize> {
    own.given()
        .into_iter()
        .map(|class| class as usize)
        .collect()
}

fn each_third() -> Vec<usize> {
    (0..ROWS).map(|row| row % 3).collect()
}

#[test]
fn a_column_called_label_is_the_label_whatever_its_type() {
    let is_odd: ArrayRef = Arc::new(BooleanArray::from_iter(
        (0..ROWS).map(|row| Some(row % 2 == 1)),
    ));
    let fold: ArrayRef = Arc::new(Int64Array::from_iter_values(
        (0..ROWS as i64).map(|row| row / 12),
    ));
    let own = Own::new()
        .parquet(
            "float.parquet",
            vec![("a", x()), ("label", of_each(|row| (row % 3) as f64))],
        )
        .parquet(
            "bool.parquet",
            vec![("a", x()), ("b", x()), ("Label", is_odd)],
        )
        .parquet(
            "half.parquet",
            vec![("a", x()), ("label", of_each(|row| 0.5 * row as f64))],
        )
        .parquet("fold.parquet", vec![("a", x()), ("y", x()), ("fold", fold)])
        .csv(
            "float.csv",
            &[("a", &a), ("label", &|row| number(row) + ".0")],
        )
        .csv(
            "bool.csv",
            &[
                ("a", &a),
                ("label", &|row| ["False", "True"][row % 2].to_owned()),
            ],
        );
    for data in ["float.parquet", "float.csv"] {
        let told = own.record(data, &[]);
        assert!(
            told.contains("labels: column label, whole numbers\n"),
            "{told}"
        );
        assert_eq!(own.class_names(), ["0", "1", "2"], "{data}");
        assert_eq!(classes(&own), each_third(), "{data}");
    }
    for data in ["bool.parquet", "bool.csv"] {
        own.record(data, &[]);
        assert_eq!(own.class_names(), ["False", "True"], "{data}");
        assert!(
            own.given()
                .iter()
                .zip(0..)
                .all(|(&class, row)| class == row % 2),
            "{data}"
        );
    }
    own.refuse(
        "half.parquet",
        &[],
        &[
            "half.parquet: sample 1: the label is 0.5",
            "whole numbers, booleans or texts",
        ],
    );
    own.refuse(
        "fold.parquet",
        &[],
        &[
            "no column is called label",
            "fold may be something else",
            "--label-column",
        ],
    );
}

#[test]
fn a_second_column_of_labels_is_no_feature_and_may_be_the_truth() {
    let labels: ArrayRef = Arc::new(Int64Array::from_iter_values(
        (0..ROWS as i64).map(|row| row % 3),
    ));
    let truth: ArrayRef = Arc::new(Int64Array::from_iter_values(
        (0..ROWS as i64).map(|row| (row + row / 50) % 3),
    ));
    let own = Own::new()
        .csv(
            "both.csv",
            &[
                ("a", &a),
                ("label", &number),
                ("true_label", &|row| ((row + row / 50) % 3).to_string()),
            ],
        )
        .parquet(
            "both.parquet",
            vec![("a", x()), ("label", labels), ("true_label", truth)],
        );
    for data in ["both.csv", "both.parquet"] {
        own.refuse(
            data,
            &[],
            &[
                "true_label beside the labels in label would be trained on",
                "--label-column",
                "--true-label-column",
                "--feature-column",
            ],
        );
        let told = own.record(data, &["--true-label-column", "true_label"]);
        assert!(told.contains("features: 1, a\n"), "{told}");
        assert!(
            told.contains(&format!("truth: column true_label of {data}\n")),
            "{told}"
        );
        assert_eq!(classes(&own), each_third());
        // The last ten rows.
        assert_eq!(own.run_record().configuration["mislabeled_count"], 10);
    }
    // Named as a feature, it is one.
    let told = own.record("both.csv", &["--feature-column", "a,true_label"]);
    assert!(told.contains("features: 2, a, true_label\n"), "{told}");
}

#[test]
fn a_column_may_say_which_labels_are_wrong_without_the_right_ones() {
    // Of the last ten rows it is not known; of the others, the first of ten are wrong.
    let wrong = |row: usize| (row < 50).then_some(row.is_multiple_of(10));
    let marks: ArrayRef = Arc::new(BooleanArray::from_iter((0..ROWS).map(wrong)));
    let labels: ArrayRef = Arc::new(Int64Array::from_iter_values(
        (0..ROWS as i64).map(|row| row % 3),
    ));
    let word = |row: usize| match wrong(row) {
        None => String::new(),
        Some(wrong) => ["right", "wrong"][usize::from(wrong)].to_owned(),
    };
    let own = Own::new()
        .csv(
            "own.csv",
            &[("a", &a), ("label", &kind), ("mislabeled", &word)],
        )
        .parquet(
            "own.parquet",
            vec![("a", x()), ("label", labels), ("mislabeled", marks)],
        )
        .csv(
            "set/train.csv",
            &[("a", &a), ("label", &kind), ("mislabeled", &word)],
        )
        .csv(
            "set/test.csv",
            &[("a", &a), ("label", &kind), ("mislabeled", &word)],
        );
    own.refuse(
        "own.csv",
        &[],
        &[
            "mislabeled beside the labels in label",
            "--mislabeled-column",
        ],
    );
    for data in ["own.csv", "own.parquet"] {
        let told = own.record(data, &["--mislabeled-column", "mislabeled"]);
        assert!(told.contains("features: 1, a\n"), "{told}");
        let marks = own.log().is_mislabeled.unwrap();
        assert_eq!(*marks, (0..ROWS).map(wrong).collect::<Vec<_>>(), "{data}");
        let configuration = own.run_record().configuration;
        assert_eq!(configuration["mislabeled_count"], 5, "{data}");
        // Of the 50 that are known.
        assert_eq!(configuration["realised_noise_rate"], 0.1, "{data}");
    }
    for option in ["--true-label-column", "--mislabeled-column"] {
        own.refuse(
            "set",
            &[option, "mislabeled"],
            &["set: is a folder", "read from one table"],
        );
    }
}

#[test]
fn a_column_that_divides_the_rows_into_parts_is_no_feature_unless_named() {
    let folds = |row: usize| (row / 12).to_string();
    let fold: ArrayRef = Arc::new(Int64Array::from_iter_values(
        (0..ROWS as i64).map(|row| row / 12),
    ));
    let label = of_each(|row| (row % 3) as f64);
    let own = Own::new()
        .csv(
            "own.csv",
            &[("a", &a), ("label", &number), ("cv_fold", &folds)],
        )
        .parquet(
            "own.parquet",
            vec![("a", x()), ("label", label), ("fold", fold)],
        );
    for (data, fold) in [("own.csv", "cv_fold"), ("own.parquet", "fold")] {
        let told = own.record(data, &[]);
        assert!(told.contains("features: 1, a\n"), "{told}");
        let aside = format!("left aside: column {fold}: it is called as columns are");
        assert!(told.contains(&aside), "{told}");
        let named = format!("a,{fold}");
        let told = own.record(data, &["--feature-column", &named]);
        assert!(
            told.contains(&format!("features: 2, a, {fold}\n")),
            "{told}"
        );
    }
}

#[test]
fn a_part_is_the_one_called_so_and_what_is_not_read_is_named() {
    let own = Own::new();
    let columns: [(&str, &dyn Fn(usize) -> String); 2] = [("a", &a), ("label", &kind)];
    let own = ["train", "val", "trainval", "test"]
        .into_iter()
        .fold(own, |own, part| {
            let rows = if part == "train" { ROWS } else { 30 };
            own.table(&format!("voc/{part}.csv"), ",", rows, &columns)
        });
    let told = own.record("voc", &[]);
    assert!(
        told.contains(
            "read 60 training samples from voc/train.csv, 30 test samples from voc/test.csv\n"
        ),
        "{told}"
    );
    assert!(
        told.contains("left aside: voc/trainval.csv: its name is that of no part\n"),
        "{told}"
    );
    assert!(
        told.contains("left aside: voc/val.csv: the part for the test is taken instead\n"),
        "{told}"
    );
    // It is in the run's record as well.
    let reading = &own.run_record().reading;
    assert_eq!(reading["left_aside"].as_array().unwrap().len(), 2);
    let lone = Own::new().table("set/test.csv", ",", ROWS, &columns);
    let told = lone.record("set", &[]);
    assert!(
        told.contains("read 60 training samples from set/test.csv\n"),
        "{told}"
    );
}

#[test]
fn all_samples_are_judged_unless_a_share_is_split_off_and_an_id_is_the_row() {
    let own = Own::new().csv("set.csv", &[("a", &a), ("label", &kind)]);
    let ids = |own: &Own| match &*own.log().sample_ids {
        SampleIds::Integers(ids) => ids.clone(),
        SampleIds::Texts(_) => panic!("rows are numbers"),
    };
    own.record("set.csv", &[]);
    assert_eq!(ids(&own), (0..ROWS as i64).collect::<Vec<_>>());
    let told = own.record("set.csv", &["--test-share", "0.2"]);
    assert!(
        told.contains("read 48 training samples from set.csv, 12 test samples from set.csv\n"),
        "{told}"
    );
    let kept = ids(&own);
    assert_eq!(kept.len(), 48);
    // The class is that of the row.
    for (id, class) in kept.iter().zip(own.given()) {
        assert_eq!(id % 3, i64::from(class));
    }
    let parts = Own::new()
        .csv("set/train.csv", &[("a", &a), ("label", &kind)])
        .csv("set/test.csv", &[("a", &a), ("label", &kind)]);
    parts.refuse(
        "set",
        &["--test-share", "0.2"],
        &["set/test.csv", "leave --test-share out"],
    );
}

#[test]
fn a_class_of_one_sample_stays_in_training() {
    let rare = |row: usize| {
        if row == 37 {
            "rare".to_owned()
        } else {
            kind(row)
        }
    };
    let own = Own::new().csv("rare.csv", &[("a", &a), ("label", &rare)]);
    for seed in ["0", "1", "2", "3", "4", "5", "6", "7"] {
        let told = own.record("rare.csv", &["--test-share", "0.4", "--data-seed", seed]);
        assert!(told.contains("rare 1\n"), "{told}");
    }
}

#[test]
fn labels_that_are_ids_or_measurements_are_refused() {
    let own = Own::new()
        .csv("ids.csv", &[("a", &a), ("label", &|row| format!("c{row}"))])
        .csv(
            "prices.csv",
            &[
                ("a", &a),
                ("target", &|row| format!("{}.5", row / 2 * 3 + row % 2)),
            ],
        );
    for (data, labels) in [("ids.csv", "column label"), ("prices.csv", "column target")] {
        let parts = [
            data,
            labels,
            "are the only ones of their classes",
            "--label-column",
        ];
        own.refuse(data, &[], &parts);
    }
}

#[test]
fn labels_are_numbers_only_where_all_files_of_a_set_write_them_so() {
    let houses = |count: usize| move |row: usize| ["1", "2", "2b"][row % count].to_owned();
    let own = Own::new()
        .csv("houses/train.csv", &[("a", &a), ("label", &houses(3))])
        .csv(
            "houses/test.csv",
            &[
                ("a", &|row| (10 * (row % 2)).to_string()),
                ("label", &houses(2)),
            ],
        )
        .csv(
            "codes.csv",
            &[("a", &a), ("label", &|row| format!("00{}", row % 3 + 1))],
        )
        .csv(
            "years.csv",
            &[("a", &a), ("label", &|row| (2019 + row % 3).to_string())],
        )
        .csv("mixed/train.csv", &[("a", &a), ("label", &kind)])
        .csv("mixed/test.csv", &[("a", &a), ("label", &number)]);
    own.record("houses", &["--epochs", "100"]);
    assert_eq!(own.class_names(), ["1", "2", "2b"]);
    let record = own.run_record();
    let last = record.files.values().last().unwrap();
    assert!(last.metrics["test_accuracy"] > 0.9, "{:?}", last.metrics);
    own.record("codes.csv", &[]);
    assert_eq!(own.class_names(), ["001", "002", "003"]);
    assert_eq!(classes(&own), each_third());
    own.record("years.csv", &[]);
    assert_eq!(own.class_names(), ["2019", "2020", "2021"]);
    own.refuse(
        "mixed",
        &[],
        &["mixed/test.csv: sample 0 has label 0, which no training sample has"],
    );
}

#[test]
fn a_text_file_in_another_encoding_is_refused_with_its_line() {
    let latin = b"a,label\n1,Schmidt\n2,M\xf6ller\n3,M\xfcller\n";
    let own = Own::new()
        .text("people.csv", latin)
        .text("wide.csv", b"\xff\xfea\0,\0")
        .csv("set.csv", &[("a", &a), ("label", &kind)])
        .text("labels.csv", b"label\ncat\nK\xe4fer\n")
        .text("matrix.txt", b"# K\xe4fer\n1 0 0\n0 1 0\n0 0 1\n")
        .text("marked.txt", "\u{feff}1 0 0\n0 1 0\n0 0 1\n");
    let parts = [
        "people.csv: line 3: \"M\u{fffd}ller\" is not UTF-8",
        "iconv -f latin1 -t utf-8",
    ];
    own.refuse("people.csv", &[], &parts);
    own.refuse("wide.csv", &[], &["wide.csv: line 1: ", "UTF-16"]);
    own.refuse(
        "set.csv",
        &["--labels", "labels.csv"],
        &["labels.csv: line 3: ", "is not UTF-8"],
    );
    own.refuse(
        "set.csv",
        &["--noise-matrix", "matrix.txt"],
        &["matrix.txt: ", "line 1: ", "is not UTF-8"],
    );
    // A byte-order mark is no part of the first number.
    own.record("set.csv", &["--noise-matrix", "marked.txt"]);
}

#[test]
fn columns_of_row_numbers_are_left_aside_and_told() {
    let shuffled = |row: usize| row * 7 % ROWS;
    let text = move |row: usize| shuffled(row).to_string();
    let numbers = of_each(move |row| shuffled(row) as f64);
    let labels: ArrayRef = Arc::new(StringArray::from_iter_values((0..ROWS).map(kind)));
    let own = Own::new()
        .csv("unnamed.csv", &[("", &text), ("a", &a), ("label", &kind)])
        .csv(
            "part.csv",
            &[
                ("Unnamed: 0", &|row| (3 * row).to_string()),
                ("a", &a),
                ("label", &kind),
            ],
        )
        .csv("named.csv", &[("n", &text), ("a", &a), ("label", &kind)])
        .csv(
            "id.csv",
            &[
                ("sample_id", &|row| (5 * (shuffled(row))).to_string()),
                ("a", &a),
                ("label", &kind),
            ],
        )
        .parquet(
            "named.parquet",
            vec![("n", numbers), ("a", x()), ("label", labels)],
        );
    for (data, name) in [
        ("unnamed.csv", "the column without a name: it has no name"),
        ("part.csv", "column Unnamed: 0: it has no name"),
        ("named.csv", "column n: it counts the rows, in some order"),
        (
            "id.csv",
            "column sample_id: it is called as numbers of rows are",
        ),
        (
            "named.parquet",
            "column n: it counts the rows, in some order",
        ),
    ] {
        let told = own.record(data, &[]);
        assert!(told.contains("features: 1, a\n"), "{told}");
        assert!(told.contains(&format!("left aside: {name}")), "{told}");
    }
    let told = own.record("named.csv", &["--feature-column", "n,a"]);
    assert!(told.contains("features: 2, n, a\n"), "{told}");
}

#[test]
fn features_far_from_0_are_standardised_in_64_bits() {
    // A second more or less than 64 tells the class. Nanoseconds are beyond what 64-bit floats tell apart.
    let second = |row: usize| (row * 17 % 128) as i64;
    let late = move |row: usize| usize::from(second(row) >= 64);
    let label = move |row: usize| ["early", "late"][late(row)].to_owned();
    let at = |base: i64| move |row: usize| (base + second(row)).to_string();
    let noise = |row: usize| row as i64 * 31 % 7;
    let array = |base: i64| {
        let values: Vec<i64> = (0..ROWS)
            .flat_map(|row| [base + second(row), noise(row)])
            .collect();
        npy_integers(&format!("({ROWS}, 2)"), &values)
    };
    let integers = |base: i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(
            (0..ROWS).map(|row| base + second(row)),
        ))
    };
    let labels: ArrayRef = Arc::new(StringArray::from_iter_values((0..ROWS).map(label)));
    let only_label: &[(&str, &dyn Fn(usize) -> String)] = &[("label", &label)];
    let (seconds, nanoseconds) = (1_700_000_000, 1_700_000_000_000_000_001);
    let noise_text = move |row: usize| noise(row).to_string();
    let mut own = Own::new().csv("labels.csv", only_label);
    let mut margins = Vec::new();
    for (name, base) in [
        ("near", 0),
        ("seconds", seconds),
        ("nanoseconds", nanoseconds),
    ] {
        let columns: [(&str, &dyn Fn(usize) -> String); 3] =
            [("at", &at(base)), ("noise", &noise_text), ("label", &label)];
        own = own.csv(&format!("{name}.csv"), &columns);
        own = own.text(&format!("{name}.npy"), array(base));
        let noise: ArrayRef = Arc::new(Int64Array::from_iter_values((0..ROWS).map(noise)));
        own = own.parquet(
            &format!("{name}.parquet"),
            vec![
                ("at", integers(base)),
                ("noise", noise),
                ("label", labels.clone()),
            ],
        );
        for (suffix, options) in [
            ("csv", vec![]),
            ("npy", vec!["--labels", "labels.csv"]),
            ("parquet", vec!["--feature-column", "at,noise"]),
        ] {
            own.record(&format!("{name}.{suffix}"), &options);
            margins.push((name, suffix, own.log().margins));
        }
    }
    let (_, _, first) = margins[0].clone();
    for (name, suffix, found) in margins {
        let furthest = first
            .iter()
            .zip(&found)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(furthest < 1e-4, "{name}.{suffix}: {furthest}");
    }
}

#[test]
fn numbers_that_32_bits_do_not_tell_apart_are_told() {
    // From 0 to 6e9: neighbours become equal.
    let far = |row: usize| (row * 100_000_001).to_string();
    let own = Own::new().csv("far.csv", &[("far", &far), ("a", &a), ("label", &kind)]);
    let told = own.record("far.csv", &[]);
    assert!(
        told.contains("neighbouring whole numbers become equal in 32 bits: column far\n"),
        "{told}"
    );
}

#[test]
fn texts_for_missing_labels_are_refused_unless_they_are_classes() {
    let some = |text: &'static str| {
        move |row: usize| {
            if row % 24 == 23 {
                text.to_owned()
            } else {
                kind(row)
            }
        }
    };
    for text in ["nan", "NaN", "None", "<NA>", "null"] {
        let labels: ArrayRef = Arc::new(StringArray::from_iter_values((0..ROWS).map(some(text))));
        let own = Own::new()
            .csv("some.csv", &[("a", &a), ("label", &some(text))])
            .csv("labels.csv", &[("label", &some(text))])
            .csv("bare.csv", &[("a", &a), ("c", &b)])
            .parquet("some.parquet", vec![("a", x()), ("label", labels)]);
        for data in ["some.csv", "some.parquet"] {
            let parts = [
                &format!("{data}: row 23 has the label {text:?}")[..],
                "--missing-is-a-class",
            ];
            own.refuse(data, &[], &parts);
            own.record(data, &["--missing-is-a-class"]);
            assert!(own.class_names().contains(&text.to_owned()), "{text}");
        }
        let labels = ["--labels", "labels.csv"];
        own.refuse(
            "bare.csv",
            &labels,
            &["labels.csv: column label, row 23: ", "--missing-is-a-class"],
        );
        own.record(
            "bare.csv",
            &[&labels[..], &["--missing-is-a-class"]].concat(),
        );
    }
    // So a class may well be called.
    let own = Own::new().csv("some.csv", &[("a", &a), ("label", &some("NA"))]);
    own.record("some.csv", &[]);
    assert_eq!(own.class_names(), ["NA", "cat", "dog", "owl"]);
    // Among numbers it is what R writes for none.
    let gap = |row: usize| match row {
        23 => "NA".to_owned(),
        row => (row % 3).to_string(),
    };
    let own = Own::new().csv("gap.csv", &[("a", &a), ("label", &gap)]);
    own.refuse("gap.csv", &[], &["\"NA\"", "--missing-is-a-class"]);
}

/// Tables of text are read without them; in Parquet and arrays " cat" was another class than "cat".
#[test]
fn blanks_around_labels_and_ids_do_not_count_in_any_format() {
    let blank = |text: String, row: usize| match row % 4 {
        0 => format!(" {text} "),
        _ => text,
    };
    let id = |row: usize| format!("u{row}");
    let texts = |text: &dyn Fn(usize) -> String| -> ArrayRef {
        let texts = (0..ROWS).map(|row| blank(text(row), row));
        Arc::new(StringArray::from_iter_values(texts))
    };
    let own = Own::new()
        .csv("bare.csv", &[("a", &a), ("c", &b), ("id", &id)])
        .parquet("blank.parquet", vec![("a", x()), ("label", texts(&kind))])
        .parquet(
            "y.parquet",
            vec![("id", texts(&id)), ("label", texts(&kind))],
        );
    let labels = ["--id-column", "id", "--labels", "y.parquet"];
    for (data, options) in [("blank.parquet", &[][..]), ("bare.csv", &labels)] {
        own.record(data, options);
        assert_eq!(own.class_names(), ANIMALS, "{data}");
        assert_eq!(classes(&own), each_third(), "{data}");
    }
}

#[test]
fn the_truth_may_be_known_of_some_samples_alone() {
    // R writes NA for a missing value, pandas nan once it is a text.
    for gap in ["", "NA", "nan"] {
        let some = |row: usize| match row % 4 {
            0 => gap.to_owned(),
            _ => ((row + row / 50) % 3).to_string(),
        };
        let columns: [(&str, &dyn Fn(usize) -> String); 3] =
            [("a", &a), ("label", &number), ("truth", &some)];
        let own = Own::new().csv("some.csv", &columns);
        let told = own.record("some.csv", &["--true-label-column", "truth"]);
        assert!(
            told.contains("the true label of 45 of 60 samples is known"),
            "{told}"
        );
        // Of the last ten rows, those that are known.
        let record = own.run_record();
        let known = (50..ROWS).filter(|row| row % 4 != 0).count();
        assert_eq!(record.configuration["mislabeled_count"], known);
        assert_eq!(record.configuration["realised_noise_rate"], 0.177_778);
        let rows = own.log();
        let truth = rows.true_labels.unwrap();
        assert_eq!((truth[0], truth[1], truth[51]), (None, Some(1), Some(1)));
    }
}

/// As hashes of names are; they were one class.
#[test]
fn labels_that_64_bits_with_a_sign_do_not_hold_are_refused() {
    let hash = |row: usize| (1 << 63) + row as u64 % 3;
    let labels = UInt64Array::from_iter_values((0..ROWS).map(hash));
    let labels: ArrayRef = Arc::new(labels);
    let own = Own::new().parquet("hash.parquet", vec![("a", x()), ("label", labels)]);
    let parts = [
        "hash.parquet",
        "9223372036854775808 is beyond 64 bits with a sign; write such labels as texts",
    ];
    own.refuse("hash.parquet", &[], &parts);
}

#[test]
fn labels_in_the_order_of_parts_need_parts_that_are_in_the_order_of_their_numbers() {
    let folder = TempDir::new().unwrap();
    let write = |name: &dyn Fn(usize) -> String| {
        let parts = folder.path().join("parts");
        let _ = fs::remove_dir_all(&parts);
        fs::create_dir(&parts).unwrap();
        for part in 0..11 {
            let rows: String = (0..4).map(|row| format!("{part}.5,{row}.25\n")).collect();
            fs::write(parts.join(name(part)), format!("a,b\n{rows}")).unwrap();
        }
    };
    let labels: String = (0..44)
        .map(|row| format!("{}\n", ["x", "y"][row % 2]))
        .collect();
    fs::write(folder.path().join("y.csv"), format!("label\n{labels}")).unwrap();
    let words = [
        "data",
        "--dataset",
        "features",
        "--data",
        "parts",
        "--labels",
        "y.csv",
    ];
    let read = || setup::command(folder.path(), &words).output().unwrap();
    write(&|part| format!("train-{part}.csv"));
    let parts = [
        "y.csv: ",
        "train-10.csv before parts/train-2.csv",
        "number them with zeros",
    ];
    refused("recorder", &read(), 1, &parts);
    write(&|part| format!("train-{part:02}.csv"));
    said(&read());
}

/// A table with the class names that the hub's library writes.
fn hub_file(path: &Path, names: &[&str], labels: impl Iterator<Item = i64>) {
    let labels: ArrayRef = Arc::new(Int64Array::from_iter_values(labels));
    let rows = RecordBatch::try_from_iter([("a", x()), ("label", labels)]).unwrap();
    let features = serde_json::json!({ "label": { "names": names, "_type": "ClassLabel" } });
    let metadata = serde_json::json!({ "info": { "features": features } }).to_string();
    let metadata = KeyValue::new("huggingface".to_owned(), metadata);
    let properties = WriterProperties::builder().set_key_value_metadata(Some(vec![metadata]));
    fs::write(path, parquet_bytes(&rows, Some(properties.build()))).unwrap();
}

#[test]
fn a_class_without_samples_is_named() {
    let own = Own::new().csv(
        "from-1.csv",
        &[("a", &a), ("label", &|row| (row % 3 + 1).to_string())],
    );
    hub_file(
        &own.path().join("hub.parquet"),
        &["unknown", "cat", "dog", "owl"],
        (0..ROWS as i64).map(|row| row % 3 + 1),
    );
    let told = own.record("hub.parquet", &[]);
    assert!(
        told.contains(
            "classes: 4, unknown 0, cat 20, dog 20, owl 20; without training samples: unknown\n"
        ),
        "{told}"
    );
    assert_eq!(own.class_names(), ["unknown", "cat", "dog", "owl"]);
    let told = own.record("from-1.csv", &[]);
    assert!(told.contains("without training samples: 0\n"), "{told}");
    assert_eq!(own.given()[..3], [1, 2, 3]);
}

#[test]
fn the_name_of_two_classes_is_refused_where_labels_are_given_by_names() {
    let birds = ["crane", "dog", "crane"];
    let own = Own::new()
        .csv("given.csv", &[("given", &|row| birds[row % 3].to_owned())])
        .csv("numbers.csv", &[("given", &number)]);
    hub_file(
        &own.path().join("birds.parquet"),
        &birds,
        (0..ROWS as i64).map(|row| row % 3),
    );
    let parts = [
        "given.csv: column given, row 0 ",
        "\"crane\" is the name of the classes 0 and 2",
        "indices",
    ];
    own.refuse("birds.parquet", &["--labels", "given.csv"], &parts);
    own.record("birds.parquet", &["--labels", "numbers.csv"]);
    assert_eq!(classes(&own), each_third());
}

#[test]
fn tables_are_separated_as_their_first_line_says() {
    let decimal = |row: usize| b(row).replace('.', ",");
    let columns: [(&str, &dyn Fn(usize) -> String); 3] =
        [("a", &a), ("b", &decimal), ("label", &kind)];
    let own = Own::new()
        .table("set.csv", ";", ROWS, &columns)
        .table("set.tsv", "\t", ROWS, &columns)
        .csv("plain.csv", &[("a", &a), ("b", &b), ("label", &kind)]);
    own.record("plain.csv", &[]);
    let plain = own.log().margins;
    for (data, told) in [("set.csv", "semicolons"), ("set.tsv", "tabs")] {
        let said = own.record(data, &[]);
        assert!(
            said.contains(&format!("cells are separated by {told}\n")),
            "{said}"
        );
        assert_eq!(own.log().margins, plain, "{data}");
    }
    // Whole numbers as a spreadsheet writes floats, in the table and beside it.
    let whole = |row: usize| format!("{},0", row % 3);
    let of_numbers: [(&str, &dyn Fn(usize) -> String); 2] = [("a", &decimal), ("label", &whole)];
    let own = own.table("numbers.csv", ";", ROWS, &of_numbers).table(
        "given.csv",
        ";",
        ROWS,
        &[("label", &whole), ("b", &b)],
    );
    for labels in [
        &[][..],
        &["--labels", "given.csv", "--label-column", "label"],
    ] {
        own.record("numbers.csv", labels);
        assert_eq!(own.class_names(), ["0", "1", "2"]);
        assert_eq!(
            own.given(),
            (0..ROWS as u32).map(|row| row % 3).collect::<Vec<_>>()
        );
    }
}

#[test]
fn names_are_compared_in_one_form_of_unicode() {
    let (composed, decomposed) = ("K\u{e4}se", "Ka\u{308}se");
    let of = |name: &'static str| move |row: usize| ["Brot", name][row % 2].to_owned();
    let own = Own::new()
        .csv("set/train.csv", &[("a", &a), ("label", &of(composed))])
        .csv("set/test.csv", &[("a", &a), ("label", &of(decomposed))])
        .csv("labels.csv", &[("label", &of(decomposed))]);
    own.record("set", &["--labels", "labels.csv"]);
    assert_eq!(own.class_names(), ["Brot", composed]);
    assert!(
        own.given()
            .iter()
            .zip(0..)
            .all(|(&class, row)| class == row % 2)
    );
}

#[test]
fn constant_features_are_told_before_training() {
    let one = |_: usize| "1.0".to_owned();
    let own = Own::new()
        .csv("all.csv", &[("a", &one), ("b", &one), ("label", &kind)])
        .csv("some.csv", &[("a", &a), ("b", &one), ("label", &kind)]);
    let told = own.record("all.csv", &[]);
    let at = told.find("all features are constant").unwrap();
    assert!(at < told.find("pass 1").unwrap(), "{told}");
    let told = own.record("some.csv", &[]);
    assert!(
        told.contains("constant features, which tell nothing: column b\n"),
        "{told}"
    );
}

#[test]
fn two_columns_of_one_name_are_refused() {
    let own = Own::new()
        .csv("twice.csv", &[("a", &a), ("a", &b), ("label", &kind)])
        .csv("set.csv", &[("a", &a), ("label", &kind)])
        .csv("labels.csv", &[("label", &kind), ("label", &number)]);
    own.refuse(
        "twice.csv",
        &[],
        &["twice.csv: ", "two columns \"a\"", "different names"],
    );
    own.refuse(
        "set.csv",
        &["--labels", "labels.csv"],
        &["labels.csv: ", "two columns \"label\""],
    );
}

#[test]
fn the_overview_tells_what_was_taken_for_what() {
    let own = Own::new().csv(
        "set.csv",
        &[("", &|row| row.to_string()), ("a", &a), ("label", &kind)],
    );
    let words = ["data", "--dataset", "features", "--data", "set.csv"];
    let (text, _) = said(&setup::command(own.path(), &words).output().unwrap());
    for line in [
        "read 60 training samples from set.csv\n",
        "classes: 3, cat 20, dog 20, owl 20\n",
        "labels: column label, texts\n",
        "features: 1, a\n",
        "left aside: the column without a name: ",
    ] {
        assert!(text.contains(line), "{line:?} is not in: {text}");
    }
}
