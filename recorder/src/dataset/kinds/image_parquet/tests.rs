use std::fs::File;
use std::io::Cursor;
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BinaryArray, Int64Array, RecordBatch, StringArray, StructArray,
};
use arrow_schema::{Field, Fields, Schema};
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use tempfile::TempDir;

use crate::dataset::kinds::image_parquet::{PARQUET, *};
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::settings::DatasetSettings;

fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// 2×2 pixels of one colour.
fn coloured(value: u8) -> Vec<u8> {
    png(RgbImage::from_pixel(2, 2, Rgb([value, value + 1, 0])))
}

fn gray(width: u32, value: u8) -> Vec<u8> {
    png(GrayImage::from_pixel(width, 2, Luma([value])))
}

fn plain(images: Vec<Option<Vec<u8>>>) -> ArrayRef {
    Arc::new(BinaryArray::from_iter(images))
}

fn numbers(labels: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(labels.to_vec()))
}

fn texts(labels: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(labels.to_vec()))
}

/// The struct that the `datasets` library writes.
fn with_path(images: Vec<Option<Vec<u8>>>) -> ArrayRef {
    let paths = texts(&vec!["a.png"; images.len()]);
    let bytes = plain(images);
    let field = |name: &str, array: &ArrayRef| Field::new(name, array.data_type().clone(), true);
    let fields = Fields::from(vec![field("bytes", &bytes), field("path", &paths)]);
    Arc::new(StructArray::new(fields, vec![bytes, paths], None))
}

fn write(path: &Path, columns: &[(&str, ArrayRef)], metadata: Option<&str>) {
    let field =
        |(name, array): &(&str, ArrayRef)| Field::new(*name, array.data_type().clone(), true);
    let schema = Schema::new(columns.iter().map(field).collect::<Vec<_>>());
    let schema = Arc::new(schema);
    let arrays = columns.iter().map(|(_, array)| Arc::clone(array)).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).unwrap();
    // Row groups of three rows, and pages of one: single rows are then looked for in many places.
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(3))
        .set_data_page_row_count_limit(1)
        .set_write_batch_size(1)
        .build();
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, schema, Some(properties)).unwrap();
    if let Some(metadata) = metadata {
        let pair = KeyValue::new("huggingface".to_owned(), metadata.to_owned());
        writer.append_key_value_metadata(pair);
    }
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

struct Set(TempDir);

impl Set {
    fn new() -> Self {
        Set(TempDir::new().unwrap())
    }

    fn file(self, name: &str, columns: &[(&str, ArrayRef)]) -> Self {
        write(&self.0.path().join(name), columns, None);
        self
    }

    fn settings(&self) -> DatasetSettings {
        DatasetSettings {
            data: Some(self.0.path().to_owned()),
            ..DatasetSettings::of(&PARQUET)
        }
    }

    fn load(&self) -> Dataset {
        load(&self.settings()).unwrap()
    }

    fn refusal(&self) -> String {
        load(&self.settings()).unwrap_err().to_string()
    }
}

fn assert_says(reason: &str, parts: &[&str]) {
    for part in parts {
        assert!(reason.contains(part), "{part:?} is not in {reason:?}");
    }
}

#[test]
fn shards_of_structs_and_a_test_part_are_read_in_order() {
    let struct_of = |values: &[u8]| with_path(values.iter().map(|&v| Some(coloured(v))).collect());
    let set = Set::new()
        .file(
            "train-00001-of-00002.parquet",
            &[("image", struct_of(&[30])), ("label", numbers(&[1]))],
        )
        .file(
            "train-00000-of-00002.parquet",
            &[("image", struct_of(&[10, 20])), ("label", numbers(&[0, 2]))],
        )
        .file(
            "test.parquet",
            &[("image", struct_of(&[40])), ("label", numbers(&[2]))],
        );
    let data = set.load();
    assert_eq!(data.sample_shape, [3, 2, 2]);
    assert_eq!(
        (&data.train.labels[..], &data.test.labels[..]),
        (&[0, 2, 1][..], &[2][..])
    );
    assert_eq!(data.class_names, ["0", "1", "2"]);
    // The third image: red 30, green 31, blue 0.
    let pixels = data.train.pixels(2, 12).unwrap().unwrap();
    assert_eq!(pixels, [30, 30, 30, 30, 31, 31, 31, 31, 0, 0, 0, 0]);
    let (file, row) = data.train.origins.place(2);
    assert!(file.ends_with("train-00001-of-00002.parquet") && row == 0);
    assert_eq!(data.train.origins.place(1).1, 1);
}

