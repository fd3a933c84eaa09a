//! Reads a set of features: its parts, their labels and classes.

use std::path::Path;

use crate::dataset::files::parts::Parts;
use crate::dataset::kinds::features::labels::check_classes;
use crate::dataset::kinds::features::part::Part;
use crate::dataset::reading_report::ReadingReport;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::splits::{TEST_SHARE, split};
use crate::dataset::samples::standardisation::Standardisation;
use crate::dataset::settings::{DatasetKind, DatasetSettings};
use crate::error::dataset::DatasetError;
use crate::error::run::RecorderError;

pub(crate) static FEATURES: DatasetKind = DatasetKind {
    name: "features",
    help: "Vectors of your own, such as embeddings, in Parquet, CSV or NPY files",
    is_format: true,
    has_images: false,
    may_be_plain_pixels: false,
    hub_repository: None,
    options: &["--data", "--label-column", "--feature-column"],
    unused_reason: "its samples are vectors, and all of them are kept in memory",
    load,
};

const EXPECTED: &str = "a Parquet, CSV or NPY file of features, or a folder of files called train… and test… or validation…";

const FORMATS: [&str; 3] = ["parquet", "csv", "npy"];

pub(crate) fn load(settings: &DatasetSettings, data_seed: u64) -> Result<Dataset, RecorderError> {
    let parts = find(settings.path(EXPECTED)?)?;
    let train = Part::read(&parts.train, settings, None)?.with_labels_of(settings)?;
    let test = parts.test.as_ref();
    let test = test.map(|files| Part::read(files, settings, Some(&train.columns)));
    let class_names = train.class_names()?;
    let columns = train.columns.clone();
    let train = train.into_samples(&class_names)?;
    check_classes(&train, &class_names)?;
    let (train, test) = match test.transpose()? {
        Some(test) => (train, test.into_samples(&class_names)?),
        None => split(train, TEST_SHARE, data_seed),
    };
    let mut reading = ReadingReport::default();
    parts.tell(&mut reading);
    Ok(Dataset {
        name: settings.label(),
        sample_shape: [columns.width, 1, 1],
        standardisation: Standardisation::measure(&train, columns.width),
        class_names,
        train,
        test,
        validation: None,
        unreadable: 0,
        reading,
        notes: Vec::new(),
    })
}

/// The files of each part, all of one format.
fn find(path: &Path) -> Result<Parts, DatasetError> {
    if path.is_dir() {
        let is_there = |format: &&str| Parts::holds(path, &[*format]);
        let found: Vec<&str> = FORMATS.iter().copied().filter(is_there).collect();
        if let [format, other, ..] = found[..] {
            return Err(DatasetError::SeveralFormats {
                folder: path.to_owned(),
                first: format.to_owned(),
                second: other.to_owned(),
            });
        }
    }
    Parts::find(path, &FORMATS, EXPECTED)
}
