//! What is drawn at random for a run: streams of random numbers by seed and name, and the threshold samples.
//! The recorder and the Python package draw alike, since both draw here.

pub mod seeds;
pub mod threshold_samples;