#[test]
fn of_a_single_file_all_samples_are_for_training_and_text_labels_are_sorted() {
    let images = (0..10).map(|value| Some(gray(2, value))).collect();
    let labels = texts(&[
        "dog", "cat", "dog", "cat", "dog", "cat", "dog", "cat", "dog", "cat",
    ]);
    let set = Set::new().file(
        "pets.parquet",
        &[("photo", plain(images)), ("kind", labels)],
    );
    let data = set.load();
    assert_eq!((data.train.len(), data.test.len()), (10, 0));
    assert_eq!(data.class_names, ["cat", "dog"]);
    assert_eq!(data.sample_shape, [1, 2, 2]);
    for (label, (_, row)) in data.train.labels.iter().zip(&data.train.origins.rows) {
        assert_eq!(u64::from(*label), 1 - row % 2);
    }
}

#[test]
fn class_names_come_from_the_metadata_of_hugging_face() {
    let set = Set::new();
    let metadata = r#"{"info": {"features": {"image": {"_type": "Image"},
        "fine": {"names": ["cat", "dog", "cow"], "_type": "ClassLabel"}}}}"#;
    let images = plain(vec![Some(coloured(1)); 2]);
    let columns = [
        ("image", images),
        ("fine", numbers(&[1, 0])),
        ("coarse", numbers(&[0, 0])),
    ];
    write(
        &set.0.path().join("train.parquet"),
        &columns,
        Some(metadata),
    );
    write(&set.0.path().join("test.parquet"), &columns, Some(metadata));
    let data = set.load();
    assert_eq!(data.class_names, ["cat", "dog", "cow"]);
    assert_eq!(data.train.labels, [1, 0]);
}

#[test]
fn columns_that_cannot_be_told_are_named_by_options() {
    let images = || plain(vec![Some(coloured(1)); 2]);
    let columns = [
        ("left", images()),
        ("right", images()),
        ("fine", numbers(&[0, 1])),
        ("coarse", numbers(&[1, 0])),
    ];
    let set = Set::new()
        .file("train.parquet", &columns)
        .file("test.parquet", &columns);
    assert_says(
        &set.refusal(),
        &[
            "several columns have encoded images, left, right",
            "image_column",
        ],
    );
    let mut settings = set.settings();
    settings.image_column = Some("right".to_owned());
    let reason = load(&settings).unwrap_err().to_string();
    assert_says(
        &reason,
        &[
            "several columns have whole numbers or texts",
            "fine, coarse",
            "label_column",
        ],
    );
    settings.label_column = Some("left".to_owned());
    let reason = load(&settings).unwrap_err().to_string();
    assert_says(
        &reason,
        &[
            "the column left is of the type Binary",
            "left, right, fine, coarse",
        ],
    );
    settings.label_column = Some("coarse".to_owned());
    assert_eq!(load(&settings).unwrap().train.labels, [1, 0]);
}

#[test]
fn images_of_unequal_sizes_need_a_size() {
    let images = plain(vec![Some(gray(2, 1)), Some(gray(2, 2)), Some(gray(4, 3))]);
    let columns = [("image", images), ("label", numbers(&[0, 1, 0]))];
    let set = Set::new()
        .file("train.parquet", &columns)
        .file("test.parquet", &columns);
    let reason = set.refusal();
    assert_says(
        &reason,
        &["the image of row 2 has 4×2 pixels, but the first one 2×2"],
    );
    let mut settings = set.settings();
    settings.image_size = Some(2);
    let data = load(&settings).unwrap();
    assert_eq!(data.sample_shape, [1, 2, 2]);
    let pixels = |sample| data.train.pixels(sample, 4).unwrap().unwrap();
    assert_eq!([0, 1, 2].map(pixels), [[1; 4], [2; 4], [3; 4]]);
}

