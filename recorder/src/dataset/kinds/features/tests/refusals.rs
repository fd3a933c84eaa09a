//! What cannot be read as features is refused with its place, the reason and the way out.

use super::*;

#[test]
fn features_that_are_no_numbers_are_refused_with_row_and_column() {
    let nan = Set::new()
        .text("a.csv", "a,b,label\n1,2,0\n1,NaN,1\n")
        .parquet(
            "b.parquet",
            vec![
                ("v", lists(&[&[1.0, 2.0], &[f32::INFINITY, 2.0]])),
                ("label", integers(&[0, 1])),
            ],
        )
        .parquet(
            "c.parquet",
            vec![
                ("v", Arc::new(Float32Array::from(vec![Some(1.0), None]))),
                ("label", integers(&[0, 1])),
            ],
        )
        .npy("d.npy", Order::C, &[2, 1], &[0.0, 1e300]);
    nan.refuse_file("a.csv", &["row 1, column b: the value is NaN"]);
    nan.refuse_file(
        "b.parquet",
        &["row 1, column v, element 0: the value is inf"],
    );
    nan.refuse_file("c.parquet", &["row 1, column v: there is no value"]);
    nan.refuse_file(
        "d.npy",
        &["row 1, column 0: the value is infinite, or too large"],
    );
    let text = Set::new().text("a.csv", "a,b,label\n1,2,0\n1,n/a,1\n");
    text.refuse_file("a.csv", &["line 3, column b: \"n/a\" is no number"]);
    let texts = Set::new().text("a.csv", "a,label\nx,0\ny,1\n");
    texts.refuse_file("a.csv", &["no column is left for features", "texts"]);
}

#[test]
fn rows_of_different_lengths_are_refused() {
    let set = Set::new().text("a.csv", "a,b,label\n1,2,0\n1,1\n").parquet(
        "b.parquet",
        vec![
            ("v", lists(&[&[1.0, 2.0], &[1.0]])),
            ("label", integers(&[0, 1])),
        ],
    );
    set.refuse_file(
        "a.csv",
        &["line 3: it has 2 cells, but the first line names 3 columns"],
    );
    set.refuse_file(
        "b.parquet",
        &["row 1, column v: it has 1 features, but the rows before have 2"],
    );
    let set = Set::new()
        .text("train.csv", TWO_ROWS)
        .text("test.csv", "b,a,label\n1,2,0\n");
    set.refuse(
        &set.settings(""),
        &["test.csv: it has a column b where the files before have a"],
    );
}

#[test]
fn what_may_be_features_or_not_is_asked() {
    let label = ("label", integers(&[0, 1]));
    let set = Set::new()
        .parquet(
            "a.parquet",
            vec![
                ("x", floats(&[1.0, 2.0])),
                ("age", integers(&[5, 6])),
                label.clone(),
            ],
        )
        .parquet(
            "b.parquet",
            vec![
                ("v", lists(&[&[1.0], &[2.0]])),
                ("w", lists(&[&[1.0], &[2.0]])),
                label.clone(),
            ],
        )
        .parquet(
            "c.parquet",
            vec![("x", Arc::new(StringArray::from(vec!["1", "2"]))), label],
        )
        .text("d.csv", "x,kind\n1,0\n2,1\n")
        .text("e.csv", ",x,label\n0,5,0\n1,7,0\n2,5,1\n3,3,1\n")
        .text("f.csv", "1.5,2.5,0\n3.5,4.5,1\n");
    set.refuse_file(
        "b.parquet",
        &["several columns have lists of numbers, v, w"],
    );
    set.refuse_file("c.parquet", &["no column is left for features"]);
    set.refuse_file(
        "d.csv",
        &["no column is called label", "label_column", "x, kind"],
    );
    // A column without a name is the row numbers that pandas writes.
    assert_eq!(
        values(&load(&set.settings("e.csv")).unwrap().train),
        [5.0, 7.0, 5.0, 3.0]
    );
    set.refuse_file("f.csv", &["its first line begins with \"1.5\"", "names"]);
    // The label of the first row is no name either; wavelengths are.
    for (header, is_refused) in [
        ("5.1,3.5,1.4,0.2,setosa", true),
        ("1100,1102,1104,1108,setosa", false),
        ("4000,3996,3992,3988,setosa", false),
    ] {
        let set = Set::new().text("g.csv", &format!("{header}\n1,2,3,4,a\n5,6,7,8,b\n"));
        let settings = DatasetSettings {
            label_column: Some("setosa".to_owned()),
            ..set.settings("g.csv")
        };
        assert_eq!(load(&settings).is_err(), is_refused, "{header}");
    }
    let named = DatasetSettings {
        feature_columns: vec!["x".to_owned(), "age".to_owned()],
        ..set.settings("a.parquet")
    };
    let names = parquet_table::read(&set.path("a.parquet"), &named, None)
        .unwrap()
        .columns
        .names;
    assert_eq!(
        names,
        Names::Columns(vec!["x".to_owned(), "age".to_owned()])
    );
    let missing = DatasetSettings {
        feature_columns: vec!["height".to_owned()],
        ..set.settings("a.parquet")
    };
    set.refuse(&missing, &["there is no column height"]);
}

