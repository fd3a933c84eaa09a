use std::fs;

use image::{GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use tempfile::TempDir;

use crate::dataset::kinds::image_folder::{IMAGES, *};
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::settings::DatasetSettings;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, path: &str) -> PathBuf {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    /// 2×2 gray pixels of one value, as PNG.
    fn gray(self, path: &str, value: u8) -> Self {
        let image = GrayImage::from_pixel(2, 2, Luma([value]));
        image
            .save_with_format(self.path(path), ImageFormat::Png)
            .unwrap();
        self
    }

    fn file(self, path: &str, content: &[u8]) -> Self {
        fs::write(self.path(path), content).unwrap();
        self
    }

    fn folder(self, path: &str) -> Self {
        fs::create_dir_all(self.path(path)).unwrap();
        self
    }

    fn settings(&self) -> DatasetSettings {
        DatasetSettings {
            data: Some(self.0.path().to_owned()),
            ..DatasetSettings::of(&IMAGES)
        }
    }

    fn load(&self) -> Dataset {
        load(&self.settings()).unwrap()
    }

    fn refuses(&self, parts: &[&str]) {
        let reason = load(&self.settings()).unwrap_err().to_string();
        for part in parts {
            assert!(reason.contains(part), "{part:?} is not in {reason:?}");
        }
        assert_eq!(reason.lines().count(), 1, "{reason}");
    }
}

/// The values of the first pixels of all training images.
fn values(data: &Dataset) -> Vec<u8> {
    let size = data.sample_shape.iter().product();
    let image = |sample| data.train.pixels(sample, size).unwrap().unwrap()[0];
    (0..data.train.len()).map(image).collect()
}

fn two_classes() -> Folder {
    Folder::new()
        .gray("train/cat/a.png", 1)
        .gray("train/dog/b.png", 2)
        .gray("test/cat/c.png", 3)
        .gray("test/dog/d.png", 4)
}

#[test]
fn classes_and_images_are_in_the_order_of_torchvision() {
    let data = Folder::new()
        .gray("train/dog/1.png", 5)
        .gray("train/cat/b/2.JPG", 3)
        .gray("train/cat/z.PNG", 1)
        .gray("train/cat/b-c/1.png", 2)
        .gray("train/cat/b/10.jpeg", 4)
        .gray("train/Ant/x.bmp", 0)
        .gray("train/cat/.hidden.png", 9)
        .gray("train/cat/.thumbnails/1.png", 9)
        .gray("train/.ipynb_checkpoints/1.png", 9)
        .file("train/cat/labels.txt", b"not an image")
        .file("train/README.md", b"not a class")
        .load();
    // Capitals before small letters; in cat z.PNG, then the folders b before b-c, in which 10 is before 2.
    assert_eq!(data.class_names, ["Ant", "cat", "dog"]);
    let all = [(0, 0), (1, 1), (1, 4), (1, 3), (1, 2), (2, 5)];
    let found: Vec<(u32, u8)> = data
        .train
        .labels
        .iter()
        .copied()
        .zip(values(&data))
        .collect();
    for sample in found {
        assert!(all.contains(&sample), "{sample:?}");
    }
    assert_eq!(data.train.len() + data.test.len(), 6);
    let cats = Folder::new()
        .gray("b/2.JPG", 3)
        .gray("z.PNG", 1)
        .gray("b-c/1.png", 2)
        .gray("b/10.jpeg", 4);
    let names: Vec<String> = Search::default()
        .images_in(cats.0.path())
        .unwrap()
        .iter()
        .map(|path| {
            path.strip_prefix(cats.0.path())
                .unwrap()
                .display()
                .to_string()
        })
        .collect();
    assert_eq!(names, ["z.PNG", "b/10.jpeg", "b/2.JPG", "b-c/1.png"]);
}

#[test]
fn parts_in_folders_are_used_as_they_are() {
    let data = two_classes().gray("val/cat/x.png", 9).load();
    assert_eq!(
        (values(&data), &data.train.labels[..]),
        (vec![1, 2], &[0, 1][..])
    );
    assert_eq!(data.test.labels, [0, 1]);
    assert_eq!(data.sample_shape, [1, 2, 2]);
    assert!(data.train.origins.place(1).0.ends_with("train/dog/b.png"));
}

#[test]
fn validation_images_stand_in_for_test_images_without_classes() {
    let data = Folder::new()
        .gray("train/a/1.png", 1)
        .gray("train/b/1.png", 2)
        .gray("test/1.png", 9)
        .gray("val/a/2.png", 3)
        .gray("val/b/2.png", 4)
        .load();
    assert_eq!(data.test.len(), 2);
}

#[test]
fn a_class_may_be_called_train() {
    let data = Folder::new()
        .gray("train/1.png", 1)
        .gray("bus/1.png", 2)
        .gray("bus/2.png", 3)
        .load();
    assert_eq!(data.class_names, ["bus", "train"]);
}

#[test]
fn one_gray_image_among_coloured_ones_is_gray_in_all_channels() {
    let folder = two_classes();
    let colour = RgbImage::from_pixel(2, 2, Rgb([7, 8, 9]));
    colour.save(folder.path("test/cat/colour.png")).unwrap();
    let data = folder.load();
    assert_eq!(data.sample_shape, [3, 2, 2]);
    assert_eq!(data.train.pixels(1, 12).unwrap().unwrap(), [2; 12]);
    assert_eq!(data.standardisation.means, [1.5; 3]);
}

