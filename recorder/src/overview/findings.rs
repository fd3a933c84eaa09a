//! What there is to say about a data set.

use serde::Serialize;

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::standardisation::Standardisation;
use crate::error::run::RecorderError;
use crate::labels::confusions::Confusions;
use crate::labels::training_labels::is_wrong;
use crate::overview::duplicates::Duplicates;
use crate::overview::subject::Subject;
use crate::overview::values::{Sizes, Values};

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
    /// The names of the classes by index.
    pub class_names: Vec<String>,
    /// The classes in their order.
    pub classes: Vec<ClassCount>,
    /// Training samples whose given label is known not to be the true one; `None` where no truth is known.
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
    /// What was taken for what, a line each.
    pub reading: Vec<String>,
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
            mislabeled,
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
        let differs = |truth: &Vec<Option<u32>>| {
            let pairs = given.iter().zip(truth);
            pairs
                .filter(|(given, truth)| is_wrong(**given, **truth))
                .count()
        };
        Ok(Self {
            dataset: dataset.name.clone(),
            sample_shape: dataset.sample_shape,
            training_samples: dataset.train.len(),
            test_samples: dataset.test.len(),
            class_names: dataset.class_names.clone(),
            classes: class_counts(dataset, given),
            mislabeled: truth.as_ref().map(differs).or_else(|| {
                let marks = mislabeled.as_ref()?.iter();
                Some(marks.filter(|mark| **mark == Some(true)).count())
            }),
            confusions: confusions.map_or_else(Vec::new, |confusions| {
                confusions.describe(&dataset.class_names)
            }),
            sizes: Sizes::of(dataset),
            channel_means: measured.means,
            channel_deviations: measured.deviations,
            values,
            unreadable_images: dataset.unreadable,
            duplicates: Duplicates::find(dataset, given)?,
            reading: dataset.reading_lines(usize::MAX),
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
