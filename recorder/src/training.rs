//! Trains a network for one epoch and hands out the logits of the training forward pass itself:
//! training mode, before the update that uses them, each sample exactly once. No second pass over
//! the data is made; that is what makes the method free.

use std::ops::Range;

use candle_core::{Device, IndexOp, ModuleT, Result, Tensor};
use rand::seq::SliceRandom;

use crate::engine::{NesterovSgd, operators};
use crate::seeds::Stream;

/// Logits wait on a GPU until this many have come together, so that the device is not stopped at
/// every step. (On the CPU they are there already.)
const LOGITS_PER_COPY: usize = 4 << 20;
/// Without gradients, a batch may be as large as the caches like.
const TEST_BATCH: usize = 512;

/// What one pass trains on, on its device.
#[derive(Debug)]
pub struct TrainingSet {
    /// samples × channels × height × width
    inputs: Tensor,
    /// samples, as u32
    assigned_labels: Tensor,
    host_labels: Vec<u32>,
}

impl TrainingSet {
    /// Takes inputs (samples first) and one assigned label a sample.
    ///
    /// # Errors
    /// Where the device has no room, or where the two differ in length.
    pub fn new(inputs: Tensor, assigned_labels: Vec<u32>) -> Result<Self> {
        if inputs.dim(0)? != assigned_labels.len() {
            candle_core::bail!(
                "there are {} inputs for {} labels",
                inputs.dim(0)?,
                assigned_labels.len()
            );
        }
        Ok(Self {
            assigned_labels: Tensor::new(assigned_labels.as_slice(), inputs.device())?,
            inputs,
            host_labels: assigned_labels,
        })
    }

    /// The number of samples.
    pub fn len(&self) -> usize {
        self.host_labels.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.host_labels.is_empty()
    }

    fn device(&self) -> &Device {
        self.inputs.device()
    }
}

/// How far an epoch has come, or how it went.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct EpochProgress {
    /// Samples trained on whose logits have arrived.
    pub samples: usize,
    loss_sum: f64,
    correct: usize,
}

impl EpochProgress {
    /// Mean cross-entropy of the samples so far, in nats; NaN before the first.
    pub fn mean_loss(&self) -> f64 {
        self.loss_sum / self.samples as f64
    }

    /// Share of the samples so far whose largest logit is the assigned class; NaN before the first.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.samples as f64
    }

    fn add(&mut self, logits: &[f32], label: u32) {
        self.samples += 1;
        self.loss_sum += cross_entropy(logits, label);
        self.correct += usize::from(argmax(logits) == label as usize);
    }
}

/// Trains for one epoch in batches of `batch_size`, in an order from `draws`.
///
/// `on_logits` gets each sample's index and logits once; `on_progress` is called as they arrive.
/// The last batch is kept even where it is smaller: a sample left out would have no margin in this
/// epoch.
///
/// # Errors
/// Where the device fails, or what `on_logits` returns.
pub fn train_epoch<E: From<candle_core::Error>>(
    network: &dyn ModuleT,
    optimiser: &mut NesterovSgd,
    set: &TrainingSet,
    batch_size: usize,
    draws: &mut Stream,
    mut on_logits: impl FnMut(usize, &[f32]) -> std::result::Result<(), E>,
    mut on_progress: impl FnMut(&EpochProgress),
) -> std::result::Result<EpochProgress, E> {
    let mut order: Vec<u32> = (0..).take(set.len()).collect();
    order.shuffle(draws);
    let logits_per_copy = if set.device().is_cpu() {
        0
    } else {
        LOGITS_PER_COPY
    };
    let mut progress = EpochProgress::default();
    let mut waiting = WaitingLogits::default();
    for batch in order.chunks(batch_size) {
        let logits = train_step(network, optimiser, set, batch)?;
        waiting.push(logits, batch);
        let is_last = progress.samples + waiting.samples.len() == set.len();
        if is_last || waiting.logit_count > logits_per_copy {
            for (sample, logits) in waiting.take()? {
                progress.add(&logits, set.host_labels[sample]);
                on_logits(sample, &logits)?;
            }
            on_progress(&progress);
        }
    }
    Ok(progress)
}

