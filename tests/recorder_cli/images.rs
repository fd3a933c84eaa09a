//! Runs on folders and tables of images: the same log whether images are in memory or read from the
//! disk in each epoch, resumed or not, and what is left out is told.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch};
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use parquet::file::properties::WriterProperties;
use tempfile::TempDir;
use tests::parquet_file::{parquet_bytes, write_parquet};
use tests::program::{refused, said};

use crate::image_cases::place::encoded;
use crate::setup;

const QUICK: [&str; 7] = [
    "--model", "mlp", "--epochs", "2", "--passes", "1", "--name=a",
];
const SAMPLES: u32 = 60;

/// Stripes, dark or bright: no two images are the same.
fn picture(number: u32) -> RgbImage {
    let level = 90 * (number % 2) as u8 + number as u8;
    RgbImage::from_fn(12 + number % 3, 12, |x, y| {
        Rgb([level + 2 * x as u8, level + 3 * y as u8, level])
    })
}

/// Two classes, in `train/` and `val/`.
fn image_folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    for number in 0..SAMPLES {
        let part = if number < 50 { "train" } else { "val" };
        let class = ["dark", "bright"][number as usize % 2];
        let class = folder.path().join("set").join(part).join(class);
        fs::create_dir_all(&class).unwrap();
        picture(number)
            .save(class.join(format!("{number}.png")))
            .unwrap();
    }
    folder
}

/// The same images in one file.
fn image_table() -> TempDir {
    let folder = TempDir::new().unwrap();
    let images: Vec<DynamicImage> = (0..SAMPLES).map(|number| picture(number).into()).collect();
    write_table(&folder.path().join("set"), &images, 2);
    folder
}

fn png(image: &DynamicImage) -> Vec<u8> {
    encoded(image, ImageFormat::Png)
}

/// PNGs with the labels 0, 1, …, up to `classes`, and again from 0, in row groups of seven.
fn write_table(path: &Path, images: &[DynamicImage], classes: usize) {
    let labels = (0..images.len()).map(|image| (image % classes) as i64);
    let labels: ArrayRef = Arc::new(Int64Array::from_iter_values(labels));
    let images: ArrayRef = Arc::new(BinaryArray::from_iter_values(images.iter().map(png)));
    let batch = RecordBatch::try_from_iter([("image", images), ("label", labels)]).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(7));
    fs::write(path, parquet_bytes(&batch, Some(properties.build()))).unwrap();
}

fn recorder(folder: &Path, arguments: &[&str]) -> Output {
    let sized = ["--data", "set", "--image-size", "10"];
    setup::recorder(folder, &[&sized[..], &QUICK, arguments].concat())
}

/// Every file of the log with its bytes, and what was said meanwhile.
fn record(folder: &Path, arguments: &[&str]) -> (BTreeMap<String, Vec<u8>>, String) {
    let (_, stderr) = said(&recorder(folder, arguments));
    let files = fs::read_dir(folder.join("logs")).unwrap();
    let files = files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file());
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read(path).unwrap())
    };
    (files.map(read).collect(), stderr)
}

fn is_the_same_from_memory_and_from_the_disk(folder: &Path, dataset: &str) {
    let dataset = format!("--dataset={dataset}");
    // Less than all images take, decoded, but more than those of the folder's training part do.
    for (augmentation, disk) in [("--flip", "16KB"), ("--random-resized-crop", "24KB")] {
        let common = [&dataset, augmentation, "--overwrite"];
        let (resident, said) = record(folder, &common);
        assert!(!said.contains("--memory"), "{said}");
        assert_eq!(resident.len(), 2);
        let decoded = [&common[..], &["--memory", "0"]].concat();
        let in_part = [&common[..], &["--memory", "0", "--disk", disk]].concat();
        let in_files = [&common[..], &["--memory", "20KB", "--disk", "0"]].concat();
        let on_disk = [&common[..], &["--memory", "0", "--disk", "0"]].concat();
        for (arguments, source) in [
            (decoded, "are kept on the disk, decoded"),
            (in_part, "anew in each epoch, from the disk"),
            (in_files, "from their files in memory"),
            (on_disk, "from the disk"),
        ] {
            let (streamed, said) = record(folder, &arguments);
            assert!(said.contains(source), "{said}");
            assert!(streamed == resident, "{arguments:?}");
            // The log alone is there, and the run's folder.
            let left = fs::read_dir(folder.join("logs")).unwrap().count();
            assert_eq!(left, resident.len() + 1);
        }
    }
}

#[test]
fn a_folder_leaves_the_same_bytes_from_memory_and_from_the_disk() {
    is_the_same_from_memory_and_from_the_disk(image_folder().path(), "images");
}

#[test]
fn a_table_leaves_the_same_bytes_from_memory_and_from_the_disk() {
    is_the_same_from_memory_and_from_the_disk(image_table().path(), "parquet");
}

