//! Batch normalisation with an optional residual and activation.

use candle_core::{Device, Result, Tensor, bail};
use rayon::prelude::*;

use crate::engine::operators::arguments::{
    Activation, BatchNormParameters, BatchStatistics, Normalized,
};
use crate::engine::operators::instructions::vectorized;
use crate::engine::operators::normalization::{Channel, Moments, Normalization};
use crate::engine::operators::record::{Backward, SavedOutput, record_with_output};
use crate::engine::operators::values::{Values, has_kernels};
use crate::engine::operators::{buffers, composed};

/// Normalises each channel of `input` (samples × channels, or with height and width), adds
/// `residual` and applies `activation`.
///
/// # Errors
/// Where shapes do not fit together, or a batch has one value a channel and thus no variance.
pub fn batch_norm(
    input: &Tensor,
    parameters: BatchNormParameters,
    residual: Option<&Tensor>,
    activation: Activation,
) -> Result<Normalized> {
    if !has_kernels(input)? {
        return composed::batch_norm(input, parameters, residual, activation);
    }
    let (samples, channels) = (input.dim(0)?, input.dim(1)?);
    let plane = input.elem_count() / (samples * channels).max(1);
    let values = Values::of(input)?;
    let moments = || -> Result<Vec<Moments>> {
        let values = values.read()?;
        let planes = values.par_chunks(plane).with_min_len(channels);
        Ok(planes
            .map(|plane| vectorized(|| Moments::of(plane)))
            .collect())
    };
    let batch = Batch {
        samples,
        channels,
        plane,
    };
    let (normalization, statistics) = batch.normalization(&parameters, activation, moments)?;
    check_residual(input.dims(), residual)?;
    let output = {
        let residual = residual.map(Values::of).transpose()?;
        let residual = residual.as_ref().map(Values::read).transpose()?;
        normalization.forward(&values.read()?, residual.as_deref())
    };
    let inputs = [input, parameters.weight, parameters.bias];
    let inputs: Vec<&Tensor> = inputs.into_iter().chain(residual).collect();
    let output = record_with_output(output, input.shape(), &inputs, |output| BatchNorm {
        output: needs_output(residual, activation).then_some(output),
        input: values,
        normalization,
    })?;
    Ok((output, statistics))
}

pub(crate) fn check_residual(dimensions: &[usize], residual: Option<&Tensor>) -> Result<()> {
    match residual {
        Some(residual) if residual.dims() != dimensions => bail!(
            "batch_norm: the output is {dimensions:?}, the residual {:?}",
            residual.dims()
        ),
        _ => Ok(()),
    }
}

/// Without a residual, what the activation has stopped follows from the input.
pub(crate) fn needs_output(residual: Option<&Tensor>, activation: Activation) -> bool {
    residual.is_some() && activation != Activation::Identity
}

/// The sizes of what is normalised.
pub(crate) struct Batch {
    pub(crate) samples: usize,
    pub(crate) channels: usize,
    pub(crate) plane: usize,
}

impl Batch {
    pub(crate) fn normalization(
        &self,
        parameters: &BatchNormParameters,
        activation: Activation,
        moments: impl FnOnce() -> Result<Vec<Moments>>,
    ) -> Result<(Normalization, Option<BatchStatistics>)> {
        let count = self.samples * self.plane;
        let (statistics, kept) = match parameters.running {
            Some((mean, variance)) => (self.running(mean, variance)?, None),
            None if count < 2 => bail!(
                "batch_norm: one value a channel has no variance; a batch of one sample needs a larger image"
            ),
            None => {
                let merged = Moments::merge(&moments()?, self.channels, self.plane);
                let statistics = self.statistics(&merged)?;
                (merged, Some(statistics))
            }
        };
        let (weight, bias) = (self.of(parameters.weight)?, self.of(parameters.bias)?);
        let channels = statistics.iter().zip(weight.into_iter().zip(bias));
        let channels = channels.map(|(&(mean, variance), (weight, bias))| {
            Channel::new(mean, variance, parameters.epsilon, weight, bias)
        });
        let normalization = Normalization {
            channels: channels.collect(),
            plane: self.plane,
            samples: self.samples,
            is_of_batch: parameters.running.is_none(),
            activation,
        };
        Ok((normalization, kept))
    }

    /// One value a channel.
    fn of(&self, tensor: &Tensor) -> Result<Vec<f32>> {
        if tensor.dims() != [self.channels] {
            let dimensions = tensor.dims();
            bail!(
                "batch_norm: {} channels do not fit parameters of {dimensions:?}",
                self.channels
            );
        }
        tensor.to_vec1()
    }

    fn running(&self, mean: &Tensor, variance: &Tensor) -> Result<Vec<(f64, f64)>> {
        let pairs = self.of(mean)?.into_iter().zip(self.of(variance)?);
        Ok(pairs
            .map(|(mean, variance)| (mean.into(), variance.into()))
            .collect())
    }

    fn statistics(&self, merged: &[(f64, f64)]) -> Result<BatchStatistics> {
        let tensor = |values: Vec<f32>| Tensor::from_vec(values, self.channels, &Device::Cpu);
        Ok(BatchStatistics {
            mean: tensor(merged.iter().map(|of| of.0 as f32).collect())?,
            variance: tensor(merged.iter().map(|of| of.1 as f32).collect())?,
            count: self.samples * self.plane,
        })
    }
}

struct BatchNorm {
    input: Values,
    normalization: Normalization,
    output: Option<SavedOutput>,
}

impl Backward for BatchNorm {
    fn name(&self) -> &'static str {
        "batch_norm"
    }

    fn backward(&self, mut gradient: Vec<f32>, wanted: &[bool]) -> Result<Vec<Option<Vec<f32>>>> {
        let normalization = &self.normalization;
        let (plane, channels) = (normalization.plane, normalization.channels.len());
        let input = self.input.read()?;
        let output = self.output.as_ref().map(SavedOutput::read).transpose()?;
        let sums = normalization.channel_gradients(&mut gradient, &input, output.as_deref());
        let is_residual_wanted = wanted.get(3) == Some(&true);
        let mut input_gradient = buffers::take(gradient.len());
        let planes = gradient.par_chunks(plane).zip(input.par_chunks(plane));
        let planes = planes.zip(input_gradient.par_chunks_mut(plane)).enumerate();
        planes
            .with_min_len(channels)
            .for_each(|(index, ((gradient, input), to))| {
                vectorized(
                    #[inline(always)]
                    || normalization.plane_gradient(index % channels, &sums, gradient, input, to),
                );
            });
        let mut residual_gradient = None;
        if is_residual_wanted {
            residual_gradient = Some(gradient);
        } else {
            buffers::give(gradient);
        }
        let gradients = [Some(input_gradient), Some(sums.weight), Some(sums.bias)];
        Ok(only_wanted(
            gradients.into_iter().chain([residual_gradient]),
            wanted,
        ))
    }
}

pub(crate) fn only_wanted(
    gradients: impl Iterator<Item = Option<Vec<f32>>>,
    wanted: &[bool],
) -> Vec<Option<Vec<f32>>> {
    let pairs = gradients.zip(wanted);
    pairs
        .map(|(gradient, &wanted)| gradient.filter(|_| wanted))
        .collect()
}
