//! MNIST and the sets that come in the same four IDX files, or in Parquet files of the same images.
//!
//! Sources: LeCun, Bottou, Bengio and Haffner, *Gradient-based learning applied to document
//! recognition*, 1998; Xiao, Rasul and Vollgraf, *Fashion-MNIST*, arXiv 1708.07747.

use std::path::Path;

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::files::finding::find;
use crate::dataset::files::idx::{read_images, read_labels};
use crate::dataset::files::parts::Parts;
use crate::dataset::images::plain_pixels::PlainPixels;
use crate::dataset::kinds::image_parquet;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::origins::Origins;
use crate::dataset::samples::sample_set::{Inputs, Samples};
use crate::dataset::settings::{DatasetKind, DatasetSettings, IMAGE_TABLE_OPTIONS};
use crate::error::dataset::DatasetError;

pub(crate) static MNIST: DatasetKind = DatasetKind {
    name: "mnist",
    help: "MNIST: 70,000 handwritten digits of 28×28 pixels, IDX or Parquet files",
    is_format: false,
    has_images: true,
    may_be_plain_pixels: true,
    hub_repository: Some("ylecun/mnist"),
    options: IMAGE_TABLE_OPTIONS,
    unused_reason: "its samples are images",
    load: |settings, _| Ok(HANDWRITTEN.load(settings)?),
};

pub(crate) static FASHION_MNIST: DatasetKind = DatasetKind {
    name: "fashion-mnist",
    help: "Fashion-MNIST: 70,000 pieces of clothing of 28×28 pixels, IDX or Parquet files",
    is_format: false,
    has_images: true,
    may_be_plain_pixels: true,
    hub_repository: Some("zalando-datasets/fashion_mnist"),
    options: IMAGE_TABLE_OPTIONS,
    unused_reason: "its samples are images",
    load: |settings, _| Ok(CLOTHING.load(settings)?),
};

const PARQUET: &[&str] = &["parquet"];

/// What tells one of these sets from another.
struct Mnist {
    class_names: [&'static str; 10],
    source: &'static str,
}

/// Handwritten digits.
const HANDWRITTEN: Mnist = Mnist {
    class_names: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    source: "https://storage.googleapis.com/cvdf-datasets/mnist/",
};

/// Clothing; class names in the order of the authors' repository.
const CLOTHING: Mnist = Mnist {
    class_names: [
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ],
    source: "https://github.com/zalandoresearch/fashion-mnist",
};

impl Mnist {
    fn load(&self, settings: &DatasetSettings) -> Result<Dataset, DatasetError> {
        let folder = settings.path(&self.expected())?;
        let has_idx_file = file_names("train", "images-idx3-ubyte")
            .iter()
            .any(|name| folder.join(name).exists());
        if !has_idx_file && Parts::holds(folder, PARQUET) {
            return self.load_parquet(folder, settings);
        }
        settings.check_for_plain_pixels()?;
        let (train, size) = self.read_part(folder, "train")?;
        let (test, test_size) = self.read_part(folder, "t10k")?;
        if test_size != size {
            return Err(DatasetError::OtherSize {
                path: folder.join(&test.origins.files[0]),
                found: test_size,
                expected: size,
            });
        }
        let set = PlainPixels {
            class_names: self.class_names.map(str::to_owned).to_vec(),
            shape: [1, size[0], size[1]],
            train,
            test,
        };
        Ok(set.into_dataset(settings))
    }

    fn load_parquet(
        &self,
        folder: &Path,
        settings: &DatasetSettings,
    ) -> Result<Dataset, DatasetError> {
        let parts = Parts::find(folder, PARQUET, &self.expected())?;
        let mut set = image_parquet::read(parts, settings, &self.class_names)?;
        // One name a class, whichever files they come from.
        if matches!(set.train.labels, StoredLabels::Indices(_)) {
            set.class_names = Some(self.class_names.map(str::to_owned).to_vec());
        }
        set.decode(settings)
    }

    fn expected(&self) -> String {
        format!(
            "a folder with train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each with .gz or without, from {}, or with train*.parquet and test*.parquet",
            self.source
        )
    }

