//! `recorder data`: what is in a data set, for a person who suspects its labels, without any training.
//! Counts per class, sizes, ranges, equal samples under different labels, and a sheet of examples.

pub(crate) mod duplicates;
pub(crate) mod sheet;
pub(crate) mod text;
pub(crate) mod values;

use serde::Serialize;

use crate::dataset::samples::standardisation::Standardisation;
use crate::dataset::settings::DatasetSettings;
use crate::dataset::{Dataset, DatasetName};
use crate::error::RecorderError;
use crate::error::dataset::DatasetError;
use crate::labels::confusions::Confusions;
use crate::labels::source::LabelSource;

pub use crate::overview::duplicates::{Duplicates, PairCount, Place};
pub use crate::overview::sheet::{Sheet, SheetError, SheetSettings};
pub use crate::overview::values::{Sizes, Values};

/// Images of several sizes are compared and drawn as squares of this side, in pixels.
const COMMON_SIDE: u32 = 96;

/// A data set with the labels under suspicion.
#[derive(Debug)]
pub struct Subject {
    /// Inputs, and the labels that the data set itself has.
    pub dataset: Dataset,
    /// The given label of each training sample.
    pub given: Vec<u32>,
    /// The label known to be right, where that is known.
    pub truth: Option<Vec<u32>>,
}

impl Subject {
    /// Loads what `run` would train on. Images that cannot be read are left out and counted; images of
    /// several sizes are made squares, where nothing else is asked for.
    ///
    /// # Errors
    /// [`RecorderError`] where the data or the labels cannot be read.
    pub fn load(
        settings: &DatasetSettings,
        labels: &LabelSource,
        data_seed: u64,
    ) -> Result<Self, RecorderError> {
        let mut settings = settings.clone();
        settings.skip_unreadable |= !matches!(
            settings.name,
            DatasetName::Digits
                | DatasetName::Mnist
                | DatasetName::FashionMnist
                | DatasetName::Features
        );
        let dataset = match Dataset::load(&settings, data_seed) {
            Err(RecorderError::Data(DatasetError::UnequalImages { .. })) => {
                settings.image_size = Some(COMMON_SIDE);
                let mut dataset = Dataset::load(&settings, data_seed)?;
                dataset.notes.push(format!(
                    "images of several sizes, compared and drawn as squares of {COMMON_SIDE} pixels; to train on them choose --image-size"
                ));
                dataset
            }
            loaded => loaded?,
        };
        let labels = labels.labels(
            &dataset.train.labels,
            dataset.train.origins.kept.as_ref(),
            &dataset.class_names,
            data_seed,
        )?;
        Ok(Self {
            dataset,
            given: labels.given,
            truth: labels.truth,
        })
    }
}

/// The samples of a class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassCount {
    /// The index of the class.
    pub class: usize,
    /// Its name.
    pub name: String,
    /// Training samples with this given label.
    pub training: usize,
    /// Test samples.
    pub test: usize,
}

/// What there is to say about a data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Overview {
    /// The name as on the command line.
    pub dataset: String,
    /// Channels, height and width of a sample as the network sees it.
    pub sample_shape: [usize; 3],
    /// Training samples.
    pub training_samples: usize,
    /// Test samples.
    pub test_samples: usize,
    /// The classes in their order.
    pub classes: Vec<ClassCount>,
    /// Training samples whose given label is not the true one; `None` where the truth is unknown.
    pub mislabeled: Option<usize>,
    /// What became of each true class, a line each.
    pub confusions: Vec<String>,
    /// Of images, the sizes that their files have.
    pub sizes: Option<Sizes>,
    /// Of images, mean of each channel over the training samples, 0 to 255.
    pub channel_means: Vec<f64>,
    /// Likewise the standard deviations.
    pub channel_deviations: Vec<f64>,
    /// Of features, their ranges.
    pub values: Option<Values>,
    /// Images that cannot be read, of both parts; they are in no other count.
    pub unreadable_images: usize,
    /// Samples that are equal.
    pub duplicates: Duplicates,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

impl Overview {
    /// Looks through all samples.
    ///
    /// # Errors
    /// [`RecorderError::Data`] where an image cannot be read any more.
    pub fn of(subject: &Subject) -> Result<Self, RecorderError> {
        let Subject {
            dataset,
            given,
            truth,
        } = subject;
        let values = Values::of(dataset);
        let measured = match values {
            None => Standardisation::measure(&dataset.train, dataset.sample_shape[0]),
            Some(_) => Standardisation {
                means: Vec::new(),
                deviations: Vec::new(),
            },
        };
        let class_count = u32::try_from(dataset.class_count()).unwrap_or(u32::MAX);
        let confusions = truth
            .as_ref()
            .map(|truth| Confusions::count(truth, given, class_count));
        let differs = |truth: &Vec<u32>| given.iter().zip(truth).filter(|(a, b)| a != b).count();
        Ok(Self {
            dataset: dataset.name.clone(),
            sample_shape: dataset.sample_shape,
            training_samples: dataset.train.len(),
            test_samples: dataset.test.len(),
            classes: class_counts(dataset, given),
            mislabeled: truth.as_ref().map(differs),
            confusions: confusions.map_or_else(Vec::new, |confusions| {
                confusions.describe(&dataset.class_names)
            }),
            sizes: Sizes::of(dataset),
            channel_means: measured.means,
            channel_deviations: measured.deviations,
            values,
            unreadable_images: dataset.unreadable,
            duplicates: Duplicates::find(dataset, given)?,
            notes: dataset.notes.clone(),
        })
    }
}

fn class_counts(dataset: &Dataset, given: &[u32]) -> Vec<ClassCount> {
    let mut counts: Vec<ClassCount> = dataset
        .class_names
        .iter()
        .enumerate()
        .map(|(class, name)| ClassCount {
            class,
            name: name.clone(),
            training: 0,
            test: 0,
        })
        .collect();
    for &label in given {
        counts[label as usize].training += 1;
    }
    for &label in &dataset.test.labels {
        counts[label as usize].test += 1;
    }
    counts
}

#[cfg(test)]
mod tests;
