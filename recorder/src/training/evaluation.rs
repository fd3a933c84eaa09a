//! What a network says of samples that it is not trained on: evaluation mode, no augmentation, and batches that
//! fit the memory, whatever the network.

use candle_core::{DType, Device, ModuleT, Result, Tensor};

use crate::engine::operators::activations::{Activations, activations, without_gradients};
use crate::engine::operators::buffers;
use crate::error::run::RecorderError;
use crate::seeds::stream;
use crate::training::inputs::InputSource;

/// Without gradients, a batch may be as large as the caches like.
const MOST_BATCH: usize = 512;
/// What the intermediate results of a batch may take: a ResNet-50 at 224×224 pixels is then evaluated
/// some thirty images at a time.
const MOST_BATCH_BYTES: usize = 512 << 20;
/// Of results as large as the largest: a layer's input, the shortcut beside it, what it convolves, and what it
/// makes of that.
const LARGEST_AT_ONCE: usize = 4;
/// The batch at work, the one that is ready, and the one in the making.
pub(crate) const INPUTS_AT_ONCE: usize = 3;

/// From so many classes on, it is told as well how often the right class is among the five largest logits, as
/// is usual for ImageNet.
const CLASSES_FOR_TOP5: usize = 100;

/// How many of some samples are classified as their labels, as shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accuracy {
    /// The label has the largest logit.
    pub top1: f64,
    /// It has one of the five largest; `None` where there are fewer than a hundred classes.
    pub top5: Option<f64>,
}

/// The accuracy on samples that are not trained on, by the first `class_count` logits; NaN without samples. The
/// extra class is left out: nobody asks a network for it.
///
/// # Errors
/// Where the device or a file fails.
pub fn test_accuracy(
    network: &dyn ModuleT,
    inputs: &InputSource,
    true_labels: &[u32],
    class_count: usize,
) -> std::result::Result<Accuracy, RecorderError> {
    let (mut correct, mut among_five) = (0, 0);
    for_outputs(network, inputs, |sample, logits| {
        let (logits, label) = (&logits[..class_count], true_labels[sample] as usize);
        correct += usize::from(argmax(logits) == label);
        if class_count >= CLASSES_FOR_TOP5 {
            among_five += usize::from(rank(logits, label) < 5);
        }
    })?;
    let share = |count: usize| count as f64 / true_labels.len() as f64;
    Ok(Accuracy {
        top1: share(correct),
        top5: (class_count >= CLASSES_FOR_TOP5).then(|| share(among_five)),
    })
}

/// Calls `work` with each sample and its logits, in evaluation mode and without augmentation. What a sample gets
/// does not depend on the others of its batch, but for the last digits: one sample alone is summed in another order.
///
/// # Errors
/// Where the device or a file fails.
pub fn for_outputs(
    network: &dyn ModuleT,
    inputs: &InputSource,
    mut work: impl FnMut(usize, &[f32]),
) -> std::result::Result<(), RecorderError> {
    let all: Vec<u32> = (0..).take(inputs.len()).collect();
    for_outputs_of(network, inputs, &all, |sample, logits| {
        work(sample, logits);
        Ok(())
    })
}

/// The same for some of the samples, in this order; `work` may fail.
///
/// # Errors
/// What `work` returns; where the device or a file fails.
pub fn for_outputs_of(
    network: &dyn ModuleT,
    inputs: &InputSource,
    samples: &[u32],
    mut work: impl FnMut(usize, &[f32]) -> std::result::Result<(), RecorderError>,
) -> std::result::Result<(), RecorderError> {
    // Nothing is drawn from this.
    let mut draws = stream(0, "test");
    let batch_size = batch_size(network, inputs)?;
    // Otherwise its buffers would be kept beside those of the training, and more be taken than is said at the beginning.
    buffers::forget();
    inputs.for_batches(samples, batch_size, &mut draws, |batch, inputs| {
        let logits = without_gradients(|| network.forward_t(&inputs, false))?;
        let rows = logits.detach().to_vec2::<f32>()?;
        for (&sample, logits) in batch.iter().zip(&rows) {
            work(sample as usize, logits)?;
        }
        Ok(())
    })?;
    buffers::forget();
    Ok(())
}

/// How many samples are evaluated together: as many as leave their intermediate results in
/// [`MOST_BATCH_BYTES`], by what those of one sample take.
fn batch_size(network: &dyn ModuleT, inputs: &InputSource) -> Result<usize> {
    let shape = inputs.sample_shape();
    let made = activations_of_sample(network, shape, inputs.device())?;
    Ok((MOST_BATCH_BYTES / sample_bytes(made, shape.iter().product())).clamp(1, MOST_BATCH))
}

/// What operators make of one sample of this shape (channels, height, width), which is not trained on.
pub(crate) fn activations_of_sample(
    network: &dyn ModuleT,
    [channels, height, width]: [usize; 3],
    device: &Device,
) -> Result<Activations> {
    let sample = Tensor::zeros((1, channels, height, width), DType::F32, device)?;
    activations(|| without_gradients(|| network.forward_t(&sample, false)))
}

