//! Data sets: inputs and labels on the host, split into training and test samples.

pub(crate) mod description;
pub mod files;
pub(crate) mod images;
pub mod kinds;
pub(crate) mod label_file;
pub(crate) mod loading;
pub(crate) mod own_ids;
pub(crate) mod reading_report;
pub mod samples;
pub(crate) mod settings;

pub use crate::dataset::description::TRAINING_CHECKSUM;
pub use crate::dataset::images::background::Background;
pub use crate::dataset::images::image_set::Images;
pub use crate::dataset::images::memory::parse_bytes;
pub use crate::dataset::images::pixel_file::DiskSpace;
pub use crate::dataset::kinds::image_parquet::PARQUET;
pub use crate::dataset::reading_report::ReadingReport;
pub use crate::dataset::samples::dataset::Dataset;
pub use crate::dataset::samples::normalisation::Normalisation;
pub use crate::dataset::samples::origins::{Kept, Origins, OwnIds};
pub use crate::dataset::samples::sample_set::{Inputs, Samples};
pub use crate::dataset::samples::standardisation::Standardisation;
pub use crate::dataset::settings::{DatasetKind, DatasetSettings, HubFolder, TestShare};
pub use crate::error::dataset::{DatasetError, ImagePlace};
