//! Label files of each format that these tests make themselves, whole and broken.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int8Array, Int64Array, StringArray, UInt16Array};
use logformat::MislabeledColumn;
use npyz::WriterBuilder;
use tempfile::TempDir;
use tests::parquet_file::{write_hub_parquet, write_parquet};

use crate::dataset::label_file::file::LabelFile;
use crate::dataset::label_file::marks::TruthColumn;
use crate::dataset::samples::origins::Origins;

/// Reads `name` in `folder` for four samples of the classes cat, dog and owl.
fn read(folder: &TempDir, name: &str, column: Option<&str>) -> Result<Vec<u32>, String> {
    let file = LabelFile {
        path: folder.path().join(name),
        column: column.map(str::to_owned),
        ..LabelFile::default()
    };
    let names = ["cat", "dog", "owl"].map(str::to_owned);
    let labels = file
        .read(&Origins::rows_of("set.csv", 4), &names)
        .map_err(|error| error.to_string())?;
    assert_eq!(labels.truth, None);
    Ok(labels.given)
}

fn refuse(folder: &TempDir, name: &str, column: Option<&str>, parts: &[&str]) {
    let error = read(folder, name, column).unwrap_err();
    assert_eq!(error.lines().count(), 1, "{error}");
    for part in [&[name], parts].concat() {
        assert!(error.contains(part), "{part:?} is not in {error:?}");
    }
}

fn write(folder: &TempDir, name: &str, text: &str) {
    fs::write(folder.path().join(name), text).unwrap();
}

fn write_npy<T: npyz::AutoSerialize + Copy>(path: &Path, shape: &[u64], values: &[T]) {
    let mut writer = npyz::WriteOptions::new()
        .default_dtype()
        .shape(shape)
        .writer(fs::File::create(path).unwrap())
        .begin_nd()
        .unwrap();
    writer.extend(values.iter().copied()).unwrap();
    writer.finish().unwrap();
}

#[test]
fn a_csv_file_has_numbers_or_names() {
    let folder = TempDir::new().unwrap();
    write(&folder, "one.csv", "label\n2\n0\n1\n0\n");
    assert_eq!(read(&folder, "one.csv", None), Ok(vec![2, 0, 1, 0]));
    let text = "\u{feff}given,\"who, when\"\r\nowl,\"a, b\"\r\ncat,\r\n dog ,\r\ncat,\r\n";
    write(&folder, "two.CSV", text);
    assert_eq!(
        read(&folder, "two.CSV", Some("given")),
        Ok(vec![2, 0, 1, 0])
    );
}

#[test]
fn a_parquet_file_has_integers_of_any_width_or_names() {
    let folder = TempDir::new().unwrap();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("narrow", Arc::new(Int8Array::from(vec![2, 0, 1, 0]))),
        ("wide", Arc::new(Int64Array::from(vec![2, 0, 1, 0]))),
        ("unsigned", Arc::new(UInt16Array::from(vec![2, 0, 1, 0]))),
        (
            "name",
            Arc::new(StringArray::from(vec!["owl", "cat", "dog", "cat"])),
        ),
    ];
    write_parquet(&folder.path().join("a.parquet"), columns);
    for column in ["narrow", "wide", "unsigned", "name"] {
        let labels = read(&folder, "a.parquet", Some(column));
        assert_eq!(labels, Ok(vec![2, 0, 1, 0]), "{column}");
    }
    let parts = ["the columns narrow, wide, unsigned, name"];
    refuse(&folder, "a.parquet", None, &parts);
    let parts = ["no column x, but narrow, wide, unsigned, name"];
    refuse(&folder, "a.parquet", Some("x"), &parts);
}

#[test]
fn an_npy_file_is_one_column() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    write_npy(&path("a.npy"), &[4], &[2u8, 0, 1, 0]);
    write_npy(&path("b.npy"), &[4, 1], &[2i64, 0, 1, 0]);
    for name in ["a.npy", "b.npy"] {
        assert_eq!(read(&folder, name, None), Ok(vec![2, 0, 1, 0]));
    }
    refuse(&folder, "a.npy", Some("label"), &["no column label"]);
    write_npy(&path("flat.npy"), &[2, 2], &[2i32, 0, 1, 0]);
    refuse(&folder, "flat.npy", None, &["[2, 2]", "one dimension"]);
    write_npy(&path("real.npy"), &[4], &[2.0f32, 0.0, 1.0, 0.0]);
    assert_eq!(read(&folder, "real.npy", None), Ok(vec![2, 0, 1, 0]));
    write_npy(&path("half.npy"), &[4], &[0.5f64, 0.0, 1.0, 0.0]);
    refuse(&folder, "half.npy", None, &["a label 0.5", "whole numbers"]);
    write_npy(&path("low.npy"), &[4], &[2i16, 0, -1, 0]);
    refuse(
        &folder,
        "low.npy",
        None,
        &["row 2 (sample 2): the label -1 is below 0"],
    );
}

