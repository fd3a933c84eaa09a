//! Why a run cannot begin or go on: each with what to do about it. A setting is named in backticks, in the words of
//! the command line (`image_size`), which makes options of them.

pub(crate) mod dataset;
pub(crate) mod embedding;
pub(crate) mod label_file;
pub(crate) mod layout;
pub(crate) mod noise_matrix;
pub(crate) mod removal;
pub(crate) mod run;
pub(crate) mod text_file;
pub(crate) mod weights;

pub use crate::error::removal::{FinalTrainingError, RemovalProblem};
pub use crate::error::run::RecorderError;
