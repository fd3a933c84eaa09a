use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::types::Float32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, Float32Array, Float64Array, Int64Array, ListArray,
    StringArray,
};
use npyz::{AutoSerialize, Order, Serialize, WriterBuilder};
use tempfile::TempDir;
use tests::parquet_file::write_parquet;

use crate::dataset::kinds::features::columns::Names;
use crate::dataset::kinds::features::parquet_table;
use crate::dataset::kinds::features::part::read_file;
use crate::dataset::kinds::features::whole_set::{FEATURES, load};
use crate::dataset::label_file::file::LabelFile;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::sample_set::{Inputs, Samples};
use crate::dataset::settings::{DatasetSettings, TestShare};

mod class_names;
mod labels_beside;
mod refusals;
mod unlabelled;

/// A folder of files, read as a whole or one of them.
struct Set(TempDir);

impl Set {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn text(self, file: &str, text: &str) -> Self {
        fs::write(self.path(file), text).unwrap();
        self
    }

    fn parquet(self, file: &str, columns: Vec<(&str, ArrayRef)>) -> Self {
        write_parquet(&self.path(file), columns);
        self
    }

    fn npy<T: Serialize + AutoSerialize + Copy>(
        self,
        file: &str,
        order: Order,
        shape: &[u64],
        values: &[T],
    ) -> Self {
        let writer = npyz::WriteOptions::new().default_dtype().shape(shape);
        let file = File::create(self.path(file)).unwrap();
        let mut writer = writer.order(order).writer(file).begin_nd().unwrap();
        writer.extend(values.iter().copied()).unwrap();
        writer.finish().unwrap();
        self
    }

    fn settings(&self, file: &str) -> DatasetSettings {
        DatasetSettings {
            data: Some(self.path(file)),
            ..DatasetSettings::of(&FEATURES)
        }
    }

    /// The whole folder, with its parts for training and test.
    fn load(&self) -> Dataset {
        load(&self.settings("")).unwrap()
    }

    fn refuse_all(&self, parts: &[&str]) {
        self.refuse(&self.settings(""), parts);
    }

    fn refuse(&self, settings: &DatasetSettings, parts: &[&str]) {
        let reason = load(settings).unwrap_err().to_string();
        for part in parts {
            assert!(reason.contains(part), "{part:?} is not in {reason:?}");
        }
        assert_eq!(reason.lines().count(), 1);
    }

    /// One training file that is refused.
    fn refuse_file(&self, file: &str, parts: &[&str]) {
        self.refuse(&self.settings(file), parts);
    }
}

fn values(samples: &Samples) -> &[f32] {
    match &samples.inputs {
        Inputs::Values(values) => values,
        _ => panic!("features are values"),
    }
}

fn floats(values: &[f32]) -> ArrayRef {
    Arc::new(Float32Array::from(values.to_vec()))
}

