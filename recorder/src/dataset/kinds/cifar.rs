//! CIFAR-10 and CIFAR-100: the authors' binary files, or Parquet files of the same images.
//!
//! Source: Krizhevsky, *Learning Multiple Layers of Features from Tiny Images*, 2009; the binary
//! version is described at <https://www.cs.toronto.edu/~kriz/cifar.html>.

use std::path::{Path, PathBuf};

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::files::finding::{find, read_text, read_whole};
use crate::dataset::files::parts::Parts;
use crate::dataset::images::plain_pixels::PlainPixels;
use crate::dataset::kinds::image_parquet;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::origins::Origins;
use crate::dataset::samples::sample_set::{Inputs, Samples};
use crate::dataset::settings::{DatasetKind, DatasetSettings, IMAGE_TABLE_OPTIONS};
use crate::error::dataset::DatasetError;

/// The classes of CIFAR-10 in the order of the published set.
pub(crate) const CIFAR10_CLASSES: [&str; 10] = [
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

pub(crate) static CIFAR10: DatasetKind = DatasetKind {
    name: "cifar10",
    help: "CIFAR-10: 60,000 images of 32×32 pixels in 10 classes, binary or Parquet files",
    is_format: false,
    has_images: true,
    may_be_plain_pixels: true,
    hub_repository: Some("uoft-cs/cifar10"),
    options: IMAGE_TABLE_OPTIONS,
    unused_reason: "its samples are images",
    load: |settings, _| Ok(TEN_CLASSES.load(settings)?),
};

pub(crate) static CIFAR100: DatasetKind = DatasetKind {
    name: "cifar100",
    help: "CIFAR-100: likewise, in 100 classes",
    is_format: false,
    has_images: true,
    may_be_plain_pixels: true,
    hub_repository: Some("uoft-cs/cifar100"),
    options: IMAGE_TABLE_OPTIONS,
    unused_reason: "its samples are images",
    load: |settings, _| Ok(HUNDRED_CLASSES.load(settings)?),
};

/// Channels, height, width.
const SHAPE: [usize; 3] = [3, 32, 32];
const VALUES: usize = SHAPE[0] * SHAPE[1] * SHAPE[2];

/// What tells one of these sets from another.
struct Cifar {
    train_files: &'static [&'static str],
    test_file: &'static str,
    /// The file of class names in the order of their indices, a line each.
    names_file: &'static str,
    /// The folder that the published archive unpacks to.
    folder: &'static str,
    /// Bytes before the image; the last of them is the label.
    label_bytes: usize,
    /// The column that Parquet files of it have for the label, where there are two.
    label_column: Option<&'static str>,
    class_count: usize,
    /// Where no file tells them.
    class_names: &'static [&'static str],
}

const TEN_CLASSES: Cifar = Cifar {
    train_files: &[
        "data_batch_1.bin",
        "data_batch_2.bin",
        "data_batch_3.bin",
        "data_batch_4.bin",
        "data_batch_5.bin",
    ],
    test_file: "test_batch.bin",
    names_file: "batches.meta.txt",
    folder: "cifar-10-batches-bin",
    label_bytes: 1,
    label_column: None,
    class_count: 10,
    class_names: &CIFAR10_CLASSES,
};

/// With its 100 fine classes; the byte before them is one of 20 coarse ones.
const HUNDRED_CLASSES: Cifar = Cifar {
    train_files: &["train.bin"],
    test_file: "test.bin",
    names_file: "fine_label_names.txt",
    folder: "cifar-100-binary",
    label_bytes: 2,
    label_column: Some("fine_label"),
    class_count: 100,
    class_names: &[],
};

impl Cifar {
    fn load(&self, settings: &DatasetSettings) -> Result<Dataset, DatasetError> {
        let expected = self.expected();
        let given = settings.path(&expected)?;
        let unpacked = given.join(self.folder);
        let folder = if unpacked.is_dir() { &unpacked } else { given };
        let is_parquet =
            !folder.join(self.train_files[0]).exists() && Parts::holds(folder, &["parquet"]);
        if is_parquet {
            return self.load_parquet(folder, settings);
        }
        settings.check_for_plain_pixels()?;
        let find = |name: &str| find(folder, &[name.to_owned()], &expected);
        let train = self
            .train_files
            .iter()
            .map(|name| find(name))
            .collect::<Result<Vec<_>, _>>()?;
        let set = PlainPixels {
            class_names: self.names(folder)?,
            shape: SHAPE,
            train: self.read_part(&train)?,
            test: self.read_part(&[find(self.test_file)?])?,
        };
        Ok(set.into_dataset(settings))
    }

