//! Networks that others have trained: their weights from files that people have, by the names that PyTorch's
//! libraries give them, and a forward pass in evaluation mode up to the last feature vector.

pub(crate) mod config;
pub(crate) mod kind;
pub(crate) mod layers;
pub(crate) mod list;
pub(crate) mod networks;
pub(crate) mod preprocessing;
pub(crate) mod weights;

pub use crate::pretrained::kind::{PretrainedKind, PretrainedNetwork};
pub use crate::pretrained::list::PRETRAINED;
pub use crate::pretrained::preprocessing::Preprocessing;
pub use crate::pretrained::weights::file::Weights;
