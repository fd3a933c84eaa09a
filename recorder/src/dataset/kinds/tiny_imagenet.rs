//! Tiny ImageNet: 200 classes of ImageNet, 500 training and 50 validation images of 64×64 pixels each.
//! The published archive has a layout of its own: `train/<class>/images/*.JPEG`, and all validation
//! images in one folder with their classes in `val/val_annotations.txt`. Its test images have no labels.
//!
//! Source: Stanford CS231n, <http://cs231n.stanford.edu/tiny-imagenet-200.zip>. Classes are in the order
//! of their WordNet ids, as torchvision's `ImageFolder` has those of `train/`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::dataset::files::finding::{find, read_text};
use crate::dataset::files::parts::Parts;
use crate::dataset::images::encoded::{EncodedSamples, EncodedSet};
use crate::dataset::kinds::image_folder::encoded_files;
use crate::dataset::kinds::image_folder::search::Search;
use crate::dataset::kinds::image_parquet;
use crate::dataset::reading_report::ReadingReport;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::settings::{DatasetKind, DatasetSettings, IMAGE_TABLE_OPTIONS};
use crate::error::dataset::DatasetError;
use crate::error::run::RecorderError;

pub(crate) static TINY_IMAGENET: DatasetKind = DatasetKind {
    name: "tiny-imagenet",
    help: "Tiny ImageNet: 110,000 images of 64×64 pixels in 200 classes, its own folders or Parquet files",
    is_format: false,
    has_images: true,
    may_be_plain_pixels: false,
    hub_repository: Some("zh-plus/tiny-imagenet"),
    options: IMAGE_TABLE_OPTIONS,
    unused_reason: "its samples are images",
    load: |settings, _| load(settings),
};

/// The folder that the archive unpacks to.
const FOLDER: &str = "tiny-imagenet-200";
const EXPECTED: &str = "the folder tiny-imagenet-200 (with wnids.txt, words.txt, train/ and val/) from http://cs231n.stanford.edu/tiny-imagenet-200.zip, or one of train*.parquet and valid*.parquet";

pub(crate) fn load(settings: &DatasetSettings) -> Result<Dataset, RecorderError> {
    let given = settings.path(EXPECTED)?;
    let unpacked = given.join(FOLDER);
    let folder = if unpacked.is_dir() { &unpacked } else { given };
    let has_own_layout = folder.join("wnids.txt").exists();
    let set = match Parts::find(folder, &["parquet"], EXPECTED) {
        Ok(parts) if !has_own_layout => image_parquet::read(parts, settings, &[])?,
        _ => {
            settings.check_for_folders()?;
            read(folder)?
        }
    };
    Ok(set.decode(settings)?)
}

fn read(folder: &Path) -> Result<EncodedSet, DatasetError> {
    let ids = find(folder, &["wnids.txt".to_owned()], EXPECTED)?;
    let text = read_text(&ids)?;
    let mut ids: Vec<&str> = text.split_whitespace().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut search = Search::default();
    let train = training_part(folder, &ids, &mut search)?;
    let mut report = ReadingReport::default();
    search.tell(&mut report);
    Ok(EncodedSet {
        train,
        test: Some(validation_part(&folder.join("val"), &ids)?),
        class_names: Some(class_names(folder, &ids)?),
        report,
    })
}

fn training_part(
    folder: &Path,
    ids: &[&str],
    search: &mut Search,
) -> Result<EncodedSamples, DatasetError> {
    let (mut files, mut labels) = (Vec::new(), Vec::new());
    for (label, id) in (0..).zip(ids) {
        let path = folder.join("train").join(id).join("images");
        let images = match path.is_dir() {
            true => search.images_in(&path)?,
            false => Vec::new(),
        };
        if images.is_empty() {
            return Err(DatasetError::EmptyClass { path });
        }
        labels.extend(images.iter().map(|_| label));
        files.extend(images);
    }
    Ok(encoded_files(files, labels))
}

/// A line of the annotations is the file, its class and a box, divided by tabs.
fn validation_part(folder: &Path, ids: &[&str]) -> Result<EncodedSamples, DatasetError> {
    let path = find(folder, &["val_annotations.txt".to_owned()], EXPECTED)?;
    let (mut files, mut labels) = (Vec::new(), Vec::new());
    for (row, line) in (0..).zip(read_text(&path)?.lines()) {
        let mut fields = line.split('\t');
        let (Some(file), Some(id)) = (fields.next(), fields.next()) else {
            return Err(DatasetError::Damaged {
                reason: format!("line {} is no file and class divided by a tab", row + 1),
                path,
            });
        };
        let Ok(label) = ids.binary_search(&id) else {
            return Err(DatasetError::UnknownClass {
                path,
                row,
                label: id.to_owned(),
            });
        };
        files.push(folder.join("images").join(file));
        labels.push(label as i64);
    }
    Ok(encoded_files(files, labels))
}

