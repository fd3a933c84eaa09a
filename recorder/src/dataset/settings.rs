//! Which data set is read, and how: parsed from the command line.

use std::path::{Path, PathBuf};

use super::DatasetName;

/// The settings of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetSettings {
    /// The data set or the format of it.
    pub name: DatasetName,
    /// The folder or file that it is read from, as given; those in the program itself need none.
    pub data: Option<PathBuf>,
}

impl DatasetSettings {
    /// What names the data in names of runs: the data set.
    pub fn label(&self) -> String {
        self.name.as_str().to_owned()
    }

    /// The folder or file to read; `expected` says what it should be.
    pub(super) fn path(&self, expected: &str) -> Result<&Path, super::DatasetError> {
        let data = self.data.as_deref();
        data.ok_or_else(|| super::DatasetError::DataNotGiven {
            dataset: self.name.as_str(),
            expected: expected.to_owned(),
        })
    }
}