#[test]
fn labels_that_fit_no_class_are_refused() {
    let set = Set::new()
        .text("one-based.csv", "a,label\n1,1\n5,2\n")
        .text("negative.csv", "a,label\n1,-1\n5,1\n3,0\n")
        .text("none.csv", "a,label\n1,0\n5,\n")
        .text("same.csv", "a,label\n1,0\n5,0\n");
    // Class 0 has no sample.
    let one_based = load(&set.settings("one-based.csv")).unwrap();
    assert_eq!(one_based.class_names, ["0", "1", "2"]);
    assert_eq!(one_based.train.labels, [1, 2]);
    set.refuse_file("negative.csv", &["sample 0: the label -1 is below 0"]);
    set.refuse_file("none.csv", &["line 3: there is no label"]);
    set.refuse_file("same.csv", &["all samples have the same label"]);
    let short = Set::new()
        .npy("train-x.npy", Order::C, &[3, 1], &[1.0f32, 2.0, 3.0])
        .npy("train-y.npy", Order::C, &[2], &[0i64, 1]);
    short.refuse(
        &short.settings(""),
        &["train-y.npy: there are 2 labels", "3 samples"],
    );
}

#[test]
fn files_that_are_damaged_or_something_else_are_refused() {
    let set = Set::new()
        .text("a.txt", "1 2 3")
        .npy("cube.npy", Order::C, &[1, 1, 1], &[1.0f32])
        .npy("whole.npy", Order::C, &[4, 2], &[1.0f32; 8]);
    set.refuse_file("a.txt", &["the suffix is unknown", ".npy"]);
    set.refuse_file("cube.npy", &["the shape [1, 1, 1]", "samples × features"]);
    let whole = fs::read(set.path("whole.npy")).unwrap();
    for length in 0..whole.len() {
        fs::write(set.path("cut.npy"), &whole[..length]).unwrap();
        set.refuse_file("cut.npy", &["cut.npy: "]);
    }
    fs::write(set.path("long.npy"), [&whole[..], b"0000"].concat()).unwrap();
    set.refuse_file("long.npy", &["goes on after the array"]);
    let both =
        Set::new()
            .text("train.csv", TWO_ROWS)
            .npy("train.npy", Order::C, &[1, 1], &[1.0f32]);
    both.refuse(
        &both.settings(""),
        &["there are .csv and .npy files for training"],
    );
}

#[test]
fn features_that_other_files_lack_are_named() {
    let train = "a,b,c,label\n1,x,2,0\n2,y,3,1\n";
    for (test, reason) in [
        (
            "a,b,c,label\n1,5,2,0\n",
            "test.csv: its column b is a feature, but none of the files before",
        ),
        (
            "a,b,label\n1,x,0\n",
            "test.csv: it has no feature in column c, as the files before have",
        ),
    ] {
        let set = Set::new().text("train.csv", train).text("test.csv", test);
        set.refuse_all(&[reason]);
    }
    Set::new()
        .npy("X_train.npy", Order::C, &[2, 2], &[1i64, 2, 3, 4])
        .npy("y_train.npy", Order::C, &[2], &[0i64, 1])
        .npy("X_test.npy", Order::C, &[1, 3], &[1i64, 2, 3])
        .npy("y_test.npy", Order::C, &[1], &[0i64])
        .refuse_all(&["X_test.npy: it has 3 features a row, but the files before have 2"]);
}

#[test]
fn a_column_of_missing_values_holds_no_texts() {
    let rows = "1,NA,0\n".repeat(2000);
    let text = format!("a,b,label\n{rows}2,3.5,1\n");
    let set = Set::new().text("train.csv", &text);
    set.refuse_file(
        "train.csv",
        &["line 2, column b: \"NA\" is no number", "filled in"],
    );
}

#[test]
fn files_of_numbers_and_files_of_names_for_labels_are_refused() {
    let set = Set::new()
        .text("train-0.csv", "a,label\n1,cat\n2,dog\n")
        .text("train-1.csv", "a,label\n1,0\n2,1\n");
    set.refuse_all(&["train-1.csv: its labels are of another kind"]);
    // Where one has both, numbers are names.
    let set = set.text("train-0.csv", "a,label\n1,2b\n2,1\n");
    assert_eq!(set.load().class_names, ["0", "1", "2b"]);
}
