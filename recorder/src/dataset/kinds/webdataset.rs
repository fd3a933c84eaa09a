//! Shards of WebDataset: tar files in which the image and the label of a sample are files of one key,
//! `n01440764_1.jpg` and `n01440764_1.cls`, or `n01440764_1.json` with a field for the label.
//!
//! Source: <https://github.com/webdataset/webdataset>. A key is the name up to the first dot behind its folder.

pub(crate) mod shard;

use std::collections::BTreeSet;
use std::path::PathBuf;

use rayon::prelude::*;

use crate::dataset::files::label_texts;
use crate::dataset::files::parts::Parts;
use crate::dataset::files::shard_pattern::shards_of;
use crate::dataset::images::decoders;
use crate::dataset::images::encoded::EncodedSamples;
use crate::dataset::images::source::EncodedSource;
use crate::dataset::images::tar_entries::{TarEntries, TarEntry};
use crate::dataset::kinds::labelled_images::{self, LabelledImages};
use crate::dataset::kinds::webdataset::shard::Shard;
use crate::dataset::reading_report::ReadingReport;
use crate::dataset::samples::dataset::Dataset;
use crate::dataset::samples::origins::Origins;
use crate::dataset::settings::{DatasetKind, DatasetSettings};
use crate::error::dataset::DatasetError;
use crate::error::layout::LayoutError;
use crate::error::run::RecorderError;

/// Images of one's own in tar files.
pub(crate) static WEBDATASET: DatasetKind = DatasetKind {
    name: "webdataset",
    help: "Images of your own in tar files, as WebDataset has them: key.jpg and key.cls or key.json",
    is_format: true,
    has_images: true,
    may_be_plain_pixels: false,
    hub_repository: None,
    options: OPTIONS,
    unused_reason: "its images lie in its tar files",
    load: |settings, _| load(settings),
};

const OPTIONS: &[&str] = &[
    "data",
    "test_share",
    "image_column",
    "label_column",
    "image_size",
    "resize",
    "background",
    "skip_unreadable",
    "memory",
    "disk",
];

const EXPECTED: &str = "tar files such as train-0000.tar, or a pattern of their names, 'train-{0000..0009}.tar', or a folder of them, with train*.tar and val*.tar where there are parts";

pub(crate) fn load(settings: &DatasetSettings) -> Result<Dataset, RecorderError> {
    let path = settings.path(EXPECTED)?;
    let parts = match shards_of(path)? {
        Some(shards) => Parts::all(shards),
        None => Parts::find_shards(path, &["tar"], EXPECTED)?,
    };
    labelled_images::load::<Part>(parts, settings, ReadingReport::default())
}

/// Some shards as they were indexed: each image, and its label.
#[derive(Default)]
struct Part {
    images: TarEntries,
    labels: Vec<String>,
    /// The first key with an image and no label, and its shard.
    unlabelled: Option<(PathBuf, String)>,
}

impl LabelledImages for Part {
    fn read(
        shards: &[PathBuf],
        settings: &DatasetSettings,
        report: &mut ReadingReport,
    ) -> Result<Self, DatasetError> {
        let read: Vec<Result<Shard, DatasetError>> = decoders::run(|| {
            let shards = shards.par_iter();
            shards.map(|shard| Shard::read(shard, settings)).collect()
        });
        let mut part = Self::default();
        part.images.shards = shards.to_vec();
        let mut without_image = 0;
        let mut labelled_by = BTreeSet::new();
        // How many keys have two labels, and the first of them.
        let mut doubtful: (usize, Option<String>) = (0, None);
        for (shard, read) in (0..).zip(read) {
            let path = &shards[shard as usize];
            for (key, sample) in read?.samples {
                let Some((name, offset, length)) = sample.image else {
                    without_image += 1;
                    continue;
                };
                match (&sample.label, sample.other_label) {
                    (None, _) => {
                        part.unlabelled.get_or_insert_with(|| (path.clone(), key));
                    }
                    (Some(label), Some(other)) => {
                        doubtful.0 += 1;
                        let first = || format!("{other} and not {label} of {key}");
                        doubtful.1.get_or_insert_with(first);
                    }
                    (Some(_), None) => {}
                }
                labelled_by.insert(sample.labelled_by);
                part.labels.push(sample.label.unwrap_or_default());
                part.images.entries.push(TarEntry {
                    shard,
                    name,
                    offset,
                    length,
                });
            }
        }
        if let (count, Some(first)) = doubtful {
            report.remarks.push(format!(
                "{count} keys have another label in files .json, such as {first}; `label_column` takes that field"
            ));
        }
        labelled_by.remove("");
        let labelled_by = labelled_by.into_iter().collect::<Vec<_>>().join(", and ");
        report.labels.get_or_insert(labelled_by);
        if without_image > 0 {
            report.leave_aside(&format!("{without_image} keys"), "they have no image");
        }
        match part.labels.is_empty() {
            false => Ok(part),
            true => Err(DatasetError::NoSamples {
                path: shards.first().cloned().unwrap_or_default(),
            }),
        }
    }

    fn labels(&self) -> &[String] {
        &self.labels
    }

    fn check(&self) -> Result<(), DatasetError> {
        match self.unlabelled.clone() {
            None => Ok(()),
            Some((path, key)) => Err(DatasetError::from(LayoutError::NoLabelOfKey { path, key })),
        }
    }

    /// The image whose label it is.
    fn place(&self, row: usize) -> String {
        self.images.path(row).display().to_string()
    }

    fn into_samples(self, class_names: &[String]) -> Result<EncodedSamples, DatasetError> {
        let labels = label_texts::class_indices(&self.labels, class_names, |row| self.place(row))?;
        let rows = 0..self.images.entries.len();
        Ok(EncodedSamples {
            labels,
            origins: Origins {
                files: rows.clone().map(|row| self.place(row)).collect(),
                rows: rows
                    .map(|row| (row as u32, self.images.row_in_shard(row)))
                    .collect(),
                ..Origins::default()
            },
            images: EncodedSource::TarEntries(self.images),
        })
    }
}
