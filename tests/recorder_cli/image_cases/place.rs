//! A folder with somebody's images, and what the recorder says of them.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, Int64Array};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::Value;
use tempfile::TempDir;
use tests::parquet_file::write_parquet;
use tests::program::{refused, said};

/// The data are in `set` there.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(path), content).unwrap();
    }

    /// So many images of the class in each of these folders, which are `folder/class`.
    pub(crate) fn classes(&self, folder: &str, classes: &[&str], count: usize) {
        for (class, name) in (0..).zip(classes) {
            for number in 0..count {
                self.write(
                    &format!("{folder}/{name}/{number:02}.png"),
                    png(class, number),
                );
            }
        }
    }

    /// Images as they are encoded, and a label each, in one file.
    pub(crate) fn table(&self, path: &str, images: &[Vec<u8>], labels: &[i64]) {
        let images: ArrayRef = Arc::new(BinaryArray::from_iter_values(images));
        let labels: ArrayRef = Arc::new(Int64Array::from(labels.to_vec()));
        write_parquet(&self.path(path), vec![("image", images), ("label", labels)]);
    }

    fn recorder(&self, command: &str, arguments: &str) -> Output {
        let mut recorder = Command::new(env!("CARGO_BIN_EXE_recorder"));
        recorder.arg(command).args(arguments.split(' '));
        recorder.current_dir(self.0.path()).output().unwrap()
    }

    /// What `recorder data` says of the data; `arguments` are divided by spaces.
    pub(crate) fn data(&self, arguments: &str) -> Data {
        let output = self.recorder("data", &format!("{arguments} --format=json"));
        Data(serde_json::from_str(&said(&output).0).unwrap())
    }

    /// Asserts that a run is refused in one line that has all of `parts`.
    pub(crate) fn refuses(&self, arguments: &str, parts: &[&str]) -> String {
        refused("recorder", &self.run(arguments), 1, parts)
    }

    fn run(&self, arguments: &str) -> Output {
        let quick = "--model=mlp --epochs=1 --passes=1 --name=a --overwrite";
        self.recorder("run", &format!("{arguments} {quick}"))
    }

    /// The epoch that a short run logs.
    pub(crate) fn log(&self, arguments: &str) -> Vec<u8> {
        said(&self.run(arguments));
        fs::read(self.path("logs/a-p1-e0001.parquet")).unwrap()
    }

    /// Asserts that the log is the same to the byte where no image is kept.
    pub(crate) fn is_the_same_from_the_disk(&self, arguments: &str) {
        let resident = self.log(arguments);
        let streamed = self.log(&format!("{arguments} --memory=0 --disk=0"));
        assert!(resident == streamed, "{arguments}");
    }
}

/// What was said of a data set.
pub(crate) struct Data(Value);

impl Data {
    /// Training and test samples.
    pub(crate) fn counts(&self) -> [u64; 2] {
        ["training_samples", "test_samples"].map(|key| self.0[key].as_u64().unwrap())
    }

    /// Each class, with its training and test samples: `cat 3 1, dog 4 0`.
    pub(crate) fn classes(&self) -> String {
        let class = |class: &Value| {
            let name = class["name"].as_str().unwrap();
            format!("{name} {} {}", class["training"], class["test"])
        };
        let classes: Vec<String> = self.0["classes"]
            .as_array()
            .unwrap()
            .iter()
            .map(class)
            .collect();
        classes.join(", ")
    }

    /// How it was read, what was left aside, and the notes.
    pub(crate) fn notes(&self) -> String {
        let lines = ["reading", "notes"].map(|key| self.0[key].as_array().unwrap());
        let notes = lines.into_iter().flatten();
        let notes: Vec<&str> = notes.map(|note| note.as_str().unwrap()).collect();
        notes.join("\n")
    }

    pub(crate) fn unreadable(&self) -> u64 {
        self.0["unreadable_images"].as_u64().unwrap()
    }

    /// How many training samples are mislabeled, where that is known.
    pub(crate) fn mislabeled(&self) -> Option<u64> {
        self.0["mislabeled"].as_u64()
    }

    /// The mean of the first channel.
    pub(crate) fn mean(&self) -> f64 {
        self.0["channel_means"][0].as_f64().unwrap()
    }
}

pub(crate) fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// 16×16 pixels that are brighter with the class, and no two the same.
pub(crate) fn picture(class: u8, number: usize) -> DynamicImage {
    let pixel = |x: u32, y: u32| Rgb([60 * class + x as u8, number as u8 + y as u8, 20 * class]);
    RgbImage::from_fn(16, 16, pixel).into()
}

pub(crate) fn png(class: u8, number: usize) -> Vec<u8> {
    encoded(&picture(class, number), ImageFormat::Png)
}
