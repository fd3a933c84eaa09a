//! What the network of a pass says of the fold that the pass does not train on, after each epoch: in evaluation mode,
//! without augmentation, as log probabilities of the classes. The extra class is left out: any sample might have been
//! a threshold sample, so that it says nothing of one.

use std::sync::Arc;

use candle_core::ModuleT;
use logformat::{EpochLogits, PassSamples};

use crate::error::run::RecorderError;
use crate::held_out::log_probabilities::log_probabilities;
use crate::labels::training_labels::TrainingLabels;
use crate::run::checkpoints::EpochEnd;
use crate::training::evaluation::{argmax, for_outputs_of};
use crate::training::inputs::InputSource;

/// What the files of these are called after.
pub(crate) const NETWORK_MODEL: &str = "network";

/// The samples that a pass holds out.
pub(crate) struct HeldOutFold<'a> {
    inputs: InputSource<'a>,
    samples: Vec<u32>,
    given: Vec<u32>,
    classes: usize,
    logged: Arc<PassSamples>,
}

/// What is said of them after an epoch.
pub(crate) struct Judged {
    pub(crate) logits: EpochLogits,
    /// The share whose largest logit is that of the given label, 0 to 1.
    pub(crate) accuracy: f64,
}

impl<'a> HeldOutFold<'a> {
    /// The fold of a 1-based pass, among the `inputs` of all training samples; `None` where it holds out none.
    ///
    /// # Errors
    /// Where the log refuses the samples.
    pub(crate) fn of(
        labels: &TrainingLabels,
        pass: usize,
        inputs: impl FnOnce() -> InputSource<'a>,
    ) -> Result<Option<Self>, RecorderError> {
        let held_out = labels.held_out(pass - 1);
        if held_out.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            inputs: inputs(),
            given: held_out
                .iter()
                .map(|&sample| labels.given[sample])
                .collect(),
            logged: Arc::new(labels.held_out_samples(pass - 1)?),
            // Samples are numbered by 32 bits wherever they are trained on.
            samples: held_out.iter().map(|&sample| sample as u32).collect(),
            classes: labels.class_count as usize,
        }))
    }

    /// What the `network` says of it; `None` where a logit is not finite.
    ///
    /// # Errors
    /// Where the device or a file fails.
    pub(crate) fn judge(
        &self,
        network: &dyn ModuleT,
        end: EpochEnd,
    ) -> Result<Option<Judged>, RecorderError> {
        let epoch = u32::try_from(end.epoch).unwrap_or(u32::MAX);
        let mut said = EpochLogits::new(Arc::clone(&self.logged), epoch);
        let (mut correct, mut is_finite, mut place) = (0, true, 0);
        for_outputs_of(network, &self.inputs, &self.samples, |_, logits| {
            is_finite &= logits.iter().all(|logit| logit.is_finite());
            let logits = &logits[..self.classes];
            correct += usize::from(argmax(logits) == self.given[place] as usize);
            let scores = logits.iter().map(|&logit| f64::from(logit)).collect();
            let row: Vec<f32> = log_probabilities(scores).collect();
            place += 1;
            Ok(said.record(place - 1, &row)?)
        })?;
        Ok(is_finite.then(|| Judged {
            logits: said,
            accuracy: correct as f64 / self.samples.len() as f64,
        }))
    }
}
