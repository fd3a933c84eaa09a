//! Trains a network for one epoch and hands out the logits of the training forward pass itself:
//! training mode, before the update that uses them, each sample exactly once. No second pass over
//! the data is made; that is what makes the method free.

use candle_core::{ModuleT, Result, Tensor};
use rand::seq::SliceRandom;

use crate::engine::operators::losses::Loss;
use crate::engine::operators::record;
use crate::engine::optimiser::stepping::Optimiser;
use crate::error::run::RecorderError;
use crate::seeds::{Stream, stream};
use crate::training::evaluation::argmax;
use crate::training::inputs::InputSource;

/// Logits wait on a GPU until this many have come together, so that the device is not stopped at
/// every step. (On the CPU they are there already.)
const LOGITS_PER_COPY: usize = 4 << 20;

/// What one pass trains on.
#[derive(Debug)]
pub struct TrainingSet<'a> {
    inputs: InputSource<'a>,
    assigned_labels: Vec<u32>,
    /// Those that are trained on.
    samples: Vec<u32>,
    loss: Loss,
}

impl<'a> TrainingSet<'a> {
    /// Takes inputs and one assigned label a sample.
    ///
    /// # Errors
    /// Where the two differ in length.
    pub fn new(inputs: InputSource<'a>, assigned_labels: Vec<u32>) -> Result<Self> {
        if inputs.len() != assigned_labels.len() {
            candle_core::bail!(
                "there are {} inputs for {} labels",
                inputs.len(),
                assigned_labels.len()
            );
        }
        Ok(Self {
            inputs,
            samples: (0..).take(assigned_labels.len()).collect(),
            assigned_labels,
            loss: Loss::default(),
        })
    }

    /// Trained by this loss, in place of cross-entropy.
    pub fn with_loss(self, loss: Loss) -> Self {
        Self { loss, ..self }
    }

    /// Trained on these of its samples alone, ascending places.
    pub fn with_samples(self, samples: &[usize]) -> Self {
        let samples = samples.iter().map(|&sample| sample as u32).collect();
        Self { samples, ..self }
    }

    /// The labels that are trained on, a sample each.
    pub fn trained_labels(&self) -> Vec<u32> {
        let samples = self.samples.iter();
        samples
            .map(|&sample| self.assigned_labels[sample as usize])
            .collect()
    }

    /// The number of samples that are trained on.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }
}

/// The random draws of an epoch.
#[derive(Debug)]
pub struct EpochDraws {
    /// For the order of the samples.
    pub order: Stream,
    /// The draws that crop and mirror images.
    pub augmentation: Stream,
}

