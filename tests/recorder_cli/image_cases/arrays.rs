//! Arrays of NumPy: images and labels under the names that Keras, MedMNIST and people give them.

use std::fs;

use tests::numpy::{npy, npy_floats, npy_integers, npz};

use crate::image_cases::place::Place;

/// So many images of 2×3 pixels and three channels, no two the same.
fn images(count: u8) -> Vec<u8> {
    let values: Vec<u8> = (0..18 * count).collect();
    npy("|u1", false, &format!("({count}, 2, 3, 3)"), &values)
}

fn labels(count: usize) -> Vec<u8> {
    let values: Vec<i64> = (0..count as i64).map(|sample| sample % 2).collect();
    npy_integers(&format!("({count},)"), &values)
}

const SET: &str = "--dataset=arrays --data=set.npz";

#[test]
fn parts_are_told_by_the_names_of_the_arrays() {
    let column = npy_integers("(6, 1)", &[0, 1, 0, 1, 0, 1]);
    for (names, counts) in [
        (["x_train", "y_train", "x_test", "y_test"], [6, 4]),
        (
            ["train_images", "train_labels", "val_images", "val_labels"],
            [6, 4],
        ),
        (["train/x", "train/y", "test/x", "test/y"], [6, 4]),
    ] {
        let place = Place::new();
        let [x, y, x_test, y_test] = names;
        let arrays = [
            (x, images(6)),
            (y, column.clone()),
            (x_test, images(4)),
            (y_test, labels(4)),
        ];
        place.write("set.npz", npz(&arrays));
        let data = place.data(SET);
        assert_eq!(data.counts(), counts, "{names:?}");
        assert_eq!(data.classes(), "0 3 2, 1 3 2");
        let said = format!("read 6 training samples from set.npz/{x}.npy");
        assert!(data.notes().contains(&said), "{}", data.notes());
    }
}

#[test]
fn each_part_may_have_an_archive() {
    let place = Place::new();
    let part = |count: u8| npz(&[("x", images(count)), ("y", labels(count.into()))]);
    place.write("set/train.npz", part(6));
    place.write("set/test.npz", part(4));
    let data = place.data("--dataset=arrays --data=set");
    assert_eq!(data.counts(), [6, 4]);
    assert!(
        data.notes().contains("from set/train.npz/x.npy"),
        "{}",
        data.notes()
    );
}

#[test]
fn an_archive_without_parts_is_told_by_shapes() {
    let place = Place::new();
    // Texts of NumPy have four bytes a letter.
    let letters = "catdog".repeat(3);
    let letters: Vec<u8> = letters.bytes().flat_map(|one| [one, 0, 0, 0]).collect();
    let names = npy("<U3", false, "(6,)", &letters);
    let arrays = [("arr_0", images(6)), ("arr_1", names.clone())];
    place.write("set.npz", npz(&arrays));
    assert_eq!(place.data(SET).classes(), "cat 3 0, dog 3 0");
    let arrays = [
        ("images", images(6)),
        ("ids", labels(6)),
        ("label_names", labels(2)),
        ("labels", names.clone()),
        ("seed", npy_integers("()", &[7])),
    ];
    place.write("set.npz", npz(&arrays));
    let data = place.data(SET);
    assert_eq!(data.classes(), "cat 3 0, dog 3 0");
    for name in ["ids", "label_names", "seed"] {
        let said = format!("left aside: set.npz/{name}.npy: by its shape");
        assert!(data.notes().contains(&said), "{}", data.notes());
    }
    // One array, and its labels in another file; or a folder of such files.
    place.write("set/images.npy", images(6));
    place.write("set/labels.npy", names);
    let one = "--dataset=arrays --data=set/images.npy --labels=set/labels.npy";
    assert_eq!(place.data(one).counts(), [6, 0]);
    let folder = place.data("--dataset=arrays --data=set");
    assert_eq!(folder.classes(), "cat 3 0, dog 3 0");
}

#[test]
fn channels_may_come_first_or_last() {
    const CORNERS: [(usize, usize); 8] = [
        (0, 0),
        (0, 1),
        (0, 2),
        (0, 3),
        (1, 0),
        (1, 1),
        (1, 2),
        (1, 3),
    ];
    let value =
        |sample: usize, channel: usize, (y, x)| (40 * sample + 8 * channel + 4 * y + x) as u8;
    let of_sample = |sample| CORNERS.map(|at| [0, 1, 2].map(|channel| value(sample, channel, at)));
    let last: Vec<u8> = (0..6).flat_map(of_sample).flatten().collect();
    let of_sample = |sample| [0, 1, 2].map(|channel| CORNERS.map(|at| value(sample, channel, at)));
    let first: Vec<u8> = (0..6).flat_map(of_sample).flatten().collect();
    let place = Place::new();
    let log = |shape: &str, values: &[u8]| {
        let images = npy("|u1", false, shape, values);
        place.write("set.npz", npz(&[("x", images), ("y", labels(6))]));
        place.log(SET)
    };
    let expected = log("(6, 2, 4, 3)", &last);
    assert!(log("(6, 3, 2, 4)", &first) == expected);
    assert!(log("(6, 3, 2, 4)", &last) != expected);
    // Three pixels wide, it could be either; nobody can tell.
    let both = npy("|u1", false, "(6, 3, 2, 3)", &last[..108]);
    place.write("set.npz", npz(&[("x", both), ("y", labels(6))]));
    place.refuses(SET, &["set.npz/x.npy", "may be samples × height"]);
}

