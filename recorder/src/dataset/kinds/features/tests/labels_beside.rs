//! Features and their labels in files of their own, as scikit-learn's and Keras' users keep them.

use npyz::Order;

use super::Set;
use crate::dataset::kinds::features::whole_set::load;
use crate::dataset::settings::DatasetSettings;

const FEATURES: &str = "a,b\n0.5,1\n1.5,2\n3.5,1\n4.5,3\n";

#[test]
fn a_table_that_is_called_as_labels_has_those_of_the_features_in_its_folder() {
    for (features, labels, column) in [
        ("X_train.csv", "y_train.csv", "y"),
        ("train_features.csv", "train_labels.csv", "label"),
        ("X.csv", "y.csv", "target"),
    ] {
        let set = Set::new()
            .text(features, FEATURES)
            .text(labels, &format!("{column}\n0\n1\n1\n0\n"));
        let data = set.load();
        assert_eq!(data.train.labels, [0, 1, 1, 0]);
        assert_eq!(data.reading.features.unwrap(), "2, a, b");
        let told = data.reading.labels.unwrap();
        assert!(
            told.contains(&format!("column {column} of ")) && told.ends_with(labels),
            "{told}"
        );
    }
}

#[test]
fn each_part_has_its_own_labels() {
    let set = Set::new()
        .text("X_train.csv", FEATURES)
        .text("y_train.csv", "y\n0\n1\n1\n0\n")
        .text("X_test.csv", "a,b\n0.5,1\n1.5,2\n")
        .text("y_test.csv", "y\n1\n0\n");
    let data = set.load();
    assert_eq!(data.train.labels, [0, 1, 1, 0]);
    assert_eq!(data.test.labels, [1, 0]);
    // As for arrays, of other names than these of parts, too.
    for features in ["X.npy", "embeddings.npy"] {
        let set = Set::new()
            .npy(features, Order::C, &[4, 1], &[0.5f32, 1.5, 2.5, 4.5])
            .npy("labels.npy", Order::C, &[4], &[0i64, 1, 0, 1]);
        assert_eq!(set.load().train.labels, [0, 1, 0, 1]);
    }
}

#[test]
fn how_labels_beside_were_joined_is_told() {
    let set = Set::new()
        .text("X_train.csv", FEATURES)
        .text("y_train.csv", "index,label\n2,1\n0,0\n3,0\n1,1\n");
    let data = set.load();
    assert_eq!(data.train.labels, [0, 1, 1, 0]);
    let told = "labels are joined to samples by the ids in column index";
    let remarks = data.reading.remarks;
    assert!(
        remarks.iter().any(|said| said.contains(told)),
        "{remarks:?}"
    );
}

#[test]
fn features_alone_are_refused_with_the_labels_beside_them() {
    let set = Set::new()
        .text("X_train.csv", FEATURES)
        .text("X_test.csv", FEATURES)
        .text("y_train.csv", "y\n0\n1\n1\n0\n")
        .text("y_test.csv", "y\n0\n1\n1\n0\n")
        .npy(
            "embeddings.npy",
            Order::C,
            &[4, 1],
            &[0.5f32, 1.5, 2.5, 4.5],
        )
        .npy("labels.npy", Order::C, &[4], &[0i64, 1, 0, 1]);
    let beside = "beside it is called as labels are";
    set.refuse_file(
        "X_train.csv",
        &["X_train.csv: no column of it", "y_train.csv", beside],
    );
    set.refuse_file("embeddings.npy", &["labels.npy", beside]);
    // With labels of its own, or others that were given, nothing is missing.
    let set = set.text("train.csv", "a,label\n0.5,0\n1.5,1\n3.5,0\n");
    assert_eq!(
        load(&set.settings("train.csv")).unwrap().train.labels,
        [0, 1, 0]
    );
}

#[test]
fn labels_of_a_table_stand_before_those_beside_it() {
    let set = Set::new()
        .text("X_train.csv", "a,label\n0.5,0\n1.5,1\n3.5,0\n")
        .text("y_train.csv", "y\n1\n1\n0\n");
    let data = set.load();
    assert_eq!(data.train.labels, [0, 1, 0]);
    let told = data.reading.remarks.join("; ");
    assert!(told.contains("y_train.csv is not read, since"), "{told}");
}

#[test]
fn a_column_that_is_asked_for_may_be_one_of_the_labels() {
    let set = Set::new()
        .text("X_train.csv", FEATURES)
        .text("y_train.csv", "kind,size\n0,1\n1,0\n1,0\n0,1\n");
    for (column, labels) in [("kind", [0, 1, 1, 0]), ("size", [1, 0, 0, 1])] {
        let settings = DatasetSettings {
            label_column: Some(column.to_owned()),
            ..set.settings("")
        };
        assert_eq!(load(&settings).unwrap().train.labels, labels);
    }
}
