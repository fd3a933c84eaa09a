//! Images of one's own whose labels are written as texts, in whatever format: the training part tells the
//! classes, and every part is read by them.

use std::path::PathBuf;

use crate::dataset::files::label_texts;
use crate::dataset::files::parts::Parts;
use crate::dataset::files::unlabelled::is_label;
use crate::dataset::images::encoded::{EncodedSamples, EncodedSet};
use crate::dataset::reading_report::ReadingReport;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::origins::OwnIds;
use crate::dataset::settings::DatasetSettings;
use crate::error::dataset::DatasetError;
use crate::error::run::RecorderError;

/// The images of one part with their labels.
pub(crate) trait LabelledImages: Sized {
    /// Finds out where the images of some files are, and their labels.
    fn read(
        files: &[PathBuf],
        settings: &DatasetSettings,
        report: &mut ReadingReport,
    ) -> Result<Self, DatasetError>;

    /// The label of each image, empty where it has none.
    fn labels(&self) -> &[String];

    /// Refuses a part that is taken though not all of its images have a label, where the files can tell why.
    fn check(&self) -> Result<(), DatasetError> {
        Ok(())
    }

    /// Where a label stands, for a refusal.
    fn place(&self, row: usize) -> String;

    /// What their owner calls them, where a column of the list says so.
    fn own_ids(&self, _: &DatasetSettings) -> Result<Option<OwnIds>, DatasetError> {
        Ok(None)
    }

    /// The images with their classes among `class_names`.
    fn into_samples(self, class_names: &[String]) -> Result<EncodedSamples, DatasetError>;
}

/// The data set of these parts.
pub(crate) fn load<Images: LabelledImages>(
    mut parts: Parts,
    settings: &DatasetSettings,
    mut report: ReadingReport,
) -> Result<Dataset, RecorderError> {
    let train = Images::read(&parts.train, settings, &mut report)?;
    train.check()?;
    let mut read = |parts: &Parts| {
        let test = parts.test.as_ref();
        let test = test.map(|files| Images::read(files, settings, &mut report));
        test.transpose()
    };
    let mut test = read(&parts)?;
    let is_unlabelled = |test: &Images| !test.labels().iter().any(|label| is_label(label));
    if test.as_ref().is_some_and(is_unlabelled) {
        parts = parts.without_test();
        test = read(&parts)?;
    }
    test.as_ref().map_or(Ok(()), Images::check)?;
    parts.tell(&mut report);
    let is_a_class = settings.missing_is_a_class;
    let class_names = label_texts::class_names(train.labels(), is_a_class, |row| train.place(row))?;
    let own_ids = train.own_ids(settings)?;
    let mut train = train.into_samples(&class_names)?;
    train.origins.own_ids = own_ids;
    let set = EncodedSet {
        test: test
            .map(|test| test.into_samples(&class_names))
            .transpose()?,
        train,
        class_names: Some(class_names),
        report,
    };
    Ok(set.decode(settings)?)
}