#[test]
fn a_run_that_began_in_memory_is_resumed_from_the_disk_with_the_same_bytes() {
    let folder = image_folder();
    let common = ["--dataset=images", "--random-resized-crop"];
    let (whole, _) = record(folder.path(), &common);
    let second = folder.path().join("logs/a-p1-e0002.parquet");
    fs::remove_file(&second).unwrap();
    let (resumed, _) = record(
        folder.path(),
        &[&common[..], &["--memory=0", "--disk=0", "--resume"]].concat(),
    );
    assert!(resumed == whole);
    let output = recorder(folder.path(), &["--dataset=images", "--resume"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("augmentation"), "{said}");
}

#[test]
fn images_that_cannot_be_read_end_the_run_or_are_told_and_logged() {
    let folder = image_folder();
    fs::write(folder.path().join("set/train/dark/22.png"), "no image").unwrap();
    let output = recorder(folder.path(), &["--dataset=images"]);
    let parts = ["set/train/dark/22.png: the image cannot be decoded"];
    refused("recorder", &output, 1, &parts);
    assert!(!folder.path().join("logs").exists());
    let (_, said) = record(folder.path(), &["--dataset=images", "--skip-unreadable"]);
    assert!(said.contains("49 training samples"), "{said}");
    assert!(
        said.contains("left out 1 image that cannot be read (1 for training, 0 for the test)"),
        "{said}"
    );
    let logged = fs::read_to_string(folder.path().join("logs/a/run.json")).unwrap();
    let logged: serde_json::Value = serde_json::from_str(&logged).unwrap();
    assert_eq!(logged["configuration"]["unreadable_images"], 1);
}

/// Files in `set`: 60 gray images of 6×5 pixels with the labels 0, 1, …, 9, 0, … as IDX files or as PNGs
/// in Parquet files.
fn mnist(is_idx: bool) -> TempDir {
    let folder = TempDir::new().unwrap();
    let set = folder.path().join("set");
    fs::create_dir(&set).unwrap();
    let pixel = |image: u32, x: u32, y: u32| (37 * image + 50 * x + 90 * y) as u8;
    for (part, name, count) in [("train", "train", 50_u32), ("t10k", "test", 10)] {
        if is_idx {
            let pixels = (0..30 * count).map(|at| pixel(at / 30, at % 6, at / 6 % 5));
            let header = [0x803, count, 5, 6].into_iter().flat_map(u32::to_be_bytes);
            let images: Vec<u8> = header.chain(pixels).collect();
            fs::write(set.join(format!("{part}-images-idx3-ubyte")), images).unwrap();
            let labels = (0..count).map(|image| (image % 10) as u8);
            let header = [0x801, count].into_iter().flat_map(u32::to_be_bytes);
            let labels: Vec<u8> = header.chain(labels).collect();
            fs::write(set.join(format!("{part}-labels-idx1-ubyte")), labels).unwrap();
        } else {
            let image = |image| GrayImage::from_fn(6, 5, |x, y| Luma([pixel(image, x, y)]));
            let images: Vec<DynamicImage> = (0..count).map(|number| image(number).into()).collect();
            write_table(&set.join(format!("{name}.parquet")), &images, 10);
        }
    }
    folder
}

#[test]
fn plain_pixels_leave_the_same_log_as_encoded_images_of_them() {
    for augmentation in ["--flip", "--random-resized-crop"] {
        let logged = |is_idx| {
            let folder = mnist(is_idx);
            record(folder.path(), &["--dataset=mnist", augmentation]).0
        };
        assert!(logged(true) == logged(false), "{augmentation}");
    }
}

#[test]
fn published_constants_are_logged_in_place_of_measured_ones() {
    let folder = image_folder();
    record(
        folder.path(),
        &["--dataset=images", "--normalisation=imagenet"],
    );
    let logged = fs::read_to_string(folder.path().join("logs/a/run.json")).unwrap();
    let logged: serde_json::Value = serde_json::from_str(&logged).unwrap();
    assert_eq!(logged["configuration"]["normalisation"], "imagenet");
    // 0.485, 0.456 and 0.406 of 255.
    let means = serde_json::json!([123.675, 116.28, 103.53]);
    assert_eq!(logged["configuration"]["channel_means"], means);
}

#[test]
fn a_size_for_resizing_below_that_of_images_is_refused() {
    let folder = image_folder();
    let output = recorder(folder.path(), &["--dataset=images", "--resize=9"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("--resize 9 leaves fewer pixels than the 10 of --image-size"),
        "{said}"
    );
}

#[test]
fn a_network_is_applied_to_images_that_have_no_labels() {
    let folder = image_folder();
    let said_by = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        said(&setup::command(folder.path(), &words).output().unwrap()).0
    };
    said_by("train --dataset images --data set --image-size 10 --model mlp --epochs 2 --name m");
    let predicted = |data: &str| -> Vec<String> {
        let table = said_by(&format!("predict trained/m/model.safetensors {data}"));
        let mut rows = setup::csv_rows(&table);
        // Without the id, file and row.
        rows.remove(0);
        rows.into_iter().map(|row| row[3..].join(",")).collect()
    };
    // All in one folder, and in a file of images alone, in the order that folders of classes have.
    let mut numbers: Vec<u32> = (0..50).collect();
    numbers.sort_by_key(|number| (number % 2 == 0, number.to_string() + ".png"));
    let images: Vec<DynamicImage> = numbers
        .iter()
        .map(|&number| picture(number).into())
        .collect();
    fs::create_dir(folder.path().join("new")).unwrap();
    for (place, image) in images.iter().enumerate() {
        let path = folder.path().join(format!("new/{place:02}.png"));
        image.save(path).unwrap();
    }
    let images: ArrayRef = Arc::new(BinaryArray::from_iter_values(images.iter().map(png)));
    write_parquet(&folder.path().join("new.parquet"), vec![("image", images)]);
    let expected = predicted("--dataset images --data set");
    assert_eq!(predicted("--dataset images --data new"), expected);
    assert_eq!(predicted("--dataset parquet --data new.parquet"), expected);
    // A training needs them.
    let words = ["--dataset=images", "--data=new"];
    refused(
        "recorder",
        &setup::recorder(folder.path(), &words),
        1,
        &["new", "class"],
    );
}