#[test]
fn a_corrupt_image_is_named_or_left_out_and_counted() {
    let folder = two_classes()
        .file("train/cat/corrupt.jpg", b"\xff\xd8\xff\xe0 and no more")
        .gray("train/cat/z.png", 5)
        .file("test/dog/empty.png", b"");
    folder.refuses(&["train/cat/corrupt.jpg: the image cannot be decoded"]);
    let mut settings = folder.settings();
    settings.skip_unreadable = true;
    let data = load(&settings).unwrap();
    assert_eq!(
        (values(&data), &data.train.labels[..]),
        (vec![1, 5, 2], &[0, 0, 1][..])
    );
    assert!(data.train.origins.place(1).0.ends_with("cat/z.png"));
    assert_eq!((data.unreadable, data.test.len()), (2, 2));
    assert_eq!(data.describe()["unreadable_images"], 2);
    assert!(
        data.notes[0]
            .contains("left out 2 images that cannot be read (1 for training, 1 for the test)")
    );
    assert!(data.notes[1].contains("corrupt.jpg"), "{:?}", data.notes);
}

#[test]
fn a_class_without_any_readable_image_is_refused() {
    let folder = two_classes()
        .folder("test/eel")
        .file("train/eel/corrupt.png", b"none");
    let mut settings = folder.settings();
    settings.skip_unreadable = true;
    let reason = load(&settings).unwrap_err().to_string();
    for part in [
        "eel/corrupt.png: ",
        "; the class eel has no image that can be read",
    ] {
        assert!(reason.contains(part), "{reason}");
    }
}

#[test]
fn folders_that_are_no_classes_of_images_are_refused() {
    two_classes()
        .folder("train/eel")
        .folder("test/eel")
        .refuses(&["train/eel/: there is no image in it that is read"]);
    two_classes().gray("test/eel/1.png", 1).refuses(&[
        "train/: the class eel has no folder there, but one in",
        "test/",
    ]);
    two_classes().gray("train/eel/1.png", 1).refuses(&[
        "test/: the class eel has no folder there, but one in",
        "train/",
        "an empty folder will do",
    ]);
    Folder::new().gray("1.png", 1).refuses(&[
        "there are 0 class folders in it",
        "a folder of images for each class",
    ]);
    Folder::new()
        .gray("train/a/1.png", 1)
        .refuses(&["train/: there are 1 class folders in it, but a classifier needs two"]);
    Folder::new()
        .file("train", b"a file")
        .refuses(&["train: this is a file, but it should be a folder"]);
    Folder::new()
        .gray("train/a/1.png", 1)
        .gray("train/b/1.png", 1)
        .file("val", b"a file")
        .refuses(&["val: this is a file, but it should be a folder"]);
    let folder = two_classes();
    for (data, reason) in [
        ("train/cat/a.png", "it should be a folder"),
        ("none", "no such file"),
    ] {
        let mut settings = folder.settings();
        settings.data = Some(folder.0.path().join(data));
        let refusal = load(&settings).unwrap_err().to_string();
        assert!(refusal.contains(reason), "{refusal}");
    }
}

#[test]
fn a_test_class_without_images_may_be_an_empty_folder() {
    let data = two_classes()
        .gray("train/eel/1.png", 1)
        .folder("test/eel")
        .load();
    assert_eq!((data.class_names.len(), data.test.len()), (3, 2));
}

#[test]
fn images_are_the_same_whether_they_are_in_memory_or_on_the_disk() {
    let mut folder = Folder::new();
    for value in 0..40 {
        folder = folder.gray(&format!("{}/{value}.png", value % 2), value);
    }
    let with = |memory| {
        let settings = DatasetSettings {
            memory: Some(memory),
            ..folder.settings()
        };
        load(&settings).unwrap()
    };
    let resident = with(1 << 20);
    assert!(resident.notes.is_empty(), "{:?}", resident.notes);
    // A PNG of four pixels has some 70 bytes, and 24 more for its place; 40 of them fit, but not with
    // the pixels of all of them.
    for (memory, source) in [(5000, "from their files in memory"), (0, "from the disk")] {
        let streamed = with(memory);
        assert!(streamed.notes[0].contains(source), "{:?}", streamed.notes);
        assert_eq!(values(&streamed), values(&resident));
        assert_eq!(streamed.describe(), resident.describe());
        assert_eq!(streamed.train, resident.train);
    }
}

#[test]
fn an_image_that_changes_while_it_is_streamed_is_noticed() {
    let folder = two_classes();
    let settings = DatasetSettings {
        memory: Some(0),
        ..folder.settings()
    };
    let data = load(&settings).unwrap();
    let folder = folder.gray("train/dog/b.png", 77);
    let reason = data.train.pixels(1, 4).unwrap_err().to_string();
    assert!(reason.contains("b.png: the image has changed"), "{reason}");
    fs::remove_file(folder.path("train/dog/b.png")).unwrap();
    let reason = data.train.pixels(1, 4).unwrap_err().to_string();
    assert!(
        reason.contains("b.png: the file cannot be read"),
        "{reason}"
    );
}

#[test]
fn parts_that_share_another_word_are_parts() {
    let data = Folder::new()
        .gray("seg_train/seg_train/cat/a.png", 1)
        .gray("seg_train/seg_train/dog/b.png", 2)
        .gray("seg_test/seg_test/cat/c.png", 3)
        .gray("seg_test/seg_test/dog/d.png", 4)
        .gray("seg_pred/seg_pred/e.png", 5)
        .load();
    assert_eq!(data.class_names, ["cat", "dog"]);
    assert_eq!((values(&data), data.test.len()), (vec![1, 2], 2));
    assert!(data.reading.left_aside[0].ends_with("seg_pred: a folder beside the parts"));
    // A class, whose images lie in folders.
    let data = Folder::new()
        .gray("express_train/red/a.png", 1)
        .gray("express_train/blue/b.png", 2)
        .gray("bus/c.png", 3)
        .load();
    assert_eq!(data.class_names, ["bus", "express_train"]);
}