fn train_step(
    network: &dyn ModuleT,
    optimiser: &mut NesterovSgd,
    set: &TrainingSet,
    batch: &[u32],
) -> Result<Tensor> {
    let samples = Tensor::new(batch, set.device())?;
    let inputs = set.inputs.index_select(&samples, 0)?;
    let labels = set.assigned_labels.index_select(&samples, 0)?;
    let logits = network.forward_t(&inputs, true)?;
    let loss = operators::cross_entropy(&logits, &labels)?;
    optimiser.step(&operators::backward(&loss)?)?;
    Ok(logits.detach())
}

/// Logits still on the device, and the samples that they belong to.
#[derive(Default)]
struct WaitingLogits {
    batches: Vec<Tensor>,
    samples: Vec<u32>,
    logit_count: usize,
}

impl WaitingLogits {
    fn push(&mut self, logits: Tensor, batch: &[u32]) {
        self.logit_count += logits.elem_count();
        self.batches.push(logits);
        self.samples.extend_from_slice(batch);
    }

    /// Copies what waits to the host: samples with their logits.
    fn take(&mut self) -> Result<impl Iterator<Item = (usize, Vec<f32>)> + use<>> {
        let Self {
            batches, samples, ..
        } = std::mem::take(self);
        let rows = Tensor::cat(&batches, 0)?.to_vec2::<f32>()?;
        let samples = samples.into_iter().map(|sample| sample as usize);
        Ok(samples.zip(rows))
    }
}

/// Share of `inputs` (samples first) whose largest logit among the first `class_count` is the true
/// label. The extra class is left out: nobody asks a network for it.
///
/// # Errors
/// Where the device fails.
pub fn test_accuracy(
    network: &dyn ModuleT,
    inputs: &Tensor,
    true_labels: &[u32],
    class_count: usize,
) -> Result<f64> {
    let mut correct = 0;
    for batch in batches(true_labels.len(), TEST_BATCH) {
        let logits = network.forward_t(&inputs.i(batch.clone())?, false)?;
        let rows = logits.detach().to_vec2::<f32>()?;
        let labels = &true_labels[batch];
        correct += rows
            .iter()
            .zip(labels)
            .filter(|(logits, label)| argmax(&logits[..class_count]) == **label as usize)
            .count();
    }
    Ok(correct as f64 / true_labels.len() as f64)
}

fn batches(samples: usize, size: usize) -> impl Iterator<Item = Range<usize>> {
    (0..samples)
        .step_by(size)
        .map(move |start| start..(start + size).min(samples))
}

/// −log softmax(logits)[label], in nats.
fn cross_entropy(logits: &[f32], label: u32) -> f64 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials = logits.iter().map(|&logit| f64::from(logit - largest).exp());
    exponentials.sum::<f64>().ln() - f64::from(logits[label as usize] - largest)
}

fn argmax(logits: &[f32]) -> usize {
    let mut best = 0;
    for (class, &logit) in logits.iter().enumerate() {
        if logit > logits[best] {
            best = class;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cross_entropy_is_the_log_of_the_share_of_the_label() {
        // Softmax of (ln 1, ln 3) is (1/4, 3/4).
        let logits = [0.0, 3f32.ln()];
        assert!((cross_entropy(&logits, 0) - 4f64.ln()).abs() < 1e-6);
        assert!((cross_entropy(&logits, 1) - (4f64 / 3.0).ln()).abs() < 1e-6);
    }

    #[test]
    fn cross_entropy_of_large_logits_does_not_overflow() {
        assert!((cross_entropy(&[1000.0, 0.0], 1) - 1000.0).abs() < 1e-9);
    }

    #[test]
    fn the_last_batch_may_be_smaller() {
        let ranges: Vec<Range<usize>> = batches(10, 4).collect();
        assert_eq!(ranges, [0..4, 4..8, 8..10]);
    }
}
