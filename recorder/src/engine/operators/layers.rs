//! Layers of these operators, with PyTorch's parameter names and defaults, but for initial weights where
//! a constructor says so: networks are built of them as of candle-nn's.

use candle_core::{Result, Tensor, Var};
use candle_nn::init::{DEFAULT_KAIMING_NORMAL, FanInOut, NonLinearity, NormalOrUniform};
use candle_nn::{Init, VarBuilder};

use crate::engine::operators::activations::operand;
use crate::engine::operators::arguments::{Activation, BatchNormParameters, BatchStatistics};
use crate::engine::operators::batch_norm::batch_norm;
use crate::engine::operators::conv_batch_norm::{conv2d_batch_norm, depthwise_batch_norm};
use crate::engine::operators::conv2d::conv2d;
use crate::engine::operators::linear::linear;
use crate::engine::operators::pooling_windows::Windows;

/// PyTorch's: added to the variance.
pub(crate) const EPSILON: f64 = 1e-5;
/// PyTorch's: the share of the newest batch in the running statistics.
const MOMENTUM: f64 = 0.1;

/// A 2-D convolution: `weight` (outputs × inputs × kernel × kernel) and perhaps `bias`.
#[derive(Debug, Clone)]
pub struct Conv2d {
    weight: Tensor,
    bias: Option<Tensor>,
    windows: Windows,
}

impl Conv2d {
    /// With a bias.
    ///
    /// # Errors
    /// Where `parameters` has another shape under these names.
    pub fn new(
        inputs: usize,
        outputs: usize,
        windows: Windows,
        parameters: VarBuilder,
    ) -> Result<Self> {
        let init = uniform_init(inputs * windows.kernel.pow(2));
        let bias = parameters.get_with_hints(outputs, "bias", init)?;
        let layer = Self::with_init(init, inputs, outputs, windows, parameters)?;
        Ok(Self {
            bias: Some(bias),
            ..layer
        })
    }

    /// Without, as in front of a batch normalisation; initial weights are normal, of variance 2 over the
    /// fan-in (He et al., ICCV 2015, equation 10).
    ///
    /// # Errors
    /// Where `parameters` has another shape under this name.
    pub fn without_bias(
        inputs: usize,
        outputs: usize,
        windows: Windows,
        parameters: VarBuilder,
    ) -> Result<Self> {
        Self::with_init(DEFAULT_KAIMING_NORMAL, inputs, outputs, windows, parameters)
    }

    /// Without bias, with the initial weights of residual networks: normal, of variance 2 over the
    /// fan-out (He et al., ICCV 2015, equation 14).
    ///
    /// # Errors
    /// Where `parameters` has another shape under this name.
    pub fn he_fan_out(
        inputs: usize,
        outputs: usize,
        windows: Windows,
        parameters: VarBuilder,
    ) -> Result<Self> {
        let init = Init::Kaiming {
            dist: NormalOrUniform::Normal,
            fan: FanInOut::FanOut,
            non_linearity: NonLinearity::ReLU,
        };
        Self::with_init(init, inputs, outputs, windows, parameters)
    }

    fn with_init(
        init: Init,
        inputs: usize,
        outputs: usize,
        windows: Windows,
        parameters: VarBuilder,
    ) -> Result<Self> {
        let shape = (outputs, inputs, windows.kernel, windows.kernel);
        Ok(Self {
            weight: parameters.get_with_hints(shape, "weight", init)?,
            bias: None,
            windows,
        })
    }

    /// Convolves images, then applies `activation`.
    ///
    /// # Errors
    /// Where the images do not fit.
    pub fn forward(&self, images: &Tensor, activation: Activation) -> Result<Tensor> {
        let Windows {
            stride, padding, ..
        } = self.windows;
        let (weight, bias) = (operand(&self.weight), self.bias.as_ref().map(operand));
        conv2d(images, &weight, bias.as_ref(), stride, padding, activation)
    }

    /// Convolves and normalises images, adds `residual` and applies `activation`, in one operator.
    ///
    /// # Errors
    /// Where the images, the normalisation or the residual do not fit.
    pub fn forward_normalized(
        &self,
        images: &Tensor,
        norm: &BatchNorm,
        residual: Option<&Tensor>,
        activation: Activation,
        train: bool,
    ) -> Result<Tensor> {
        if self.bias.is_some() {
            let convolved = self.forward(images, Activation::Identity)?;
            return norm.forward(&convolved, residual, activation, train);
        }
        let Windows {
            stride, padding, ..
        } = self.windows;
        let weight = operand(&self.weight);
        norm.apply(train, |parameters| {
            conv2d_batch_norm(
                images, &weight, stride, padding, parameters, residual, activation,
            )
        })
    }
}