#[test]
fn the_strings_of_numpy_are_names() {
    let folder = TempDir::new().unwrap();
    // numpy.save("a.npy", numpy.array(["owl", "cat", "dog", "cat"]))
    let mut file = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    let header = "{'descr': '<U3', 'fortran_order': False, 'shape': (4,), }";
    file.extend(format!("{header:117}\n").bytes());
    let letters = "owlcatdogcat".chars();
    file.extend(letters.flat_map(|letter| u32::from(letter).to_le_bytes()));
    fs::write(folder.path().join("a.npy"), file).unwrap();
    assert_eq!(read(&folder, "a.npy", None), Ok(vec![2, 0, 1, 0]));
}

#[test]
fn the_truth_may_stand_beside() {
    let folder = TempDir::new().unwrap();
    write(&folder, "a.csv", "given,expert\n0,0\n1,2\n1,1\n0,0\n");
    let file = LabelFile {
        path: folder.path().join("a.csv"),
        column: Some("given".to_owned()),
        truth: Some(TruthColumn::Labels("expert".to_owned())),
        ..LabelFile::default()
    };
    let names = ["cat", "dog", "owl"].map(str::to_owned);
    let labels = file.read(&Origins::rows_of("set.csv", 4), &names).unwrap();
    assert_eq!(labels.given, [0, 1, 1, 0]);
    assert_eq!(labels.truth, Some([0, 2, 1, 0].map(Some).to_vec()));
}

/// As those of an AUM table, where classes are called by numbers in the order of texts.
#[test]
fn indices_beside_names_that_are_other_numbers_are_refused() {
    let folder = TempDir::new().unwrap();
    let table = "sample_id,true_label,true_class\n0,2,10\n1,3,2\n2,0,0\n3,1,1\n";
    write(&folder, "aum.csv", table);
    let read = |column: &str, names: [&str; 4]| {
        let file = LabelFile {
            path: folder.path().join("aum.csv"),
            column: Some(column.to_owned()),
            ..LabelFile::default()
        };
        let labels = file.read(&Origins::rows_of("set.csv", 4), &names.map(str::to_owned));
        labels
            .map(|labels| labels.given)
            .map_err(|error| error.to_string())
    };
    let names = ["0", "1", "10", "2"];
    assert_eq!(read("true_class", names), Ok(vec![2, 3, 0, 1]));
    let said = read("true_label", names).unwrap_err();
    assert!(said.contains("take true_class in its place"), "{said}");
    assert_eq!(
        read("true_label", ["0", "1", "2", "3"]),
        Ok(vec![2, 3, 0, 1])
    );
    assert_eq!(
        read("true_label", ["a", "b", "c", "d"]),
        Ok(vec![2, 3, 0, 1])
    );
}

#[test]
fn the_truth_may_say_right_or_wrong_alone() {
    let folder = TempDir::new().unwrap();
    write(
        &folder,
        "a.csv",
        "label,verified\ncat,1\ndog,0\ndog,\ncat,1\n",
    );
    let file = LabelFile {
        path: folder.path().join("a.csv"),
        truth: Some(TruthColumn::Mislabeled("verified=0".parse().unwrap())),
        ..LabelFile::default()
    };
    let names = ["cat", "dog", "owl"].map(str::to_owned);
    let samples = Origins::rows_of("set.csv", 4);
    let labels = file.read(&samples, &names).unwrap();
    assert_eq!((labels.given, labels.truth), (vec![0, 1, 1, 0], None));
    let marks = Some(vec![Some(false), Some(true), None, Some(false)]);
    assert_eq!(labels.mislabeled, marks);
    let column: MislabeledColumn = "verified=0".parse().unwrap();
    let labels = file.read_own_marks(&column, &samples, &[0; 4]).unwrap();
    assert_eq!(labels.mislabeled, marks);
}

