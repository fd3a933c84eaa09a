//! Runs on folders and tables of images: the same log whether images are in memory or read from the
//! disk in each epoch, resumed or not, and what is left out is told.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Cursor;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch};
use image::{ImageFormat, Rgb, RgbImage};
use parquet::arrow::ArrowWriter;
use tempfile::TempDir;

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
    let png = |number| {
        let mut bytes = Cursor::new(Vec::new());
        picture(number)
            .write_to(&mut bytes, ImageFormat::Png)
            .unwrap();
        bytes.into_inner()
    };
    let images: ArrayRef = Arc::new(BinaryArray::from_iter_values((0..SAMPLES).map(png)));
    let labels = (0..SAMPLES).map(|number| i64::from(number % 2));
    let labels: ArrayRef = Arc::new(Int64Array::from_iter_values(labels));
    let batch = RecordBatch::try_from_iter([("image", images), ("label", labels)]).unwrap();
    let file = File::create(folder.path().join("set")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    folder
}

fn recorder(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_recorder"));
    let sized = ["run", "--data", "set", "--image-size", "10"];
    command.args(sized).args(QUICK).args(arguments);
    command.current_dir(folder).output().unwrap()
}

/// Every file of the log with its bytes, and what was said meanwhile.
fn record(folder: &Path, arguments: &[&str]) -> (BTreeMap<String, Vec<u8>>, String) {
    let output = recorder(folder, arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let files = fs::read_dir(folder.join("logs")).unwrap();
    let files = files
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file());
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read(path).unwrap())
    };
    (files.map(read).collect(), said)
}

fn is_the_same_from_memory_and_from_the_disk(folder: &Path, dataset: &str) {
    let dataset = format!("--dataset={dataset}");
    for augmentation in ["--flip", "--random-resized-crop"] {
        let common = [&dataset, augmentation, "--overwrite"];
        let (resident, said) = record(folder, &common);
        assert!(!said.contains("--memory"), "{said}");
        assert_eq!(resident.len(), 2);
        let in_files = [&common[..], &["--memory", "20KB"]].concat();
        let on_disk = [&common[..], &["--memory", "0"]].concat();
        for (arguments, source) in [
            (in_files, "from their files in memory"),
            (on_disk, "from the disk"),
        ] {
            let (streamed, said) = record(folder, &arguments);
            assert!(said.contains(source), "{said}");
            assert!(streamed == resident, "{arguments:?}");
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
        &[&common[..], &["--memory=0", "--resume"]].concat(),
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
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(
        said.contains("set/train/dark/22.png: the image cannot be decoded"),
        "{said}"
    );
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