/// The first of the words for each class, with its id where others are called the same.
fn class_names(folder: &Path, ids: &[&str]) -> Result<Vec<String>, DatasetError> {
    let path = folder.join("words.txt");
    let text = match path.is_file() {
        true => read_text(&path)?,
        false => String::new(),
    };
    let words: BTreeMap<&str, &str> = text
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect();
    let first_word = |id: &&str| {
        let words = words.get(id).copied().unwrap_or(id);
        words.split(',').next().unwrap_or(words).trim().to_owned()
    };
    let names: Vec<String> = ids.iter().map(first_word).collect();
    let unique =
        |(name, id): (&String, &&str)| match names.iter().filter(|other| *other == name).count() {
            1 => name.clone(),
            _ => format!("{name} ({id})"),
        };
    Ok(names.iter().zip(ids).map(unique).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use image::{GrayImage, ImageFormat, Luma};

    use tempfile::TempDir;

    /// Three classes, of which two are cranes, in the order in which the ids are not.
    fn tiny() -> TempDir {
        let outside = TempDir::new().unwrap();
        let folder = outside.path().join(FOLDER);
        let image = |path: &str, value: u8| {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let image = GrayImage::from_pixel(4, 4, Luma([value]));
            image.save_with_format(path, ImageFormat::Jpeg).unwrap();
        };
        for (value, id) in [(10, "n3"), (20, "n1"), (30, "n2")] {
            image(&format!("train/{id}/images/{id}_0.JPEG"), value);
            fs::write(folder.join(format!("train/{id}/{id}_boxes.txt")), "").unwrap();
        }
        image("val/images/val_0.JPEG", 40);
        image("val/images/val_1.JPEG", 50);
        let annotations = "val_1.JPEG\tn3\t0\t0\t3\t3\nval_0.JPEG\tn1\t0\t0\t3\t3\n";
        fs::write(folder.join("val/val_annotations.txt"), annotations).unwrap();
        fs::write(folder.join("wnids.txt"), "n3\nn1\nn2\n").unwrap();
        let words = "n0\tentity\nn1\tgoldfish, Carassius auratus\nn2\tcrane\nn3\tcrane, derrick\n";
        fs::write(folder.join("words.txt"), words).unwrap();
        outside
    }

    fn settings(folder: &Path) -> DatasetSettings {
        DatasetSettings {
            data: Some(folder.to_owned()),
            ..DatasetSettings::of(&TINY_IMAGENET)
        }
    }

    #[test]
    fn the_published_layout_is_read() {
        let outside = tiny();
        for folder in [outside.path().to_owned(), outside.path().join(FOLDER)] {
            let data = load(&settings(&folder)).unwrap();
            assert_eq!(data.class_names, ["goldfish", "crane (n2)", "crane (n3)"]);
            assert_eq!(
                (&data.train.labels[..], &data.test.labels[..]),
                (&[0, 1, 2][..], &[2, 0][..])
            );
            let first = |samples: &crate::dataset::samples::sample_set::Samples| {
                samples.pixels(0, 16).unwrap().unwrap()[0]
            };
            assert_eq!((first(&data.train), first(&data.test)), (20, 50));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let outside = tiny();
        let folder = outside.path().join(FOLDER);
        let refusal = || load(&settings(&folder)).unwrap_err().to_string();
        fs::write(
            folder.join("val/val_annotations.txt"),
            "val_0.JPEG\tn9\t0\n",
        )
        .unwrap();
        assert!(refusal().contains("sample 0 has label n9"), "{}", refusal());
        let with_column = DatasetSettings {
            label_column: Some("label".to_owned()),
            ..settings(&folder)
        };
        let reason = load(&with_column).unwrap_err().to_string();
        assert!(
            reason.contains("no use for `label_column`: its classes and images here"),
            "{reason}"
        );
        fs::write(folder.join("val/val_annotations.txt"), "val_0.JPEG n1\n").unwrap();
        assert!(
            refusal().contains("line 1 is no file and class"),
            "{}",
            refusal()
        );
        fs::remove_dir_all(folder.join("train/n2/images")).unwrap();
        assert!(
            refusal().contains("train/n2/images/: there is no image"),
            "{}",
            refusal()
        );
        fs::remove_file(folder.join("wnids.txt")).unwrap();
        assert!(refusal().contains("there is no wnids.txt"), "{}", refusal());
    }
}