#[test]
fn what_is_no_array_of_images_is_refused_with_the_way_out() {
    let place = Place::new();
    let x = || images(6);
    let floats = npy_floats("(6, 2, 2)", &[0.5; 24]);
    let vectors = npy_floats("(6, 4)", &[0.5; 24]);
    let whole = npy_integers("(6, 2, 2)", &[7; 24]);
    let objects = npy("|O", false, "(6,)", b"pickled");
    let one_hot = npy_integers("(6, 2)", &[1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1]);
    let fortran = npy("|u1", true, "(6, 2, 2)", &[1; 24]);
    let other_size = npy("|u1", false, "(2, 5, 5)", &[1; 50]);
    let cases = [
        (
            vec![("x", whole), ("y", labels(6))],
            &["'<i8'", "array.astype(\"uint8\") makes such of whole"][..],
        ),
        (
            vec![("x", x()), ("y", objects)],
            &["set.npz/y.npy", "'|O'", "`astype(str)`"],
        ),
        (
            vec![("x", floats), ("y", labels(6))],
            &["set.npz/x.npy", "'<f4'", ".astype(\"uint8\")"],
        ),
        (
            vec![("x", vectors), ("y", labels(6))],
            &["[6, 4]", "vectors are read by --dataset features"],
        ),
        (
            vec![("x", x()), ("y", one_hot)],
            &["set.npz/y.npy", "[6, 2]", "array.argmax(axis=1)"],
        ),
        (
            vec![("x", fortran), ("y", labels(6))],
            &["Fortran's order", "ascontiguousarray"],
        ),
        (
            vec![("x", x()), ("z", x()), ("y", labels(6))],
            &["another array of images", "set.npz/x.npy"],
        ),
        (
            vec![("x", x()), ("y", labels(5))],
            &["there are 5 labels, but the training set has 6"],
        ),
        (vec![("x", x())], &["no labels", "--labels FILE"]),
        (
            vec![
                ("x_train", x()),
                ("y_train", labels(6)),
                ("x_test", other_size),
                ("y_test", labels(2)),
            ],
            &["set.npz/x_test.npy", "5×5×1", "2×3×3"],
        ),
    ];
    for (arrays, said) in cases {
        place.write("set.npz", npz(&arrays));
        place.refuses(SET, said);
    }
    let features = "--dataset=features --data=set.npz";
    place.write("set.npz", npz(&[("x", x()), ("y", labels(6))]));
    place.refuses(features, &["images in arrays are read by --dataset arrays"]);
}

#[test]
fn a_flipped_bit_is_told_by_the_checksum_of_the_archive() {
    let place = Place::new();
    let mut bytes = npz(&[("x", images(6)), ("y", labels(6))]);
    let at = bytes
        .windows(6)
        .position(|six| six == b"\x93NUMPY")
        .unwrap();
    bytes[at + 140] ^= 1;
    place.write("set.npz", &bytes);
    place.refuses(SET, &["set.npz/x.npy", "checksum of its archive"]);
    place.write("set.npz", npz(&[]));
    place.refuses(SET, &["set.npz", "none of its 0 .npy files"]);
    place.write("set.npz", &bytes[..bytes.len() / 2]);
    place.refuses(SET, &["set.npz", "damaged or incomplete"]);
    // 2⁶⁴ + 2 pixels each, of which 64 bits hold 2.
    let beyond = npy("|u1", false, "(6, 6148914691236517206, 3, 1)", &[7; 12]);
    let beyond = npz(&[("x", beyond), ("y", labels(6))]);
    place.write("set.npz", beyond);
    place.refuses(SET, &["set.npz/x.npy", "of memory"]);
}

#[test]
fn vectors_in_an_archive_are_those_of_a_folder_of_its_files() {
    let place = Place::new();
    let values: Vec<f32> = (0..24).map(|value| value as f32).collect();
    let arrays = [
        ("X_train", npy_floats("(8, 3)", &values)),
        ("y_train", labels(8)),
        ("X_test", npy_floats("(2, 3)", &values[..6])),
        ("y_test", labels(2)),
    ];
    let features = "--dataset=features --data=set.npz";
    place.write("set.npz", npz(&arrays));
    let archive = place.log(features);
    fs::remove_file(place.path("set.npz")).unwrap();
    for (name, array) in &arrays {
        place.write(&format!("set.npz/{name}.npy"), array);
    }
    assert!(archive == place.log(features));
}
