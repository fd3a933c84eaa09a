//! Samples on the host: their inputs and labels, how they are split and standardised.

pub(crate) mod dataset;
pub(crate) mod normalisation;
pub(crate) mod origins;
pub(crate) mod sample_set;
pub(crate) mod splits;
pub(crate) mod standardisation;
