//! ReLU, alone and after an addition. Its derivative at 0 is 0, as in PyTorch (candle's is 1).

use candle_core::{Result, Tensor};

use crate::engine::operators::arguments::Activation;
use crate::engine::operators::composed;
use crate::engine::operators::elementwise::{for_pieces, mask_by_output, relu as relu_of};
use crate::engine::operators::record::{Backward, SavedOutput, record_with_output};
use crate::engine::operators::values::{Values, has_kernels};

/// max(0, input); NaN stays NaN.
///
/// # Errors
/// Where the device fails.
pub fn relu(input: &Tensor) -> Result<Tensor> {
    if !has_kernels(input)? {
        return composed::relu(input);
    }
    let mut output = vec![0.0; input.elem_count()];
    for_pieces(&mut output, &Values::of(input)?.read()?, |output, input| {
        for (output, &input) in output.iter_mut().zip(input) {
            *output = relu_of(input);
        }
    });
    record_with_output(output, input.shape(), &[input], |output| Relu { output })
}

/// max(0, a + b), for tensors of one shape.
///
/// # Errors
/// Where the shapes differ.
pub fn add_relu(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    if a.shape() != b.shape() {
        candle_core::bail!("add_relu: {:?} and {:?} differ", a.shape(), b.shape());
    }
    if !has_kernels(a)? {
        return composed::relu(&(a + b)?);
    }
    let mut output = Values::of(a)?.read()?.to_vec();
    for_pieces(&mut output, &Values::of(b)?.read()?, |output, addend| {
        for (output, addend) in output.iter_mut().zip(addend) {
            *output = relu_of(*output + addend);
        }
    });
    record_with_output(output, a.shape(), &[a, b], |output| Relu { output })
}

/// The backward pass of both: every input gets the gradient where the output is above 0.
struct Relu {
    output: SavedOutput,
}

impl Backward for Relu {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn backward(&self, mut gradient: Vec<f32>, wanted: &[bool]) -> Result<Vec<Option<Vec<f32>>>> {
        mask_by_output(&mut gradient, &self.output.read()?, Activation::Relu);
        Ok(same_for_all(gradient, wanted))
    }
}

/// The same gradient for every input that wants one: copied for all but the last.
pub(crate) fn same_for_all(gradient: Vec<f32>, wanted: &[bool]) -> Vec<Option<Vec<f32>>> {
    let mut gradients: Vec<_> = vec![None; wanted.len()];
    let mut takers = gradients
        .iter_mut()
        .zip(wanted)
        .filter(|(_, wanted)| **wanted);
    if let Some((last, _)) = takers.next_back() {
        takers.for_each(|(to, _)| *to = Some(gradient.clone()));
        *last = Some(gradient);
    }
    gradients
}
