//! From photos to features: what a pretrained network makes of the images of a data set, for a table of its own or
//! for a run on features.

pub(crate) mod backbone;
pub(crate) mod computing;
pub(crate) mod output;
pub(crate) mod parts;
pub(crate) mod photos;
pub(crate) mod progress;
pub(crate) mod settings;
pub(crate) mod story;
pub(crate) mod summary;

pub use crate::embedding::backbone::Backbone;
pub use crate::embedding::progress::Progress;
pub use crate::embedding::settings::{EmbeddingSettings, Part};
pub use crate::embedding::story::{Embedded, embed};
