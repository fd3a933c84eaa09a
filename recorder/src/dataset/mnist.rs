//! MNIST and the sets that come in the same four IDX files.
//!
//! Sources: LeCun, Bottou, Bengio and Haffner, *Gradient-based learning applied to document
//! recognition*, 1998; Xiao, Rasul and Vollgraf, *Fashion-MNIST*, arXiv 1708.07747.

use std::path::Path;

use super::files::find;
use super::idx::{read_images, read_labels};
use super::{Dataset, DatasetError, DatasetSettings, Inputs, Origins, Samples, Standardisation};

/// What tells one of these sets from another.
pub(super) struct Mnist {
    class_names: [&'static str; 10],
    source: &'static str,
}

/// Handwritten digits.
pub(super) const MNIST: Mnist = Mnist {
    class_names: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    source: "https://storage.googleapis.com/cvdf-datasets/mnist/",
};

/// Clothing; class names in the order of the authors' repository.
pub(super) const FASHION_MNIST: Mnist = Mnist {
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
    pub(super) fn load(&self, settings: &DatasetSettings) -> Result<Dataset, DatasetError> {
        let folder = settings.path(&self.expected())?;
        let (train, size) = self.read_part(folder, "train")?;
        let (test, test_size) = self.read_part(folder, "t10k")?;
        if test_size != size {
            return Err(DatasetError::OtherSize {
                path: folder.join(&test.origins.files[0]),
                found: test_size,
                expected: size,
            });
        }
        Ok(Dataset {
            name: settings.name.as_str().to_owned(),
            class_names: self.class_names.map(str::to_owned).to_vec(),
            sample_shape: [1, size[0], size[1]],
            standardisation: Standardisation::measure(&train, 1),
            train,
            test,
        })
    }

    fn expected(&self) -> String {
        format!(
            "a folder with train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each with .gz or without, from {}",
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
    use crate::dataset::DatasetName;
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
        MNIST.load(&DatasetSettings {
            data: folder.map(Path::to_owned),
            ..DatasetSettings::of(DatasetName::Mnist)
        })
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

    #[test]
    fn without_data_the_files_and_their_source_are_named() {
        let reason = load(None).unwrap_err().to_string();
        assert!(reason.contains("--data") && reason.contains("t10k-labels-idx1-ubyte"));
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
        let folder = Path::new("/work/shared/data/mnist");
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
