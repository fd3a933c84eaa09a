//! Images in Parquet files as hubs have them: shards with names of their own, parts without labels, paths
//! instead of images, and folders around files; for own data and for those that are known by name.

use std::fs::{self, File};
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BinaryArray, Int64Array, RecordBatch, StringArray, StructArray,
};
use arrow_schema::{DataType, Field};
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;

use crate::image_cases::place::{Place, png};

const TABLE: &str = "--dataset=parquet --data=set";

fn images(classes: &[u8]) -> Vec<Vec<u8>> {
    classes
        .iter()
        .enumerate()
        .map(|(number, &class)| png(class, number))
        .collect()
}

/// A shard whose labels are indices among `names`, as the library of the hub writes it.
fn shard(place: &Place, path: &str, names: &[&str], classes: &[&str]) {
    // The image shows the class by its first letter.
    let pictures: Vec<u8> = classes
        .iter()
        .map(|class| class.as_bytes()[0] % 4)
        .collect();
    let pixels: ArrayRef = Arc::new(BinaryArray::from_iter_values(images(&pictures)));
    let label = |class: &&str| names.iter().position(|name| name == class).unwrap() as i64;
    let labels: ArrayRef = Arc::new(Int64Array::from_iter_values(classes.iter().map(label)));
    let rows = RecordBatch::try_from_iter([("image", pixels), ("label", labels)]).unwrap();
    let file = File::create(place.path(path)).unwrap();
    let mut writer = ArrowWriter::try_new(file, rows.schema(), None).unwrap();
    let features = serde_json::json!({"info": {"features": {"label": {"names": names}}}});
    writer.append_key_value_metadata(KeyValue::new(
        "huggingface".to_owned(),
        features.to_string(),
    ));
    writer.write(&rows).unwrap();
    writer.close().unwrap();
}

#[test]
fn each_shard_is_read_by_its_own_names() {
    let place = Place::new();
    let classes = ["cat", "dog", "dog", "owl", "owl", "owl"];
    shard(
        &place,
        "set/train-00000-of-00002.parquet",
        &["cat", "dog", "owl"],
        &classes,
    );
    shard(
        &place,
        "set/train-00001-of-00002.parquet",
        &["owl", "cat", "dog"],
        &classes,
    );
    shard(
        &place,
        "set/test-00000-of-00001.parquet",
        &["dog", "owl", "cat"],
        &classes,
    );
    assert_eq!(place.data(TABLE).classes(), "cat 2 1, dog 4 2, owl 6 3");
    place.is_the_same_from_the_disk(TABLE);
    // The same set by a name that is known: a shard's order is not that of the data set.
    let place = Place::new();
    let reversed = ["9", "8", "7", "6", "5", "4", "3", "2", "1", "0"];
    shard(&place, "set/train-0.parquet", &reversed, &["0", "0", "9"]);
    shard(
        &place,
        "set/test-0.parquet",
        &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        &["9"],
    );
    let classes = place.data("--dataset=mnist --data=set").classes();
    assert!(
        classes.starts_with("0 2 0, 1 0 0") && classes.ends_with("9 1 1"),
        "{classes}"
    );
    let place = Place::new();
    let mut names = [
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ];
    names.reverse();
    shard(
        &place,
        "set/train-0.parquet",
        &names,
        &["airplane", "airplane", "truck"],
    );
    shard(&place, "set/test-0.parquet", &names, &["truck"]);
    let classes = place.data("--dataset=cifar10 --data=set").classes();
    assert!(
        classes.starts_with("airplane 2 0") && classes.ends_with("truck 1 1"),
        "{classes}"
    );
}

#[test]
fn classes_that_files_name_twice_cannot_be_joined_in_another_order() {
    let place = Place::new();
    shard(
        &place,
        "set/train-0.parquet",
        &["crane", "dog", "crane"],
        &["crane", "dog"],
    );
    shard(
        &place,
        "set/train-1.parquet",
        &["dog", "crane"],
        &["dog", "crane"],
    );
    place.refuses(
        TABLE,
        &["set/train-1.parquet: the class crane is the name of two classes"],
    );
}

#[test]
fn a_class_without_samples_is_named_and_the_rest_is_trained_on() {
    let place = Place::new();
    let names = ["[unknown]", "cat", "dog"];
    shard(
        &place,
        "set/train.parquet",
        &names,
        &["cat", "dog", "cat", "dog"],
    );
    shard(&place, "set/test.parquet", &names, &["cat", "dog"]);
    let data = place.data(TABLE);
    assert_eq!(data.classes(), "[unknown] 0 0, cat 2 1, dog 2 1");
    assert!(
        data.notes().contains("without training samples: [unknown]"),
        "{}",
        data.notes()
    );
    place.log(TABLE);
}

/// Labels that may be missing.
fn labelled(place: &Place, path: &str, labels: ArrayRef) {
    let pictures = vec![1; labels.len()];
    let pixels: ArrayRef = Arc::new(BinaryArray::from_iter_values(images(&pictures)));
    let columns = vec![("image", pixels), ("label", labels)];
    tests::parquet_file::write_parquet(&place.path(path), columns);
}

