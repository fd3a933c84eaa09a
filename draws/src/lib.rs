//! What is drawn at random for a run: streams of random numbers by seed and name, the threshold samples, and folds.
//! The recorder and the Python package draw alike, since both draw here.

pub mod folds;
pub mod seeds;
pub mod threshold_samples;
