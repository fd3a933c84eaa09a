//! Data that cannot be trained on, each by the command: it ends with one line that names the file, the
//! place and the way out, and leaves nothing behind.

use std::fs;
use std::io::Write;
use std::sync::Arc;

use arrow_array::types::Float32Type;
use arrow_array::{ArrayRef, BinaryArray, Int64Array, ListArray};
use flate2::{Compression, write::GzEncoder};
use image::{GrayImage, Luma};
use tempfile::TempDir;
use tests::parquet_file::write_parquet;
use tests::program::names;

use crate::setup::refuse;

/// A folder to run in; the data are in `set` there.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn image(&self, path: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        GrayImage::from_pixel(8, 8, Luma([9])).save(path).unwrap();
    }

    fn parquet(&self, path: &str, columns: Vec<(&str, ArrayRef)>) {
        self.write(path, "");
        write_parquet(&self.0.path().join(path), columns);
    }

    /// `arguments` are divided by spaces. Each of `parts` is in the one line that is said; an option without use is
    /// a wrong command line.
    fn refuses(&self, arguments: &str, parts: &[&str]) {
        let before = names(self.0.path());
        let quick = ["--epochs=1", "--passes=1", "--model=mlp", "--offline"];
        let words: Vec<&str> = quick.into_iter().chain(arguments.split(' ')).collect();
        let is_wrong_use = parts[0].starts_with("no use for");
        refuse(
            self.0.path(),
            &words,
            if is_wrong_use { 2 } else { 1 },
            parts,
        );
        assert_eq!(names(self.0.path()), before, "{arguments}");
    }
}

/// An IDX file of bytes.
fn idx(lengths: &[u32], bytes: &[u8]) -> Vec<u8> {
    let magic = 0x0800 + lengths.len() as u32;
    let numbers = [&[magic], lengths].concat();
    let header = numbers.iter().flat_map(|number| number.to_be_bytes());
    header.chain(bytes.iter().copied()).collect()
}

/// Twenty training images of 4×4 pixels and ten to test on, of all ten classes.
fn mnist() -> Place {
    let place = Place::new();
    for (part, count) in [("train", 20), ("t10k", 10)] {
        let images = idx(&[count, 4, 4], &vec![7; 16 * count as usize]);
        let labels: Vec<u8> = (0..count).map(|sample| (sample % 10) as u8).collect();
        place.write(&format!("set/{part}-images-idx3-ubyte"), images);
        let labels = idx(&[count], &labels);
        place.write(&format!("set/{part}-labels-idx1-ubyte"), labels);
    }
    place
}

/// Five images of cats and dogs each, and one of each to test on.
fn pets() -> Place {
    let place = Place::new();
    for class in ["cat", "dog"] {
        (0..5).for_each(|number| place.image(&format!("set/train/{class}/{number}.png")));
        place.image(&format!("set/test/{class}/0.png"));
    }
    place
}

const MNIST: &str = "--dataset=mnist --data=set";
const PETS: &str = "--dataset=images --data=set";

#[test]
fn a_path_that_is_not_there_is_named_with_what_should_be() {
    let place = Place::new();
    for (dataset, expected) in [
        ("mnist", "train-images-idx3-ubyte"),
        ("fashion-mnist", "train-images-idx3-ubyte"),
        ("cifar10", "data_batch_1.bin"),
        ("cifar100", "train.bin"),
        ("tiny-imagenet", "tiny-imagenet-200"),
        ("images", "a folder of images for each class"),
        ("parquet", "a Parquet file of images"),
        (
            "features",
            "a Parquet, CSV, TSV, NPY or NPZ file of features",
        ),
    ] {
        let arguments = format!("--dataset={dataset} --data=none");
        place.refuses(&arguments, &["none: ", "no such file or folder", expected]);
    }
    place.refuses("--dataset=images", &["needs --data PATH"]);
}