#[test]
fn what_is_no_image_or_no_label_is_named_with_its_row() {
    let one = |images: Vec<Option<Vec<u8>>>, labels: &[i64]| {
        let columns = [("image", plain(images)), ("label", numbers(labels))];
        Set::new().file("train.parquet", &columns).refusal()
    };
    let good = || Some(coloured(1));
    let reason = one(vec![good(), None, Some(b"none".to_vec())], &[0, 1, 1]);
    assert_says(&reason, &["train.parquet: row 1 has no image"]);
    let reason = one(vec![good(), Some(b"none".to_vec())], &[0, 1]);
    assert_says(&reason, &["the image of row 1 cannot be decoded"]);
    assert_says(
        &one(vec![good(), good(), good()], &[0, 1, -1]),
        &["sample 2: the label -1 is below 0"],
    );
    assert_says(
        &one(vec![good(), good()], &[0, 0]),
        &["all samples have the same label"],
    );
}

#[test]
fn what_is_no_parquet_file_is_refused() {
    let set = Set::new();
    std::fs::write(set.0.path().join("train.parquet"), "PAR1, but not really").unwrap();
    assert_says(
        &set.refusal(),
        &["train.parquet: it cannot be read as Parquet"],
    );
}

#[test]
fn rows_are_the_same_whether_they_are_in_memory_or_on_the_disk() {
    // 7 and 5 rows, of which one cannot be read: in row groups of 3, 3, 1 and 3, 2.
    let images = |values: std::ops::Range<u8>| values.map(|value| Some(coloured(value))).collect();
    let mut first: Vec<Option<Vec<u8>>> = images(0..7);
    first[4] = None;
    let set = Set::new()
        .file(
            "train-0.parquet",
            &[
                ("image", with_path(first)),
                ("label", numbers(&[0, 1, 0, 1, 0, 1, 0])),
            ],
        )
        .file(
            "train-1.parquet",
            &[
                ("image", with_path(images(7..12))),
                ("label", numbers(&[1, 0, 1, 0, 1])),
            ],
        );
    let with = |memory| {
        let settings = DatasetSettings {
            memory: Some(memory),
            skip_unreadable: true,
            ..set.settings()
        };
        load(&settings).unwrap()
    };
    let resident = with(1 << 20);
    assert_eq!((resident.train.len(), resident.test.len()), (11, 0));
    assert_eq!(resident.unreadable, 1);
    assert_says(
        &resident.notes[1],
        &["train-0.parquet: row 4 holds no image but the path a.png"],
    );
    // As in the test of folders: room for the files, but not for the pixels as well; and for none.
    for (memory, source) in [(1300, "from their files in memory"), (0, "from the disk")] {
        let streamed = with(memory);
        assert_says(&streamed.notes[2], &[source]);
        assert_eq!(
            streamed,
            Dataset {
                notes: streamed.notes.clone(),
                ..resident.clone()
            }
        );
        for sample in 0..9 {
            let (_, row) = resident.train.origins.rows[sample];
            let is_second = resident.train.origins.rows[sample].0 == 1;
            let value = row as u8 + if is_second { 7 } else { 0 };
            let pixels = streamed.train.pixels(sample, 12).unwrap().unwrap();
            assert_eq!((pixels[0], pixels[4]), (value, value + 1));
        }
    }
}

#[test]
fn columns_that_are_not_read_are_told() {
    let set = Set::new().file(
        "all.parquet",
        &[
            ("image", plain(vec![Some(coloured(1)), Some(coloured(2))])),
            ("label", texts(&["cat", "dog"])),
            ("true_label", texts(&["dog", "dog"])),
        ],
    );
    let expected = [
        "column true_label: it may hold labels, too; `label_column` takes them, and `true_label_column` those known to be right",
    ];
    assert_eq!(set.load().reading.left_aside, expected);
}

#[test]
fn a_table_without_images_says_how_a_column_of_paths_is_named() {
    let set = Set::new().file(
        "all.parquet",
        &[
            ("place", texts(&["a.png", "b.png"])),
            ("label", texts(&["cat", "dog"])),
        ],
    );
    assert_says(
        &set.refusal(),
        &[
            "no column has encoded images; one that has the paths of them is named by `image_column`",
        ],
    );
}
