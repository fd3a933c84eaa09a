//! Which labels each training sample carries: true, given, and assigned in each pass.

pub(crate) mod confusions;
pub mod noise;
pub(crate) mod source;
pub(crate) mod training_labels;

pub use crate::dataset::label_file::file::{GivenLabels, LabelFile};
pub use crate::error::label_file::LabelFileProblem;
pub use crate::labels::confusions::Confusions;
pub use crate::labels::source::LabelSource;
pub use crate::labels::training_labels::TrainingLabels;
