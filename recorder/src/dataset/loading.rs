//! Loads a data set of any kind, and what is done to all of them alike.

use crate::dataset::own_ids::own_ids;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::origins::OwnIds;
use crate::dataset::settings::DatasetSettings;
use crate::error::run::RecorderError;

impl Dataset {
    /// Loads a data set, and splits it by the data seed: where it comes in one part, and where samples
    /// are held out or only some are wanted.
    ///
    /// # Errors
    /// [`RecorderError::Data`] where the data cannot be read or are not what they should be.
    pub fn load(settings: &DatasetSettings, data_seed: u64) -> Result<Self, RecorderError> {
        Self::unparted(settings, data_seed)?.parted(settings, data_seed)
    }

    /// Loads a data set as it comes: nothing is split off, held out or left out that comes with it.
    pub(crate) fn unparted(
        settings: &DatasetSettings,
        data_seed: u64,
    ) -> Result<Self, RecorderError> {
        settings.check()?;
        let mut dataset = (settings.kind.load)(settings, data_seed)?;
        if let Some(file) = &settings.label_file {
            dataset.reading.labels = Some(file.in_words());
            let column = file.true_column.as_ref();
            dataset.reading.truth =
                column.map(|column| format!("column {column} of {}", file.path.display()));
        }
        if dataset.train.origins.own_ids.is_none() {
            dataset.train.origins.own_ids = own_ids(settings, &dataset.train.origins)?;
        }
        dataset.reading.ids = dataset.train.origins.own_ids.as_ref().map(OwnIds::in_words);
        Ok(dataset)
    }

    /// The parts of it that the settings ask for.
    pub(crate) fn parted(
        mut self,
        settings: &DatasetSettings,
        data_seed: u64,
    ) -> Result<Self, RecorderError> {
        self.split_off_test(settings, data_seed)?;
        self.divide(settings, data_seed)?;
        settings.normalisation.apply(&mut self)?;
        Ok(self)
    }
}