/// A depthwise convolution, in which each channel sees its own alone, with TensorFlow's "same" padding: `weight`
/// (channels × 1 × kernel × kernel).
#[derive(Debug, Clone)]
pub struct DepthwiseConv2d {
    weight: Tensor,
    stride: usize,
}

impl DepthwiseConv2d {
    /// With kernels of 3×3 or 5×5.
    ///
    /// # Errors
    /// Where `parameters` has another shape under this name.
    pub fn new(
        channels: usize,
        kernel: usize,
        stride: usize,
        parameters: VarBuilder,
    ) -> Result<Self> {
        let shape = (channels, 1, kernel, kernel);
        Ok(Self {
            weight: parameters.get_with_hints(shape, "weight", DEFAULT_KAIMING_NORMAL)?,
            stride,
        })
    }

    /// Convolves and normalises images and applies `activation`, in one operator.
    ///
    /// # Errors
    /// Where the images or the normalisation do not fit.
    pub fn forward_normalized(
        &self,
        images: &Tensor,
        norm: &BatchNorm,
        activation: Activation,
        train: bool,
    ) -> Result<Tensor> {
        let weight = operand(&self.weight);
        norm.apply(train, |parameters| {
            depthwise_batch_norm(images, &weight, self.stride, parameters, activation)
        })
    }
}

/// Batch normalisation: `weight`, `bias`, and the statistics `running_mean` and `running_var`, which
/// training updates (unbiased variance) and evaluation uses.
#[derive(Debug, Clone)]
pub struct BatchNorm {
    weight: Tensor,
    bias: Tensor,
    running_mean: Var,
    running_var: Var,
    epsilon: f64,
}

impl BatchNorm {
    /// For so many channels, with PyTorch's constants.
    ///
    /// # Errors
    /// Where `parameters` has another shape under these names.
    pub fn new(channels: usize, parameters: VarBuilder) -> Result<Self> {
        Self::with_epsilon(channels, EPSILON, parameters)
    }

    /// With what is added to the variance.
    ///
    /// # Errors
    /// Where `parameters` has another shape under these names.
    pub fn with_epsilon(channels: usize, epsilon: f64, parameters: VarBuilder) -> Result<Self> {
        let constant = |name, value| parameters.get_with_hints(channels, name, Init::Const(value));
        Ok(Self {
            weight: constant("weight", 1.0)?,
            bias: constant("bias", 0.0)?,
            running_mean: Var::from_tensor(&constant("running_mean", 0.0)?)?,
            running_var: Var::from_tensor(&constant("running_var", 1.0)?)?,
            epsilon,
        })
    }

    /// Normalises `input` (samples × channels, or with height and width), adds `residual` and
    /// applies `activation`.
    ///
    /// # Errors
    /// Where they do not fit together, or a training batch has one value a channel.
    pub fn forward(
        &self,
        input: &Tensor,
        residual: Option<&Tensor>,
        activation: Activation,
        train: bool,
    ) -> Result<Tensor> {
        self.apply(train, |parameters| {
            batch_norm(input, parameters, residual, activation)
        })
    }

    fn apply(
        &self,
        train: bool,
        operator: impl FnOnce(BatchNormParameters) -> Result<(Tensor, Option<BatchStatistics>)>,
    ) -> Result<Tensor> {
        let (mean, variance) = (
            self.running_mean.as_detached_tensor(),
            self.running_var.as_detached_tensor(),
        );
        let (output, statistics) = operator(BatchNormParameters {
            weight: &operand(&self.weight),
            bias: &operand(&self.bias),
            epsilon: self.epsilon,
            running: (!train).then_some((&mean, &variance)),
        })?;
        if let Some(statistics) = statistics {
            let unbiased = statistics.count as f64 / (statistics.count - 1) as f64;
            self.update(&self.running_mean, &statistics.mean)?;
            self.update(&self.running_var, &(statistics.variance * unbiased)?)?;
        }
        Ok(output)
    }

    fn update(&self, running: &Var, of_batch: &Tensor) -> Result<()> {
        let kept = (running.as_detached_tensor() * (1.0 - MOMENTUM))?;
        running.set(&(kept + (of_batch * MOMENTUM)?)?)
    }
}

