//! Data sets: inputs and labels on the host, split into training and test samples.

pub mod files;
pub mod kinds;
pub(crate) mod label_file;
pub mod samples;

pub(crate) mod description;
pub(crate) mod images;
pub(crate) mod settings;

pub use crate::dataset::images::Images;
pub use crate::dataset::images::memory::parse_bytes;
pub use crate::dataset::images::pixel_file::DiskSpace;
pub use crate::dataset::samples::normalisation::Normalisation;
pub use crate::dataset::samples::sample_set::{Inputs, Kept, Origins, Samples};
pub use crate::dataset::samples::standardisation::Standardisation;
pub use crate::dataset::settings::DatasetSettings;
pub use crate::error::dataset::{DatasetError, ImagePlace};

use rand::seq::SliceRandom;

use crate::error::RecorderError;
use crate::seeds::stream;

/// The data sets that the recorder knows by name, and the formats that it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum DatasetName {
    /// 1,797 handwritten digits of 8×8 pixels (UCI, as in scikit-learn); in the program itself.
    Digits,
    /// MNIST: 70,000 handwritten digits of 28×28 pixels, IDX or Parquet files
    Mnist,
    /// Fashion-MNIST: 70,000 pieces of clothing of 28×28 pixels, IDX or Parquet files
    FashionMnist,
    /// CIFAR-10: 60,000 images of 32×32 pixels in 10 classes, binary or Parquet files
    Cifar10,
    /// CIFAR-100: likewise, in 100 classes
    Cifar100,
    /// Tiny ImageNet: 110,000 images of 64×64 pixels in 200 classes, its own folders or Parquet files
    TinyImagenet,
    /// Images of your own in a folder per class, with train/ and test/ or val/ around them or not
    Images,
    /// Images of your own in Parquet files, as on the hub of Hugging Face
    Parquet,
    /// Vectors of your own, such as embeddings, in Parquet, CSV or NPY files
    Features,
}

impl DatasetName {
    /// The name as on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            DatasetName::Digits => "digits",
            DatasetName::Mnist => "mnist",
            DatasetName::FashionMnist => "fashion-mnist",
            DatasetName::Cifar10 => "cifar10",
            DatasetName::Cifar100 => "cifar100",
            DatasetName::TinyImagenet => "tiny-imagenet",
            DatasetName::Images => "images",
            DatasetName::Parquet => "parquet",
            DatasetName::Features => "features",
        }
    }

    /// Whether it is no data set but a format for one's own.
    pub const fn is_format(self) -> bool {
        matches!(
            self,
            DatasetName::Images | DatasetName::Parquet | DatasetName::Features
        )
    }
}

/// A data set that was split.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The name as on the command line.
    pub name: String,
    /// The name of each class by its index.
    pub class_names: Vec<String>,
    /// The shape of one sample: channels, height, width.
    pub sample_shape: [usize; 3],
    /// The samples to train on; a sample's index here is its id.
    pub train: Samples,
    /// The samples to test on, with their true labels: noise never touches them. May be none.
    pub test: Samples,
    /// Those held out of the training samples, with their own labels; `None` where none were.
    pub validation: Option<Samples>,
    /// How inputs are standardised: as measured on the training samples, where no constants were asked for.
    pub standardisation: Standardisation,
    /// How many images could not be read and were left out, of both parts.
    pub unreadable: usize,
    /// What is worth telling about how the data were read, a line each.
    pub notes: Vec<String>,
}

impl Dataset {
    /// Loads a data set, and splits it by the data seed: where it comes in one part, and where samples
    /// are held out or only some are wanted.
    ///
    /// # Errors
    /// [`RecorderError::Data`] where the data cannot be read or are not what they should be.
    pub fn load(settings: &DatasetSettings, data_seed: u64) -> Result<Self, RecorderError> {
        settings.check()?;
        let mut dataset = match settings.name {
            DatasetName::Digits => crate::dataset::kinds::digits::load(data_seed)?,
            DatasetName::Mnist => crate::dataset::kinds::mnist::MNIST.load(settings, data_seed)?,
            DatasetName::FashionMnist => {
                crate::dataset::kinds::mnist::FASHION_MNIST.load(settings, data_seed)?
            }
            DatasetName::Cifar10 => {
                crate::dataset::kinds::cifar::CIFAR10.load(settings, data_seed)?
            }
            DatasetName::Cifar100 => {
                crate::dataset::kinds::cifar::CIFAR100.load(settings, data_seed)?
            }
            DatasetName::TinyImagenet => {
                crate::dataset::kinds::tiny_imagenet::load(settings, data_seed)?
            }
            DatasetName::Images => crate::dataset::kinds::image_folder::load(settings, data_seed)?,
            DatasetName::Parquet => {
                crate::dataset::kinds::image_parquet::load(settings, data_seed)?
            }
            DatasetName::Features => crate::dataset::kinds::features::load(settings, data_seed)?,
        };
        dataset.divide(settings, data_seed)?;
        settings.normalisation.apply(&mut dataset)?;
        Ok(dataset)
    }

    /// The number of classes.
    pub fn class_count(&self) -> usize {
        self.class_names.len()
    }
}

/// The share for the test of sets that come without a split, as is common.
const TEST_SHARE: f64 = 0.2;

/// Splits into training and test samples by one permutation from the data seed.
fn split(samples: Samples, test_share: f64, data_seed: u64) -> (Samples, Samples) {
    let mut order: Vec<usize> = (0..samples.len()).collect();
    order.shuffle(&mut stream(data_seed, "split"));
    let test_count = (samples.len() as f64 * test_share).round() as usize;
    let (test, train) = samples.part(&order, test_count);
    (train, test)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_has_every_sample_once() {
        let samples = Samples {
            inputs: Inputs::Values((0..20).map(|value| value as f32).collect()),
            labels: (0..10).collect(),
            origins: Origins::rows_of("test", 10),
        };
        let (train, test) = split(samples.clone(), 0.3, 7);
        assert_eq!((train.len(), test.len()), (7, 3));
        let mut labels = [train.labels.clone(), test.labels].concat();
        labels.sort_unstable();
        assert_eq!(labels, samples.labels);
        let first = train.labels[0];
        assert_eq!(train.origins.rows[0], (0, first.into()));
        let Inputs::Values(values) = train.inputs else {
            panic!("the inputs have become something else");
        };
        assert_eq!(values[..2], [2.0 * first as f32, 2.0 * first as f32 + 1.0]);
    }
}
