//! The AUM threshold by probability: from where on a sample is more probably clean than mislabeled.

use crate::rules::mixture::PassMixture;
use crate::rules::verdict::PassAums;

/// The AUM below which a sample of a pass is mislabeled with a probability of
/// [`FLAGGED_FROM`](crate::rules::mixture::FLAGGED_FROM) or more, in logit units: one that no flagged sample has.
/// `None` where the pass has no threshold or no ordinary samples.
pub fn posterior_threshold(pass: &PassAums) -> Option<f64> {
    let mixture = PassMixture::new(&pass.aums, &pass.is_threshold_sample);
    let posterior = mixture.fit(&vec![1; pass.aums.len()])?;
    mixture.threshold(&posterior)
}
