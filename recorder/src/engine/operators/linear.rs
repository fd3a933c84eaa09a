//! The fully connected layer: input · weightᵀ + bias, with ReLU.
#![expect(
    unsafe_code,
    reason = "gemm takes pointers, and threads write columns of one product"
)]

use candle_core::{Result, Tensor, bail};
use gemm::Parallelism;
use rayon::prelude::*;

use crate::engine::operators::arguments::Activation;
use crate::engine::operators::chunks::ranges;
use crate::engine::operators::elementwise::{activate, mask_by_output};
use crate::engine::operators::instructions::vectorized;
use crate::engine::operators::matrix::Matrix;
use crate::engine::operators::record::{Backward, SavedOutput, record_with_output};
use crate::engine::operators::values::{Values, has_kernels};
use crate::engine::operators::{buffers, composed};

/// Columns of a product that one thread computes at least: the other factor is packed anew for each part.
const LEAST_COLUMNS: usize = 128;
/// Parts that a product is divided into at most.
const MOST_PARTS: usize = 16;

/// Multiplies `input` (samples × inputs) by `weight` (outputs × inputs), adds `bias` (outputs) and
/// applies `activation`.
///
/// # Errors
/// Where shapes do not fit together.
pub fn linear(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    activation: Activation,
) -> Result<Tensor> {
    let (samples, inputs) = input.dims2()?;
    let (outputs, weight_inputs) = weight.dims2()?;
    let bias_length = bias.map(Tensor::dims1).transpose()?.unwrap_or(outputs);
    if inputs != weight_inputs || bias_length != outputs {
        bail!(
            "linear: {inputs} inputs, a {outputs}×{weight_inputs} weight and {bias_length} biases do not fit together"
        );
    }
    if !has_kernels(input)? {
        return composed::linear(input, weight, bias, activation);
    }
    let operator = Linear {
        input: Values::of(input)?,
        weight: Values::of(weight)?,
        activation,
        output: None,
        samples,
        inputs,
        outputs,
    };
    let bias_values = bias.map(Values::of).transpose()?;
    let output = operator.forward(bias_values.as_ref())?;
    let tensors: Vec<&Tensor> = [input, weight].into_iter().chain(bias).collect();
    record_with_output(output, (samples, outputs), &tensors, |output| Linear {
        output: (activation != Activation::Identity).then_some(output),
        ..operator
    })
}

struct Linear {
    input: Values,
    weight: Values,
    activation: Activation,
    /// Where an activation follows: it tells where the gradient is stopped.
    output: Option<SavedOutput>,
    samples: usize,
    inputs: usize,
    outputs: usize,
}

impl Linear {
    fn forward(&self, bias: Option<&Values>) -> Result<Vec<f32>> {
        let (input, weight) = (self.input.read()?, self.weight.read()?);
        let mut output = vec![0.0; self.samples * self.outputs];
        let (rows, columns) = (
            Matrix::rows(&input, self.inputs),
            Matrix::columns(&weight, self.inputs),
        );
        multiply(&mut output, self.samples, self.outputs, rows, columns);
        let bias = bias.map(Values::read).transpose()?;
        vectorized(|| {
            for row in output.chunks_mut(self.outputs) {
                if let Some(bias) = &bias {
                    row.iter_mut()
                        .zip(bias.iter())
                        .for_each(|(value, bias)| *value += bias);
                }
                activate(row, self.activation);
            }
        });
        Ok(output)
    }
}

impl Backward for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn backward(&self, mut gradient: Vec<f32>, wanted: &[bool]) -> Result<Vec<Option<Vec<f32>>>> {
        if let Some(output) = &self.output {
            mask_by_output(&mut gradient, &output.read()?, self.activation);
        }
        let mut gradients = vec![None; wanted.len()];
        if wanted[0] {
            let weight = self.weight.read()?;
            let mut to = buffers::take(self.samples * self.inputs);
            let left = Matrix::rows(&gradient, self.outputs);
            multiply(
                &mut to,
                self.samples,
                self.inputs,
                left,
                Matrix::rows(&weight, self.inputs),
            );
            gradients[0] = Some(to);
        }
        if wanted[1] {
            let input = self.input.read()?;
            let mut to = buffers::take(self.outputs * self.inputs);
            let left = Matrix::columns(&gradient, self.outputs);
            multiply(
                &mut to,
                self.outputs,
                self.inputs,
                left,
                Matrix::rows(&input, self.inputs),
            );
            gradients[1] = Some(to);
        }
        if wanted.get(2) == Some(&true) {
            let mut sums = vec![0.0; self.outputs];
            vectorized(|| {
                for row in gradient.chunks(self.outputs) {
                    sums.iter_mut()
                        .zip(row)
                        .for_each(|(sum, value)| *sum += value);
                }
            });
            gradients[2] = Some(sums);
        }
        buffers::give(gradient);
        Ok(gradients)
    }
}

/// product (rows × columns) ← left · right, in parts by columns whose number follows from the shape
/// alone.
fn multiply(product: &mut [f32], rows: usize, columns: usize, left: Matrix, right: Matrix) {
    let depth = left.values.len() / rows;
    assert_eq!(product.len(), rows * columns);
    assert_eq!(left.values.len(), rows * depth);
    assert_eq!(right.values.len(), depth * columns);
    let parts = ranges(columns, (columns / LEAST_COLUMNS).clamp(1, MOST_PARTS));
    let target = Target(product.as_mut_ptr());
    parts.into_par_iter().for_each(|part| {
        let target = &target;
        // SAFETY: the lengths are checked above, and the parts are disjoint columns of the product.
        unsafe {
            gemm::gemm(
                rows,
                part.len(),
                depth,
                target.0.add(part.start),
                1,
                columns as isize,
                false,
                left.values.as_ptr(),
                left.column_step as isize,
                left.row_step as isize,
                right.values.as_ptr().add(part.start * right.column_step),
                right.column_step as isize,
                right.row_step as isize,
                0.0,
                1.0,
                false,
                false,
                false,
                Parallelism::None,
            );
        }
    });
}

/// The start of a product whose columns several threads write.
struct Target(*mut f32);

// SAFETY: each thread writes its own columns, see `multiply`.
unsafe impl Sync for Target {}
