//! A whole network's gradient, on every device that there is.
//!
//! The reference is the network on the CPU in f64, composed of candle's operations, whose gradient
//! is compared with finite differences of its loss; what runs in f32 is compared with it.

use candle_core::{DType, Device, Result, Tensor, Var};

use crate::engine::operators::arguments::Activation::{Identity, Relu, Relu6};
use crate::engine::operators::arguments::{Activation, BatchNormParameters};
use crate::engine::operators::batch_norm::batch_norm;
use crate::engine::operators::checks::{assert_close, numbers};
use crate::engine::operators::conv_batch_norm::{conv2d_batch_norm, depthwise_batch_norm};
use crate::engine::operators::conv2d::conv2d;
use crate::engine::operators::cross_entropy::cross_entropy;
use crate::engine::operators::linear::linear;
use crate::engine::operators::pooling::{avg_pool2d, global_avg_pool2d, max_pool2d};
use crate::engine::operators::pooling_windows::Windows;
use crate::engine::operators::record::backward;
use crate::engine::operators::relu::{add_relu, relu};

const CLASSES: usize = 3;
const SAMPLES: usize = 4;
/// Of the weights, in the order in which the network takes them.
const SHAPES: [&[usize]; 17] = [
    &[4, 2, 3, 3], // convolution with bias
    &[4],
    &[6, 4, 3, 3], // convolution of stride 2, normalised
    &[6],
    &[6],
    &[6, 6, 3, 3], // convolution with residual
    &[6],
    &[6],
    &[6], // batch normalisation alone
    &[6],
    &[5, 6],
    &[5],
    &[CLASSES, 5],
    &[CLASSES],
    &[6, 1, 3, 3], // depthwise convolution
    &[6],
    &[6],
];

/// The loss of a small network with every operator in it.
fn loss(weights: &[Tensor], images: &Tensor, labels: &Tensor) -> Result<Tensor> {
    let norm = |first: usize| BatchNormParameters {
        weight: &weights[first],
        bias: &weights[first + 1],
        epsilon: 1e-3,
        running: None,
    };
    let windows = |kernel, stride, padding| Windows {
        kernel,
        stride,
        padding,
    };
    let x = conv2d(images, &weights[0], Some(&weights[1]), 1, 1, Relu)?;
    let x = max_pool2d(&x, windows(3, 2, 1))?;
    let (x, _) = conv2d_batch_norm(&x, &weights[2], 2, 1, norm(3), None, Relu)?;
    let (y, _) = conv2d_batch_norm(&x, &weights[5], 1, 1, norm(6), Some(&x), Relu)?;
    let (z, _) = batch_norm(&y, norm(8), None, Identity)?;
    let x = add_relu(&z, &relu(&x)?)?;
    let (x, _) = depthwise_batch_norm(&x, &weights[14], 2, norm(15), Relu6)?;
    let x = avg_pool2d(&x, windows(2, 1, 0))?;
    let x = linear(
        &global_avg_pool2d(&x)?,
        &weights[10],
        Some(&weights[11]),
        Relu,
    )?;
    cross_entropy(
        &linear(&x, &weights[12], Some(&weights[13]), Activation::Identity)?,
        labels,
    )
}

struct Network {
    weights: Vec<Var>,
    images: Tensor,
    labels: Tensor,
}

impl Network {
    fn new(device: &Device, dtype: DType) -> Result<Self> {
        let tensor = |name: &str, shape: &[usize]| -> Result<Tensor> {
            let values = numbers(3, name, shape.iter().product());
            Tensor::from_vec(values, shape, device)?.to_dtype(dtype)
        };
        let weights = SHAPES.iter().enumerate();
        let weights = weights.map(|(at, shape)| Var::from_tensor(&tensor(&at.to_string(), shape)?));
        Ok(Self {
            weights: weights.collect::<Result<_>>()?,
            images: tensor("images", &[SAMPLES, 2, 11, 9])?,
            labels: Tensor::new(&[0u32, 2, 1, 2], device)?,
        })
    }

    fn loss(&self) -> Result<Tensor> {
        let weights: Vec<Tensor> = self.weights.iter().map(|w| w.as_tensor().clone()).collect();
        loss(&weights, &self.images, &self.labels)
    }

    fn gradients(&self) -> Result<Vec<Vec<f64>>> {
        let gradients = backward(&self.loss()?)?;
        let of_weight = |weight: &Var| {
            let gradient = gradients.get(weight).unwrap().to_dtype(DType::F64)?;
            gradient.flatten_all()?.to_vec1::<f64>()
        };
        self.weights.iter().map(of_weight).collect()
    }

    /// The slope of the loss along one element of a weight.
    fn slope(&self, weight: usize, element: usize) -> Result<f64> {
        let step = 1e-6;
        let original = self.weights[weight].as_tensor().copy()?;
        let loss_at = |change: f64| -> Result<f64> {
            let mut values = original.flatten_all()?.to_vec1::<f64>()?;
            values[element] += change;
            let changed = Tensor::from_vec(values, original.shape(), &Device::Cpu)?;
            self.weights[weight].set(&changed)?;
            self.loss()?.to_scalar::<f64>()
        };
        let slope = (loss_at(step)? - loss_at(-step)?) / (2.0 * step);
        self.weights[weight].set(&original)?;
        Ok(slope)
    }
}

/// The CPU, and a GPU where this build and this machine have one.
fn devices() -> Vec<Device> {
    let gpus = [Device::new_cuda(0), Device::new_metal(0)];
    [Device::Cpu]
        .into_iter()
        .chain(gpus.into_iter().flatten())
        .collect()
}

#[test]
fn the_gradient_of_the_composed_network_is_the_slope_of_its_loss() {
    let network = Network::new(&Device::Cpu, DType::F64).unwrap();
    for (weight, gradient) in network.gradients().unwrap().iter().enumerate() {
        for element in (0..gradient.len()).step_by(gradient.len().div_ceil(6)) {
            let slope = network.slope(weight, element).unwrap();
            let difference = (gradient[element] - slope).abs();
            assert!(
                difference < 1e-7,
                "weight {weight}[{element}]: {} {slope}",
                gradient[element]
            );
        }
    }
}

#[test]
fn every_device_has_the_gradient_of_the_composed_network() {
    let expected = Network::new(&Device::Cpu, DType::F64)
        .unwrap()
        .gradients()
        .unwrap();
    for device in devices() {
        let found = Network::new(&device, DType::F32)
            .unwrap()
            .gradients()
            .unwrap();
        for (weight, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_close(
                &format!("{device:?}, weight {weight}"),
                found,
                expected,
                1e-5,
            );
        }
    }
}