#[test]
fn a_test_part_without_labels_gives_way_to_that_for_validation() {
    let kept_back: [ArrayRef; 3] = [
        Arc::new(Int64Array::from(vec![-1; 4])),
        Arc::new(Int64Array::from(vec![None; 4])),
        Arc::new(StringArray::from(vec![""; 4])),
    ];
    for labels in kept_back {
        let place = Place::new();
        place.table(
            "set/data/train-00000-of-00001.parquet",
            &images(&[0, 1, 2, 0]),
            &[0, 1, 2, 0],
        );
        place.table(
            "set/data/validation-00000-of-00001.parquet",
            &images(&[1, 2]),
            &[1, 2],
        );
        labelled(&place, "set/data/test-00000-of-00001.parquet", labels);
        let data = place.data(TABLE);
        assert_eq!(data.classes(), "0 2 0, 1 1 1, 2 1 1");
        let note = "left aside: set/data/test-00000-of-00001.parquet: it has no labels";
        assert!(data.notes().contains(note), "{}", data.notes());
    }
    // No column of labels at all.
    let place = Place::new();
    place.table("set/train.parquet", &images(&[0, 1]), &[0, 1]);
    place.table("set/val.parquet", &images(&[0, 1, 1]), &[0, 1, 1]);
    let pixels: ArrayRef = Arc::new(BinaryArray::from_iter_values(images(&[0, 1])));
    tests::parquet_file::write_parquet(&place.path("set/test.parquet"), vec![("image", pixels)]);
    assert_eq!(place.data(TABLE).counts(), [2, 3]);
}

#[test]
fn what_is_not_read_is_named() {
    let place = Place::new();
    for part in ["train", "trainval", "val", "test"] {
        place.table(&format!("set/{part}.parquet"), &images(&[0, 1]), &[0, 1]);
    }
    let data = place.data(TABLE);
    assert_eq!(data.counts(), [2, 2]);
    for note in [
        "left aside: set/trainval.parquet: its name is that of no part",
        "left aside: set/val.parquet: the part for the test is taken instead",
    ] {
        assert!(data.notes().contains(note), "{}", data.notes());
    }
}

#[test]
fn layouts_of_the_hub_are_read() {
    for [train, test] in [
        ["default/train/0000.parquet", "default/test/0000.parquet"],
        ["train/0000.parquet", "validation/0000.parquet"],
        [
            "data/train-00000-of-00001.parquet",
            "data/test-00000-of-00001.parquet",
        ],
    ] {
        let place = Place::new();
        place.table(
            &format!("set/{train}"),
            &images(&[0, 1, 0, 1]),
            &[0, 1, 0, 1],
        );
        place.table(&format!("set/{test}"), &images(&[0, 1]), &[0, 1]);
        assert_eq!(place.data(TABLE).counts(), [4, 2], "{train}");
        assert_eq!(
            place.data("--dataset=mnist --data=set").counts(),
            [4, 2],
            "{train}"
        );
    }
}

/// A struct of no bytes and paths, as the library of the hub writes images that it does not embed.
fn paths(paths: &[&str]) -> ArrayRef {
    let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![None::<&[u8]>; paths.len()]));
    let paths: ArrayRef = Arc::new(StringArray::from(paths.to_vec()));
    let field = |name, data_type| Arc::new(Field::new(name, data_type, true));
    Arc::new(StructArray::from(vec![
        (field("bytes", DataType::Binary), bytes),
        (field("path", DataType::Utf8), paths),
    ]))
}

#[test]
fn images_are_read_where_paths_say_that_they_lie() {
    let place = Place::new();
    let names = [
        "images/0.png",
        "images/1.png",
        "images/2.png",
        "images/3.png",
    ];
    let labels: ArrayRef = Arc::new(Int64Array::from(vec![0, 1, 0, 1]));
    let columns = vec![("image", paths(&names)), ("label", Arc::clone(&labels))];
    tests::parquet_file::write_parquet(&place.path("set/a.parquet"), columns);
    let texts: ArrayRef = Arc::new(StringArray::from(names.to_vec()));
    let columns = vec![("file_name", texts), ("label", labels)];
    tests::parquet_file::write_parquet(&place.path("texts/a.parquet"), columns);
    for set in ["set", "texts"] {
        let missing = [
            "a.parquet: row 0 holds no image but the path images/0.png",
            "--root",
        ];
        place.refuses(&format!("--dataset=parquet --data={set}"), &missing);
    }
    for (number, name) in names.iter().enumerate() {
        place.write(&format!("elsewhere/{name}"), png(number as u8 % 2, number));
    }
    for set in ["set", "texts"] {
        let arguments = format!("--dataset=parquet --data={set} --root=elsewhere");
        assert_eq!(place.data(&arguments).counts().iter().sum::<u64>(), 4);
        place.is_the_same_from_the_disk(&arguments);
    }
    // Beside the table they need no option; and one that is missing is like one that cannot be read.
    fs::rename(place.path("elsewhere/images"), place.path("set/images")).unwrap();
    assert_eq!(place.data(TABLE).counts().iter().sum::<u64>(), 4);
    fs::remove_file(place.path("set/images/2.png")).unwrap();
    place.refuses(TABLE, &["row 2 holds no image but the path images/2.png"]);
    assert_eq!(
        place
            .data(&format!("{TABLE} --skip-unreadable"))
            .unreadable(),
        1
    );
}