fn integers(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn lists(rows: &[&[f32]]) -> ArrayRef {
    let rows = rows
        .iter()
        .map(|row| Some(row.iter().map(|&value| Some(value))));
    Arc::new(ListArray::from_iter_primitive::<Float32Type, _, _>(rows))
}

const TWO_ROWS: &str = "a,b,label\n1,2.5,0\n-3,4e1,1\n";

#[test]
fn csv_files_have_features_in_all_columns_but_the_label() {
    let set = Set::new()
        .text("train.csv", TWO_ROWS)
        .text("test.csv", "a,b,label\n7,8,1\n");
    let data = set.load();
    assert_eq!(data.sample_shape, [2, 1, 1]);
    assert_eq!(values(&data.train), [1.0, 2.5, -3.0, 40.0]);
    assert_eq!(
        (values(&data.test), &data.test.labels[..]),
        (&[7.0, 8.0][..], &[1][..])
    );
    assert_eq!(data.train.labels, [0, 1]);
    // Of 1 and −3, and of 2.5 and 40.
    assert_eq!(data.standardisation.means, [-1.0, 21.25]);
    assert_eq!(data.standardisation.deviations, [2.0, 18.75]);
    assert!(data.train.origins.files[0].ends_with("train.csv"));
}

#[test]
fn a_table_has_the_same_features_as_csv_and_as_parquet() {
    let set = Set::new()
        .text(
            "a.csv",
            "x,age,store_id,fold,n,label\n0.5,30,7,0,2,0\n1.5,41,7,1,1,1\n2.5,30,8,0,3,0\n4,52,8,1,0,1\n",
        )
        .parquet(
            "b.parquet",
            vec![
                ("x", floats(&[0.5, 1.5, 2.5, 4.0])),
                ("age", integers(&[30, 41, 30, 52])),
                ("store_id", integers(&[7, 7, 8, 8])),
                ("fold", integers(&[0, 1, 0, 1])),
                ("n", integers(&[2, 1, 3, 0])),
                ("label", integers(&[0, 1, 0, 1])),
            ],
        )
        .parquet(
            "whole.parquet",
            vec![
                ("age", integers(&[30, 41, 30, 52])),
                ("label", integers(&[0, 1, 0, 1])),
            ],
        );
    for file in ["a.csv", "b.parquet"] {
        let data = load(&set.settings(file)).unwrap();
        let expected = [0.5, 30.0, 1.5, 41.0, 2.5, 30.0, 4.0, 52.0];
        let offsets = data.feature_offsets.iter().cycle();
        let found = values(&data.train).iter().zip(offsets);
        let found: Vec<f64> = found
            .map(|(value, offset)| f64::from(*value) + offset)
            .collect();
        assert_eq!(found, expected, "{file}");
    }
    let whole = load(&set.settings("whole.parquet")).unwrap();
    assert_eq!(whole.sample_shape, [1, 1, 1]);
}

/// As databases write numbers of so many places.
#[test]
fn decimals_are_features() {
    let cents = Decimal128Array::from(vec![150, -25, 0, 400]);
    let cents: ArrayRef = Arc::new(cents.with_precision_and_scale(10, 2).unwrap());
    let set = Set::new().parquet(
        "a.parquet",
        vec![("price", cents), ("label", integers(&[0, 1, 0, 1]))],
    );
    let data = load(&set.settings("a.parquet")).unwrap();
    assert_eq!(values(&data.train), [1.5, -0.25, 0.0, 4.0]);
}

#[test]
fn columns_beside_a_list_that_may_hold_labels_are_told_as_such() {
    let set = Set::new().parquet(
        "train.parquet",
        vec![
            ("embedding", lists(&[&[1.0, 2.0], &[3.0, 4.0]])),
            ("label", integers(&[0, 1])),
            ("target", integers(&[1, 0])),
            ("width", integers(&[7, 8])),
        ],
    );
    let data = load(&set.settings("train.parquet")).unwrap();
    let [target, width] = &data.reading.left_aside[..] else {
        panic!("{:?}", data.reading.left_aside);
    };
    let said = "column target: it may hold labels, too; `label_column` takes them";
    assert!(target.starts_with(said), "{target}");
    assert_eq!(width, "column width: the features are in a column of lists");
}

#[test]
fn columns_of_texts_are_left_aside_and_told() {
    let text = "city,a,when,label\nBonn,1.5,Mo,cat\nUlm,2.5,Di,dog\nUlm,0.5,Mo,cat\n";
    let data = Set::new().text("train.csv", text).load();
    assert_eq!(data.sample_shape, [1, 1, 1]);
    let reason = "it holds texts and no numbers";
    let expected = [
        format!("column city: {reason}"),
        format!("column when: {reason}"),
    ];
    assert_eq!(data.reading.left_aside, expected);
}

#[test]
fn booleans_are_0_and_1_in_csv_and_parquet() {
    let text = "wet,red,label\nTrue,false,cat\nFalse,TRUE,dog\n";
    let booleans = |values: [bool; 2]| Arc::new(BooleanArray::from(values.to_vec())) as ArrayRef;
    let columns = vec![
        ("wet", booleans([true, false])),
        ("red", booleans([false, true])),
        (
            "label",
            Arc::new(StringArray::from(vec!["cat", "dog"])) as ArrayRef,
        ),
    ];
    for set in [
        Set::new().text("train.csv", text),
        Set::new().parquet("train.parquet", columns),
    ] {
        let data = set.load();
        assert_eq!(values(&data.train), [1.0, 0.0, 0.0, 1.0]);
        assert_eq!(data.reading.left_aside, [""; 0]);
    }
}

#[test]
fn values_that_may_mark_missing_ones_are_told() {
    let told = |marks: [f32; 2]| {
        let row = |(at, mark): (usize, f32)| format!("{at}.5,{mark},{}\n", at % 2);
        let rows: String = (0..9)
            .map(|at| (at, at as f32))
            .chain([(9, marks[0]), (10, marks[1])])
            .map(row)
            .collect();
        let text = format!("a,b,label\n{rows}");
        Set::new().text("train.csv", &text).load().reading.remarks
    };
    let said = told([-999.0, -999.0]);
    assert!(
        said[0].starts_with("values that lie far from all others: -999 in column b; "),
        "{said:?}"
    );
    assert_eq!(told([9999.0, 9999.0]).len(), 1);
    // Once, near the others, and no such number.
    for marks in [[-999.0, 3.0], [9.0, 9.0], [-500.0, -500.0]] {
        assert_eq!(told(marks), [""; 0], "{marks:?}");
    }
}

#[test]
fn texts_are_class_names_and_columns_are_named_by_their_beginning() {
    let text = "id,x1,x2,kind\n9,1,2,owl\n9,3,4,cat\n";
    let set = Set::new().text("train.csv", text).text("test.csv", text);
    let settings = DatasetSettings {
        label_column: Some("kind".to_owned()),
        feature_columns: vec!["x*".to_owned()],
        ..set.settings("")
    };
    let data = load(&settings).unwrap();
    assert_eq!(data.class_names, ["cat", "owl"]);
    assert_eq!(data.train.labels, [1, 0]);
    assert_eq!(values(&data.train), [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn parquet_files_have_a_column_of_lists_in_shards() {
    let shard = |rows: &[&[f32]], labels: &[i64]| {
        let columns = [("embedding", lists(rows)), ("label", integers(labels))];
        let other = ("score", floats(&vec![9.0; labels.len()]));
        [&columns[..], &[other]].concat()
    };
    let set = Set::new()
        .parquet("train-1.parquet", shard(&[&[5.0, 6.0]], &[0]))
        .parquet(
            "train-0.parquet",
            shard(&[&[1.0, 2.0], &[3.0, 4.0]], &[0, 1]),
        )
        .parquet("test.parquet", shard(&[&[7.0, 8.0]], &[1]));
    let data = set.load();
    assert_eq!(values(&data.train), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(data.train.labels, [0, 1, 0]);
    let (file, row) = data.train.origins.place(2);
    assert!(file.ends_with("train-1.parquet") && row == 0);
}

#[test]
fn parquet_files_have_a_column_a_feature() {
    let doubles: ArrayRef = Arc::new(Float64Array::from(vec![3.0, 4.0]));
    let columns = vec![
        ("a", floats(&[1.0, 2.0])),
        ("target", integers(&[0, 1])),
        ("b", doubles),
        ("__index_level_0__", integers(&[0, 1])),
    ];
    let set = Set::new()
        .parquet("train.parquet", columns.clone())
        .parquet("test.parquet", columns);
    assert_eq!(values(&set.load().train), [1.0, 3.0, 2.0, 4.0]);
}

#[test]
fn npy_arrays_of_any_type_and_order_have_their_labels_beside_them() {
    let by_column = [1.0f64, 3.0, 5.0, 2.0, 4.0, 6.0];
    let set = Set::new()
        .npy("X_train.npy", Order::Fortran, &[3, 2], &by_column)
        .npy("y_train.npy", Order::C, &[3], &[0i64, 1, 1])
        .npy("X_test.npy", Order::C, &[1, 2], &[7i32, 8])
        .npy("y_test.npy", Order::C, &[1], &[1u8]);
    let data = set.load();
    assert_eq!(values(&data.train), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(
        (values(&data.test), &data.test.labels[..]),
        (&[7.0, 8.0][..], &[1][..])
    );
    assert_eq!(data.class_names, ["0", "1"]);
    // So Keras keeps labels.
    let set = set.npy("y_train.npy", Order::C, &[3, 1], &[0i64, 1, 1]);
    assert_eq!(set.load().train, data.train);
}

#[test]
fn half_floats_are_read() {
    // 1.0, 0.5 and -2.0 in IEEE 754 half precision.
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    let header = "{'descr': '<f2', 'fortran_order': False, 'shape': (3, 1), }";
    bytes.extend(format!("{header:<117}\n").bytes());
    bytes.extend([0x00, 0x3c, 0x00, 0x38, 0x00, 0xc0]);
    let set = Set::new();
    fs::write(set.path("train.npy"), bytes).unwrap();
    let file = read_file(&set.path("train.npy"), &set.settings("train.npy"), None).unwrap();
    assert_eq!((file.values, file.rows), (vec![1.0, 0.5, -2.0], 3));
}

#[test]
fn labels_from_a_file_are_those_of_all_rows_before_the_split() {
    let features: Vec<f32> = (0..10).map(|row| (row * row) as f32).collect();
    let labels: String = (0..10).map(|row| format!("c{}\n", row % 2)).collect();
    let set = Set::new()
        .npy("x.npy", Order::C, &[10, 1], &features)
        .text("y.csv", &format!("label\n{labels}"));
    let label_file = LabelFile {
        path: set.path("y.csv"),
        ..LabelFile::default()
    };
    let settings = DatasetSettings {
        label_file: Some(label_file.clone()),
        ..set.settings("x.npy")
    };
    let settings = DatasetSettings {
        test_share: TestShare::new(0.2),
        ..settings
    };
    let data = Dataset::load(&settings, 0).unwrap();
    assert_eq!((data.train.len(), data.test.len()), (8, 2));
    let expected: Vec<u32> = values(&data.train)
        .iter()
        .map(|&square| square as u32 % 2)
        .collect();
    assert_eq!(data.train.labels, expected);
    // As the run takes them, to be suspected: those of the rows that were kept.
    let given = label_file.read(&data.train.origins, &data.class_names);
    let given = given.unwrap();
    assert_eq!(given.given, expected);
    // An id is the row.
    let ids: Vec<usize> = (0..8)
        .map(|sample| data.train.origins.sample_id(sample))
        .collect();
    let rows: Vec<usize> = values(&data.train)
        .iter()
        .map(|&square| square.sqrt() as usize)
        .collect();
    assert_eq!(ids, rows);
    set.refuse_file(
        "x.npy",
        &[
            "x.npy: no column of it",
            "y.csv beside it is called as labels are",
        ],
    );
}
