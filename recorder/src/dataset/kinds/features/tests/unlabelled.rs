//! Test parts whose labels are kept back.

use npyz::Order;

use super::Set;

#[test]
fn a_test_table_without_labels_gives_way_to_that_for_validation() {
    for test in [
        "x,label\n1.5,-1\n2.5,-1\n",
        "x,label\n1.5,\n2.5,\n",
        "x,label\n1.5,nan\n2.5,nan\n",
        "x\n1.5\n2.5\n",
    ] {
        let set = Set::new()
            .text("train.csv", "x,label\n0.5,0\n1.5,1\n3.5,0\n")
            .text("val.csv", "x,label\n0.5,1\n")
            .text("test.csv", test);
        let data = set.load();
        assert_eq!(data.test.labels, [1], "{test:?}");
        let aside = data.reading.left_aside.join("; ");
        assert!(aside.ends_with("test.csv: it has no labels"), "{aside}");
    }
    // Where some have labels, the others are told.
    let set = Set::new()
        .text("train.csv", "x,label\n0.5,0\n1.5,1\n")
        .text("val.csv", "x,label\n0.5,1\n")
        .text("test.csv", "x,label\n1.5,-1\n2.5,1\n");
    set.refuse_all(&["test.csv", "the label -1 is below 0"]);
}

#[test]
fn a_test_array_without_labels_is_left_aside() {
    let set = Set::new()
        .npy("X_train.npy", Order::C, &[4, 1], &[0.5f32, 1.5, 2.5, 4.5])
        .npy("y_train.npy", Order::C, &[4], &[0i64, 1, 0, 1])
        .npy("X_test.npy", Order::C, &[2, 1], &[0.5f32, 1.5]);
    let data = set.load();
    assert_eq!((data.train.labels.len(), data.test.len()), (4, 0));
    let aside = data.reading.left_aside.join("; ");
    assert!(aside.ends_with("X_test.npy: it has no labels"), "{aside}");
}
