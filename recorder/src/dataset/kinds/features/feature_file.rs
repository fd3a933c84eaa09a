//! What one file of features holds.

use rayon::prelude::*;
use std::path::Path;

use crate::dataset::files::classes::StoredLabels;
use crate::dataset::kinds::features::columns::Columns;
use crate::dataset::samples::origins::Origins;
use crate::error::dataset::DatasetError;

/// What one file holds.
pub(crate) struct FeatureFile {
    /// rows × features, from where each feature lies
    pub(crate) values: Vec<f32>,
    /// Where each feature lies: what was subtracted from its values.
    pub(crate) offsets: Vec<f64>,
    pub(crate) columns: Columns,
    pub(crate) rows: usize,
    pub(crate) labels: Option<StoredLabels>,
    /// Where the file itself tells them.
    pub(crate) class_names: Option<Vec<String>>,
    /// How the labels' column is called.
    pub(crate) label_column: Option<String>,
    /// Columns that are no features, and why.
    pub(crate) aside: Vec<(String, String)>,
    /// What else is worth knowing of how it was read.
    pub(crate) remark: Option<String>,
    /// Where its rows are from, where they are made of other samples.
    pub(crate) origins: Option<Origins>,
}

impl FeatureFile {
    /// Refuses values that are not finite.
    pub(crate) fn check_finite(&self, path: &Path) -> Result<(), DatasetError> {
        let rows = self.values.par_chunks_exact(self.columns.width);
        let wrong = rows.position_first(|row| row.iter().any(|value| !value.is_finite()));
        let Some(row) = wrong else {
            return Ok(());
        };
        let values = &self.values[row * self.columns.width..];
        let feature = values.iter().position(|value| !value.is_finite());
        let feature = feature.unwrap_or_default();
        let kind = match values[feature].is_nan() {
            true => "NaN",
            false => "infinite, or too large for 32 bits",
        };
        Err(DatasetError::Feature {
            path: path.to_owned(),
            place: format!("row {row}, {}", self.columns.place(feature)),
            reason: format!("the value is {kind}"),
        })
    }
}
