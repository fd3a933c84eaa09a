//! Trains networks with threshold samples and logs every sample's logits in every epoch.
//!
//! ```text
//! data set ─► label noise ─► threshold samples ─► training ─► log (Parquet)
//! ```
//!
//! The words are those of Pleiss et al., *Identifying Mislabeled Data using the Area Under the
//! Margin Ranking* (NeurIPS 2020). Every random draw comes from a named stream of the run's seeds
//! ([`seeds`]), so equal settings write equal bytes.

pub mod allocator;
pub mod cli;
pub mod dataset;
pub mod embedding;
pub mod engine;
pub mod error;
pub mod final_training;
pub(crate) mod held_out;
pub mod hub;
pub mod labels;
pub mod models;
pub mod overview;
pub mod pretrained;
pub mod run;
pub mod seeds;
pub mod signals;
pub mod training;

pub use crate::error::run::RecorderError;
pub use crate::error::weights::WeightsError;