#[test]
fn a_file_of_mnist_that_is_missing_cut_or_of_another_set_is_named() {
    let place = mnist();
    let images = idx(&[20, 4, 4], &[7; 320]);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&images).unwrap();
    let gzip = gzip.finish().unwrap();
    place.write("set/train-images-idx3-ubyte", &gzip[..gzip.len() - 9]);
    let parts = ["set/train-images-idx3-ubyte: it ends early", "get it again"];
    place.refuses(MNIST, &parts);
    place.write("set/train-images-idx3-ubyte", &images[..100]);
    place.refuses(MNIST, &["ends after 84 of the 320 bytes", "get it again"]);
    place.write("set/train-images-idx3-ubyte", idx(&[19, 4, 4], &[7; 304]));
    let parts = [
        "set/train-labels-idx1-ubyte: 20 labels, but 19 images in",
        "of the same set",
    ];
    place.refuses(MNIST, &parts);
    fs::remove_file(place.0.path().join("set/train-images-idx3-ubyte")).unwrap();
    place.refuses(MNIST, &["set/: there is no train-images-idx3-ubyte there"]);
}

#[test]
fn cifar_files_that_are_no_whole_rows_are_named() {
    let place = Place::new();
    for file in 1..=5 {
        place.write(&format!("set/data_batch_{file}.bin"), [0; 3073]);
    }
    place.write("set/test_batch.bin", [0; 3073]);
    place.write("set/data_batch_3.bin", [0; 3000]);
    place.refuses(
        "--dataset=cifar10 --data=set",
        &["set/data_batch_3.bin: its 3000 bytes are no whole rows of 3073"],
    );
}

#[test]
fn a_class_without_images_or_without_a_counterpart_is_named() {
    let place = pets();
    fs::create_dir(place.0.path().join("set/train/eel")).unwrap();
    let parts = ["set/test/: the class eel has no folder there", "set/train/"];
    place.refuses(PETS, &parts);
    fs::create_dir(place.0.path().join("set/test/eel")).unwrap();
    let parts = [
        "set/train/eel/: there is no image in it",
        "remove the folder",
    ];
    place.refuses(PETS, &parts);
    let place = pets();
    place.image("set/test/eel/0.png");
    let parts = ["set/train/: the class eel has no folder there", "set/test/"];
    place.refuses(PETS, &parts);
}

#[test]
fn a_corrupt_image_in_the_middle_is_named_whether_images_fit_into_memory_or_not() {
    let place = pets();
    let whole = fs::read(place.0.path().join("set/train/dog/2.png")).unwrap();
    place.write("set/train/dog/2.png", &whole[..whole.len() / 2]);
    for memory in ["--memory=1GiB", "--memory=0"] {
        let parts = [
            "set/train/dog/2.png: the image cannot be decoded",
            "--skip-unreadable",
        ];
        place.refuses(&format!("{PETS} {memory}"), &parts);
    }
}

#[test]
fn an_image_in_a_table_that_is_none_is_named_with_its_row() {
    let place = Place::new();
    let images = BinaryArray::from_iter_values(["no image", "nor this"]);
    let labels = Int64Array::from(vec![0, 1]);
    let columns: Vec<(&str, ArrayRef)> =
        vec![("image", Arc::new(images)), ("label", Arc::new(labels))];
    place.parquet("set.parquet", columns);
    let arguments = "--dataset=parquet --data=set.parquet";
    place.refuses(
        arguments,
        &["set.parquet: the image of row 0 cannot be decoded"],
    );
}

#[test]
fn labels_of_another_count_or_beyond_the_classes_are_refused() {
    let place = mnist();
    place.write("few.csv", "label\n1\n2\n");
    let parts = ["few.csv: ", "2 labels", "20 samples"];
    place.refuses(&format!("{MNIST} --labels=few.csv"), &parts);
    place.write("wide.csv", format!("label\n{}10\n", "1\n".repeat(19)));
    let parts = [
        "wide.csv: ",
        "row 19 (sample 19)",
        "10, but the classes are 0 to 9",
    ];
    place.refuses(&format!("{MNIST} --labels=wide.csv"), &parts);
    let mut labels = [0; 20];
    labels[7] = 12;
    place.write("set/train-labels-idx1-ubyte", idx(&[20], &labels));
    let parts = ["sample 7 has label 12, but the classes are 0 to 9"];
    place.refuses(MNIST, &parts);
}