    fn expected(&self) -> String {
        let train = self.train_files.join(", ");
        format!(
            "a folder with {train} and {} (the binary version) from https://www.cs.toronto.edu/~kriz/cifar.html, or with train*.parquet and test*.parquet",
            self.test_file
        )
    }

    fn load_parquet(
        &self,
        folder: &Path,
        settings: &DatasetSettings,
    ) -> Result<Dataset, DatasetError> {
        let parts = Parts::find(folder, &["parquet"], &self.expected())?;
        let own_column = self.label_column.map(str::to_owned);
        let settings = DatasetSettings {
            label_column: settings.label_column.clone().or(own_column),
            ..settings.clone()
        };
        let mut set = image_parquet::read(parts, &settings, self.class_names)?;
        if matches!(set.train.labels, StoredLabels::Indices(_)) && set.class_names.is_none() {
            set.class_names = Some(self.names(folder)?);
        }
        set.decode(&settings)
    }

    fn read_part(&self, files: &[PathBuf]) -> Result<Samples, DatasetError> {
        let row_bytes = self.label_bytes + VALUES;
        let (mut pixels, mut labels, mut origins) = (Vec::new(), Vec::new(), Origins::default());
        for path in files {
            let bytes = read_whole(path)?;
            if bytes.is_empty() || bytes.len() % row_bytes != 0 {
                return Err(DatasetError::Damaged {
                    path: path.clone(),
                    reason: format!("its {} bytes are no whole rows of {row_bytes}", bytes.len()),
                });
            }
            let rows = bytes.chunks_exact(row_bytes);
            origins.append(Origins::rows_of(path.display().to_string(), rows.len()));
            for row in rows {
                let (before, image) = row.split_at(self.label_bytes);
                labels.extend(before.last().map(|&label| i64::from(label)));
                pixels.extend_from_slice(image);
            }
        }
        let classes = vec![String::new(); self.class_count];
        Ok(Samples {
            inputs: Inputs::Pixels(pixels),
            labels: StoredLabels::Indices(labels).class_indices(&classes, &origins)?,
            origins,
        })
    }

