//! Loads a data set of any kind, and what is done to all of them alike.

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::settings::{DatasetName, DatasetSettings};
use crate::error::run::RecorderError;

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
            DatasetName::Features => {
                crate::dataset::kinds::features::whole_set::load(settings, data_seed)?
            }
        };
        dataset.divide(settings, data_seed)?;
        settings.normalisation.apply(&mut dataset)?;
        Ok(dataset)
    }
}