#[test]
fn features_that_are_not_finite_or_of_other_lengths_are_refused_with_their_row() {
    let place = Place::new();
    let lists = |rows: &[&[f32]]| -> ArrayRef {
        let rows = rows.iter().map(|row| Some(row.iter().copied().map(Some)));
        Arc::new(ListArray::from_iter_primitive::<Float32Type, _, _>(rows))
    };
    let labels: ArrayRef = Arc::new(Int64Array::from(vec![0, 1, 0]));
    let cases: [(&[&[f32]], &str); 3] = [
        (
            &[&[1.0, 2.0], &[1.0], &[3.0, 4.0]],
            "row 1, column x: it has 1 features, but the rows before have 2",
        ),
        (
            &[&[1.0, 2.0], &[1.0, 2.0], &[3.0, f32::NAN]],
            "row 2, column x, element 1: the value is NaN",
        ),
        (
            &[&[f32::INFINITY, 2.0], &[1.0, 2.0], &[3.0, 4.0]],
            "row 0, column x, element 0: the value is infinite",
        ),
    ];
    for (rows, reason) in cases {
        let columns = vec![("x", lists(rows)), ("label", Arc::clone(&labels))];
        place.parquet("set.parquet", columns);
        let arguments = "--dataset=features --data=set.parquet";
        place.refuses(arguments, &["set.parquet: ", reason]);
    }
}

/// The pairs of CIFAR-10 give the label bird to no class, and at rate 1 take it from all birds.
#[test]
fn a_noise_rate_that_leaves_a_class_empty_is_refused_with_the_class() {
    let classes = "airplane automobile bird cat deer dog frog horse ship truck";
    let rows = classes.split(' ').zip(0..);
    let rows: String = rows
        .map(|(class, x)| format!("{},{class}\n", x * x))
        .collect();
    let place = Place::new();
    place.write("set/train.csv", format!("x,label\n{}", rows.repeat(3)));
    place.write("set/test.csv", format!("x,label\n{rows}"));
    place.refuses(
        "--dataset=features --data=set --noise=1 --noise-type=cifar10-pairs",
        &["at rate 1 leaves no label of class 2 (bird)", "--data-seed"],
    );
}

#[test]
fn options_that_the_data_have_no_use_for_are_refused_with_the_reason() {
    let place = mnist();
    for (option, reason) in [
        ("--memory=1GiB", "plain pixels, which are kept in memory"),
        ("--disk=1GiB", "plain pixels"),
        ("--skip-unreadable", "plain pixels"),
        ("--image-column=a", "plain pixels"),
        ("--label-column=a", "plain pixels"),
        ("--feature-column=a", "its samples are images"),
    ] {
        let (name, _) = option.split_once('=').unwrap_or((option, ""));
        let refusal = format!("no use for {name}: ");
        place.refuses(&format!("{MNIST} {option}"), &[&refusal, reason]);
    }
    for (arguments, reason) in [
        ("--memory=0", "in the program itself"),
        ("--image-size=8", "in the program itself"),
        ("--skip-unreadable", "in the program itself"),
        ("--dataset=features --data=set --memory=0", "are vectors"),
        ("--dataset=features --data=set --disk=0", "are vectors"),
        (
            "--dataset=features --data=set --image-size=8",
            "are vectors",
        ),
        ("--dataset=features --data=set --flip", "are vectors"),
        (
            "--dataset=images --data=set --label-column=a",
            "told by folders",
        ),
    ] {
        place.refuses(arguments, &["no use for --", reason]);
    }
}
