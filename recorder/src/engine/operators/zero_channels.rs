//! More channels for a shortcut without parameters: those that are new are zeros (He et al., 2016,
//! option A).

use candle_core::{Result, Tensor, bail};

use crate::engine::operators::buffers;
use crate::engine::operators::chunks::for_samples;
use crate::engine::operators::record::{Backward, record};
use crate::engine::operators::values::{Values, has_kernels};

/// `input` (samples × channels × height × width) with zeros behind its channels, `channels` in all.
///
/// # Errors
/// Where the input has more channels already.
pub fn zero_channels(input: &Tensor, channels: usize) -> Result<Tensor> {
    let (samples, inputs, height, width) = input.dims4()?;
    let Some(added) = channels.checked_sub(inputs) else {
        bail!("zero_channels: the input has {inputs} channels, more than {channels}");
    };
    if !has_kernels(input)? {
        return input.pad_with_zeros(1, 0, added);
    }
    let mut output = vec![0.0; samples * channels * height * width];
    let values = Values::of(input)?;
    for_samples(&values.read()?, &mut output, samples, |_, input, output| {
        output[..input.len()].copy_from_slice(input);
    });
    let shape = (samples, channels, height, width);
    let input_length = input.elem_count();
    record(
        output,
        shape,
        &[input],
        ZeroChannels {
            samples,
            input_length,
        },
    )
}

struct ZeroChannels {
    samples: usize,
    input_length: usize,
}

impl Backward for ZeroChannels {
    fn name(&self) -> &'static str {
        "zero_channels"
    }

    fn backward(&self, gradient: Vec<f32>, _: &[bool]) -> Result<Vec<Option<Vec<f32>>>> {
        let mut input_gradient = buffers::take(self.input_length);
        for_samples(
            &gradient,
            &mut input_gradient,
            self.samples,
            |_, gradient, to| {
                to.copy_from_slice(&gradient[..to.len()]);
            },
        );
        buffers::give(gradient);
        Ok(vec![Some(input_gradient)])
    }
}