#[test]
fn files_of_other_kinds_are_no_damaged_parquet() {
    let place = Place::new();
    place.write("set.npz", b"PK\x03\x04 and more than eight bytes");
    for set in ["parquet", "mnist"] {
        let said = ["set.npz: the suffix is unknown; Parquet is read here, and it is none"];
        place.refuses(&format!("--dataset={set} --data=set.npz"), &said);
    }
}

#[test]
fn images_that_are_texts_or_addresses_are_said_to_be() {
    let labels: ArrayRef = Arc::new(Int64Array::from(vec![0, 1]));
    let base64 = "iVBORw0KGgo".repeat(40);
    let uri = format!("data:image/png;base64,{base64}");
    for (text, said) in [
        (
            &*base64,
            "row 0 holds no image and no path but an image as a text in base64",
        ),
        (
            &*uri,
            "row 0 holds no image and no path but an image as a text in base64",
        ),
        (
            "https://a.org/b.png",
            "row 0 holds no image and no path but an address",
        ),
    ] {
        let place = Place::new();
        for (folder, images) in [
            ("structs", paths(&[text; 2])),
            ("texts", Arc::new(StringArray::from(vec![text; 2]))),
        ] {
            let columns = vec![("image", images), ("label", Arc::clone(&labels))];
            tests::parquet_file::write_parquet(
                &place.path(&format!("{folder}/a.parquet")),
                columns,
            );
            let arguments = format!("--dataset=parquet --data={folder} --image-column=image");
            let line = place.refuses(&arguments, &[said]);
            assert!(line.len() < 300, "{line}");
        }
    }
}

#[test]
fn tables_of_features_without_labels_for_the_test_give_way_too() {
    let place = Place::new();
    let rows = |labels: &[i64]| {
        let row = |(row, label): (usize, &i64)| format!("{},{},{label}\n", row % 3, row * row);
        let rows: String = labels.iter().enumerate().map(row).collect();
        format!("a,b,label\n{rows}")
    };
    place.write("set/train.csv", rows(&[0, 1, 2, 0, 1, 2]));
    place.write("set/val.csv", rows(&[0, 1, 2]));
    place.write("set/test.csv", rows(&[-1; 4]));
    let data = place.data("--dataset=features --data=set");
    assert_eq!(data.counts(), [6, 3]);
    let note = "left aside: set/test.csv: it has no labels";
    assert!(data.notes().contains(note), "{}", data.notes());
}

#[test]
fn a_file_of_labels_is_joined_by_the_paths_beside_the_images() {
    let place = Place::new();
    let bytes: ArrayRef = Arc::new(BinaryArray::from_iter_values(
        (0..6).map(|number| png(number as u8 % 2, number)),
    ));
    let names: Vec<String> = (0..6)
        .map(|number| format!("cats/img_{number}.png"))
        .collect();
    let names: ArrayRef = Arc::new(StringArray::from(names));
    let field = |name: &str, data_type| Arc::new(Field::new(name, data_type, true));
    let images: ArrayRef = Arc::new(StructArray::from(vec![
        (field("bytes", DataType::Binary), bytes),
        (field("path", DataType::Utf8), names),
    ]));
    let labels: ArrayRef = Arc::new(Int64Array::from(vec![0, 1, 0, 1, 0, 1]));
    let columns = vec![("image", images), ("label", labels)];
    tests::parquet_file::write_parquet(&place.path("set.parquet"), columns);
    // Backwards, and the first two swapped: row 5 says 0, row 4 says 1.
    let swapped = |number: usize| if number > 3 { 5 - number } else { number };
    for (column, name) in [
        (
            "path",
            &(|n| format!("cats/img_{n}.png")) as &dyn Fn(usize) -> String,
        ),
        ("filename", &|n| format!("img_{n}.png")),
        ("image_id", &|n| format!("img_{n}")),
    ] {
        let row = |number: usize| format!("{},{}\n", name(number), swapped(number) % 2);
        let rows: String = (0..6).rev().map(row).collect();
        place.write("labels.csv", format!("{column},label\n{rows}"));
        place.log("--dataset=parquet --data=set.parquet --labels=labels.csv");
        let log = crate::setup::read(&place.path("logs/a-p1-e0001.parquet"));
        let given = log.given_labels.unwrap();
        assert_eq!(*given, [0, 1, 0, 1, 1, 0], "{column}");
    }
}
