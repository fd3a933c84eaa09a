//! Label noise: makes known mistakes, so that finding them can be measured.
//!
//! Every sample is drawn by itself, so the realised rate varies about the rate that was asked for.
//! *Uniform*: one of the C − 1 other classes, each equally likely. *Flip*: class k becomes k + 1
//! modulo C, the asymmetric noise of Pleiss et al. 2020. *CIFAR-10 pairs*: the asymmetric noise of
//! Patrini et al., *Making Deep Neural Networks Robust to Label Noise* (CVPR 2017), between classes
//! that look alike. *Matrix*: any table of probabilities.

pub(crate) mod cifar10_pairs;
pub(crate) mod label_noise;
pub(crate) mod matrix;
pub(crate) mod model;
pub(crate) mod rate;
#[cfg(test)]
mod tests;

pub use crate::error::noise_matrix::MatrixProblem;
pub use crate::labels::noise::label_noise::LabelNoise;
pub use crate::labels::noise::matrix::NoiseMatrix;
pub use crate::labels::noise::model::NoiseModel;
pub use crate::labels::noise::rate::NoiseRate;