impl EpochDraws {
    /// Those of a 1-based pass and epoch: no epoch depends on what another drew.
    pub fn new(seed: u64, pass: usize, epoch: usize) -> Self {
        let draws = |purpose| stream(seed, &format!("{purpose}/pass {pass}/epoch {epoch}"));
        Self {
            order: draws("shuffle"),
            augmentation: draws("augmentation"),
        }
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
/// Where the device or a file fails, or what `on_logits` returns.
pub fn train_epoch(
    network: &dyn ModuleT,
    optimiser: &mut dyn Optimiser,
    set: &TrainingSet,
    batch_size: usize,
    mut draws: EpochDraws,
    mut on_logits: impl FnMut(usize, &[f32]) -> std::result::Result<(), RecorderError>,
    mut on_progress: impl FnMut(&EpochProgress),
) -> std::result::Result<EpochProgress, RecorderError> {
    let mut order = set.samples.clone();
    order.shuffle(&mut draws.order);
    let device = set.inputs.device();
    let logits_per_copy = if device.is_cpu() { 0 } else { LOGITS_PER_COPY };
    let mut progress = EpochProgress::default();
    let mut waiting = WaitingLogits::default();
    let train_batch = |batch: &[u32], inputs: Tensor| {
        let label = |&sample: &u32| set.assigned_labels[sample as usize];
        let labels: Vec<u32> = batch.iter().map(label).collect();
        let labels = Tensor::new(labels.as_slice(), device)?;
        let logits = train_step(network, optimiser, set.loss, &inputs, &labels)?;
        waiting.push(logits, batch);
        let is_last = progress.samples + waiting.samples.len() == set.len();
        if is_last || waiting.logit_count > logits_per_copy {
            let arrived = waiting.take()?;
            // A loop of its own: the places of the samples lie all over the memory, and nothing
            // else should stand between two of these accesses.
            for (sample, logits) in arrived.rows() {
                on_logits(sample, logits)?;
            }
            for (sample, logits) in arrived.rows() {
                progress.add(logits, set.assigned_labels[sample]);
            }
            on_progress(&progress);
        }
        Ok(())
    };
    let augmentation = &mut draws.augmentation;
    set.inputs
        .for_batches(&order, batch_size, augmentation, train_batch)?;
    Ok(progress)
}

/// One step of `optimiser` on a batch; returns its logits (samples × outputs) from before the step.
///
/// # Errors
/// Where the device fails.
pub fn train_step(
    network: &dyn ModuleT,
    optimiser: &mut dyn Optimiser,
    loss: Loss,
    inputs: &Tensor,
    labels: &Tensor,
) -> Result<Tensor> {
    let logits = network.forward_t(inputs, true)?;
    let loss = loss.of(&logits, labels)?;
    optimiser.step(&record::backward(&loss)?)?;
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

    /// Copies what waits to the host.
    fn take(&mut self) -> Result<ArrivedLogits> {
        let Self {
            batches, samples, ..
        } = std::mem::take(self);
        let logits = Tensor::cat(&batches, 0)?;
        let outputs = logits.dim(1)?;
        Ok(ArrivedLogits {
            samples,
            outputs,
            values: logits.flatten_all()?.to_vec1()?,
        })
    }
}

/// Logits on the host, `outputs` of them a sample, one sample after the other.
struct ArrivedLogits {
    samples: Vec<u32>,
    outputs: usize,
    values: Vec<f32>,
}

impl ArrivedLogits {
    fn rows(&self) -> impl Iterator<Item = (usize, &[f32])> {
        let samples = self.samples.iter().map(|&sample| sample as usize);
        samples.zip(self.values.chunks_exact(self.outputs))
    }
}

/// −log softmax(logits)[label], in nats.
fn cross_entropy(logits: &[f32], label: u32) -> f64 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials = logits.iter().map(|&logit| f64::from(logit - largest).exp());
    exponentials.sum::<f64>().ln() - f64::from(logits[label as usize] - largest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::optimiser::adamw::AdamWSettings;
    use crate::engine::optimiser::settings::OptimiserSettings;
    use crate::engine::optimiser::sgd::SgdSettings;
    use crate::engine::parameters::Parameters;
    use crate::engine::state::state_to_bytes;
    use crate::models::cifar_resnet::RESNET20;
    use crate::models::cnn::CNN;
    use crate::models::lenet::LENET;
    use crate::models::mlp::MLP;
    use crate::models::settings::{NetworkKind, NetworkSettings};
    use candle_core::Device;
    use rand::RngExt;

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

    /// The bytes of all weights, statistics and momentum after three steps on `threads` threads.
    fn trained_state(
        kind: &'static NetworkKind,
        optimiser: OptimiserSettings,
        threads: usize,
    ) -> Vec<u8> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let shape = [3, 20, 20];
            let parameters = Parameters::new(1, "test");
            let builder = parameters.builder(&Device::Cpu);
            let network = NetworkSettings::new(kind).build("random numbers", shape, 5, builder);
            let network = network.unwrap();
            let mut optimiser = optimiser.build(parameters.trainable()).unwrap();
            let mut draws = stream(2, "inputs");
            for _ in 0..3 {
                let inputs: Vec<f32> = (0..9 * 1200).map(|_| draws.random()).collect();
                let inputs = Tensor::from_vec(inputs, (9, 3, 20, 20), &Device::Cpu).unwrap();
                let labels = Tensor::new(&[0u32, 1, 2, 3, 4, 0, 1, 2, 3], &Device::Cpu).unwrap();
                let (network, optimiser) = (network.as_ref(), optimiser.as_mut());
                train_step(network, optimiser, Loss::default(), &inputs, &labels).unwrap();
            }
            state_to_bytes(&parameters, optimiser.as_ref()).unwrap()
        })
    }

    #[test]
    fn training_leaves_the_same_bits_on_any_number_of_threads() {
        let sgd = OptimiserSettings::NesterovSgd(SgdSettings {
            learning_rate: 0.1,
            momentum: 0.9,
            weight_decay: 1e-4,
        });
        let adamw = OptimiserSettings::AdamW(AdamWSettings {
            learning_rate: 0.01,
            weight_decay: 0.01,
        });
        for (name, optimiser) in [
            (&MLP, adamw),
            (&CNN, sgd),
            (&LENET, sgd),
            (&LENET, adamw),
            (&RESNET20, sgd),
        ] {
            let one = trained_state(name, optimiser, 1);
            assert!(one == trained_state(name, optimiser, 2), "{name:?}, two");
            assert!(one == trained_state(name, optimiser, 3), "{name:?}, three");
        }
    }
}