#[test]
fn a_missing_file_and_an_unknown_suffix_are_named() {
    let folder = TempDir::new().unwrap();
    for name in ["none.csv", "none.parquet", "none.npy"] {
        refuse(&folder, name, None, &["cannot be read", "No such file"]);
    }
    for name in ["labels.txt", "labels"] {
        refuse(&folder, name, None, &[".parquet, .csv, .tsv and .npy"]);
    }
}

#[test]
fn another_number_of_labels_than_samples_is_refused_with_both() {
    let folder = TempDir::new().unwrap();
    write(&folder, "long.csv", "label\n2\n0\n1\n0\n0\n");
    refuse(&folder, "long.csv", None, &["5 labels", "4 samples"]);
    write(&folder, "bare.csv", "2\n0\n1\n0\n");
    let parts = [
        "3 labels",
        "4 samples",
        "first line, \"2\"",
        "put a line that says label before",
    ];
    refuse(&folder, "bare.csv", None, &parts);
}

#[test]
fn a_label_that_is_no_class_is_named_with_its_row() {
    let folder = TempDir::new().unwrap();
    for (rows, reason) in [
        (
            "2\n0\n3\n0",
            "column label, row 2 (sample 2): the label is 3, but the classes are 0 to 2",
        ),
        (
            "owl\ncat\nbat\ncat",
            "row 2 (sample 2): the label \"bat\" is neither",
        ),
        (
            "2\n0\n1.5\n0",
            "row 2 (sample 2): the label \"1.5\" is neither",
        ),
        ("2\n0\n\"\"\n0", "row 2 (sample 2): there is no label"),
    ] {
        write(&folder, "a.csv", &format!("label\n{rows}\n"));
        refuse(&folder, "a.csv", None, &[reason]);
    }
    let nulls = Int64Array::from(vec![Some(2), None, Some(1), Some(0)]);
    write_parquet(
        &folder.path().join("null.parquet"),
        vec![("a", Arc::new(nulls))],
    );
    refuse(
        &folder,
        "null.parquet",
        None,
        &["column a, row 1 (sample 1): there is no label"],
    );
    let reals = Float64Array::from(vec![2.0, 0.0, 1.0, 0.0]);
    write_parquet(
        &folder.path().join("real.parquet"),
        vec![("a", Arc::new(reals))],
    );
    assert_eq!(read(&folder, "real.parquet", None), Ok(vec![2, 0, 1, 0]));
}

#[test]
fn a_file_that_is_cut_short_or_something_else_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let labels = Int64Array::from(vec![2, 0, 1, 0]);
    write_parquet(&path("a.parquet"), vec![("a", Arc::new(labels))]);
    write_npy(&path("a.npy"), &[4], &[2i64, 0, 1, 0]);
    write(&folder, "a.csv", "a,b\n2,1\n0\n1,1\n0,0\n");
    refuse(&folder, "a.csv", Some("a"), &["line 3: it has 1 cells"]);
    for name in ["a.parquet", "a.npy"] {
        let whole = fs::read(path(name)).unwrap();
        for length in 0..whole.len() {
            fs::write(path(name), &whole[..length]).unwrap();
            refuse(&folder, name, None, &["cannot be"]);
        }
    }
}

#[test]
fn numbers_are_the_names_that_the_file_itself_gives_them() {
    let folder = TempDir::new().unwrap();
    let with = |file: &str, names: &[&str], labels: [i64; 4]| {
        let labels: ArrayRef = Arc::new(Int64Array::from(labels.to_vec()));
        let path = folder.path().join(file);
        write_hub_parquet(&path, vec![("label", labels)], "label", names);
    };
    with("a.parquet", &["owl", "cat", "dog"], [0, 1, 2, 1]);
    assert_eq!(read(&folder, "a.parquet", None), Ok(vec![2, 0, 1, 0]));
    // Where one name is that of two classes, the indices tell them apart.
    with("a.parquet", &["owl", "owl", "owl"], [0, 1, 2, 1]);
    assert_eq!(read(&folder, "a.parquet", None), Ok(vec![0, 1, 2, 1]));
    with("a.parquet", &["owl", "cat", "dog"], [0, 1, -1, 1]);
    refuse(&folder, "a.parquet", None, &["row 2", "there is no label"]);
    with("a.parquet", &["owl", "cat", "dog"], [0, 1, 3, 1]);
    refuse(&folder, "a.parquet", None, &["row 2", "the label 3 is"]);
    with("a.parquet", &["owl", "cat", "emu"], [0, 1, 2, 1]);
    refuse(&folder, "a.parquet", None, &["row 2", "\"emu\""]);
}