/// A fully connected layer: `weight` (outputs × inputs) and `bias`.
#[derive(Debug, Clone)]
pub struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    /// From `inputs` to `outputs` values, with initial weights that are normal, of variance 2 over the
    /// fan-in (He et al., ICCV 2015, equation 10).
    ///
    /// # Errors
    /// Where `parameters` has another shape under these names.
    pub fn new(inputs: usize, outputs: usize, parameters: VarBuilder) -> Result<Self> {
        Self::with_init(DEFAULT_KAIMING_NORMAL, inputs, outputs, parameters)
    }

    /// The same with PyTorch's initial weights, of a sixth of that variance.
    ///
    /// # Errors
    /// Where `parameters` has another shape under these names.
    pub fn uniform(inputs: usize, outputs: usize, parameters: VarBuilder) -> Result<Self> {
        Self::with_init(uniform_init(inputs), inputs, outputs, parameters)
    }

    fn with_init(
        init: Init,
        inputs: usize,
        outputs: usize,
        parameters: VarBuilder,
    ) -> Result<Self> {
        Ok(Self {
            weight: parameters.get_with_hints((outputs, inputs), "weight", init)?,
            bias: parameters.get_with_hints(outputs, "bias", uniform_init(inputs))?,
        })
    }

    /// samples × inputs → samples × outputs, then `activation`.
    ///
    /// # Errors
    /// Where the input does not fit.
    pub fn forward(&self, input: &Tensor, activation: Activation) -> Result<Tensor> {
        let (weight, bias) = (operand(&self.weight), operand(&self.bias));
        linear(input, &weight, Some(&bias), activation)
    }
}

/// PyTorch's for weights and biases: uniform in ±1/√(fan-in).
fn uniform_init(fan_in: usize) -> Init {
    let bound = 1.0 / (fan_in as f64).sqrt();
    Init::Uniform {
        lo: -bound,
        up: bound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{DType, Device};
    use candle_nn::VarMap;

    fn builder(parameters: &VarMap) -> VarBuilder<'static> {
        VarBuilder::from_varmap(parameters, DType::F32, &Device::Cpu)
    }

    fn windows(kernel: usize, padding: usize) -> Windows {
        Windows {
            kernel,
            stride: 1,
            padding,
        }
    }

    #[test]
    fn training_moves_the_running_statistics_as_pytorch_does() {
        let norm = BatchNorm::new(1, builder(&VarMap::new())).unwrap();
        // Mean 2; the unbiased variance of 1, 3 is 2.
        let input = Tensor::new(&[[1f32], [3.0]], &Device::Cpu).unwrap();
        norm.forward(&input, None, Activation::Identity, true)
            .unwrap();
        let value = |variable: &Var| variable.to_vec1::<f32>().unwrap()[0];
        assert!((value(&norm.running_mean) - 0.2).abs() < 1e-6);
        assert!((value(&norm.running_var) - 1.1).abs() < 1e-6);
        let before = value(&norm.running_var);
        norm.forward(&input, None, Activation::Identity, false)
            .unwrap();
        assert_eq!(value(&norm.running_var), before);
    }

    #[test]
    fn a_normalised_convolution_is_the_convolution_and_then_the_normalisation() {
        let builder = builder(&VarMap::new());
        let conv = Conv2d::without_bias(2, 3, windows(3, 1), builder.pp("conv")).unwrap();
        let norm = BatchNorm::new(3, builder.pp("norm")).unwrap();
        let images = Tensor::rand(0f32, 1.0, (4, 2, 5, 5), &Device::Cpu).unwrap();
        let relu = Activation::Relu;
        for train in [true, false] {
            let fused = conv
                .forward_normalized(&images, &norm, None, relu, train)
                .unwrap();
            let convolved = conv.forward(&images, Activation::Identity).unwrap();
            let apart = norm.forward(&convolved, None, relu, train).unwrap();
            let difference = (fused - apart).unwrap().abs().unwrap().max_all().unwrap();
            assert!(difference.to_scalar::<f32>().unwrap() < 1e-5);
        }
    }

    #[test]
    fn parameters_have_the_names_of_pytorch() {
        let parameters = VarMap::new();
        let builder = builder(&parameters);
        Conv2d::new(1, 2, windows(5, 0), builder.pp("conv")).unwrap();
        BatchNorm::new(2, builder.pp("norm")).unwrap();
        Linear::new(3, 4, builder.pp("linear")).unwrap();
        let data = parameters.data().lock().unwrap();
        let mut names: Vec<&str> = data.keys().map(String::as_str).collect();
        names.sort_unstable();
        let expected = "conv.bias conv.weight linear.bias linear.weight \
            norm.bias norm.running_mean norm.running_var norm.weight";
        assert_eq!(names.join(" "), expected);
        let count: usize = data.values().map(|value| value.elem_count()).sum();
        assert_eq!(count, (2 + 2 * 25) + (4 + 12) + 4 * 2);
    }
}