/// What a sample of so many values takes while it is evaluated.
fn sample_bytes(made: Activations, values: usize) -> usize {
    let values = LARGEST_AT_ONCE * made.largest + INPUTS_AT_ONCE * values;
    size_of::<f32>() * values.max(1)
}

/// What evaluating so many samples of so many `values` takes at most, by what operators make of one.
pub(crate) fn most_evaluation_bytes(made: Activations, values: usize, samples: usize) -> usize {
    let bytes = sample_bytes(made, values);
    (samples.min(MOST_BATCH) * bytes).min(MOST_BATCH_BYTES.max(bytes))
}

/// How many classes come before one, of equal ones those before it.
fn rank(logits: &[f32], class: usize) -> usize {
    let before = logits.iter().enumerate();
    let before = before.filter(|&(other, &logit)| {
        logit > logits[class] || logit == logits[class] && other < class
    });
    before.count()
}

/// The first of the largest.
pub(crate) fn argmax(logits: &[f32]) -> usize {
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
    use crate::engine::parameters::Parameters;
    use crate::models::cifar_resnet::RESNET20;
    use crate::models::cnn::CNN;
    use crate::models::imagenet_resnet::{RESNET18, RESNET50};
    use crate::models::lenet::LENET;
    use crate::models::mlp::MLP;
    use crate::models::settings::{NetworkKind, NetworkSettings};
    use rand::RngExt;

    fn network(kind: &'static NetworkKind, shape: [usize; 3]) -> Box<dyn ModuleT> {
        let builder = Parameters::new(1, "test").builder(&Device::Cpu);
        NetworkSettings::new(kind)
            .build("random numbers", shape, 11, builder)
            .unwrap()
    }

    fn random(samples: usize, [channels, height, width]: [usize; 3]) -> Tensor {
        let mut draws = stream(2, "inputs");
        let count = samples * channels * height * width;
        let values: Vec<f32> = (0..count).map(|_| draws.random()).collect();
        Tensor::from_vec(values, (samples, channels, height, width), &Device::Cpu).unwrap()
    }

    fn batch_of(kind: &'static NetworkKind, shape: [usize; 3]) -> usize {
        let inputs = InputSource::Resident(random(1, shape));
        batch_size(network(kind, shape).as_ref(), &inputs).unwrap()
    }

    #[test]
    fn large_networks_are_evaluated_in_small_batches_and_small_ones_in_large_ones() {
        assert_eq!(batch_of(&LENET, [1, 28, 28]), 512);
        assert_eq!(batch_of(&RESNET20, [3, 32, 32]), 512);
        // The largest results are 64 × 112 × 112, and 3 of 3 × 224 × 224 are inputs.
        let of_a_sample = 4 * (4 * 64 * 112 * 112 + 3 * 3 * 224 * 224);
        assert_eq!(
            batch_of(&RESNET50, [3, 224, 224]),
            (512 << 20) / of_a_sample
        );
    }

    #[test]
    fn what_a_sample_gets_depends_on_no_other_sample_of_its_batch() {
        for (kind, shape) in [
            (&MLP, [40, 1, 1]),
            (&CNN, [1, 8, 8]),
            (&LENET, [1, 28, 28]),
            (&RESNET20, [3, 16, 16]),
            (&RESNET18, [3, 32, 32]),
        ] {
            let (network, inputs) = (network(kind, shape), random(37, shape));
            let outputs = |start: usize, count: usize| {
                let batch = inputs.narrow(0, start, count).unwrap();
                let logits = without_gradients(|| network.forward_t(&batch, false)).unwrap();
                logits.to_vec2::<f32>().unwrap()
            };
            let together = outputs(0, 37);
            for size in [1, 2, 8, 17] {
                let batches = (0..37).step_by(size);
                let apart = batches.flat_map(|start| outputs(start, size.min(37 - start)));
                for (row, (together, apart)) in together.iter().zip(apart).enumerate() {
                    let largest = together
                        .iter()
                        .fold(0.0_f32, |most, logit| most.max(logit.abs()));
                    for (logit, other) in together.iter().zip(apart) {
                        // A single sample is summed in another order.
                        let difference = (logit - other).abs();
                        assert!(
                            difference <= 1e-4 * largest,
                            "{}, {size}, sample {row}: {logit} {other}",
                            kind.name
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_is_kept_for_gradients_and_the_outputs_are_the_same_without_them() {
        let shape = [3, 16, 16];
        let (network, inputs) = (network(&RESNET20, shape), random(3, shape));
        let with = network.forward_t(&inputs, false).unwrap();
        let without = without_gradients(|| network.forward_t(&inputs, false)).unwrap();
        assert!(with.track_op() && !without.track_op());
        assert_eq!(
            with.to_vec2::<f32>().unwrap(),
            without.to_vec2::<f32>().unwrap()
        );
    }

    #[test]
    fn the_rank_of_a_class_counts_those_before_it() {
        let logits = [1.0, 3.0, 3.0, 0.0];
        let ranks = [0, 1, 2, 3].map(|class| rank(&logits, class));
        assert_eq!(ranks, [2, 0, 1, 3]);
        assert_eq!(argmax(&logits), 1);
    }
}