    /// The samples of one part, and the height and width of their images.
    fn read_part(&self, folder: &Path, part: &str) -> Result<(Samples, [usize; 2]), DatasetError> {
        let find = |stem: &str| find(folder, &file_names(part, stem), &self.expected());
        let (images_path, labels_path) = (find("images-idx3-ubyte")?, find("labels-idx1-ubyte")?);
        let (images, labels) = (read_images(&images_path)?, read_labels(&labels_path)?);
        if images.count != labels.len() {
            return Err(DatasetError::CountsDiffer {
                images: images_path,
                image_count: images.count,
                labels: labels_path,
                label_count: labels.len(),
            });
        }
        let class_count = self.class_names.len();
        let wrong = labels
            .iter()
            .position(|&label| usize::from(label) >= class_count);
        if let Some(row) = wrong {
            return Err(DatasetError::LabelOutOfRange {
                path: labels_path,
                row: row as u64,
                label: labels[row].into(),
                class_count,
            });
        }
        if images.pixels.is_empty() {
            return Err(DatasetError::NoSamples { path: images_path });
        }
        let samples = Samples {
            inputs: Inputs::Pixels(images.pixels),
            labels: labels.into_iter().map(u32::from).collect(),
            origins: Origins::rows_of(images_path.display().to_string(), images.count),
        };
        Ok((samples, images.size))
    }
}

/// The names under which a file is found in the wild.
fn file_names(part: &str, stem: &str) -> Vec<String> {
    let dotted = stem.replacen("-idx", ".idx", 1);
    [stem, &dotted]
        .iter()
        .flat_map(|stem| [format!("{part}-{stem}"), format!("{part}-{stem}.gz")])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::fs;
    use std::io::Write;
    use tempfile::TempDir;

    fn idx(magic: u32, lengths: &[u32], bytes: &[u8]) -> Vec<u8> {
        let numbers = [&[magic], lengths].concat();
        let header = numbers.iter().flat_map(|number| number.to_be_bytes());
        header.chain(bytes.iter().copied()).collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Three training images of 2×2 pixels with labels 7, 0, 9, and one test image with label 1.
    fn folder() -> TempDir {
        let folder = TempDir::new().unwrap();
        let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
        let pixels: Vec<u8> = (0..12).collect();
        let images = gzip(&idx(0x803, &[3, 2, 2], &pixels));
        write("train-images-idx3-ubyte.gz", &images);
        write("train-labels-idx1-ubyte", &idx(0x801, &[3], &[7, 0, 9]));
        write("t10k-images.idx3-ubyte", &idx(0x803, &[1, 2, 2], &[5; 4]));
        write("t10k-labels.idx1-ubyte.gz", &gzip(&idx(0x801, &[1], &[1])));
        folder
    }

    fn load(folder: Option<&Path>) -> Result<Dataset, DatasetError> {
        let settings = DatasetSettings {
            data: folder.map(Path::to_owned),
            ..DatasetSettings::of(&MNIST)
        };
        HANDWRITTEN.load(&settings)
    }

    fn refusal(folder: &TempDir, file: &str, bytes: &[u8]) -> String {
        fs::write(folder.path().join(file), bytes).unwrap();
        load(Some(folder.path())).unwrap_err().to_string()
    }

    #[test]
    fn four_files_are_read_under_any_of_their_names() {
        let folder = folder();
        let mnist = load(Some(folder.path())).unwrap();
        assert_eq!(mnist.train.inputs, Inputs::Pixels((0..12).collect()));
        assert_eq!(mnist.train.labels, [7, 0, 9]);
        assert_eq!(mnist.test.labels, [1]);
        assert_eq!(mnist.sample_shape, [1, 2, 2]);
        // The mean of 0 to 11.
        assert_eq!(mnist.standardisation.means, [5.5]);
        assert!(mnist.train.origins.files[0].ends_with("train-images-idx3-ubyte.gz"));
        assert_eq!(mnist.train.origins.rows[2], (0, 2));
    }

    /// As the hub has them: PNG and a label each.
    fn write_parquet(path: &Path, labels: &[i64]) {
        use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch};
        use image::{GrayImage, ImageFormat, Luma};
        let png = |&label: &i64| {
            let mut bytes = std::io::Cursor::new(Vec::new());
            let image = GrayImage::from_pixel(2, 2, Luma([label as u8]));
            image.write_to(&mut bytes, ImageFormat::Png).unwrap();
            Some(bytes.into_inner())
        };
        let images: ArrayRef = std::sync::Arc::new(BinaryArray::from_iter(labels.iter().map(png)));
        let labels: ArrayRef = std::sync::Arc::new(Int64Array::from(labels.to_vec()));
        let batch = RecordBatch::try_from_iter([("image", images), ("label", labels)]).unwrap();
        let file = fs::File::create(path).unwrap();
        let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }

    #[test]
    fn parquet_files_of_it_have_one_channel_and_the_same_classes() {
        let folder = TempDir::new().unwrap();
        write_parquet(&folder.path().join("train-00000-of-00001.parquet"), &[7, 0]);
        write_parquet(&folder.path().join("test-00000-of-00001.parquet"), &[1]);
        let settings = DatasetSettings {
            data: Some(folder.path().to_owned()),
            ..DatasetSettings::of(&FASHION_MNIST)
        };
        let fashion = CLOTHING.load(&settings).unwrap();
        assert_eq!(fashion.sample_shape, [1, 2, 2]);
        let pixels = |sample| fashion.train.pixels(sample, 4).unwrap().unwrap();
        assert_eq!([0, 1].map(pixels), [[7; 4], [0; 4]]);
        assert_eq!(
            (fashion.train.labels, fashion.test.labels),
            (vec![7, 0], vec![1])
        );
        assert_eq!(fashion.class_names[9], "Ankle boot");
        let idx = idx(0x803, &[0, 2, 2], &[]);
        fs::write(folder.path().join("train-images-idx3-ubyte"), idx).unwrap();
        let reason = CLOTHING.load(&settings).unwrap_err().to_string();
        assert!(reason.contains("train-labels-idx1-ubyte"), "{reason}");
    }

    #[test]
    fn without_data_the_files_and_their_source_are_named() {
        let reason = load(None).unwrap_err().to_string();
        assert!(reason.contains("`data`") && reason.contains("t10k-labels-idx1-ubyte"));
        assert!(reason.contains("https://"), "{reason}");
        let reason = load(Some(Path::new("no-such-folder")))
            .unwrap_err()
            .to_string();
        assert!(
            reason.starts_with("no-such-folder: there is no such"),
            "{reason}"
        );
    }

    #[test]
    fn a_missing_file_is_named() {
        let folder = folder();
        fs::remove_file(folder.path().join("train-labels-idx1-ubyte")).unwrap();
        let reason = load(Some(folder.path())).unwrap_err().to_string();
        assert!(
            reason.contains("there is no train-labels-idx1-ubyte there"),
            "{reason}"
        );
    }

    #[test]
    fn a_truncated_gzip_is_refused() {
        let images = gzip(&idx(0x803, &[3, 2, 2], &[0; 12]));
        let reason = refusal(
            &folder(),
            "train-images-idx3-ubyte.gz",
            &images[..images.len() - 9],
        );
        assert!(
            reason.contains("it ends early; the file is damaged"),
            "{reason}"
        );
    }

    #[test]
    fn a_file_of_another_length_than_its_header_says_is_refused() {
        let short = idx(0x801, &[3], &[1, 2]);
        let reason = refusal(&folder(), "train-labels-idx1-ubyte", &short);
        assert!(reason.contains("ends after 2 of the 3 bytes"), "{reason}");
        let long = idx(0x801, &[3], &[1; 4]);
        let reason = refusal(&folder(), "train-labels-idx1-ubyte", &long);
        assert!(reason.contains("goes on after the 3 bytes"), "{reason}");
    }

    #[test]
    fn a_wrong_magic_number_is_refused() {
        let images = idx(0x803, &[3, 1, 1], &[1; 3]);
        let reason = refusal(&folder(), "train-labels-idx1-ubyte", &images);
        assert!(reason.contains("begins with 0x00000803"), "{reason}");
        assert!(
            reason.contains("of labels begin with 0x00000801"),
            "{reason}"
        );
    }

    #[test]
    fn counts_that_differ_are_refused() {
        let labels = idx(0x801, &[2], &[1, 2]);
        let reason = refusal(&folder(), "train-labels-idx1-ubyte", &labels);
        assert!(reason.contains("2 labels, but 3 images in"), "{reason}");
    }

    #[test]
    fn a_label_out_of_range_is_refused_with_its_row() {
        let labels = idx(0x801, &[3], &[1, 2, 10]);
        let reason = refusal(&folder(), "train-labels-idx1-ubyte", &labels);
        assert!(
            reason.contains("sample 2 has label 10, but the classes are 0 to 9"),
            "{reason}"
        );
    }

    #[test]
    fn test_images_of_another_size_are_refused() {
        let images = idx(0x803, &[1, 2, 3], &[0; 6]);
        let reason = refusal(&folder(), "t10k-images.idx3-ubyte", &images);
        assert!(
            reason.contains("3×2 pixels, but the training images 2×2"),
            "{reason}"
        );
    }

    #[test]
    fn the_published_files_are_read() {
        // Beside the repository: the licence does not let it be in there.
        let folder = Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/data/mnist"
        ));
        if !folder.exists() {
            eprintln!("skipped: {} is not here", folder.display());
            return;
        }
        let mnist = load(Some(folder)).unwrap();
        assert_eq!((mnist.train.len(), mnist.test.len()), (60_000, 10_000));
        // Mean and deviation that everyone uses: 0.1307 and 0.3081 of 255.
        assert!((mnist.standardisation.means[0] / 255.0 - 0.1307).abs() < 1e-4);
        assert!((mnist.standardisation.deviations[0] / 255.0 - 0.3081).abs() < 1e-4);
    }
}
