//! The data set that is looked at, with the labels under suspicion.

use crate::dataset::samples::dataset::Dataset;
use crate::dataset::settings::DatasetSettings;
use crate::error::dataset::DatasetError;
use crate::error::run::RecorderError;
use crate::labels::source::LabelSource;

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
    pub truth: Option<Vec<Option<u32>>>,
    /// Whether each label is known to be wrong, or right, where no more is known than that.
    pub mislabeled: Option<Vec<Option<bool>>>,
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
        let kind = settings.kind;
        settings.skip_unreadable |=
            kind.options.contains(&"skip_unreadable") && !kind.may_be_plain_pixels;
        let mut dataset = match Dataset::load(&settings, data_seed) {
            Err(RecorderError::Data(DatasetError::UnequalImages { .. })) => {
                settings.image_size = Some(COMMON_SIDE);
                let mut dataset = Dataset::load(&settings, data_seed)?;
                dataset.notes.push(format!(
                    "images of several sizes, compared and drawn as squares of {COMMON_SIDE} pixels; to train on them choose `image_size`"
                ));
                dataset
            }
            loaded => loaded?,
        };
        let labels = labels.labels(
            &dataset.train.labels,
            &dataset.train.origins,
            &dataset.class_names,
            data_seed,
        )?;
        dataset.notes.extend(labels.notes);
        Ok(Self {
            dataset,
            given: labels.given,
            truth: labels.truth,
            mislabeled: labels.mislabeled,
        })
    }
}
