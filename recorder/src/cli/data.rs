//! The options that say which data set is read, and how.

use std::path::PathBuf;

use clap::Args;

use crate::dataset::{DatasetName, DatasetSettings};

/// Which data set, and where it is.
#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
pub struct DataArgs {
    /// The data set, or the format of your own
    #[arg(long, value_enum, default_value = "digits")]
    dataset: DatasetName,

    /// The folder or file to read it from; all but the digits need it
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,

    /// The column of the images in Parquet files [default: the only one]
    #[arg(long, value_name = "NAME")]
    image_column: Option<String>,

    /// Make images squares of so many pixels a side: the short side is resized to it, and of the
    /// long one the middle is kept [default: they keep their size, if it is the same for all]
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(1..=4096))]
    image_size: Option<u32>,
}

impl DataArgs {
    /// The settings that the options stand for; `label_column` is that of the data set itself.
    pub fn settings(&self, label_column: Option<String>) -> DatasetSettings {
        DatasetSettings {
            name: self.dataset,
            data: self.data.clone(),
            image_column: self.image_column.clone(),
            label_column,
            image_size: self.image_size,
        }
    }
}