    fn names(&self, folder: &Path) -> Result<Vec<String>, DatasetError> {
        let path = folder.join(self.names_file);
        if !path.is_file() {
            let name = |class: usize| self.class_names.get(class).map(|&name| name.to_owned());
            let names = (0..self.class_count).map(|class| name(class).unwrap_or(class.to_string()));
            return Ok(names.collect());
        }
        let text = read_text(&path)?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let names: Vec<String> = lines.map(str::to_owned).collect();
        if names.len() != self.class_count {
            return Err(DatasetError::Damaged {
                path,
                reason: format!(
                    "it has {} class names, not {}",
                    names.len(),
                    self.class_count
                ),
            });
        }
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    fn row(labels: &[u8], value: u8) -> Vec<u8> {
        [labels, &[value; VALUES]].concat()
    }

    fn settings(kind: &'static DatasetKind, folder: &Path) -> DatasetSettings {
        DatasetSettings {
            data: Some(folder.to_owned()),
            ..DatasetSettings::of(kind)
        }
    }

    fn load10(folder: &Path) -> Result<Dataset, DatasetError> {
        TEN_CLASSES.load(&settings(&CIFAR10, folder))
    }

    /// Two images in each file, labelled with the number of the file and 9.
    fn cifar10() -> TempDir {
        let folder = TempDir::new().unwrap();
        for (number, file) in (1..).zip(TEN_CLASSES.train_files) {
            let rows = [row(&[number], number), row(&[9], 0)].concat();
            fs::write(folder.path().join(file), rows).unwrap();
        }
        fs::write(folder.path().join(TEN_CLASSES.test_file), row(&[3], 3)).unwrap();
        folder
    }

    #[test]
    fn the_five_files_follow_each_other() {
        let folder = cifar10();
        let cifar = load10(folder.path()).unwrap();
        assert_eq!(cifar.train.labels, [1, 9, 2, 9, 3, 9, 4, 9, 5, 9]);
        assert_eq!(cifar.class_names[9], "truck");
        let (file, row) = cifar.train.origins.place(4);
        assert!(file.ends_with("data_batch_3.bin") && row == 0, "{file:?}");
        assert_eq!(cifar.test.labels, [3]);
        // (1 + 2 + 3 + 4 + 5) / 10
        assert_eq!(cifar.standardisation.means, [1.5; 3]);
    }

    #[test]
    fn plain_pixels_are_brought_to_a_size() {
        let folder = cifar10();
        let settings = DatasetSettings {
            image_size: Some(8),
            ..settings(&CIFAR10, folder.path())
        };
        let cifar = TEN_CLASSES.load(&settings).unwrap();
        assert_eq!(cifar.sample_shape, [3, 8, 8]);
        // Images of one colour keep it.
        assert_eq!(cifar.standardisation.means, [1.5; 3]);
        let Inputs::Images(images) = &cifar.train.inputs else {
            panic!("the pixels were not fitted");
        };
        let mut planes = vec![0; 3 * 8 * 8];
        images.write_planes(4, None, None, &mut planes).unwrap();
        assert_eq!(planes, vec![3; 3 * 8 * 8]);
    }

    #[test]
    fn the_fine_classes_of_cifar100_are_read_from_an_unpacked_archive() {
        let outside = TempDir::new().unwrap();
        let folder = outside.path().join("cifar-100-binary");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("train.bin"), row(&[19, 99], 1)).unwrap();
        fs::write(folder.join("test.bin"), row(&[0, 7], 1)).unwrap();
        let names: Vec<String> = (0..100).map(|class| format!("class {class}")).collect();
        fs::write(
            folder.join("fine_label_names.txt"),
            names.join("\n") + "\n\n",
        )
        .unwrap();
        let settings = settings(&CIFAR100, outside.path());
        let cifar = HUNDRED_CLASSES.load(&settings).unwrap();
        assert_eq!((cifar.train.labels[0], cifar.test.labels[0]), (99, 7));
        assert_eq!(cifar.class_names[99], "class 99");
    }

    #[test]
    fn damaged_files_are_refused() {
        let folder = cifar10();
        let third = folder.path().join("data_batch_3.bin");
        fs::write(&third, &row(&[1], 1)[1..]).unwrap();
        let reason = load10(folder.path()).unwrap_err().to_string();
        assert!(
            reason.contains("its 3072 bytes are no whole rows of 3073"),
            "{reason}"
        );
        fs::write(&third, [row(&[1], 1), row(&[10], 1)].concat()).unwrap();
        let reason = load10(folder.path()).unwrap_err().to_string();
        assert!(
            reason.contains("data_batch_3.bin: sample 1 has label 10"),
            "{reason}"
        );
        fs::remove_file(third).unwrap();
        let reason = load10(folder.path()).unwrap_err().to_string();
        assert!(
            reason.contains("there is no data_batch_3.bin there"),
            "{reason}"
        );
    }

    #[test]
    fn the_published_images_are_read_from_parquet() {
        // Beside the repository: the licence does not let it be in there.
        let folder = Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/data/cifar10"
        ));
        if !folder.exists() {
            eprintln!("skipped: {} is not here", folder.display());
            return;
        }
        let cifar = load10(folder).unwrap();
        assert_eq!((cifar.train.len(), cifar.test.len()), (50_000, 10_000));
        assert_eq!(cifar.sample_shape, SHAPE);
        // Means that everyone uses: 0.4914, 0.4822, 0.4465 of 255, here with the losses of JPEG.
        for (mean, published) in cifar
            .standardisation
            .means
            .iter()
            .zip([0.4914, 0.4822, 0.4465])
        {
            assert!((mean / 255.0 - published).abs() < 2e-3, "{mean}");
        }
    }
}
