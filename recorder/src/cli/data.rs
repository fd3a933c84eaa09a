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
}

impl DataArgs {
    /// The settings that the options stand for.
    pub fn settings(&self) -> DatasetSettings {
        DatasetSettings {
            name: self.dataset,
            data: self.data.clone(),
        }
    }
}
