//! The passes that an estimate rests on, each by itself: its mixture, its noise rate, the AUM at which
//! its probability crosses that of flagging, and the gap that tells whether to believe it.

use crate::rules::mixture::{PassMixture, Posterior};
use crate::rules::verdict::PassAums;

/// A smaller gap (see [`PassEstimate::gap`]) makes an estimate doubtful. A rule of thumb: it was chosen
/// on some recorded runs with known noise (digits and MNIST), where it told errors above 0.02 from
/// smaller ones. On other seeds (`benchmarks/README.md`) no larger error than 0.022 went without a
/// warning, and several right estimates had one. A larger gap is no proof.
pub const SMALLEST_SOUND_GAP: f64 = 0.5;

/// What is estimated of one pass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PassEstimate {
    /// 1-based.
    pub pass: u32,
    /// The share of mislabeled samples, 0 to 1.
    pub noise_rate: f64,
    /// The AUM below which the probability of being mislabeled is
    /// [`FLAGGED_FROM`](crate::rules::mixture::FLAGGED_FROM) or more.
    pub threshold: Option<f64>,
    /// How many threshold samples it rests on.
    pub threshold_samples: usize,
    /// The share of its ordinary samples whose given label the network prefers on average over the
    /// epochs (an AUM above 0), 0 to 1.
    pub prefers_given: f64,
    /// How far nine in ten of the samples that would be clean lie above the 99th percentile of the
    /// threshold samples' AUMs, in interquartile ranges of these; negative for an overlap.
    pub gap: Option<f64>,
}

/// The AUMs of a pass, and the mixture that they are.
pub(crate) struct Pass<'a> {
    pub(crate) mixture: PassMixture,
    pub(crate) aums: &'a PassAums,
}

impl<'a> Pass<'a> {
    pub(crate) fn new(aums: &'a PassAums) -> Self {
        Self {
            mixture: PassMixture::new(&aums.aums, &aums.is_threshold_sample),
            aums,
        }
    }

    pub(crate) fn estimate(&self, fit: &Posterior) -> PassEstimate {
        let (ordinary, threshold) = self.mixture.ordinary_and_threshold_aums();
        PassEstimate {
            pass: self.aums.pass,
            noise_rate: fit.noise_rate,
            threshold: self.mixture.threshold(fit),
            threshold_samples: threshold.len(),
            prefers_given: prefers_given(&ordinary),
            gap: gap(&ordinary, &threshold, fit.noise_rate),
        }
    }
}

/// See [`PassEstimate::prefers_given`]; the AUMs ascend.
fn prefers_given(ordinary: &[f64]) -> f64 {
    let others = ordinary.partition_point(|&aum| aum <= 0.0);
    (ordinary.len() - others) as f64 / ordinary.len().max(1) as f64
}

/// See [`PassEstimate::gap`]; both slices ascend.
fn gap(ordinary: &[f64], threshold: &[f64], noise_rate: f64) -> Option<f64> {
    let clean = &ordinary[place(ordinary.len(), noise_rate)..];
    let clean = *clean.get(place(clean.len(), 0.1))?;
    let at = |share: f64| threshold.get(place(threshold.len(), share)).copied();
    let spread = at(0.75)? - at(0.25)?;
    (spread > 0.0).then_some((clean - at(0.99)?) / spread)
}

/// The place below which a share of some samples lies.
fn place(count: usize, share: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share is 0 to 1"
    )]
    let place = (share * count as f64) as usize;
    place.min(count.saturating_sub(1))
}
