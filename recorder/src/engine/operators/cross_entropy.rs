//! Softmax cross-entropy: −log softmax(logits)\[label\], averaged over the batch, in nats.

use candle_core::{DType, Result, Tensor, bail};

use crate::engine::operators::record::{Backward, record};
use crate::engine::operators::values::{Values, has_kernels};

/// The mean cross-entropy of samples × classes logits and one label (u32) a sample.
///
/// # Errors
/// Where a label is no class, or the counts differ.
pub fn cross_entropy(logits: &Tensor, labels: &Tensor) -> Result<Tensor> {
    if !has_kernels(logits)? {
        return candle_nn::loss::cross_entropy(logits, labels);
    }
    of_rows(logits, labels, |row, label| {
        let loss = softmax(row, label);
        row[label] -= 1.0;
        loss
    })
}

/// The mean of a loss over the samples, on the CPU: `turn` makes a row of logits the loss's derivative by
/// them, and returns the loss.
pub(crate) fn of_rows(
    logits: &Tensor,
    labels: &Tensor,
    turn: impl Fn(&mut [f32], usize) -> f64,
) -> Result<Tensor> {
    let (samples, classes) = logits.dims2()?;
    if labels.dims1()? != samples || labels.dtype() != DType::U32 {
        let (shape, kind) = (labels.shape(), labels.dtype());
        bail!("the loss: {samples} u32 labels are needed, not {kind:?} of {shape:?}");
    }
    let labels = labels.to_vec1::<u32>()?;
    if let Some(label) = labels.iter().find(|label| **label as usize >= classes) {
        bail!("the loss: there are {classes} classes, but a label is {label}");
    }
    let mut derivative = Values::of(logits)?.read()?.to_vec();
    let mut loss = 0.0;
    for (row, &label) in derivative.chunks_mut(classes).zip(&labels) {
        loss += turn(row, label as usize);
    }
    let loss = (loss / samples as f64) as f32;
    derivative
        .iter_mut()
        .for_each(|value| *value /= samples as f32);
    record(vec![loss], (), &[logits], OfRows { derivative })
}

/// Turns a row of logits into their softmax; returns the cross-entropy of `label`.
pub(crate) fn softmax(row: &mut [f32], label: usize) -> f64 {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let shifted = f64::from(row[label] - largest);
    row.iter_mut()
        .for_each(|value| *value = (*value - largest).exp());
    let sum: f64 = row.iter().map(|&value| f64::from(value)).sum();
    row.iter_mut()
        .for_each(|value| *value = (f64::from(*value) / sum) as f32);
    sum.ln() - shifted
}

struct OfRows {
    /// By the logits, of the mean over the samples.
    derivative: Vec<f32>,
}

impl Backward for OfRows {
    fn name(&self) -> &'static str {
        "loss"
    }

    fn backward(&self, gradient: Vec<f32>, _: &[bool]) -> Result<Vec<Option<Vec<f32>>>> {
        let scale = gradient.first().copied().unwrap_or(0.0);
        let scaled = self.derivative.iter().map(|value| value * scale);
        Ok(vec![Some(scaled.collect())])
    }
}
